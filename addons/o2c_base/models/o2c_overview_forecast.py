from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from ..domain.forecast import WEEKS, with_range


class O2cOverview(models.AbstractModel):
    """The panel of expected receipts: 13 weeks, their range, and how good it was."""

    _inherit = "o2c.overview"

    @api.model
    def _panel_forecast(self, root_sudo):
        ours, due_alone = self._sum_weeks(root_sudo)
        verdict = self.env["o2c.forecast.test"]._verdict(root_sudo.id)
        ranges = verdict.pop("ranges")
        verdict["link"] = self._link(
            "o2c_base.o2c_forecast_test_action",
            self.env._("How the forecast did"),
            [("company_id", "=", root_sudo.id)],
        )
        bounds = with_range(sum(ours), ours[:WEEKS], ranges) if ranges else None
        return {
            "weeks": [
                self._forecast_week(root_sudo, week, ours, due_alone, bounds)
                for week in range(WEEKS)
            ],
            "total": self._amount(root_sudo, sum(ours[:WEEKS])),
            "total_link": self._receipt_link(
                root_sudo,
                self.env._("Expected within 13 weeks"),
                [("week", "<", WEEKS)],
            ),
            "later": self._amount(root_sudo, ours[WEEKS]),
            "later_link": self._receipt_link(
                root_sudo,
                self.env._("Expected later than in 13 weeks"),
                [("week", "=", WEEKS)],
            ),
            "verdict": verdict,
        }

    @api.model
    def _sum_weeks(self, root_sudo):
        """Expected amounts by week: by habit, and by the due date alone."""
        receipts = self._for_family(root_sudo).env["o2c.expected.receipt"]
        self.env["o2c.debtor"]._flush_ledger()
        query = receipts._search([("root_company_id", "=", root_sudo.id)])
        columns = (
            SQL.identifier(query.table, name)
            for name in ("week", "week_due", "amount_expected")
        )
        rows = self.env.execute_query(
            SQL(
                """
                SELECT week, week_due, sum(amount)
                  FROM (%s) receipt(week, week_due, amount) GROUP BY 1, 2
                """,
                query.select(*columns),
            )
        )
        ours, due_alone = [0.0] * (WEEKS + 1), [0.0] * (WEEKS + 1)
        for week, week_due, amount in rows:
            ours[week] += float(amount)
            due_alone[week_due] += float(amount)
        return ours, due_alone

    @api.model
    def _forecast_week(self, root_sudo, week, ours, due_alone, bounds):
        start = root_sudo._o2c_today() + timedelta(weeks=week)
        low, high = bounds[week] if bounds else (None, None)
        return {
            "start": fields.Date.to_string(start),
            "end": fields.Date.to_string(start + timedelta(days=6)),
            "amount": self._amount(root_sudo, ours[week]),
            "due_alone": self._amount(root_sudo, due_alone[week]),
            "low": None if low is None else self._amount(root_sudo, low),
            "high": None if high is None else self._amount(root_sudo, high),
            "link": self._receipt_link(
                root_sudo, self.env._("Expected receipts"), [("week", "=", week)]
            ),
        }

    @api.model
    def _receipt_link(self, root_sudo, name, domain):
        return self._link(
            "o2c_base.o2c_expected_receipt_action",
            name,
            [("root_company_id", "=", root_sudo.id), *domain],
            {"allowed_company_ids": self._family(root_sudo)},
        )
