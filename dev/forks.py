"""Runs scripts in `odoo shell` without importing Odoo for each of them anew.

A nursery is a process that has imported Odoo and the add-ons, and has neither a
registry nor a connection to a database. For each script it forks: what runs it is a
process and a session of its own, makes its own registry and connections, and can be
killed like any other. Importing is two of the two and a half seconds of a start.

The nursery ends with its standard input, which is to say: with who started it. It is
no child of that one: Odoo's tests end all children that a class of tests leaves.
"""

import gc
import json
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
import traceback
from typing import IO

from dev import paths

MESSAGE_BYTES = 65536


class Nursery:
    """The parent's end: starts the process when it is first needed."""

    def __init__(self, environment: dict[str, str]):
        self._environment = environment
        self._channel: socket.socket | None = None

    def start(self, database: str, script: str, *arguments: str, **streams) -> "Fork":
        """Run a script in `odoo shell`; its output goes to files, own ones if need be.

        :param streams: ``stdout`` and ``stderr``, files that can be written to
        """
        if not self._channel:
            self._begin()
        fork = Fork(script, **streams)
        order = json.dumps({"database": database, "arguments": arguments}).encode()
        fork.order(self._channel, order)
        return fork

    def _begin(self) -> None:
        self._channel, other = socket.socketpair()
        with other:
            subprocess.run(
                [str(paths.PYTHON), "-m", "dev.forks"],
                env=self._environment,
                cwd=paths.ROOT,
                stdin=other,
                start_new_session=True,
                check=True,
            )

    def end(self) -> None:
        """End the process, if it was needed, and wait for that; forks go on."""
        if self._channel:
            self._channel.shutdown(socket.SHUT_WR)
            self._channel.recv(1)
            self._channel.close()


class Fork:
    """A forked process, with as much of `subprocess.Popen` as is used here."""

    def __init__(self, script: str, stdout: IO | None = None, stderr: IO | None = None):
        self.pid: int = 0
        self.returncode: int | None = None
        self._report: IO | None = None
        self._script = _own_file()
        self._script.write(script)
        self._script.seek(0)
        self._outputs = [each or _own_file() for each in (stdout, stderr)]

    def order(self, channel: socket.socket, order: bytes) -> None:
        """Have the nursery begin, and learn the process's id."""
        reader, writer = os.pipe()
        self._report = os.fdopen(reader)
        files = [each.fileno() for each in (self._script, *self._outputs)]
        socket.send_fds(channel, [order], [*files, writer])
        os.close(writer)
        self.pid = int(self._report.readline())

    def poll(self) -> int | None:
        """Return its exit code, or None while it runs."""
        try:
            return self.wait(0)
        except subprocess.TimeoutExpired:
            return None

    def wait(self, timeout: float | None = None) -> int:
        """Wait for its end and return its exit code, negative after a signal."""
        if self.returncode is None:
            if not select.select([self._report], [], [], timeout)[0]:
                raise subprocess.TimeoutExpired(f"fork {self.pid}", timeout)
            self.returncode = int(self._report.readline())
        return self.returncode

    def communicate(self) -> list[str]:
        """Wait for its end and return what it wrote to its own files."""
        self.wait()
        for output in self._outputs:
            output.seek(0)
        return [output.read() for output in self._outputs]


def _own_file() -> IO:
    return tempfile.TemporaryFile("w+")


# What follows happens in the nursery.


def main() -> None:
    """Fork for each order, until there can be no more of them."""
    if os.fork():
        os._exit(0)
    channel = socket.socket(fileno=os.dup(0))
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for the watchers
    is_ready = False
    while True:
        message, files, _flags, _address = socket.recv_fds(channel, MESSAGE_BYTES, 4)
        if not message:
            return
        order = json.loads(message)
        if not is_ready:
            _import_all(order["database"])
            is_ready = True
        if os.fork() == 0:
            channel.close()
            _watch(order, *files)
        for file in files:
            os.close(file)


def _import_all(database: str) -> None:
    """Import what this database needs, and leave the database again."""
    from odoo.modules.registry import Registry
    from odoo.service.server import load_server_wide_modules
    from odoo.sql_db import close_all
    from odoo.tools import config

    options = ["--config", str(paths.CONFIG), "--database", database]
    config.parse_config(options, setup_logging=False)
    load_server_wide_modules()
    Registry(database)
    Registry.delete_all()
    close_all()
    gc.collect()
    gc.freeze()


def _watch(order: dict, *files: int) -> None:
    """Fork who does it, tell how that ended, and end."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    *streams, report = files
    child = os.fork()
    if child == 0:
        _work(order, streams, report)
    _pid, status = os.waitpid(child, 0)
    os.write(report, f"{os.waitstatus_to_exitcode(status)}\n".encode())
    os._exit(0)


def _work(order: dict, streams: list[int], report: int) -> None:
    """Be a process of its own that runs `odoo shell`, and end."""
    from odoo.cli.shell import Shell

    os.setsid()
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    sys.stdin = os.fdopen(0, closefd=False)
    os.write(report, f"{os.getpid()}\n".encode())
    os.close(report)
    code = 1
    options = ["--config", str(paths.CONFIG), "--database", order["database"]]
    try:
        code = Shell().run([*options, *order["arguments"]])
    except BaseException:  # noqa: BLE001
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


if __name__ == "__main__":
    main()
