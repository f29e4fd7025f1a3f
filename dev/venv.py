"""The virtual environments: one to run and test Odoo in, one with the linters."""

import importlib.util
import os
import re
import shutil
import sys
from pathlib import Path

from dev import processes, stamps, system
from dev.messages import step
from dev.paths import LINT_VENV, LOGS, ROOT, VENV

REQUIREMENTS = {
    "run": (VENV, ROOT / "dev" / "requirements.txt"),
    "test": (VENV, ROOT / "dev" / "requirements-test.txt"),
    "lint": (LINT_VENV, ROOT / "dev" / "requirements-lint.txt"),
}
PIP_PROGRESS = re.compile(r"^(?:Collecting|Processing|Installing|Building) .*")


def ensure(*purposes: str) -> None:
    """Install what the purposes ask for: "run", "test", "lint"."""
    for purpose in purposes:
        folder, file = REQUIREMENTS[purpose]
        _ensure_folder(folder)
        _ensure_requirements(folder, file)


def _ensure_folder(folder: Path) -> None:
    key = stamps.fingerprint(sys.version, os.path.realpath(sys.base_prefix))
    if stamps.is_done(folder.name, key) and (folder / "bin" / "python").exists():
        return
    # Debian splits both off Python.
    if not all(importlib.util.find_spec(name) for name in ("venv", "ensurepip")):
        system.install(["python3-venv"], "Python's virtual environments")
    # It cannot be made under another name and moved: its scripts name their place.
    shutil.rmtree(folder, ignore_errors=True)
    command = [_base_python(), "-m", "venv", str(folder)]
    log = LOGS / f"{folder.name}.log"
    processes.run(command, what="Creating a virtual environment", log=log)
    stamps.mark_done(folder.name, key)


def _base_python() -> str:
    """Return the Python outside any virtual environment."""
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    candidate = os.path.join(sys.base_prefix, "bin", version)
    return candidate if os.path.exists(candidate) else sys.executable


def _ensure_requirements(folder: Path, file: Path) -> None:
    key = stamps.files_fingerprint([file])
    # Inside the environment, so that it is forgotten together with it.
    marker = folder / f"{file.stem}.stamp"
    if marker.is_file() and marker.read_text() == key:
        return
    step(f"Installing Python packages ({file.name})")
    pip = [str(folder / "bin" / "python"), "-m", "pip", "--disable-pip-version-check"]
    command = [*pip, "install", "--retries", "2", "-r", str(file)]
    processes.run_with_progress(
        command,
        what=f"Installing the packages of {file.name}",
        log=LOGS / f"{file.stem}.log",
        progress=PIP_PROGRESS,
        hint="Is there a network? Can pip reach its index?",
    )
    marker.write_text(key)
