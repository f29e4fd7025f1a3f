"""What no single add-on owns: stories, faults, attacks, benchmarks."""
