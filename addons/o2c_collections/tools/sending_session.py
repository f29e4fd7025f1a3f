"""Which process holds which message, known to PostgreSQL alone."""

from odoo.tools import SQL

#: First half of the advisory lock that a sending process holds per message.
LOCK_CLASS = 0x6F3263


class SendingSession:
    """The database session of one sending process, with its advisory locks.

    Locks of a session outlive the transaction and die with the connection, so
    that neither an open transaction nor a time limit is needed to tell a slow
    process from a dead one.
    """

    def __init__(self, cr):
        self._cr = cr

    def take(self, message_ids):
        """Hold as many of these as nobody else does, until ``release``.

        :return: list of those that are ours
        """
        return [row[0] for row in self._each("pg_try_advisory_lock", message_ids)]

    def release(self, message_ids):
        """Let messages go that were taken."""
        self._each("pg_advisory_unlock", message_ids)

    def _each(self, function, message_ids):
        """The rows of those for which a lock function says yes."""
        self._cr.rollback()
        self._cr.execute(
            SQL(
                "SELECT id FROM unnest(%s::int[]) WITH ORDINALITY held(id, place)"
                " WHERE %s(%s, id) ORDER BY place",
                list(message_ids),
                SQL.identifier(function),
                LOCK_CLASS,
            )
        )
        rows = self._cr.fetchall()
        # Ends the transaction; the locks belong to the session and stay.
        self._cr.commit()  # pylint: disable=invalid-commit
        return rows
