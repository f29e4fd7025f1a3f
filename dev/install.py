"""Databases with Odoo's modules and ours installed."""

import re
from pathlib import Path

from dev import addons, databases, odoo, processes, stamps
from dev.messages import step
from dev.paths import LOGS

CORE = "o2c_core"
ODOO_PROGRESS = re.compile(r"Loading module .*|Starting \w+\.\w+ \.\.\.")
QUIET_OPTIONS = ("--stop-after-init", "--no-http", "--max-cron-threads=0")


def ensure_core() -> None:
    """Have a database with all that our add-ons need of Odoo's own modules."""
    modules = addons.core_dependencies()
    key = stamps.fingerprint(str(odoo.home()), *modules)
    if stamps.is_done("core", key) and databases.exists(CORE):
        return
    step(f"Installing Odoo's own modules: {', '.join(modules)} (two or three minutes)")
    building = f"{CORE}_building"
    databases.create(building)
    run_modules(building, "install-core", install=modules)
    databases.rename(building, CORE)
    stamps.mark_done("core", key)


def run_modules(
    database: str,
    log_name: str,
    *options: str,
    install: list[str] | None = None,
    upgrade: list[str] | None = None,
    check: bool = True,
) -> tuple[Path, int]:
    """Install or upgrade modules and stop.

    :return: the log, and Odoo's exit code
    """
    log = LOGS / f"{log_name}.log"
    arguments = ["--database", database, *(options or QUIET_OPTIONS)]
    if install:
        arguments += ["--init", ",".join(install)]
    if upgrade:
        arguments += ["--update", ",".join(upgrade)]
    done = processes.run_with_progress(
        odoo.command(*arguments),
        what=f"Odoo ({log_name})",
        env=odoo.environment(),
        log=log,
        progress=ODOO_PROGRESS,
        check=check,
    )
    return log, done.returncode
