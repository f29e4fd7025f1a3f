"""The demo's Odoo server and mail catcher, in the background."""

import http.client
import os
import time

from dev import odoo, ports, processes
from dev.messages import Failure, step
from dev.paths import LOGS, MAILS, PYTHON

SMTP_PORT = 1025
WEB_PORT = 8025
START_SECONDS = 180
CATCHER_SECONDS = 20


def chosen_port() -> int:
    """Return the port of PORT=, 8069 by default."""
    text = os.environ.get("PORT") or "8069"
    if not text.isdigit() or not 1024 <= int(text) <= 65535:
        raise Failure(f"PORT={text} is no port between 1024 and 65535")
    return int(text)


def check_port(port: int) -> None:
    """Refuse early a port that somebody else uses."""
    ours = processes.running("odoo")
    if (ours and ours["port"] == port) or ports.is_free(port):
        return
    raise Failure(
        f"Port {port} is taken by another program. Choose another one:\n"
        f"  make demo PORT={ports.free_port(port + 1)}"
    )


def ensure_catcher() -> dict:
    """Have the mail catcher; return its ports as `smtp` and `web`."""
    if record := processes.running("mail"):
        return record
    about = {"smtp": ports.free_port(SMTP_PORT), "web": ports.free_port(WEB_PORT)}
    step(f"Starting the mail catcher (SMTP on port {about['smtp']})")
    options = ["--folder", MAILS, "--smtp-port", about["smtp"]]
    options += ["--web-port", about["web"]]
    command = [PYTHON, "-m", "dev.smtp_sink", *options]
    processes.start_background("mail", command, odoo.environment(), about)
    _wait_for("mail", about["web"], "/", CATCHER_SECONDS)
    return about


def mail_options(catcher: dict) -> list[str]:
    """Return Odoo's options that send all mail to the catcher."""
    return [f"--smtp={ports.HOST}", f"--smtp-port={catcher['smtp']}"]


def ensure_odoo(database: str, port: int, catcher: dict) -> None:
    """Have Odoo serve this database on this port."""
    wanted = {"database": database, "port": port, "smtp": catcher["smtp"]}
    record = processes.running("odoo")
    if record and wanted.items() <= record.items():
        return
    processes.stop("odoo")
    step(f"Starting Odoo on port {port}")
    options = ["--database", database, f"--db-filter=^{database}$"]
    options += [f"--http-port={port}", "--max-cron-threads=1", *mail_options(catcher)]
    processes.start_background(
        "odoo", odoo.command(*options), odoo.environment(), wanted
    )
    _wait_for("odoo", port, "/web/health", START_SECONDS)


def _wait_for(name: str, port: int, path: str, seconds: int) -> None:
    """Wait until a server answers; say what its log says if it ends before."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if _answers(port, path):
            return
        if not processes.running(name):
            break
        time.sleep(0.3)
    log = LOGS / f"{name}.log"
    processes.stop(name)
    raise Failure(f"It does not start. The end of {log}:\n{processes.tail(log)}")


def _answers(port: int, path: str) -> bool:
    connection = http.client.HTTPConnection(ports.HOST, port, timeout=10)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == http.client.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
