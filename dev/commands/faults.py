"""`make faults`: breaks the chase on purpose, again and again, and counts."""

from dev.commands import bench


def main() -> int:
    """Install what is to be broken, then break it (ARGS="..." is passed on)."""
    return bench.main("tests.faults.campaign")
