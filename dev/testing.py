"""What tests that start Odoo themselves need: processes, databases, ports.

For tests below tests/ (faults, stories, benchmarks) that go beyond one process.
`make test` and `make bench` set everything up before; a test then does:

    from dev import testing

    @pytest.fixture
    def database():
        name = testing.new_database("fault_kill")      # half a second: a copy
        yield name
        testing.drop_database(name)

    def test_a_killed_worker_sends_nothing_twice(database):
        port = testing.free_port()
        worker = testing.start_odoo("shell-free", database, "--no-http")
        ...
        testing.run_script(database, "env['o2c.x']._cron_y(); env.cr.commit()")
        rows = testing.query(database, "SELECT count(*) FROM o2c_x")

Every process is a child of the test: end it with `testing.end(process)`. Scripts are
forked from a process that has imported Odoo (dev/forks.py), unless `fresh=True`. All
servers listen on 127.0.0.1 only. Mail goes where the test says, by the options
`--smtp=127.0.0.1 --smtp-port=N` (see `smtp_options`).

Environment variables that `make test` sets, for other programs:

    O2C_TEMPLATE_DATABASE   the database with all add-ons installed; copy it, never
                            connect to it (a connection makes copying fail)
    PGHOST, PGUSER          the server, as every libpq program reads them
"""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from dev import databases, forks, odoo, paths
from dev.ports import free_port

__all__ = [
    "drop_database",
    "end",
    "free_port",
    "new_database",
    "nursery",
    "odoo_command",
    "odoo_environment",
    "query",
    "run_script",
    "smtp_options",
    "start_odoo",
]

#: Workers of pytest-xdist that test beside each other name theirs apart.
PREFIX = f"o2c_t_{os.environ.get('PYTEST_XDIST_WORKER', '')}"
END_SECONDS = 20
_nursery: forks.Nursery | None = None


def template_database() -> str:
    """Return the database that has all add-ons installed."""
    return os.environ.get("O2C_TEMPLATE_DATABASE", "o2c_test")


def new_database(name: str, template: str | None = None) -> str:
    """Copy the template with its files and return the new database's full name."""
    database = f"{PREFIX}{name}"
    databases.create(database, template or template_database())
    return database


def drop_database(database: str) -> None:
    """Drop a test's database, whoever is still connected to it."""
    if not database.startswith(PREFIX):
        raise ValueError(f"{database} is not a database of a test")
    databases.drop(database)


def query(database: str, statement: str, parameters: tuple = ()) -> list[tuple]:
    """Run one SQL statement, at once committed; return its rows, if it has any."""
    with databases.cursor(database) as cr:
        cr.execute(statement, parameters)
        return cr.fetchall() if cr.description else []


def odoo_command(*arguments: str) -> list[str]:
    """Return the command line of an Odoo server with our configuration."""
    return odoo.command(*arguments)


def odoo_environment() -> dict[str, str]:
    """Return the environment variables for that command line."""
    return odoo.environment()


def smtp_options(port: int) -> list[str]:
    """Return the options that send all mail to a server on this machine."""
    return ["--smtp=127.0.0.1", f"--smtp-port={port}"]


def start_odoo(log: Path, database: str, *arguments: str) -> subprocess.Popen:
    """Start an Odoo server as a child in its own process group.

    :param log: the file its output goes to
    :param arguments: further options, such as `--http-port`, `--workers`
    """
    command = odoo_command("--database", database, *arguments)
    with Path(log).open("ab") as output:
        return subprocess.Popen(
            command,
            env=odoo_environment(),
            cwd=paths.ROOT,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )


def end(process: subprocess.Popen, signal_number: int = signal.SIGTERM) -> int:
    """End a process and all its children; return its exit code."""
    if process.poll() is None:
        os.killpg(process.pid, signal_number)
    try:
        return process.wait(END_SECONDS)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        return process.wait()


def start_script(
    database: str, script: str, *arguments: str, fresh: bool = False, **streams
) -> subprocess.Popen | forks.Fork:
    """Start `odoo shell` on a script, in which `env` is the superuser's.

    Nothing is committed unless the script calls `env.cr.commit()`. Standard output
    and standard error can be read from the process, unless files are given.

    :param fresh: whether the process is to import all by itself, even where a
        nursery could fork it
    """
    arguments = ("--no-http", *arguments)
    if _nursery and not fresh:
        return _nursery.start(database, script, *arguments, **streams)
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    process = subprocess.Popen(
        odoo.shell_command(database, *arguments),
        env=odoo_environment(),
        stdin=subprocess.PIPE,
        text=True,
        start_new_session=True,
        **{**pipes, **streams},
    )
    process.stdin.write(script)
    process.stdin.close()
    process.stdin = None
    return process


def run_script(database: str, script: str, *arguments: str, **options) -> str:
    """Run a script in `odoo shell` to its end and return what it printed."""
    process = start_script(database, script, *arguments, **options)
    output, errors = process.communicate()
    if process.returncode:
        print(errors, file=sys.stderr)
        raise AssertionError(f"The script failed ({process.returncode}):\n{errors}")
    return output


@contextmanager
def nursery() -> Iterator[None]:
    """Have scripts run by forks of one process that has imported Odoo, meanwhile."""
    global _nursery
    _nursery = forks.Nursery(odoo_environment())
    try:
        yield
    finally:
        _nursery.end()
        _nursery = None
