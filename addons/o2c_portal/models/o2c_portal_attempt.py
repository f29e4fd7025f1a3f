import hashlib
from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL


class O2cPortalAttempt(models.Model):
    """How often somebody tried something lately; addresses are kept as hashes."""

    _name = "o2c.portal.attempt"
    _description = "Attempts at the customers' pages"
    _log_access = False

    key = fields.Char(required=True, readonly=True)
    since = fields.Datetime(required=True, readonly=True)
    count = fields.Integer(required=True, readonly=True)

    _key_unique = models.UniqueIndex("(key)", "Attempts are counted once.")

    @api.model
    def _allows(self, what, who, most, minutes):
        """Count one more attempt, and tell whether it is within bounds.

        :param str what: what is tried
        :param who: who tries; kept as a hash
        :param int most: so many within the minutes
        """
        key = hashlib.sha256(f"{what}|{who}|{self.env.cr.dbname}".encode()).hexdigest()
        now = fields.Datetime.now()
        [(count,)] = self.env.execute_query(
            SQL(
                """
                INSERT INTO o2c_portal_attempt AS attempt (key, since, count)
                VALUES (%(key)s, %(now)s, 1)
                ON CONFLICT (key) DO UPDATE SET
                    since = CASE WHEN attempt.since < %(begin)s THEN %(now)s
                                 ELSE attempt.since END,
                    count = CASE WHEN attempt.since < %(begin)s THEN 1
                                 ELSE attempt.count + 1 END
                RETURNING count
                """,
                key=key,
                now=now,
                begin=now - timedelta(minutes=minutes),
            )
        )
        return count <= most

    @api.autovacuum
    def _gc_attempts(self):
        self.env.cr.execute(
            SQL(
                "DELETE FROM o2c_portal_attempt WHERE since < %s",
                fields.Datetime.now() - timedelta(days=2),
            )
        )
