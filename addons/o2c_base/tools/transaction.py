"""Short transactions of one's own, retried when they collide.

Odoo runs PostgreSQL at REPEATABLE READ: a write, a lock with SKIP LOCKED and an
insert with ON CONFLICT all raise a serialization failure when another
transaction committed in between. Core retries requests, but not jobs; work that
jobs do therefore goes through :func:`in_new_transaction`.
"""

import logging
import random
import time

from psycopg2 import errors

from odoo.exceptions import ConcurrencyError
from odoo.tools import SQL

_logger = logging.getLogger(__name__)

RETRIABLE = (
    errors.SerializationFailure,
    errors.DeadlockDetected,
    errors.LockNotAvailable,
    ConcurrencyError,
)
TRIES_MAX = 6
WAIT_SECONDS_FIRST = 0.05
LOCK_WAIT = "20s"


def in_new_transaction(env, callback):
    """Run ``callback(env)`` in a transaction of its own and commit it.

    :param env: environment whose user and context the new one gets
    :param callback: function of one argument, the new environment. It may run
        several times, so nothing in it may touch the world outside the database
    :return: what the callback returned; records in it belong to a closed cursor
    :raise psycopg2.Error: when it still collides after six tries
    """
    for attempt in range(TRIES_MAX):
        try:
            return _run_once(env, callback)
        except RETRIABLE as error:
            if attempt == TRIES_MAX - 1:
                raise
            wait = random.uniform(0.5, 1.5) * WAIT_SECONDS_FIRST * 2**attempt  # noqa: S311
            _logger.info("%s, once more in %.2f s", type(error).__name__, wait)
            time.sleep(wait)
    return None


def _run_once(env, callback):
    with env.registry.cursor() as cr:
        new_env = env(cr=cr)
        result = callback(new_env)
        new_env.flush_all()
        # The cursor's own transaction, opened above for this unit of work only.
        cr.commit()  # pylint: disable=invalid-commit
        return result


def try_in_new_transaction(env, callback, what):
    """The same for one of several pieces of work that must not stop the others.

    :param what: names the piece in the log, should it fail
    :return: what the callback returned; None where it failed
    """
    try:
        return in_new_transaction(env, callback)
    except Exception:
        _logger.exception("%s failed; the others go on", what)
        return None


def wait_lock(cr, name, key=0):
    """Take an advisory lock until the end of the transaction, waiting for it.

    The snapshot dates from before the wait: read what the other one did in the
    next transaction.

    :raise psycopg2.errors.LockNotAvailable: after LOCK_WAIT
    """
    cr.execute("SELECT set_config('lock_timeout', %s, true)", [LOCK_WAIT])
    cr.execute("SELECT pg_advisory_xact_lock(hashtext(%s), %s)", [name, key])


def wait_rows(records):
    """Lock the rows of records until the end of the transaction, waiting for them.

    Unlike Odoo's own ``lock_for_update``, which refuses what another one has locked:
    there the second one gets an error, here he begins anew and finds it done.

    :raise psycopg2.errors.SerializationFailure: when another transaction has changed
        one of them since ours began; requests and jobs are then retried
    """
    records.flush_recordset()
    records.env.execute_query(
        SQL(
            "SELECT id FROM %s WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE",
            SQL.identifier(records._table),
            records.ids,
        )
    )


def one_at_a_time(records):
    """Let whoever decides about these records at the same time begin anew after us.

    A write that changes nothing: where the decision itself writes to other rows only,
    a lock would leave the second one with what he has read before.

    :raise psycopg2.errors.SerializationFailure: as ``wait_rows``
    """
    records.env.execute_query(
        SQL(
            "UPDATE %s SET write_date = write_date WHERE id = ANY(%s) RETURNING id",
            SQL.identifier(records._table),
            records.ids,
        )
    )


def try_lock(cr, name, key=0):
    """Take an advisory lock until the end of the transaction, without waiting.

    :param name: what is locked, any text
    :param key: number that tells locks of one name apart
    :return: whether the lock is ours
    """
    cr.execute("SELECT pg_try_advisory_xact_lock(hashtext(%s), %s)", [name, key])
    return cr.fetchone()[0]


def without_jit(cr):
    """Keep PostgreSQL from compiling the wide queries of this transaction.

    Their estimated cost makes it compile hundreds of expressions, which takes
    longer than running them (measured: 1.2 s to compile what runs in 0.2 s).
    """
    cr.execute("SET LOCAL jit = off")


def with_room(cr):
    """Let a query over a whole ledger sort in memory, for this transaction."""
    without_jit(cr)
    cr.execute("SET LOCAL work_mem = '64MB'")
