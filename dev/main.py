"""Runs one command and turns what can go wrong into a message."""

import errno
import fcntl
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module

from dev import paths
from dev.messages import Failure, say, warn

COMMANDS = ("setup", "demo", "stop", "test", "lint", "bench", "faults", "clean")
# Ending things must be possible while another command is at work.
WITHOUT_LOCK = ("stop",)


def main(arguments: list[str]) -> int:
    """Run the command named on the command line and return its exit code."""
    if len(arguments) != 1 or arguments[0] not in COMMANDS:
        say(f"Usage: make {' | '.join(COMMANDS)}")
        return 2
    os.chdir(paths.ROOT)
    try:
        return _run(arguments[0])
    except Failure as failure:
        warn(str(failure))
    except KeyboardInterrupt:
        warn(f"Interrupted. `make {arguments[0]}` goes on from what is finished.")
        return 130
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES):
            raise
        warn(f"{error.strerror}: {error.filename or paths.STATE}")
    return 1


def _run(name: str) -> int:
    command = import_module(f"dev.commands.{name}")
    if name in WITHOUT_LOCK:
        return command.main()
    with _only_one_at_work():
        return command.main()


@contextmanager
def _only_one_at_work() -> Iterator[None]:
    """Let a second command in the same clone wait for the first."""
    paths.STATE.mkdir(exist_ok=True)
    with (paths.STATE / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("Another `make` is at work in this clone; waiting for its end.")
            sys.stdout.flush()
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield
