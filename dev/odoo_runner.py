"""Odoo's own test runner, beside pytest.

It upgrades all add-ons and runs the tests that meet the world outside: some browser
tours, routes (on the real read-only cursors that pytest-odoo does not give), rights,
what RPC reaches, installation. pytest runs all others (and these, where it is called
with ARGS); that Odoo's runner would find every one of them is checked in conftest.py
without running them twice.

`make test` starts this module as a process; its result is a file that the last item
of pytest's run waits for, so that the summary at the end speaks of both.
"""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

from dev import addons, databases, install, odoo_log, paths, ports
from dev.messages import step

COPY = "o2c_test_odoo"
TAG = "o2c_boundary"
RESULT = paths.RUN / "odoo_runner.json"
OUTPUT = paths.LOGS / "test-odoo-runner.log"


def start(template: str, has_pdf: bool) -> subprocess.Popen:
    """Start it; what it prints goes to a file."""
    RESULT.unlink(missing_ok=True)
    step(f"Odoo's own runner begins beside pytest; what it prints: {OUTPUT}")
    command = [sys.executable, "-m", "dev.odoo_runner", template, "1" * has_pdf]
    with OUTPUT.open("wb") as output:
        return subprocess.Popen(
            command,
            cwd=paths.ROOT,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )


def end(process: subprocess.Popen) -> None:
    """End it with its Odoo, if it is still at work, and remove its copy."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGTERM)
    process.wait()
    databases.drop(COPY)


def main(template: str, has_pdf: str) -> None:
    """Upgrade all add-ons in a copy, test them, and write down what the log said."""
    databases.create(COPY, template)
    names = addons.names()
    left_out = [] if has_pdf else ["-pdf"]
    tags = ",".join([f"{TAG}/{name}" for name in names] + left_out)
    log, code = install.run_modules(
        COPY,
        "test-odoo",
        "--stop-after-init",
        f"--http-port={ports.free_port()}",
        "--max-cron-threads=0",
        f"--test-tags={tags}",
        upgrade=names,
        check=False,
    )
    problems = odoo_log.problems(log)
    if code and not problems:
        problems = [f"Odoo ended with exit code {code}; log: {log}"]
    count = odoo_log.tests_run(log)
    if not count:
        problems.append("Odoo's own runner ran no test")
    _write({"tests": count, "problems": "\n".join(problems)})


def _write(result: dict) -> None:
    temporary: Path = RESULT.with_suffix(".tmp")
    temporary.write_text(json.dumps(result))
    os.replace(temporary, RESULT)


if __name__ == "__main__":
    main(*sys.argv[1:])
