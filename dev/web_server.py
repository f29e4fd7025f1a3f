"""An Odoo that tests and benchmarks visit as a browser does."""

import time
from typing import Self

import requests

from dev import paths, testing

ANSWER_SECONDS = 60
START_SECONDS = 90


class WebServer:
    """A server on a port of its own on this machine, for as long as the context."""

    def __init__(self, name: str, database: str, *options: str) -> None:
        """Start it.

        :param name: of its log
        :param options: further options of Odoo
        """
        self.port = testing.free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = paths.LOGS / f"{name}.log"
        self.log.unlink(missing_ok=True)
        self.process = testing.start_odoo(
            self.log,
            database,
            f"--http-port={self.port}",
            "--http-interface=127.0.0.1",
            "--max-cron-threads=0",
            f"--db-filter=^{database}$",
            "--log-handler=werkzeug:INFO",
            *options,
        )

    def __enter__(self) -> Self:
        """Wait until it answers."""
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            try:
                requests.get(f"{self.url}/web/login", timeout=ANSWER_SECONDS)
                return self
            except requests.ConnectionError:
                time.sleep(0.3)
        testing.end(self.process)
        raise AssertionError(f"It does not start: {self.log.read_text()}")

    def __exit__(self, *_error: object) -> None:
        """End it."""
        testing.end(self.process)
