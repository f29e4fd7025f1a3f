from odoo import api, fields, models
from odoo.tools import SQL

from ..domain.kpi import BEHAVIOUR_DAYS, TREND_DAYS


class O2cDebtor(models.Model):
    """How a customer pays, kept by the refresher like the amounts.

    Where ``payment_count`` is 0 there is nothing to tell yet: screens say "n/a".
    """

    _inherit = "o2c.debtor"

    days_late_average = fields.Float(
        "Average days late",
        digits=(16, 1),
        readonly=True,
        aggregator="avg",
        help="Days from due date to value date of the money that came in within 365 "
        "days, weighted by amount. Negative: paid early.",
    )
    days_late_trend = fields.Float(
        "Trend of days late",
        digits=(16, 1),
        readonly=True,
        aggregator="avg",
        help="Average days late of the last 90 days less that of 365 days. Positive: "
        "paying later than before.",
    )
    days_late_median = fields.Float(
        "Median days late",
        digits=(16, 1),
        readonly=True,
        aggregator="avg",
        help="Half of what was paid within 365 days came later than this after its "
        "due date, counted by payment and item.",
    )
    on_time_share = fields.Float(
        "Paid on time",
        digits=(16, 1),
        readonly=True,
        aggregator="avg",
        help="Percent by amount of what fell due within 365 days and was paid by its "
        "due date. Credited parts do not count.",
    )
    payment_count = fields.Integer(
        "Payments", readonly=True, help="Payments that came in within 365 days."
    )

    def init(self):
        """EXTENDS o2c_base: have accounts from before these facts refreshed soon."""
        self.env.cr.execute(
            "UPDATE o2c_debtor SET facts_at = NULL WHERE amount_due_7 IS NULL"
        )
        return super().init()

    @api.model
    def _flush_ledger(self):
        """EXTENDS o2c_base: payments are told by more than open items are."""
        self.env["account.move.line"].flush_model(
            ["display_type", "invoice_date", "journal_id", "payment_id"]
        )
        self.env["account.partial.reconcile"].flush_model(["exchange_move_id"])
        self.env["account.journal"].flush_model(["type"])
        return super()._flush_ledger()

    def _behaviour_sql(self, partner_ids):
        """How customers pay, one row per customer and root company.

        :param partner_ids: ids of commercial partners
        :return: SQL with ``partner_id, root_id`` and the facts of this file
        """
        source = self.env["o2c.kpi"]
        return SQL(
            """
            WITH %(settled)s,
            paid AS (
                SELECT *, value_date - date_maturity AS days_late,
                       value_date > today - %(trend_days)s AS is_recent
                  FROM settled
                 WHERE kind = 'money' AND value_date > today - %(days)s),
            late AS (
                SELECT partner_id, root_id, count(DISTINCT money_line_id) AS payments,
                       round(sum(amount * days_late) / NULLIF(sum(amount), 0), 1)
                           AS average,
                       round(sum(amount * days_late) FILTER (WHERE is_recent)
                           / NULLIF(sum(amount) FILTER (WHERE is_recent), 0), 1)
                           AS recent,
                       round((percentile_cont(0.5) WITHIN GROUP (ORDER BY days_late)
                           )::numeric, 1) AS median
                  FROM paid GROUP BY partner_id, root_id),
            due AS (
                SELECT partner_id, root_id,
                       round(100 * sum(paid_on_time) / NULLIF(sum(amount), 0), 1)
                           AS on_time
                  FROM (%(fell_due)s) item GROUP BY partner_id, root_id)
            SELECT partner_id, root_id, late.average AS days_late_average,
                   late.recent - late.average AS days_late_trend,
                   late.median AS days_late_median, due.on_time AS on_time_share,
                   COALESCE(late.payments, 0) AS payment_count
              FROM late FULL JOIN due USING (partner_id, root_id)
            """,
            settled=source._settled_ctes(partner_ids=partner_ids),
            fell_due=source._fell_due_sql(),
            days=BEHAVIOUR_DAYS,
            trend_days=TREND_DAYS,
        )
