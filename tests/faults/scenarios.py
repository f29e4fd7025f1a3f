"""Ways to break the chase. Each yields cases: functions that break one house."""

import time

from dev import postgres
from tests.faults.house import CUSTOMERS, RUN, SEND

CHASE = f"{RUN}\n{SEND}"
#: Kills the worker's process at the n-th call of a method, before or after it.
KILL_AT = """
import os, signal
def kill_at(model, method, when, number):
    cls = type(env[model])
    original = getattr(cls, method)
    calls = []
    def wrapped(self, *args, **kwargs):
        calls.append(1)
        if when == "before" and len(calls) == number:
            os.kill(os.getpid(), signal.SIGKILL)
        result = original(self, *args, **kwargs)
        if when == "after" and len(calls) == number:
            os.kill(os.getpid(), signal.SIGKILL)
        return result
    setattr(cls, method, wrapped)
kill_at("o2c.chase.{model}", {method!r}, {when!r}, {number})
"""
#: So many times some messages are settled at once, of all of them.
GROUPS = 2
#: What is at stake at each point of the way from decision to proof.
POINTS = {
    "everybody decided, not committed": ("run", "_evaluate_and_plan", "after", 1),
    "steps planned": ("run", "_perform_batch", "before", 1),
    "letter rendered": ("message", "_fill", "after", CUSTOMERS),
    "e-mail made": ("message", "_prepare_mail", "after", CUSTOMERS),
    "letters written, not committed": ("run", "_perform_batch", "after", 1),
    "message claimed, not committed": ("message", "_claim_ready", "after", CUSTOMERS),
    "accepted by the mail server": ("message", "_left_sql", "before", CUSTOMERS),
    "noted that it left, not committed": ("message", "_note_left", "after", GROUPS),
    "left, its step not done": ("message", "_settle_accepted", "before", GROUPS),
    "its step done, not committed": ("message", "_settle_accepted", "after", GROUPS),
}
#: Makes a share of our own commits fail, as PostgreSQL does when workers collide.
COLLIDE = """
import random, sys
from psycopg2 import errors
from odoo.sql_db import Cursor
dice = random.Random({seed})
commit = Cursor.commit
def collide(self):
    ours = sys._getframe(1).f_globals["__name__"].endswith("tools.transaction")
    if ours and dice.random() < {share}:
        self.rollback()
        raise dice.choice((errors.SerializationFailure, errors.LockNotAvailable,
                           errors.DeadlockDetected))("injected")
    return commit(self)
Cursor.commit = collide
"""
#: Answers of a mail server that end well, later.
TEMPORARY = ("421 4.3.2 closing", "451 4.7.1 greylisted", "452 4.2.2 full", "drop")


def kill_at_points(dice):
    """Kill a worker at each named point, at a random customer."""
    for point, (model, method, when, last) in POINTS.items():
        number = dice.randint(1, last)

        def case(house, at=(model, method, when, number)):
            names = dict(zip(("model", "method", "when", "number"), at, strict=True))
            worker = house.start_worker()
            worker.order(KILL_AT.format(**names) + CHASE, house.sink.port)
            worker.wait_for_death()
            house.forget(worker)
            house.finish()

        case.__doc__ = f"killed: {point}, at {number}"
        yield case


def kill_at_random(dice):
    """Kill three workers one after the other at random moments."""

    def case(house):
        """killed three times at random"""
        for _time in range(3):
            worker = house.start_worker()
            worker.order(CHASE, house.sink.port)
            time.sleep(dice.uniform(0, 2.5))
            worker.kill()
            house.forget(worker)
        house.finish()

    yield case


def workers_at_once(dice):
    """Two and four processes run and send at once."""
    for count in (2, 4):

        def case(house, count=count):
            workers = [house.start_worker() for _number in range(count)]
            house.work(workers[0], RUN)
            for worker in workers:
                house.begin(worker, SEND)
            for worker in workers:
                worker.wait()
            house.finish()

        case.__doc__ = f"{count} workers at once"
        yield case


def run_job_and_button(dice):
    """The nightly job, a run and the button at the same instant."""

    def case(house):
        """job, run and button at once"""
        scripts = (
            'env["o2c.chase.run"]._cron_run()',
            _forgiving(RUN),
            _forgiving(
                'env(user=env.ref("base.user_admin"))["o2c.chase.run"].action_run_now()'
            ),
        )
        workers = [house.start_worker() for _script in scripts]
        for worker, script in zip(workers, scripts, strict=True):
            house.begin(worker, script)
        for worker in workers:
            worker.wait()
        house.finish()

    yield case


def _forgiving(script):
    """A script that may be told, in plain words, that a run is under way.

    It is called as the server calls what a user clicks: of two who write the
    same row, who comes second begins again.
    """
    return f"""
from odoo.exceptions import UserError
from odoo.service.model import retrying
try:
    retrying(lambda: {script}, env)
except UserError:
    pass
"""


def payments_meanwhile(dice):
    """Customers pay between decision and sending."""
    paid = [
        f"c{number}@customer.example"
        for number in dice.sample(range(CUSTOMERS), dice.randint(1, 6))
    ]

    def case(house):
        worker = house.start_worker()
        house.work(worker, RUN)
        house.pay(worker, *paid)
        house.work(worker, SEND)
        house.finish()
        return paid

    case.__doc__ = f"{len(paid)} customers pay before sending"
    yield case


def mail_server_trouble(dice):
    """A mail server that answers badly for a while."""
    for answer in TEMPORARY:
        stage = dice.choice(("MAIL", "RCPT"))

        def case(house, answer=answer, stage=stage):
            house.sink.fail_at(stage, lambda _address: answer)
            worker = house.start_worker()
            house.work(worker, CHASE)
            house.sink.fail_at(None, None)
            house.finish()

        case.__doc__ = f"{answer} at {stage}"
        yield case


def collisions(dice):
    """A fifth of all commits fails as if workers had collided."""
    script = COLLIDE.format(seed=dice.getrandbits(32), share=0.2)

    def case(house):
        """a fifth of the commits fails"""
        worker = house.start_worker()
        house.work(worker, script + CHASE)
        house.finish()

    yield case


def database_crash(dice):
    """PostgreSQL is stopped at once in the middle, and started again."""
    if not postgres.is_ours():
        return

    def case(house):
        """PostgreSQL crashes while two workers are at it"""
        workers = [house.start_worker() for _number in range(2)]
        for worker in workers:
            worker.order(CHASE, house.sink.port)
        time.sleep(dice.uniform(0.2, 2.5))
        postgres.crash()
        for worker in workers:
            worker.kill()
            house.forget(worker)
        house.finish()

    yield case


SCENARIOS = {
    scenario.__name__: scenario
    for scenario in (
        kill_at_points,
        kill_at_random,
        workers_at_once,
        run_job_and_button,
        payments_meanwhile,
        mail_server_trouble,
        collisions,
        database_crash,
    )
}
