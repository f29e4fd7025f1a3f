"""What reportlab draws QR codes with, from Python 3.12 on.

Older Pythons have a reportlab that draws them itself. The newer one leaves it to
rl-renderPM, a compiled module without a wheel: Debian's package of it is linked into
the virtual environment. Without it everything works but the QR codes on invoices.
"""

import sys
import sysconfig
from pathlib import Path

from dev import system
from dev.messages import warn

PACKAGE = "python3-rl-renderpm"
MODULE = f"_rl_renderPM{sysconfig.get_config_var('EXT_SUFFIX')}"
INSTALLED = Path("/usr/lib/python3/dist-packages") / MODULE


def ensure() -> None:
    """Link Debian's module into the virtual environment, where it is needed."""
    if sys.version_info < (3, 12):
        return
    link = Path(sysconfig.get_path("purelib")) / MODULE
    if link.exists():
        return
    is_debian = system.release().get("ID") == "debian"
    if not INSTALLED.exists() and system.is_root() and is_debian:
        system.install([PACKAGE], "QR codes on invoices")
    # Compiled for another Python, it has another name.
    if INSTALLED.exists():
        link.unlink(missing_ok=True)
        link.symlink_to(INSTALLED)
    else:
        warn(f"No QR codes on invoices: that takes Debian's package {PACKAGE}.")
