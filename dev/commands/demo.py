"""`make demo`: a company with late payers, in Odoo, on this machine."""

from dev import paths, postgres, prepare, server, showcase, wkhtmltopdf
from dev.messages import say, warn


def main() -> int:
    """Set up what is missing, build the demo once, start it and say where it is."""
    port = server.chosen_port()
    ledger = showcase.chosen_ledger()
    server.check_port(port)
    prepare.everything("run")
    has_pdf = wkhtmltopdf.ensure()
    catcher = server.ensure_catcher()
    database = showcase.ensure(ledger, port, catcher)
    server.ensure_odoo(database, port, catcher)
    _tell(database, port, catcher)
    if not has_pdf:
        warn("There is no wkhtmltopdf here: letters and statements print no PDF.")
    return 0


def _tell(database: str, port: int, catcher: dict) -> None:
    if first_run := showcase.first_run(database):
        say("\nThe first run:")
        say("\n".join(f"  {line}" for line in first_run.splitlines()))
    say()
    say(f"Odoo:    http://localhost:{port}   (login admin, password admin)")
    say(f"Mails:   http://localhost:{catcher['web']}   (kept in {paths.MAILS})")
    where = "a private PostgreSQL" if postgres.is_private() else "your PostgreSQL"
    say(f"Data:    database {database} in {where}")
    say(f"Log:     {paths.LOGS / 'odoo.log'}")
    say("End it:  make stop")
