"""Finds in a log of Odoo what must not be there."""

import re
from pathlib import Path

from dev.log_allowed import is_allowed

ENTRY = re.compile(
    r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d+ \d+ (?P<level>[A-Z]+) \S+ (?P<rest>\S+: .*)"
)
BAD_LEVELS = ("WARNING", "ERROR", "CRITICAL")
TESTS_RUN = re.compile(r"(\d+) failed, (\d+) error\(s\) of (\d+) tests")


def problems(log: Path) -> list[str]:
    """Return each warning and error with the lines that follow it.

    Core logs some errors that it handles at INFO, with their traceback right below;
    a traceback anywhere else is a crash.
    """
    found: list[list[str]] = []
    is_inside = has_header = is_handled = False
    for line in log.read_text(errors="replace").splitlines():
        if entry := ENTRY.match(line):
            text = f"{entry['level']} {entry['rest']}"
            is_inside = entry["level"] in BAD_LEVELS and not is_allowed(text)
            has_header, is_handled = not is_inside, False
            if is_inside:
                found.append([text])
            continue
        if is_inside:
            found[-1].append(line)
        elif line.startswith("Traceback "):
            is_handled = is_handled or has_header
            if not is_handled:
                found.append([line])
                is_inside = True
        has_header = False
    return ["\n".join(lines) for lines in found]


def tests_run(log: Path) -> int:
    """Return how many tests Odoo's own runner says it ran."""
    found = TESTS_RUN.findall(log.read_text(errors="replace"))
    return int(found[-1][2]) if found else 0
