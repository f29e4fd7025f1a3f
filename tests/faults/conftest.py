"""A database with twelve written letters per test, a mail sink, and workers."""

import json
import socket
import subprocess
from contextlib import ExitStack
from itertools import count
from pathlib import Path

import pytest

from dev import testing
from tests.faults.mail_sink import MailSink

HERE = Path(__file__).parent
NUMBERS = count()
SEND = 'env["o2c.chase.message"]._cron_send()'
PAY = """
moves = env["account.move"].search([("partner_id.email", "in", {emails!r})])
env["account.payment.register"].with_context(
    active_model="account.move", active_ids=moves.ids
).create({{"group_payment": False}})._create_payments()
"""
DEADLINE_SECONDS = 180


@pytest.fixture(scope="session")
def written():
    """A database in which a run has written twelve letters, none of them sent."""
    database = testing.new_database("fault_written")
    try:
        testing.run_script(database, (HERE / "seed.py").read_text())
        yield database
    finally:
        testing.drop_database(database)


@pytest.fixture
def house(written, tmp_path):
    """A copy of that database, with the means to work on it."""
    database = testing.new_database(f"fault_{next(NUMBERS)}", template=written)
    with ExitStack() as stack:
        stack.callback(testing.drop_database, database)
        house = House(database, stack, tmp_path)
        yield house
        house.close()


class Worker:
    """A process that sends messages, as a cron worker of a server would."""

    def __init__(self, database, log):
        self.log = log
        with socket.create_server(("127.0.0.1", 0)) as server:
            script = f"PORT = {server.getsockname()[1]}\n"
            self._process = testing.start_script(
                database,
                script + (HERE / "worker.py").read_text(),
                "--smtp=127.0.0.1",
                stdout=subprocess.DEVNULL,
                stderr=log.open("w"),
            )
            server.settimeout(DEADLINE_SECONDS)
            self._connection, _address = server.accept()
        self._connection.settimeout(DEADLINE_SECONDS)
        self._stream = self._connection.makefile("rw")

    def order(self, script, smtp_port):
        """Have it run a script; do not wait."""
        order = {"script": script, "smtp_port": smtp_port}
        self._stream.write(json.dumps(order) + "\n")
        self._stream.flush()

    def wait(self):
        """Wait until it has done what it was ordered."""
        assert self._stream.readline() == "done\n", self.log.read_text()

    def kill(self):
        """Kill it as the kernel would: no handler, no good-bye."""
        testing.end(self._process, 9)

    def close(self):
        """Let it end by itself; it must have logged nothing worse than INFO."""
        self._stream.close()
        self._connection.close()
        self._process.wait(DEADLINE_SECONDS)
        lines = self.log.read_text().splitlines()
        bad = [line for line in lines if _is_bad(line)]
        assert not bad, "\n".join(bad)


class House:
    """One company's database, its mail server and its workers."""

    def __init__(self, database, stack, folder):
        self.database = database
        self._stack = stack
        self._folder = folder
        self._workers = []
        self.sink = stack.enter_context(MailSink(testing.free_port()))

    def start_worker(self):
        """Start a process."""
        log = self._folder / f"worker_{len(self._workers)}.log"
        worker = Worker(self.database, log)
        self._stack.callback(worker.kill)
        self._workers.append(worker)
        return worker

    def forget(self, worker):
        """Expect no good end of a worker that was killed."""
        self._workers.remove(worker)

    def close(self):
        """End the workers and look into their logs."""
        for worker in self._workers:
            worker.close()

    def begin(self, worker, script=SEND, port=None):
        """Have a worker begin a round of sending."""
        worker.order(script, port or self.sink.port)

    def work(self, worker, script=SEND, port=None):
        """Have a worker do a round of sending to its end."""
        self.begin(worker, script, port)
        worker.wait()

    def pay(self, worker, *emails):
        """Have a process pay what these customers owe."""
        self.work(worker, PAY.format(emails=list(emails)))

    def query(self, statement, *parameters):
        """Ask the database."""
        return testing.query(self.database, statement, parameters)

    def states(self):
        """How many messages are in each state."""
        return dict(
            self.query("SELECT state, count(*) FROM o2c_chase_message GROUP BY state")
        )

    def state_of(self, recipient):
        """State of one message and of its step."""
        [row] = self.query(
            """
            SELECT message.state, action.state
              FROM o2c_chase_message message
              JOIN o2c_chase_action action ON action.message_id = message.id
             WHERE message.recipient = %s
            """,
            recipient,
        )
        return row

    def make_due(self):
        """Let the time of waiting pass."""
        self.query("UPDATE o2c_chase_message SET next_try_at = NULL")


def _is_bad(line):
    return any(f" {level} " in line for level in ("WARNING", "ERROR", "CRITICAL"))
