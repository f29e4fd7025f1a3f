"""The linters: how each is called, and what proves that it looks.

Also called by the hooks of pre-commit:  python3 -m dev.lint pylint-odoo
"""

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from dev import addons
from dev.messages import Failure, warn
from dev.paths import ADDONS, LINT_VENV, ROOT

CANARY = ROOT / "tests" / "lint" / "o2c_canary"
PYTHON_FOLDERS = ("addons", "dev", "tests", "conftest.py")
# Odoo's messages that are off, each for a reason.
PYLINT_DISABLED = {
    # A big model is split into one file per phase of its life.
    "consider-merging-classes-inherited",
}
PYLINT_OPTIONS = (
    "--load-plugins=pylint_odoo",
    "--valid-odoo-versions=19.0",
    "--manifest-required-authors=O2C for Odoo",
    "--score=n",
    "--persistent=n",
    "--disable=all",
)
LIST_MESSAGES = (
    "from pylint_odoo.plugin import get_all_messages as messages;"
    "print(*sorted(message[1] for message in messages().values()))"
)
# How a file is laid out is the editors' business, not worth a finding.
PO_OPTIONS = ("--disable", "po-pretty-format")


@dataclass(frozen=True)
class Tool:
    """One linter."""

    # Given what to look at, the command line.
    command: Callable[[list[str]], list[str]]
    targets: Callable[[], list[str]]
    canary: Path
    # What it must say about the canary.
    expected: str


def _program(name: str) -> str:
    return str(LINT_VENV / "bin" / name)


def _ruff_check(targets: list[str]) -> list[str]:
    options = ["--quiet", "--no-cache", "--output-format=concise"]
    return [_program("ruff"), "check", *options, *targets]


def _ruff_format(targets: list[str]) -> list[str]:
    return [_program("ruff"), "format", "--check", "--no-cache", *targets]


def _pylint(targets: list[str]) -> list[str]:
    """Enable Odoo's messages by name: the plugin's name would enable all others."""
    listing = [_program("python"), "-c", LIST_MESSAGES]
    output = subprocess.run(listing, capture_output=True, text=True, check=True).stdout
    names = sorted(set(output.split()) - PYLINT_DISABLED)
    return [
        _program("pylint"),
        *PYLINT_OPTIONS,
        f"--enable={','.join(names)}",
        *targets,
    ]


def _oca_module(targets: list[str]) -> list[str]:
    return [_program("oca-checks-odoo-module"), *targets]


def _oca_po(targets: list[str]) -> list[str]:
    return [_program("oca-checks-po"), *PO_OPTIONS, *targets]


def _compose(targets: list[str]) -> list[str]:
    """Compare with the schema of compose files, which comes with the program."""
    options = ["--builtin-schema", "vendor.compose-spec"]
    return [_program("check-jsonschema"), *options, *targets]


def _python_targets() -> list[str]:
    return [name for name in PYTHON_FOLDERS if (ROOT / name).exists()]


def _module_targets() -> list[str]:
    return [f"addons/{name}" for name in addons.names()]


def _po_targets() -> list[str]:
    return [str(path.relative_to(ROOT)) for path in sorted(ADDONS.glob("*/i18n/*.po*"))]


def _compose_targets() -> list[str]:
    return ["docker-compose.yml"]


TOOLS = {
    "ruff-check": Tool(_ruff_check, _python_targets, CANARY, "F401"),
    "ruff-format": Tool(_ruff_format, _python_targets, CANARY, "would be reformatted"),
    "pylint-odoo": Tool(_pylint, _module_targets, CANARY, "invalid-commit"),
    "oca-checks-odoo-module": Tool(
        _oca_module, _module_targets, CANARY, "xml-duplicate-record-id"
    ),
    "oca-checks-po": Tool(
        _oca_po,
        _po_targets,
        CANARY / "i18n" / "de.po",
        "po-duplicate-message-definition",
    ),
    "compose": Tool(
        _compose, _compose_targets, CANARY / "compose.yml", "'publish' does not match"
    ),
}


def look(name: str) -> bool:
    """Run one tool on everything; return whether it found nothing."""
    tool = TOOLS[name]
    targets = tool.targets()
    if not targets:
        return True
    return not _call(tool, targets, capture=False).returncode


def check_canary(name: str) -> None:
    """Prove that a tool still finds what is wrong."""
    tool = TOOLS[name]
    done = _call(tool, [str(tool.canary.relative_to(ROOT))], capture=True)
    output = f"{done.stdout}{done.stderr}"
    if not done.returncode or tool.expected not in output:
        raise Failure(
            f"{name} does not look: it found no {tool.expected!r} in {tool.canary}.\n"
            f"{output}"
        )


def _call(tool: Tool, targets: list[str], capture: bool) -> subprocess.CompletedProcess:
    if not (ROOT / ".git").exists():
        raise Failure("The checks of Odoo modules need a Git clone, not a bare copy")
    # Each colour code would be in the way of the comparison.
    env = {**os.environ, "NO_COLOR": "1", "PYTHONPATH": str(ROOT)}
    command = tool.command(targets)
    return subprocess.run(
        command, cwd=ROOT, env=env, capture_output=capture, text=True, check=False
    )


def main(names: list[str]) -> int:
    """Run the named tools on everything, as pre-commit asks for it."""
    try:
        clean = [look(name) for name in names]
    except Failure as failure:
        warn(str(failure))
        return 1
    return 0 if all(clean) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
