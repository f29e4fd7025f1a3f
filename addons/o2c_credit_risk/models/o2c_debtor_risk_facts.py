from odoo import api, models
from odoo.tools import SQL

from odoo.addons.o2c_base.tools.transaction import without_jit

#: Days that count as "now" when an order spike is looked for, of a year.
SPIKE_DAYS = 30
YEAR_DAYS = 365


class O2cDebtor(models.Model):
    """What the scorecard is fed with, for all customers in one statement."""

    _inherit = "o2c.debtor"

    @api.model
    def _risk_extra_sql(self, root):
        """Hook: what other add-ons know of a customer's reliability, within a year.

        :param root: root company
        :return: SQL with ``debtor_id, broken_promises, rejected_disputes``
        """
        return SQL(
            "SELECT NULL::integer AS debtor_id, 0 AS broken_promises,"
            " 0 AS rejected_disputes WHERE FALSE"
        )

    @api.model
    def _flush_risk(self):
        """Write pending changes that the query reads."""
        self.flush_model()
        self.env["account.move"].flush_model()
        self.env["account.payment"].flush_model()
        self.env["sale.order"].flush_model()
        self.env["res.partner"].flush_model(["commercial_partner_id"])

    @api.model
    def _risk_rows(self, root, ids=None):
        """The facts about every customer of a company, or about a few.

        :return: list of dicts: what is stored now, and the fields of
            ``scorecard.Facts``
        """
        self._flush_risk()
        without_jit(self.env.cr)
        return self.env.execute_query_dict(self._risk_sql(root, ids))

    @api.model
    def _risk_sql(self, root, ids):
        # sudo: all branches, whoever asks
        companies_sudo = self.env["res.company"].sudo().with_context(active_test=False)
        branches = companies_sudo.search([("id", "child_of", root.id)])
        return SQL(
            """
            WITH invoiced AS (%(invoiced)s),
            returned AS (%(returned)s),
            ordered AS (%(ordered)s),
            extra AS (%(extra)s)
            SELECT debtor.id, debtor.risk_class, debtor.risk_computed,
                   debtor.risk_points, debtor.risk_confident, debtor.risk_facts,
                   CASE WHEN debtor.risk_override_until >= %(today)s
                        THEN debtor.risk_override END AS risk_override,
                   debtor.risk_override_reason,
                   CASE WHEN debtor.payment_count > 0
                        THEN debtor.days_late_average::float END AS days_late,
                   debtor.days_late_trend::float AS days_late_trend,
                   (100 * debtor.amount_overdue / NULLIF(
                       debtor.amount_outstanding + debtor.amount_unapplied, 0))::float
                       AS overdue_share,
                   CASE WHEN debtor.amount_overdue > 0
                        THEN %(today)s - debtor.date_oldest_due END AS oldest_overdue,
                   COALESCE(returned.count, 0) AS returned_payments,
                   ordered.spike AS order_spike,
                   COALESCE(extra.broken_promises, 0) AS broken_promises,
                   COALESCE(extra.rejected_disputes, 0) AS rejected_disputes,
                   (%(today)s - invoiced.first_date) / 30.4 AS months_known,
                   COALESCE(debtor.payment_count, 0) AS payment_count
              FROM o2c_debtor debtor
         LEFT JOIN invoiced ON invoiced.partner_id = debtor.partner_id
         LEFT JOIN returned ON returned.partner_id = debtor.partner_id
         LEFT JOIN ordered ON ordered.partner_id = debtor.partner_id
         LEFT JOIN extra ON extra.debtor_id = debtor.id
             WHERE debtor.company_id = %(root)s AND %(narrowed)s
          ORDER BY debtor.id
            """,
            invoiced=self._risk_invoiced_sql(branches),
            returned=self._risk_returned_sql(branches, root),
            ordered=self._risk_ordered_sql(branches, root),
            extra=self._risk_extra_sql(root),
            today=root._o2c_today(),
            root=root.id,
            narrowed=SQL("TRUE") if ids is None else SQL("debtor.id = ANY(%s)", ids),
        )

    @api.model
    def _risk_invoiced_sql(self, branches):
        """Since when there are invoices."""
        return SQL(
            """
            SELECT commercial_partner_id AS partner_id, min(invoice_date) AS first_date
              FROM account_move
             WHERE move_type = 'out_invoice' AND state = 'posted'
               AND company_id = ANY(%s)
          GROUP BY commercial_partner_id
            """,
            branches.ids,
        )

    @api.model
    def _risk_returned_sql(self, branches, root):
        """Payments and bank transactions that were taken back within a year."""
        return SQL(
            """
            SELECT partner_id, count(*) AS count FROM (
            SELECT partner.commercial_partner_id AS partner_id
              FROM account_payment payment
              JOIN res_partner partner ON partner.id = payment.partner_id
             WHERE payment.payment_type = 'inbound'
               AND payment.partner_type = 'customer'
               AND payment.company_id = ANY(%(branches)s)
               AND payment.date > %(today)s - %(days)s
               AND (payment.state = 'rejected' OR EXISTS (
                   SELECT FROM account_move reversal
                    WHERE reversal.reversed_entry_id = payment.move_id
                      AND reversal.state = 'posted'))
         UNION ALL
            SELECT reversal.commercial_partner_id
              FROM account_bank_statement_line bank
              JOIN account_move money ON money.id = bank.move_id
              JOIN account_move reversal ON reversal.reversed_entry_id = money.id
               AND reversal.state = 'posted'
             WHERE bank.company_id = ANY(%(branches)s) AND bank.amount > 0
               AND money.date > %(today)s - %(days)s) returned
          GROUP BY partner_id
            """,
            branches=branches.ids,
            today=root._o2c_today(),
            days=YEAR_DAYS,
        )

    @api.model
    def _risk_ordered_sql(self, branches, root):
        """How many times the usual was ordered lately."""
        return SQL(
            """
            SELECT partner_id,
                   (sum(amount) FILTER (WHERE is_recent) / NULLIF(
                       sum(amount) FILTER (WHERE NOT is_recent)
                       * %(recent)s / (%(days)s - %(recent)s), 0))::float AS spike
              FROM (
                SELECT partner.commercial_partner_id AS partner_id,
                       sale.amount_total
                           / COALESCE(NULLIF(sale.currency_rate, 0), 1) AS amount,
                       sale.date_order > %(today)s - %(recent)s AS is_recent
                  FROM sale_order sale
                  JOIN res_partner partner ON partner.id = sale.partner_invoice_id
                 WHERE sale.state = 'sale' AND sale.company_id = ANY(%(branches)s)
                   AND sale.date_order > %(today)s - %(days)s) sale
          GROUP BY partner_id
            """,
            branches=branches.ids,
            today=root._o2c_today(),
            recent=SPIKE_DAYS,
            days=YEAR_DAYS,
        )
