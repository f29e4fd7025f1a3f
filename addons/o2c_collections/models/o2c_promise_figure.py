from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL
from odoo.tools.misc import formatLang

from ..domain.promise import JUDGED

#: Window of the figures, in days.
WINDOW_DAYS = 90


class O2cPromiseFigure(models.Model):
    """How promises were kept that were due within 90 days, by collector.

    By count: kept in full and in time, of all that were due. By value: what was there
    in time, of what was promised, in company currency at the rate of the day promised.
    Open and renegotiated promises do not count; see "promise-kept ratio".
    """

    _name = "o2c.promise.figure"
    _description = "Promises kept"
    _auto = False
    _order = "company_id, collector_id, id"
    _rec_name = "collector_id"
    _depends = {
        "o2c.debtor": ["collector_id"],
        "o2c.promise": ["currency_id"],
        "o2c.promise.line": [
            "amount",
            "amount_paid",
            "company_id",
            "date_deadline",
            "date_due",
            "debtor_id",
            "state",
        ],
    }

    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    collector_id = fields.Many2one("res.users", readonly=True)
    count_due = fields.Integer("Due in 90 days", readonly=True)
    count_kept = fields.Integer("Kept", readonly=True)
    amount_promised = fields.Monetary("Promised", readonly=True)
    amount_paid = fields.Monetary("Paid in time", readonly=True)
    count_ratio = fields.Char(
        "Kept by number",
        compute="_compute_ratios",
        help="Instalments that were there in full and in time, of those that were due.",
    )
    value_ratio = fields.Char(
        "Kept by value",
        compute="_compute_ratios",
        help="What was there in time, of what was promised.",
    )

    @property
    def _table_query(self):
        companies = self.env["res.company"]._o2c_roots()
        return SQL(
            """
            SELECT min(line.id) AS id, line.company_id, debtor.collector_id,
                   count(*) AS count_due,
                   count(*) FILTER (WHERE line.state = 'kept') AS count_kept,
                   sum(line.amount / worth.rate) AS amount_promised,
                   sum(LEAST(line.amount, COALESCE(line.amount_paid, 0)) / worth.rate)
                       AS amount_paid
              FROM o2c_promise_line line
              JOIN o2c_promise promise ON promise.id = line.promise_id
              JOIN o2c_debtor debtor ON debtor.id = line.debtor_id
              JOIN res_company company ON company.id = line.company_id
              JOIN (VALUES %(days)s) day(company_id, today)
                ON day.company_id = line.company_id
         LEFT JOIN LATERAL (
                SELECT rate FROM res_currency_rate
                 WHERE currency_id = promise.currency_id
                   AND promise.currency_id <> company.currency_id
                   AND COALESCE(company_id, line.company_id) = line.company_id
                   AND name <= line.date_due
              ORDER BY name DESC, company_id LIMIT 1) found ON TRUE
        CROSS JOIN LATERAL (SELECT COALESCE(found.rate, 1) AS rate) worth
             WHERE line.state = ANY(%(judged)s)
               AND line.date_due > day.today - %(window)s
          GROUP BY line.company_id, debtor.collector_id
            """,
            days=SQL(", ").join(
                SQL("(%s, %s::date)", company.id, company._o2c_today())
                for company in companies
            ),
            judged=list(JUDGED),
            window=WINDOW_DAYS,
        )

    @api.depends("count_due", "count_kept", "amount_promised", "amount_paid")
    @api.depends_context("lang")
    def _compute_ratios(self):
        for figure in self:
            figure.count_ratio = figure._percent(figure.count_kept, figure.count_due)
            figure.value_ratio = figure._percent(
                figure.amount_paid, figure.amount_promised
            )

    def _percent(self, part, whole):
        """Such as “80.0 %”; n/a where nothing was due."""
        if not whole:
            return self.env._("n/a: none was due in 90 days")
        share = formatLang(self.env, 100 * part / whole, digits=1)
        return self.env._("%(rate)s %%", rate=share)

    @api.readonly
    def action_open_promises(self):
        """The promises behind the figures."""
        self.ensure_one()
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "o2c_collections.o2c_promise_action"
        )
        since = self.company_id._o2c_today() - timedelta(days=WINDOW_DAYS)
        action["context"] = {}
        action["domain"] = [
            ("company_id", "=", self.company_id.id),
            ("debtor_id.collector_id", "=", self.collector_id.id),
            (
                "line_ids",
                "any",
                [("state", "in", list(JUDGED)), ("date_due", ">", since)],
            ),
        ]
        return action
