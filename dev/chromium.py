"""The browser of the browser tests."""

import shutil

from dev import system

# In the order in which Odoo looks.
NAMES = ("google-chrome", "chromium", "chromium-browser", "google-chrome-stable")


def ensure() -> None:
    """Have a browser, else every browser test would be skipped."""
    if not any(shutil.which(name) for name in NAMES):
        # Without any font Chromium ends at once.
        system.install(["chromium", "fonts-dejavu-core"], "The browser tests' Chromium")
