"""Has everything ready that Odoo needs to run."""

import os
import shutil
import sys
from pathlib import Path

from dev import odoo, paths, postgres, qr_codes, venv
from dev.messages import Failure

FREE_GIGABYTES = 4


def python(*purposes: str) -> None:
    """Have the Python packages, and go on inside their environment.

    Up to here only the standard library is used; after it, psycopg2 may be.
    """
    tools(*purposes)
    if Path(sys.prefix).resolve() != paths.VENV.resolve():
        arguments = [str(paths.PYTHON), "-m", "dev", *sys.argv[1:]]
        os.execv(paths.PYTHON, arguments)  # noqa: S606  (our own program)


def tools(*purposes: str) -> None:
    """Have Python packages without going on inside their environment."""
    paths.make_folders()
    _check_space()
    venv.ensure(*purposes)


def everything(*purposes: str) -> None:
    """Have the packages, Odoo and a running PostgreSQL."""
    python(*purposes)
    qr_codes.ensure()
    odoo.ensure()
    postgres.ensure()


def _check_space() -> None:
    free = shutil.disk_usage(paths.STATE).free / 2**30
    is_set_up = (paths.STAMPS / "odoo").exists()
    if free < (FREE_GIGABYTES / 8 if is_set_up else FREE_GIGABYTES):
        raise Failure(
            f"Only {free:.1f} GB are free in {paths.STATE}; "
            f"setting up needs {FREE_GIGABYTES} GB"
        )
