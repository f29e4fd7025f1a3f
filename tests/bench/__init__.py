"""Measurements at size: `make bench`. Not tests; nothing here bounds a time."""
