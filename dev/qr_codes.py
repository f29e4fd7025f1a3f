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
NAME = "rl_renderPM"
FOLDER = Path("/usr/lib/python3/dist-packages") / NAME


def ensure() -> None:
    """Link Debian's module into the virtual environment, where it is needed."""
    if sys.version_info < (3, 12):
        return
    link = Path(sysconfig.get_path("purelib")) / NAME
    if link.exists():
        return
    if not _fits() and system.is_root() and system.release().get("ID") == "debian":
        system.install([PACKAGE], "QR codes on invoices")
    if _fits():
        link.unlink(missing_ok=True)
        link.symlink_to(FOLDER)
    else:
        warn(f"No QR codes on invoices: that takes Debian's package {PACKAGE}.")


def _fits() -> bool:
    """Return whether there is one compiled for this very Python."""
    suffix = sysconfig.get_config_var("EXT_SUFFIX")
    return any(FOLDER.glob(f"*{suffix}"))
