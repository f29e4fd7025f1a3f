from odoo import api, models
from odoo.tools import SQL


class O2cCreditLimit(models.Model):
    """Which limit counts on a day: one query, for everybody."""

    _inherit = "o2c.credit.limit"

    @api.model
    def _own_sql(self, root, as_of=None):
        """Customers' own limits that count on a day.

        A limit that is bound to a cover counts while the cover runs. Past days read
        what counted then, from the limits' history.

        :param root: root company
        :param as_of: date, today unless given
        :return: SQL with ``debtor_id, base, temporary``, in company currency
        """
        return SQL(
            "SELECT own.debtor_id, %s GROUP BY own.debtor_id",
            self._own_amounts_sql(root, as_of),
        )

    @api.model
    def _own_amounts_sql(self, root, as_of):
        """The amounts, and what they are read from, up to the conditions."""
        today = root._o2c_today()
        day = as_of or today
        states = ["active"]
        if day < today:
            states += ["expired", "superseded"]
        return SQL(
            """
                   max(own.amount_company) FILTER (WHERE own.kind = 'base') AS base,
                   max(own.amount_company) FILTER (
                       WHERE own.kind = 'temporary') AS temporary
              FROM o2c_credit_limit own
         LEFT JOIN o2c_credit_cover cover ON cover.id = own.cover_id
             WHERE own.company_id = %(root)s
               AND own.state = ANY(%(states)s)
               AND own.date_from <= %(day)s
               AND COALESCE(own.date_ended, own.date_to, %(day)s) >= %(day)s
               AND (cover.id IS NULL OR (cover.active
                    AND cover.date_from <= %(day)s AND cover.date_to >= %(day)s))
            """,
            root=root.id,
            states=states,
            day=day,
        )

    @api.model
    def _active_sql(self, root, as_of=None):
        """The limit of every customer of a company on a day.

        His own, or what the policy gives those who have none, and what comes on top
        for a while. Looked up customer by customer, so that whoever asks for one does
        not add up all.

        :param root: root company
        :param as_of: date, today unless given
        :return: SQL with ``debtor_id, amount, has_limit, policy_id``, a row for each
            account; the amount is in company currency, 0 where there is no limit
        """
        return SQL(
            """
            SELECT policy.debtor_id,
                   COALESCE(COALESCE(own.base, policy.default_limit)
                            + COALESCE(own.temporary, 0), 0) AS amount,
                   COALESCE(own.base, policy.default_limit) IS NOT NULL AS has_limit,
                   policy.policy_id
              FROM (%(policy)s) policy
         LEFT JOIN LATERAL (SELECT %(own)s AND own.debtor_id = policy.debtor_id
                   ) own ON TRUE
            """,
            policy=self.env["o2c.credit.policy"]._policy_sql(root),
            own=self._own_amounts_sql(root, as_of),
        )

    @api.model
    def _flush_limits(self):
        """Write pending changes that the queries read."""
        self.env["o2c.debtor"].flush_model(
            ["company_id", "group_id", "partner_id", "risk_class", "segment_id"]
        )
        self.env["o2c.credit.policy"].flush_model()
        self.env["o2c.credit.cover"].flush_model()
        self.flush_model()
