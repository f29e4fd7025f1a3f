"""The demo's database: all add-ons, and a company whose customers pay late."""

import os
import re
import shutil
from pathlib import Path

from dev import addons, databases, install, odoo, processes, server, stamps
from dev.messages import Failure, step
from dev.paths import LOGS, ROOT, RUN

STORY = "o2c_demo"
LEDGER = "o2c_ledger"
STORY_PROGRESS = re.compile(r"\d+ of \d+ .*")
# Runs inside Odoo. What was told ends up in a file: Odoo writes to the terminal too.
SCRIPT = """
import pathlib
from dev.demo import {module}
lines = {call}
env.cr.commit()
pathlib.Path({result!r}).write_text("\\n".join(lines))
"""


def chosen_ledger() -> Path | None:
    """Return the CSV file of LEDGER=, if one was given."""
    name = os.environ.get("LEDGER")
    if not name:
        return None
    path = Path(name).expanduser().resolve()
    if not path.is_file():
        raise Failure(f"LEDGER={name}: there is no such file")
    return path


def ensure(ledger: Path | None, port: int, catcher: dict) -> str:
    """Have the demo's database, up to date; return its name."""
    database = LEDGER if ledger else STORY
    key = _story_key(ledger)
    if not (stamps.is_done(database, key) and databases.exists(database)):
        _build(database, ledger, port, catcher)
        stamps.mark_done(f"{database}-addons", addons.fingerprint())
        stamps.mark_done(database, key)
    elif not stamps.is_done(f"{database}-addons", addons.fingerprint()):
        _upgrade(database)
    _set_address(database, port)
    return database


def _story_key(ledger: Path | None) -> str:
    return stamps.files_fingerprint([ledger] if ledger else [ROOT / "dev" / "demo"])


def _build(database: str, ledger: Path | None, port: int, catcher: dict) -> None:
    """Build under another name: a half-built database is never taken for the demo."""
    processes.stop("odoo")
    building = f"{database}_building"
    key = stamps.fingerprint(_story_key(ledger), addons.fingerprint())
    # Loading a ledger goes on where it was interrupted; the story begins anew.
    if not (ledger and stamps.is_done(building, key) and databases.exists(building)):
        _install(building)
        stamps.mark_done(building, key)
    _set_address(building, port)
    step("Loading the ledger" if ledger else "Telling the story of the demo company")
    _run_story(building, ledger, catcher)
    databases.rename(building, database)
    shutil.move(_result(building), _result(database))


def _install(database: str) -> None:
    install.ensure_core()
    databases.create(database, install.CORE)
    names = addons.names()
    step(f"Installing {', '.join(names)}")
    install.run_modules(database, "demo-install", install=names)


def _upgrade(database: str) -> None:
    processes.stop("odoo")
    names = addons.names()
    step(f"The add-ons have changed: upgrading {', '.join(names)}")
    install.run_modules(database, "demo-upgrade", install=names, upgrade=names)
    stamps.mark_done(f"{database}-addons", addons.fingerprint())


def _run_story(database: str, ledger: Path | None, catcher: dict) -> None:
    """Run the story inside Odoo, where it sends its first mails to the catcher."""
    result = _result(database)
    result.unlink(missing_ok=True)
    module = "ledger" if ledger else "story"
    call = f"ledger.load(env, {str(ledger)!r})" if ledger else "story.build(env)"
    script = SCRIPT.format(module=module, call=call, result=str(result))
    options = ["--no-http", "--log-level=warn", *server.mail_options(catcher)]
    log = LOGS / "demo-story.log"
    processes.run_with_progress(
        odoo.shell_command(database, *options),
        what="Building the demo",
        log=log,
        progress=STORY_PROGRESS,
        script=script,
        env=odoo.environment(),
    )
    if not result.is_file():
        raise Failure(f"The demo was not built:\n{processes.tail(log)}\nLog: {log}")


def _result(database: str) -> Path:
    return RUN / f"first-run-{database}.txt"


def first_run(database: str) -> str:
    """Return what the first run told, kept since the database was built."""
    path = _result(database)
    return path.read_text() if path.is_file() else ""


def _set_address(database: str, port: int) -> None:
    """Let links in mails point to the demo, whatever address opened it first."""
    values = {
        "web.base.url": f"http://localhost:{port}",
        "web.base.url.freeze": "True",
    }
    with databases.cursor(database) as cr:
        for key, value in values.items():
            cr.execute(
                "INSERT INTO ir_config_parameter (key, value) VALUES (%s, %s) "
                "ON CONFLICT (key) DO UPDATE SET value = EXCLUDED.value",
                (key, value),
            )
