"""Where things are. All that is made lies in .odoo/, except a root user's cluster."""

import hashlib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ADDONS = ROOT / "addons"
STATE = ROOT / ".odoo"
DOWNLOADS = STATE / "downloads"
APT = STATE / "apt"
ODOO = STATE / "odoo"
VENV = STATE / "venv"
LINT_VENV = STATE / "venv-lint"
PYTHON = VENV / "bin" / "python"
WKHTMLTOPDF = STATE / "wkhtmltopdf"
BIN = STATE / "bin"
BYTECODE = STATE / "bytecode"
DATA = STATE / "data"
LOGS = STATE / "log"
MAILS = STATE / "mails"
RUN = STATE / "run"
STAMPS = STATE / "stamps"
CONFIG = STATE / "odoo.conf"

# Tells two clones on one machine apart, for what cannot lie inside them.
CLONE_ID = hashlib.sha256(str(ROOT).encode()).hexdigest()[:8]


def make_folders() -> None:
    """Create the folders that every command may write to."""
    for folder in (DOWNLOADS, BIN, DATA, LOGS, MAILS, RUN, STAMPS):
        folder.mkdir(parents=True, exist_ok=True)
