"""Runs programs, and keeps track of those left in the background."""

import json
import os
import re
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from dev.messages import Failure, Ticker, say
from dev.paths import LOGS, ROOT, RUN

STOP_SECONDS = 20
TAIL_LINES = 25


def run(
    command: Sequence[str],
    *,
    what: str,
    env: Mapping[str, str] | None = None,
    log: Path | None = None,
    check: bool = True,
    **options,
) -> subprocess.CompletedProcess:
    """Run a program to its end.

    :param what: the step in words, for the message if it fails
    :param log: where its output goes; without it, to the terminal
    :param check: whether a failure ends the command
    """
    with (log or Path(os.devnull)).open("ab") as output:
        streams = {"stdout": output, "stderr": subprocess.STDOUT} if log else {}
        streams |= options
        try:
            done = subprocess.run([*map(str, command)], env=env, check=False, **streams)
        except FileNotFoundError as error:
            raise Failure(f"{what}: there is no program {command[0]!r}") from error
    if check and done.returncode:
        details = f"\n{tail(log)}\nThe whole log: {log}" if log else ""
        raise Failure(f"{what} failed (exit code {done.returncode}).{details}")
    return done


def run_with_progress(
    command: Sequence[str],
    *,
    what: str,
    log: Path,
    progress: re.Pattern,
    hint: str = "",
    script: str = "",
    env: Mapping[str, str] | None = None,
    check: bool = True,
) -> subprocess.CompletedProcess:
    """Run a long program: all output goes to the log, some lines to the terminal.

    :param progress: which lines tell how far it is; the match is shown
    :param hint: what is most likely wrong if it fails
    :param script: its standard input
    """
    begin = time.monotonic()
    with log.open("wb") as output:
        process = subprocess.Popen(
            [*map(str, command)],
            env=env,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        with process, Ticker() as ticker:
            process.stdin.write(script.encode())
            process.stdin.close()
            for line in process.stdout:
                output.write(line)
                if found := progress.search(line.decode(errors="replace").rstrip()):
                    ticker.show(found[0])
    if check and process.returncode:
        raise Failure(
            f"{what} failed (exit code {process.returncode}).\n"
            f"{tail(log)}\nThe whole log: {log}\n{hint}".rstrip()
        )
    say(f"    {time.monotonic() - begin:.0f} s")
    return subprocess.CompletedProcess(command, process.returncode)


def tail(log: Path) -> str:
    """Return the last lines of a log file."""
    if not log.is_file():
        return ""
    return "\n".join(log.read_text(errors="replace").splitlines()[-TAIL_LINES:])


def start_background(
    name: str, command: Sequence[str], env: Mapping[str, str], about: Mapping
) -> int:
    """Start a program that outlives this one; what is told about it is kept.

    :return: its process id
    """
    with (LOGS / f"{name}.log").open("ab") as log:
        process = subprocess.Popen(
            [*map(str, command)],
            env=env,
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    record = {"pid": process.pid, "started": _start_time(process.pid), **about}
    temporary = RUN / f"{name}.tmp"
    temporary.write_text(json.dumps(record))
    os.replace(temporary, RUN / f"{name}.json")
    return process.pid


def running(name: str) -> dict | None:
    """Return what was told at the start of a background program that still runs.

    A process id is used again sooner or later: the start time must agree too.
    """
    try:
        record = json.loads((RUN / f"{name}.json").read_text())
    except (FileNotFoundError, ValueError):
        return None
    alive = record["started"] and _start_time(record["pid"]) == record["started"]
    return record if alive else None


def stop(name: str) -> bool:
    """End a background program that we started; return whether it ran."""
    record = running(name)
    if record:
        _end(record)
    (RUN / f"{name}.json").unlink(missing_ok=True)
    return bool(record)


def _end(record: dict) -> None:
    os.killpg(record["pid"], signal.SIGTERM)
    deadline = time.monotonic() + STOP_SECONDS
    while _start_time(record["pid"]) == record["started"]:
        if time.monotonic() > deadline:
            os.killpg(record["pid"], signal.SIGKILL)
            return
        time.sleep(0.1)


def _start_time(pid: int) -> str:
    """Return when a process was started, or nothing if there is none."""
    try:
        after_name = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        if Path("/proc/self/stat").exists():
            return ""
        return _start_time_without_proc(pid)
    is_zombie = after_name[0] == "Z"
    return "" if is_zombie else after_name[19]


def _start_time_without_proc(pid: int) -> str:
    command = ["ps", "-o", "lstart=", "-p", str(pid)]
    return subprocess.run(
        command, capture_output=True, text=True, check=False
    ).stdout.strip()
