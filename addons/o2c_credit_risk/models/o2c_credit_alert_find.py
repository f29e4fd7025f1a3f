from odoo import api, models
from odoo.tools import SQL

from odoo.addons.o2c_base.tools.transaction import without_jit

#: Kinds of which each case is one event: they end when a person resolves them.
EVENTS = ("bank_changed", "class_drop", "first_overdue", "invoice_over")

#: A customer is new for so many days after his first invoice.
NEW_DAYS = 180
#: Days of lateness that are always within a customer's own pattern.
PATTERN_DAYS = 7
#: Payments from which on a customer has a pattern.
PATTERN_PAYMENTS = 5
#: How far back changed bank accounts and invoices are looked at.
LOOK_BACK_DAYS = 3


class O2cCreditAlert(models.Model):
    """Finding what somebody should look at, for all customers at once."""

    _inherit = "o2c.credit.alert"

    @api.model
    def _evaluate(self, root):
        """Add alerts for new cases, and end those whose case is over.

        :return: number of new alerts
        """
        self.env.flush_all()
        without_jit(self.env.cr)
        self._find(root)
        self._end_cases(root)
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO o2c_credit_alert (debtor_id, partner_id, company_id, kind,
                    case_key, figures, date, state, user_id, create_uid, create_date,
                    write_uid, write_date)
                SELECT found.debtor_id, debtor.partner_id, debtor.company_id,
                       found.kind, found.case_key, found.figures, %(today)s, 'open',
                       debtor.collector_id, %(uid)s, now() AT TIME ZONE 'UTC',
                       %(uid)s, now() AT TIME ZONE 'UTC'
                  FROM o2c_alert_found found
                  JOIN o2c_debtor debtor ON debtor.id = found.debtor_id
              ORDER BY found.debtor_id
                ON CONFLICT (debtor_id, kind, case_key) WHERE over_on IS NULL
                DO NOTHING
                """,
                today=root._o2c_today(),
                uid=self.env.uid,
            )
        )
        added = self.env.cr.rowcount
        self.invalidate_model(flush=False)
        return added

    @api.model
    def _find(self, root):
        """Note what is there now, in a table of this transaction.

        With its size known to the planner: compared inside one statement, the cases
        of 100,000 customers had not ended after nine minutes; so it takes a second.
        """
        found = SQL(" UNION ALL ").join(
            SQL(
                "SELECT debtor_id, %s AS kind, case_key::text, figures FROM (%s) %s",
                kind,
                query,
                SQL.identifier(kind),
            )
            for kind, query in self._finders(root).items()
        )
        self.env.cr.execute("DROP TABLE IF EXISTS o2c_alert_found")
        self.env.cr.execute(
            SQL("CREATE TEMP TABLE o2c_alert_found ON COMMIT DROP AS %s", found)
        )
        self.env.cr.execute("ANALYZE o2c_alert_found")

    @api.model
    def _end_cases(self, root):
        """Cases that last no more are over; nobody has to resolve them."""
        self.env.cr.execute(
            SQL(
                """
                UPDATE o2c_credit_alert alert
                   SET over_on = %(today)s, state = 'resolved'
                 WHERE alert.company_id = %(root)s AND alert.over_on IS NULL
                   AND alert.kind NOT IN %(events)s
                   AND NOT EXISTS (
                       SELECT FROM o2c_alert_found found
                        WHERE found.debtor_id = alert.debtor_id
                          AND found.kind = alert.kind
                          AND found.case_key = alert.case_key)
                """,
                today=root._o2c_today(),
                root=root.id,
                events=EVENTS,
            )
        )

    def _merge_into(self, target):
        """Hand alerts over to another account; where it has the case, this is over."""
        there = self.search([("debtor_id", "=", target.id), ("over_on", "=", False)])
        cases = {(alert.kind, alert.case_key) for alert in there}
        double = self.filtered(
            lambda alert: not alert.over_on and (alert.kind, alert.case_key) in cases
        )
        double.write({"over_on": target.company_id._o2c_today(), "state": "resolved"})
        self.env.flush_all()
        self.write({"debtor_id": target.id, "partner_id": target.partner_id.id})

    # ------------------------------------------------------------------
    # What is looked for
    # ------------------------------------------------------------------

    @api.model
    def _finders(self, root):
        """Hook: queries by kind, each with ``debtor_id, case_key, figures``."""
        return {
            "class_drop": self._find_class_drop(root),
            "pattern": self._find_pattern(root),
            "first_overdue": self._find_first_overdue(root),
            "order_spike": self._find_order_spike(root),
            "bank_changed": self._find_bank_changed(root),
            "limit_ends": self._find_limit_ends(root),
            "cover_ends": self._find_cover_ends(root),
        }

    @api.model
    def _find_class_drop(self, root):
        """Who fell to a worse class by the scorecard, within a week."""
        return SQL(
            """
            SELECT debtor_id, id AS case_key,
                   jsonb_build_object('before', class_before, 'after', risk_class)
                       AS figures
              FROM o2c_risk_score
             WHERE company_id = %s AND risk_class > class_before AND NOT is_override
               AND date > %s - 7
            """,
            root.id,
            root._o2c_today(),
        )

    @api.model
    def _find_pattern(self, root):
        """Whose oldest item is much later than he usually pays."""
        return SQL(
            """
            SELECT id AS debtor_id, 'pattern' AS case_key,
                   jsonb_build_object('number', %(today)s - date_oldest_due,
                                      'usual', GREATEST(days_late_average, 0))
                       AS figures
              FROM o2c_debtor
             WHERE company_id = %(root)s AND amount_overdue > 0
               AND payment_count >= %(payments)s
               AND %(today)s - date_oldest_due
                   > 2 * GREATEST(days_late_average, 0) + %(days)s
            """,
            today=root._o2c_today(),
            root=root.id,
            payments=PATTERN_PAYMENTS,
            days=PATTERN_DAYS,
        )

    @api.model
    def _find_first_overdue(self, root):
        """New customers who owe something overdue."""
        # sudo: all branches, for a job
        companies_sudo = self.env["res.company"].sudo().with_context(active_test=False)
        branches = companies_sudo.search([("id", "child_of", root.id)])
        return SQL(
            """
            SELECT debtor.id AS debtor_id, 'first' AS case_key,
                   jsonb_build_object('amount', debtor.amount_overdue) AS figures
              FROM o2c_debtor debtor
             WHERE debtor.company_id = %(root)s AND debtor.amount_overdue > 0
               AND %(today)s - %(days)s < (
                   SELECT min(move.invoice_date)
                     FROM account_move move
                     JOIN res_partner partner ON partner.id = move.partner_id
                    WHERE partner.commercial_partner_id = debtor.partner_id
                      AND move.company_id = ANY(%(branches)s)
                      AND move.move_type = 'out_invoice' AND move.state = 'posted')
            """,
            root=root.id,
            today=root._o2c_today(),
            days=NEW_DAYS,
            branches=branches.ids,
        )

    @api.model
    def _find_order_spike(self, root):
        """Whose scorecard has points for orders beyond the usual."""
        return SQL(
            """
            SELECT debtor.id AS debtor_id, 'spike' AS case_key,
                   jsonb_build_object('number', fact->1) AS figures
              FROM o2c_debtor debtor
        CROSS JOIN LATERAL jsonb_array_elements(debtor.risk_facts) fact
             WHERE debtor.company_id = %s AND fact->>0 = 'order_spike'
            """,
            root.id,
        )

    @api.model
    def _find_bank_changed(self, root):
        """Customers with a bank account that is new or was changed lately."""
        return SQL(
            """
            SELECT debtor.id AS debtor_id,
                   bank.id || ':' || bank.write_date::date AS case_key,
                   jsonb_build_object('name', right(bank.acc_number, 4)) AS figures
              FROM res_partner_bank bank
              JOIN res_partner partner ON partner.id = bank.partner_id
              JOIN o2c_debtor debtor
                ON debtor.partner_id = partner.commercial_partner_id
             WHERE debtor.company_id = %(root)s AND bank.active
               AND bank.write_date > %(today)s - %(days)s
               AND debtor.create_date < bank.write_date
            """,
            root=root.id,
            today=root._o2c_today(),
            days=LOOK_BACK_DAYS,
        )

    @api.model
    def _find_limit_ends(self, root):
        return SQL(
            """
            SELECT own.debtor_id, own.id AS case_key,
                   jsonb_build_object('amount', own.amount_company,
                                      'day', own.date_to) AS figures
              FROM o2c_credit_limit own
              JOIN (%(policy)s) whose ON whose.debtor_id = own.debtor_id
         LEFT JOIN o2c_credit_policy policy ON policy.id = whose.policy_id
             WHERE own.company_id = %(root)s AND own.state = 'active'
               AND own.date_to <= %(today)s + COALESCE(policy.renewal_days, 30)
            """,
            policy=self.env["o2c.credit.policy"]._policy_sql(root),
            root=root.id,
            today=root._o2c_today(),
        )

    @api.model
    def _find_cover_ends(self, root):
        return SQL(
            """
            SELECT cover.debtor_id, cover.id AS case_key,
                   jsonb_build_object('amount', cover.amount, 'day', cover.date_to)
                       AS figures
              FROM o2c_credit_cover cover
              JOIN (%(policy)s) whose ON whose.debtor_id = cover.debtor_id
         LEFT JOIN o2c_credit_policy policy ON policy.id = whose.policy_id
             WHERE cover.company_id = %(root)s AND cover.active
               AND cover.date_to BETWEEN %(today)s
                   AND %(today)s + COALESCE(policy.renewal_days, 30)
            """,
            policy=self.env["o2c.credit.policy"]._policy_sql(root),
            root=root.id,
            today=root._o2c_today(),
        )
