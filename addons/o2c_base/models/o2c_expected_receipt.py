from odoo import api, fields, models
from odoo.tools import SQL

from ..domain.forecast import PAYMENTS_ENOUGH, WEEKS
from ..domain.kpi import BEHAVIOUR_DAYS
from ..tools.transaction import without_jit


class O2cExpectedReceipt(models.Model):
    """When the money of each open item is expected, by one statement for all.

    The rule is in ``domain/forecast.py``: due date plus the days that the customer
    usually is late. What is expected of an item is its collectable part. Now, habits
    are the stored facts of the customer accounts; as of a past day they are worked
    out from what had been paid by then, so that a test of the forecast knows nothing
    of its future.
    """

    _name = "o2c.expected.receipt"
    _description = "Expected receipt"
    _auto = False
    _order = "date_expected, id"
    _rec_name = "name"
    _depends = {
        "o2c.open.item": [],
        "o2c.debtor": ["days_late_median", "payment_count"],
    }

    move_line_id = fields.Many2one("account.move.line", "Journal item", readonly=True)
    move_id = fields.Many2one("account.move", "Entry", readonly=True)
    debtor_id = fields.Many2one("o2c.debtor", "Customer account", readonly=True)
    partner_id = fields.Many2one("res.partner", "Customer", readonly=True)
    customer_name = fields.Char("Customer name", compute="_compute_customer_name")
    company_id = fields.Many2one("res.company", readonly=True)
    root_company_id = fields.Many2one("res.company", "Root company", readonly=True)
    company_currency_id = fields.Many2one(
        "res.currency", "Company currency", readonly=True
    )
    name = fields.Char("Number", readonly=True)
    date_maturity = fields.Date("Due date", readonly=True)
    days_usual = fields.Integer(
        "Usual delay",
        readonly=True,
        aggregator=None,
        help="Median days that this customer pays late; of a customer with fewer than "
        "three payments within a year, that of all customers.",
    )
    date_expected = fields.Date(
        "Expected",
        readonly=True,
        help="Due date plus the usual delay. What is already later than that is "
        "expected in as many days from now as it is beyond it.",
    )
    week = fields.Integer(
        readonly=True,
        aggregator=None,
        help="Week from today on, the first one is 0; 13 is later than 13 weeks.",
    )
    amount_expected = fields.Monetary(
        "Expected amount",
        currency_field="company_currency_id",
        readonly=True,
        help="The collectable part of the open amount.",
    )

    @api.depends("partner_id")
    def _compute_customer_name(self):
        # sudo: who sees the item sees whose it is, even another branch's contact
        for receipt in self.sudo():
            name = receipt.partner_id.display_name
            receipt.customer_name = name or self.env._("No customer")

    def _search(self, *args, **kwargs):
        """EXTENDS base: read with a plan, not with a compiler."""
        without_jit(self.env.cr)
        return super()._search(*args, **kwargs)

    @property
    def _table_query(self):
        return self._receipts_sql()

    # ------------------------------------------------------------------
    # The query
    # ------------------------------------------------------------------

    def _receipts_sql(self, as_of=None, root=None):
        """One row per open item of which money is expected.

        :param as_of: None for now, else the past day on which it is forecast
        :param root: root company to narrow to
        :return: SQL with the columns of this model, and ``week_due``, the week by the
            due date alone
        """
        items = self.env["o2c.open.item"]
        return SQL(
            """
            WITH calendar(company_id, root_id, today, chase_from) AS (
                VALUES %(calendar)s),
            habit AS MATERIALIZED (%(habit)s),
            usual AS MATERIALIZED (
                SELECT root_id, percentile_cont(0.5) WITHIN GROUP (ORDER BY days)
                           AS days
                  FROM habit WHERE payments >= %(enough)s GROUP BY root_id),
            receipt AS (
                SELECT item.*, calendar.today,
                       round(COALESCE(habit.days, usual.days, 0)::numeric)::int
                           AS days_usual
                  FROM (%(items)s) item
             LEFT JOIN calendar ON calendar.company_id = item.company_id
             LEFT JOIN habit ON habit.partner_id = item.partner_id
                            AND habit.root_id = item.root_company_id
                            AND habit.payments >= %(enough)s
             LEFT JOIN usual ON usual.root_id = item.root_company_id
                 WHERE item.amount_collectable > 0)
            SELECT receipt.id, receipt.move_line_id, receipt.move_id,
                   receipt.debtor_id, receipt.partner_id, receipt.company_id,
                   receipt.root_company_id, receipt.company_currency_id, receipt.name,
                   receipt.date_maturity, receipt.days_usual,
                   receipt.amount_collectable AS amount_expected,
                   day.date_expected,
                   LEAST(%(weeks)s, (day.date_expected - receipt.today) / 7) AS week,
                   LEAST(%(weeks)s, GREATEST(0,
                       receipt.date_maturity - receipt.today) / 7) AS week_due
              FROM receipt
        CROSS JOIN LATERAL (
                SELECT receipt.date_maturity + receipt.days_usual AS date) habit
        CROSS JOIN LATERAL (
                SELECT CASE WHEN habit.date >= receipt.today THEN habit.date
                            ELSE receipt.today + (receipt.today - habit.date) END
                           AS date_expected) day
            """,
            calendar=items._calendar_values(as_of),
            habit=self._habit_past(as_of, root) if as_of else self._habit_now(root),
            enough=PAYMENTS_ENOUGH,
            items=items._items_sql(as_of=as_of, root=root),
            weeks=WEEKS,
        )

    def _habit_now(self, root):
        """Usual delay and number of payments, as stored on customer accounts."""
        return SQL(
            """
            SELECT partner_id, company_id AS root_id, days_late_median AS days,
                   payment_count AS payments
              FROM o2c_debtor
             WHERE payment_count > 0 AND %s
            """,
            SQL("company_id = %s", root.id) if root else SQL("TRUE"),
        )

    def _habit_past(self, as_of, root):
        """The same from the payments of the year before a past day."""
        return SQL(
            """
            WITH %(settled)s
            SELECT partner_id, root_id,
                   round((percentile_cont(0.5) WITHIN GROUP (
                       ORDER BY value_date - date_maturity))::numeric, 1) AS days,
                   count(DISTINCT money_line_id) AS payments
              FROM settled
             WHERE kind = 'money' AND value_date > today - %(days)s
          GROUP BY partner_id, root_id
            """,
            settled=self.env["o2c.kpi"]._settled_ctes(as_of, root),
            days=BEHAVIOUR_DAYS,
        )

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    def action_open_document(self):
        """Open the entry behind the item."""
        self.ensure_one()
        return self.move_id.get_formview_action()
