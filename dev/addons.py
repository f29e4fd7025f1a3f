"""Our add-ons, read from their manifests."""

import ast
from pathlib import Path

from dev import stamps
from dev.messages import Failure
from dev.paths import ADDONS


def names() -> list[str]:
    """Return the add-ons that can be installed, in order of name."""
    found = [folder.name for folder in _folders() if _manifest(folder)["installable"]]
    if not found:
        raise Failure(f"There is no add-on in {ADDONS}")
    return found


def _folders() -> list[Path]:
    return sorted(path.parent for path in ADDONS.glob("*/__manifest__.py"))


def _manifest(folder: Path) -> dict:
    manifest = ast.literal_eval((folder / "__manifest__.py").read_text())
    return {"installable": True, "depends": ["base"], **manifest}


def core_dependencies() -> list[str]:
    """Return what our add-ons need of Odoo's own."""
    ours = set(names())
    needed = {name for folder in _folders() for name in _manifest(folder)["depends"]}
    return sorted(needed - ours)


def fingerprint() -> str:
    """Return a hash that changes with any file of an add-on."""
    return stamps.files_fingerprint(_folders())
