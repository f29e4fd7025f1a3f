from odoo import api, models
from odoo.tools import SQL

from odoo.addons.o2c_base.tools.transaction import without_jit

#: What was settled longer ago than this before the end of the period is left as it is.
SETTLED_DAYS = 400


class O2cLateCharge(models.Model):
    """Which items are late and not charged yet, and what their principal did.

    One statement each, for all customers at once or for some.
    """

    _inherit = "o2c.late.charge"

    @api.model
    def _due_debtors(self, root, until):
        """Ids of the customer accounts of which something may be charged, in order."""
        self._flush_facts()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT item.debtor_id FROM (%s) item
                 UNION
                SELECT charge.debtor_id
                  FROM o2c_late_charge charge
                  JOIN o2c_debtor debtor ON debtor.id = charge.debtor_id
                 WHERE charge.state = 'proposed' AND debtor.company_id = %s
              ORDER BY 1
                """,
                self._items_sql(root, until),
                root.id,
            )
        )
        return [debtor_id for (debtor_id,) in rows]

    @api.model
    def _facts(self, root, until, debtors):
        """The items of these customers that may be charged, oldest due first.

        :return: list of dicts; ``days, amounts`` are what was paid, and when
        """
        self._flush_facts()
        return self.env.execute_query_dict(
            SQL(
                """
                SELECT item.*, paid.days, paid.amounts,
                       COALESCE(rest.amount, 0) AS resting
                  FROM (%(items)s) item
             LEFT JOIN (%(resting)s) rest ON rest.id = item.id
            CROSS JOIN LATERAL (%(paid)s) paid
              ORDER BY item.date_due, item.id
                """,
                items=self._items_sql(root, until, debtors),
                resting=self._resting_sql(root, debtors),
                paid=self._paid_sql(),
            )
        )

    @api.model
    def _flush_facts(self):
        without_jit(self.env.cr)
        self.env["o2c.debtor"]._flush_ledger()
        self.env["account.move"].flush_model(["move_type"])
        self.env["o2c.dispute"].flush_model(["credit_move_id"])
        self.flush_model()

    @api.model
    def _items_sql(self, root, until, debtors=None):
        """Items that are late by a day and not settled up to it.

        The customer is looked up item by item: joined, a planner that expects few late
        items would compare each of them with every contact.

        Invoices of late charges bear no interest. An invoice that was cancelled after
        it was charged is worth nothing, which its charges must follow.
        """
        return SQL(
            """
            SELECT line.id, line.move_id, line.company_id, line.currency_id,
                   owner.debtor_id, owner.is_company,
                   COALESCE(line.date_maturity, line.date) AS date_due,
                   line.date,
                   CASE WHEN line.parent_state = 'posted'
                        THEN line.amount_currency ELSE 0.0 END AS amount
              FROM account_move_line line
              JOIN account_move move ON move.id = line.move_id
        CROSS JOIN LATERAL (
                SELECT debtor.id AS debtor_id, partner.is_company
                  FROM res_partner member
                  JOIN o2c_debtor debtor
                    ON debtor.partner_id = member.commercial_partner_id
                   AND debtor.company_id = %(root)s
                  JOIN res_partner partner ON partner.id = debtor.partner_id
                 WHERE member.id = line.partner_id
                OFFSET 0) owner
             WHERE line.company_id = ANY(%(family)s)
               AND %(members)s
               AND line.account_id IN %(accounts)s
               AND line.balance > 0
               AND move.move_type IN ('out_invoice', 'out_receipt')
               AND COALESCE(line.date_maturity, line.date) < %(until)s
               AND COALESCE(line.date_maturity, line.date) >= %(since)s
               AND (COALESCE(line.date_maturity, line.date) >= %(chase_from)s
                    OR line.o2c_clean_up = 'included')
               AND line.no_followup IS NOT TRUE
               AND NOT EXISTS (
                   SELECT FROM o2c_late_charge own WHERE own.invoice_id = line.move_id)
               AND NOT EXISTS (
                   SELECT FROM o2c_late_charge known
                    WHERE known.item_id = line.id AND known.date_to >= %(until)s
                      AND known.state IN ('invoiced', 'waived'))
               AND NOT EXISTS (
                   SELECT FROM o2c_late_charge lost
                    WHERE lost.move_id = line.move_id AND lost.item_id IS NULL
                      AND lost.state IN ('invoiced', 'waived'))
               AND (%(late)s OR EXISTS (
                   SELECT FROM o2c_late_charge known
                    WHERE known.item_id = line.id AND known.state <> 'cancelled'
                      AND known.date_to >= %(until)s - %(settled_days)s
                      AND line.parent_state IN ('posted', 'cancel')))
            """,
            root=root.id,
            family=self._family(root).ids,
            members=self._members_sql(debtors),
            accounts=self.env["o2c.open.item"]._trade_accounts(),
            since=root.o2c_late_from or root._o2c_today(),
            chase_from=root.o2c_chase_from or "1900-01-01",
            late=self._late_sql(until),
            until=until,
            settled_days=SETTLED_DAYS,
        )

    @api.model
    def _members_sql(self, debtors):
        """Condition on ``line``: of one of these customers; None: of anybody."""
        if debtors is None:
            return SQL("TRUE")
        return SQL(
            "line.partner_id IN ("
            "SELECT id FROM res_partner WHERE commercial_partner_id = ANY(%s))",
            debtors.sudo().partner_id.ids,  # sudo: ids, nothing is shown
        )

    @api.model
    def _family(self, root):
        """The root company and its branches."""
        # sudo: all branches, whoever asks
        companies_sudo = self.env["res.company"].sudo()
        companies_sudo = companies_sudo.with_context(active_test=False)
        return companies_sudo.search([("id", "child_of", root.id)])

    @api.model
    def _late_sql(self, until):
        """Condition on ``line``: open, or paid late and not too long ago."""
        return SQL(
            """
            (line.parent_state = 'posted' AND (
                line.reconciled IS NOT TRUE OR EXISTS (
                    SELECT FROM account_partial_reconcile part
                     WHERE part.debit_move_id = line.id
                       AND part.max_date > COALESCE(line.date_maturity, line.date)
                       AND part.max_date >= %s - %s)))
            """,
            until,
            SETTLED_DAYS,
        )

    @api.model
    def _paid_sql(self):
        """What was paid on ``item``, and when, by entries that are posted.

        Money counts from its value date on. A credit note, or what an accepted dispute
        wrote off, says that the part was never owed: it counts from the beginning,
        unless it is a credit note of late charges.
        """
        return SQL(
            """
            SELECT array_agg(CASE WHEN entry.move_type = 'out_refund'
                                   AND NOT EXISTS (
                                       SELECT FROM o2c_late_charge own
                                        WHERE own.invoice_id = entry.id)
                                   OR EXISTS (
                                       SELECT FROM o2c_dispute dispute
                                        WHERE dispute.credit_move_id = entry.id)
                                  THEN item.date - 1 ELSE part.max_date END
                             ORDER BY part.id) AS days,
                   array_agg(part.debit_amount_currency ORDER BY part.id) AS amounts
              FROM account_partial_reconcile part
              JOIN account_move_line other ON other.id = part.credit_move_id
              JOIN account_move entry ON entry.id = other.move_id
             WHERE part.debit_move_id = item.id AND other.parent_state = 'posted'
            """
        )

    @api.model
    def _resting_sql(self, root, debtors):
        """Per open item what is disputed, or covered by money not matched yet.

        In the item's currency, by its share of the open amount.
        """
        # sudo: ids of the partners narrow the query, nothing of them is shown
        items = self.env["o2c.open.item"]._items_sql(
            root=root, partner_ids=debtors.sudo().partner_id.ids
        )
        return SQL(
            """
            SELECT id, LEAST(1.0, (amount_disputed + free - amount_collectable)
                             / amount_residual) * amount_residual_currency AS amount
              FROM (%s) open
             WHERE amount_residual > 0 AND amount_residual_currency > 0
            """,
            items,
        )
