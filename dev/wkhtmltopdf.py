"""The program that prints Odoo's reports, where the machine has none.

Newer Debian suites dropped it. The last one that has it runs anywhere, if all it
needs comes along, down to the C library.
"""

import os
import shutil
from pathlib import Path

from dev import apt, processes, stamps, system
from dev.messages import Failure, step, warn
from dev.paths import APT, BIN, LOGS, WKHTMLTOPDF

SUITE = "bookworm"
NAME = "wkhtmltopdf"
LAUNCHER = """#!/bin/sh
# Made by dev/wkhtmltopdf.py: the program with its own loader, libraries and fonts.
root={root}
export QT_QPA_PLATFORM=offscreen
export QT_PLUGIN_PATH="$root{libraries}/qt5/plugins"
export FONTCONFIG_FILE="$root/fonts.conf"
exec "$root{loader}" --library-path "$root{old_libraries}:$root{libraries}" \\
    "$root/usr/bin/wkhtmltopdf" "$@"
"""
FONTS = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>{root}/usr/share/fonts</dir>
  <dir>/usr/share/fonts</dir>
  <cachedir>{root}/font-cache</cachedir>
  <include ignore_missing="yes">{root}/etc/fonts/conf.d</include>
</fontconfig>
"""


def ensure() -> bool:
    """Have the program; return whether there is one that works."""
    if shutil.which(NAME) or _is_unpacked():
        return True
    if not system.has_apt() or system.release().get("ID") != "debian":
        return False
    try:
        _fetch()
    except Failure as failure:
        warn(f"No wkhtmltopdf: {failure}")
        return False
    return True


def _is_unpacked() -> bool:
    return stamps.is_done(NAME, SUITE) and (BIN / NAME).is_file()


def _fetch() -> None:
    step("Downloading wkhtmltopdf with all it needs (about 110 MB)")
    if not (APT / "state" / "lists").is_dir():
        apt.update()
    packages = apt.fetch_with_dependencies(NAME, SUITE)
    temporary = WKHTMLTOPDF.with_suffix(".tmp")
    shutil.rmtree(temporary, ignore_errors=True)
    apt.unpack(packages, temporary)
    shutil.rmtree(WKHTMLTOPDF, ignore_errors=True)
    temporary.rename(WKHTMLTOPDF)
    _write_launcher()
    shutil.rmtree(APT / "cache" / "archives", ignore_errors=True)
    _check()
    stamps.mark_done(NAME, SUITE)


def _write_launcher() -> None:
    libraries = next(WKHTMLTOPDF.glob("usr/lib/*/qt5")).parent
    loader = next(WKHTMLTOPDF.glob(f"lib/{libraries.name}/ld-linux*.so.*"))
    inside = libraries.relative_to(WKHTMLTOPDF)
    text = LAUNCHER.format(
        root=WKHTMLTOPDF,
        libraries=f"/{inside}",
        old_libraries=f"/lib/{libraries.name}",
        loader=f"/{loader.relative_to(WKHTMLTOPDF)}",
    )
    (WKHTMLTOPDF / "fonts.conf").write_text(FONTS.format(root=WKHTMLTOPDF))
    launcher = BIN / NAME
    temporary = launcher.with_suffix(".tmp")
    temporary.write_text(text)
    temporary.chmod(0o755)
    os.replace(temporary, launcher)


def _check() -> None:
    """Print a page, so that a program that cannot run is found here."""
    page, result = LOGS / "check.html", LOGS / "check.pdf"
    page.write_text("<p>It prints.</p>")
    command = [str(BIN / NAME), "--quiet", str(page), str(result)]
    processes.run(command, what="Printing a page", log=LOGS / "wkhtmltopdf.log")
    if not Path(result).read_bytes().startswith(b"%PDF"):
        raise Failure("it printed no PDF")
