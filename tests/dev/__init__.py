"""Tests of what `make` does."""
