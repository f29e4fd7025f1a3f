"""One company with twelve late customers, its mail server and its workers."""

import json
import socket
from pathlib import Path

from dev import testing
from tests.faults.mail_sink import MailSink

HERE = Path(__file__).parent
RUN = 'env["o2c.chase.run"]._execute(env.company)'
SEND = 'env["o2c.chase.message"]._cron_send()'
PAY = """
moves = env["account.move"].search([("partner_id.email", "in", {emails!r})])
env["account.payment.register"].with_context(
    active_model="account.move", active_ids=moves.ids
).create({{"group_payment": False}})._create_payments()
"""
CUSTOMERS = 12
DEADLINE_SECONDS = 180


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

    def wait_for_death(self):
        """Wait until it has killed itself."""
        assert self._process.wait(DEADLINE_SECONDS) == -9, self.log.read_text()

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

    def finish(self, script=f"{RUN}\n{SEND}", rounds=20):
        """Have a new worker run and send until nothing is left to do."""
        worker = self.start_worker()
        for _round in range(rounds):
            self.make_due()
            self.work(worker, script)
            left = self.query(
                "SELECT (SELECT count(*) FROM o2c_chase_action"
                " WHERE state IN ('planned', 'claimed')),"
                " (SELECT count(*) FROM o2c_chase_message"
                " WHERE state IN ('outgoing', 'deferred', 'sending'))"
            )
            if left == [(0, 0)]:
                return
        raise AssertionError(f"steps and messages left: {left}, {self.states()}")

    def audit(self, paid=()):
        """Count what went wrong, when everybody has finished.

        :param paid: addresses of customers who paid before anything was sent
        :return: dict of ``doubled, lost, wrong``
        """
        got = self.sink.recipients
        # Customers whose step is with a person, or under way to one.
        waiting = {
            email
            for (email,) in self.query(
                """
                SELECT partner.email FROM o2c_chase_action action
                  JOIN o2c_debtor debtor ON debtor.id = action.debtor_id
                  JOIN res_partner partner ON partner.id = debtor.partner_id
                 WHERE action.state IN ('unknown', 'failed')
                    OR action.activity_id IS NOT NULL
                """
            )
        }
        everybody = {f"c{number}@customer.example" for number in range(CUSTOMERS)}
        return {
            "doubled": sum(count - 1 for count in got.values() if count > 1),
            "lost": len(everybody - set(got) - waiting - set(paid)),
            "wrong": len(set(got) & set(paid)),
        }


def _is_bad(line):
    return any(f" {level} " in line for level in ("WARNING", "ERROR", "CRITICAL"))
