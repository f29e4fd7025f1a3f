"""Catches all mail of the demo: an SMTP server and a page that shows the mails.

    python -m dev.smtp_sink --folder .odoo/mails --smtp-port 1025 --web-port 8025

Listens on 127.0.0.1 only and passes nothing on. A mail is on the disk before its
sender is told that it was accepted.
"""

import argparse
import itertools
import os
import signal
import threading
from datetime import UTC, datetime
from http.server import ThreadingHTTPServer
from pathlib import Path

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from dev.mail_page import make_handler

HOST = "127.0.0.1"
SIZE_MAX = 50 * 1024 * 1024


class Catcher:
    """Writes each mail into a file of its own."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.numbers = itertools.count(1)

    async def handle_DATA(
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        """Store one mail, with its envelope in front, then accept it."""
        moment = datetime.now(UTC).strftime("%Y%m%dT%H%M%S")
        name = f"{moment}-{os.getpid()}-{next(self.numbers):05d}.eml"
        head = [f"X-Envelope-From: {envelope.mail_from}"]
        head += [f"X-Envelope-To: {address}" for address in envelope.rcpt_tos]
        content = "\r\n".join(head).encode() + b"\r\n" + envelope.original_content
        temporary = self.folder / f"{name}.tmp"
        with temporary.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.rename(self.folder / name)
        return "250 OK"


def serve(folder: Path, smtp_port: int, web_port: int) -> None:
    """Catch and show mails until the process is told to end."""
    folder.mkdir(parents=True, exist_ok=True)
    controller = Controller(
        Catcher(folder), hostname=HOST, port=smtp_port, data_size_limit=SIZE_MAX
    )
    controller.start()
    web = ThreadingHTTPServer((HOST, web_port), make_handler(folder))
    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    threading.Thread(target=web.serve_forever, daemon=True).start()
    ended.wait()
    web.shutdown()
    controller.stop()


def main() -> None:
    """Read the command line and serve."""
    parser = argparse.ArgumentParser(description="Catches all mail of the demo.")
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--smtp-port", type=int, default=1025)
    parser.add_argument("--web-port", type=int, default=8025)
    options = parser.parse_args()
    serve(options.folder, options.smtp_port, options.web_port)


if __name__ == "__main__":
    main()
