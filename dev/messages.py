"""What the user reads."""

import shutil
import sys
import time
from typing import Self


class Failure(Exception):
    """A reason to stop that the user can act on; printed without a traceback."""


def step(text: str) -> None:
    """Announce work that takes a while."""
    print(f"==> {text}", flush=True)


def say(text: str = "") -> None:
    """Print a plain line."""
    print(text, flush=True)


def warn(text: str) -> None:
    """Print a line nobody should miss."""
    print(f"!!! {text}", file=sys.stderr, flush=True)


class Ticker:
    """Shows how far a long step is: on one line, or a line now and then in a log."""

    SECONDS_BETWEEN_LINES = 15

    def __init__(self):
        self.is_terminal = sys.stdout.isatty()
        self.shown_at = time.monotonic()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception) -> None:
        if self.is_terminal:
            print("\r\033[K", end="", flush=True)

    def show(self, text: str) -> None:
        """Show the latest news."""
        if self.is_terminal:
            width = shutil.get_terminal_size().columns - 5
            print(f"\r\033[K    {text[:width]}", end="", flush=True)
        elif time.monotonic() - self.shown_at > self.SECONDS_BETWEEN_LINES:
            self.shown_at = time.monotonic()
            say(f"    {text}")
