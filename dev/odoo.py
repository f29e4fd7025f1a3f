"""Brings Odoo 19 and says how it is called."""

import os
import re
import shutil
from pathlib import Path

from dev import apt, stamps
from dev.messages import Failure, step
from dev.paths import ADDONS, BIN, BYTECODE, CONFIG, DATA, ODOO, PYTHON, ROOT

PACKAGE = "odoo-19"
# What the package's own files point to with symbolic links.
LINKED_PACKAGES = [
    "libjs-jquery",
    "libjs-jquery-form",
    "libjs-underscore",
    "fonts-roboto-unhinted",
    "fonts-inconsolata",
    "fonts-montserrat",
    "fonts-ocr-b",
    # Odoo's style sheets are written for 4.7; newer suites have 5 and later.
    "fonts-font-awesome/trixie",
]
# Debian strips this third-party file. Without it each browser page of Odoo logs an
# error, and a browser test counts that as a failure. It blurs video backgrounds.
STRIPPED_FILE = "addons/mail/static/lib/selfie_segmentation/selfie_segmentation.js"
UNPACKED = ODOO / "usr" / "lib" / "python3" / "dist-packages"


def ensure() -> None:
    """Fetch and unpack Odoo, unless ODOO_HOME names one or it was done before."""
    if not os.environ.get("ODOO_HOME"):
        _ensure_package()
    _check_version(home())
    _write_config()


def _ensure_package() -> None:
    key = stamps.fingerprint(PACKAGE, *LINKED_PACKAGES)
    if stamps.is_done("odoo", key) and UNPACKED.is_dir():
        return
    apt.update()
    step("Downloading Odoo 19 (about 130 MB)")
    packages = apt.fetch([PACKAGE, *LINKED_PACKAGES])
    step("Unpacking Odoo 19 (about 1.3 GB)")
    temporary = ODOO.with_suffix(".tmp")
    shutil.rmtree(temporary, ignore_errors=True)
    apt.unpack(packages, temporary)
    _add_stripped_file(temporary)
    shutil.rmtree(ODOO, ignore_errors=True)
    temporary.rename(ODOO)
    stamps.mark_done("odoo", key)


def _add_stripped_file(unpacked: Path) -> None:
    package = unpacked / UNPACKED.relative_to(ODOO) / "odoo"
    file = package / STRIPPED_FILE
    file.parent.mkdir(parents=True, exist_ok=True)
    file.touch()


def home() -> Path:
    """Return the folder that holds Odoo's Python package `odoo`."""
    chosen = os.environ.get("ODOO_HOME")
    if not chosen:
        return UNPACKED
    path = Path(chosen).expanduser().resolve()
    inside = "lib/python3/dist-packages"
    for candidate in (path, path.parent, path / inside, path / "usr" / inside):
        if (candidate / "odoo" / "release.py").is_file():
            return candidate
    raise Failure(f"ODOO_HOME={chosen} holds no Odoo: there is no odoo/release.py")


def _check_version(folder: Path) -> None:
    text = (folder / "odoo" / "release.py").read_text()
    found = re.search(r"^version_info = \(\D*(\d+)", text, re.MULTILINE)
    if not found or found[1] != "19":
        version = found[1] if found else "of an unknown version"
        raise Failure(f"Odoo 19 is needed; the one in {folder} is {version}")


def addons_path() -> str:
    """Return the folders with add-ons: Odoo's own, then ours."""
    folders = [home() / "odoo" / "addons", home() / "addons"]
    # A checkout keeps base apart from the rest; a package keeps all in one.
    core = [str(f) for f in folders if _holds(f, "base") or _holds(f, "account")]
    return ",".join([*core, str(ADDONS)])


def _holds(folder: Path, addon: str) -> bool:
    return (folder / addon / "__manifest__.py").is_file()


def _write_config() -> None:
    """Write what every call of Odoo has in common."""
    lines = [
        "[options]",
        f"addons_path = {addons_path()}",
        f"data_dir = {DATA}",
        "http_interface = 127.0.0.1",
        "list_db = False",
    ]
    temporary = CONFIG.with_suffix(".tmp")
    temporary.write_text("\n".join(lines) + "\n")
    os.replace(temporary, CONFIG)


def command(*arguments: str) -> list[str]:
    """Return a command line of Odoo's server."""
    return [str(PYTHON), "-m", "odoo", "--config", str(CONFIG), *arguments]


def shell_command(database: str, *arguments: str) -> list[str]:
    """Return a command line that runs a script from standard input."""
    options = ["--config", str(CONFIG), "--database", database, *arguments]
    return [str(PYTHON), "-m", "odoo", "shell", *options]


def environment() -> dict[str, str]:
    """Return the variables that Odoo is to be called with."""
    path = os.pathsep.join([str(PYTHON.parent), str(BIN), os.environ.get("PATH", "")])
    python_path = os.pathsep.join([str(home()), str(ROOT)])
    # Compiling all modules anew takes half of Odoo's start, whoever forbids to keep
    # that beside the sources.
    compiled = {"PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": str(BYTECODE)}
    environ = {**os.environ, **compiled}
    return {**environ, "PATH": path, "PYTHONPATH": python_path, "TZ": "UTC"}
