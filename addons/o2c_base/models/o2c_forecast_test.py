from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from ..domain import forecast
from ..domain.forecast import WEEKS
from ..tools.transaction import try_in_new_transaction, with_room

#: Past forecasts that are looked at: one a week, half a year of them.
TESTS = 26
MONDAY = 0


class O2cForecastTest(models.Model):
    """What would have been forecast on a past day, and what came in then.

    Both look at the same items, those open on that day: money for later invoices
    could be in no forecast. A row is written once, when its weeks are over.
    """

    _name = "o2c.forecast.test"
    _description = "Test of the receipts forecast"
    _order = "date DESC, id"
    _rec_name = "date"

    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, ondelete="cascade"
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    date = fields.Date(required=True, readonly=True, help="The day of the forecast.")
    amount_open = fields.Monetary(
        "Expected in all", readonly=True, help="Collectable amount of that day."
    )
    forecast = fields.Json(readonly=True, help="Expected amount per week.")
    due_date_alone = fields.Json(
        readonly=True, help="Amount per week by the due date alone."
    )
    came = fields.Json("Came in", readonly=True, help="Money received per week.")
    amount_forecast = fields.Monetary("Forecast in all", compute="_compute_totals")
    amount_due = fields.Monetary("By due date alone", compute="_compute_totals")
    amount_came = fields.Monetary("Received", compute="_compute_totals")
    error = fields.Char(
        compute="_compute_totals",
        help="Sum of the weekly differences between forecast and money received, in "
        "percent of the money received.",
    )
    error_due = fields.Char("Error by due date alone", compute="_compute_totals")

    _company_date_unique = models.UniqueIndex(
        "(company_id, date)", "There is one test per company and day."
    )

    @api.depends("forecast", "due_date_alone", "came")
    @api.depends_context("lang")
    def _compute_totals(self):
        for test in self:
            test.amount_forecast = sum(test.forecast or [])
            test.amount_due = sum(test.due_date_alone or [])
            test.amount_came = sum(test.came or [])
            test.error = test._error_text("forecast")
            test.error_due = test._error_text("due_date_alone")

    def _error_text(self, name):
        error = forecast.error_share(self._pairs(name))
        return self.env._("n/a") if error is None else f"{error:.0f} %"

    def _pairs(self, name):
        """(forecast, received) of each week of these tests."""
        return [
            pair for test in self for pair in zip(test[name], test.came, strict=True)
        ]

    # ------------------------------------------------------------------
    # Job
    # ------------------------------------------------------------------

    @api.model
    def _cron_test(self):
        """Write the tests that are missing, latest first, one a transaction."""
        missing = [
            (root.id, day)
            for root in self.env["res.company"]._o2c_roots()
            for day in self._missing_days(root)
        ]
        progress = self.env["ir.cron"]
        for done, (root_id, day) in enumerate(missing, start=1):
            what = f"Testing the forecast of {day}"
            try_in_new_transaction(self.env, _tester(root_id, day), what)
            if not progress._commit_progress(1, remaining=len(missing) - done):
                return

    @api.model
    def _missing_days(self, root):
        """Mondays whose 13 weeks are over and that were not looked at yet."""
        last = root._o2c_today() - timedelta(weeks=WEEKS)
        last -= timedelta(days=(last.weekday() - MONDAY) % 7)
        days = [last - timedelta(weeks=number) for number in range(TESTS)]
        there = self.search([("company_id", "=", root.id), ("date", "in", days)])
        return [day for day in days if day not in set(there.mapped("date"))]

    @api.model
    def _test(self, root, day):
        """Forecast as of a past day and set what came in beside it."""
        weeks = {
            name: [0.0] * (WEEKS + 1) for name in ("forecast", "due_date_alone", "came")
        }
        self.env["o2c.debtor"]._flush_ledger()
        with_room(self.env.cr)
        for name, week, amount in self.env.execute_query(self._test_sql(root, day)):
            weeks[name][week] = root.currency_id.round(float(amount))
        return self.create(
            {
                "company_id": root.id,
                "date": day,
                "amount_open": sum(weeks["forecast"]),
                **{name: values[:WEEKS] for name, values in weeks.items()},
            }
        )

    @api.model
    def _test_sql(self, root, day):
        return SQL(
            """
            WITH %(settled)s,
            receipt AS MATERIALIZED (%(receipts)s)
            SELECT 'forecast', week, sum(amount_expected) FROM receipt GROUP BY week
         UNION ALL
            SELECT 'due_date_alone', week_due, sum(amount_expected)
              FROM receipt GROUP BY week_due
         UNION ALL
            SELECT 'came', (settled.value_date - %(day)s) / 7, sum(settled.amount)
              FROM settled
              JOIN receipt ON receipt.move_line_id = settled.move_line_id
             WHERE settled.kind = 'money' AND settled.value_date > %(day)s
          GROUP BY 2
            """,
            settled=self.env["o2c.kpi"]._settled_ctes(
                day + timedelta(weeks=WEEKS, days=-1), root
            ),
            receipts=self.env["o2c.expected.receipt"]._receipts_sql(day, root),
            day=day,
        )

    # ------------------------------------------------------------------
    # Verdict
    # ------------------------------------------------------------------

    @api.model
    def _verdict(self, root_id):
        """How good the forecast was, beside the plain due date.

        :return: dict with ``tests``; where there are some ``error``, ``bias`` (a pair
            each: ours, due date alone; percent or None), ``coverage`` and ``ranges``
        """
        rows = self.search(
            [("company_id", "=", root_id), ("amount_open", ">", 0)], limit=TESTS
        )
        both = [rows._pairs(name) for name in ("forecast", "due_date_alone")]
        tests = [(row.amount_open, row.forecast, row.came) for row in rows]
        return {
            "tests": len(rows),
            "error": [forecast.error_share(pairs) for pairs in both],
            "bias": [forecast.bias_share(pairs) for pairs in both],
            "coverage": forecast.coverage(tests),
            "ranges": forecast.spread(tests),
        }


def _tester(root_id, day):
    """One test in a transaction of its own."""

    def test(env):
        tests = env["o2c.forecast.test"].sudo()
        root = env["res.company"].sudo().browse(root_id)
        if not tests.search_count([("company_id", "=", root_id), ("date", "=", day)]):
            tests._test(root, day)

    return test
