"""Remembers which step was finished, and for which inputs."""

import hashlib
import os
from collections.abc import Iterable
from pathlib import Path

from dev.paths import STAMPS

IGNORED_FOLDERS = {"__pycache__", ".git", ".pytest_cache", ".hypothesis"}


def fingerprint(*parts: str) -> str:
    """Return a short hash of the given texts."""
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]


def files_fingerprint(paths: Iterable[Path]) -> str:
    """Return a short hash of the names and contents of files and whole folders."""
    digest = hashlib.sha256()
    for path in paths:
        for file in _files_below(path):
            digest.update(f"{file.relative_to(path.parent)}\0".encode())
            digest.update(hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()[:16]


def _files_below(path: Path) -> list[Path]:
    if path.is_file():
        return [path]
    return sorted(
        file
        for file in path.rglob("*")
        if file.is_file() and not IGNORED_FOLDERS.intersection(file.parts)
    )


def is_done(name: str, key: str) -> bool:
    """Return whether the step was finished for these inputs."""
    stamp = STAMPS / name
    return stamp.is_file() and stamp.read_text() == key


def mark_done(name: str, key: str) -> None:
    """Record that the step is finished; the rename makes it all or nothing."""
    STAMPS.mkdir(parents=True, exist_ok=True)
    temporary = STAMPS / f"{name}.tmp"
    temporary.write_text(key)
    os.replace(temporary, STAMPS / name)


def forget(name: str) -> None:
    """Make the step due again."""
    (STAMPS / name).unlink(missing_ok=True)
