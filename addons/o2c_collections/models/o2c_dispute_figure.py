from odoo import api, fields, models
from odoo.tools import SQL
from odoo.tools.misc import formatLang

from ..domain.deduction import days_outstanding

#: Window of the figures, in days.
WINDOW_DAYS = 90


class O2cDisputeFigure(models.Model):
    """Disputes and deductions of each company in figures, over 90 days."""

    _name = "o2c.dispute.figure"
    _description = "Dispute figures"
    _auto = False
    _order = "company_id, kind"
    _rec_name = "company_id"
    _depends = {
        "o2c.dispute": [
            "amount_company",
            "company_id",
            "cycle_days",
            "date_closed",
            "date_raised",
            "hours_waited",
            "invalid_rate",
            "kind",
            "state",
        ],
    }

    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    kind = fields.Selection(
        [("dispute", "Disputes"), ("deduction", "Deductions")], readonly=True
    )
    count_open = fields.Integer("Open", readonly=True)
    amount_open = fields.Monetary("Open amount", readonly=True)
    amount_raised = fields.Monetary("Raised in 90 days", readonly=True)
    count_closed = fields.Integer("Closed in 90 days", readonly=True)
    cycle_days = fields.Float(readonly=True)
    invalid_rate = fields.Float(readonly=True)
    hours_waited = fields.Float(readonly=True)
    cycle_text = fields.Char(
        "Cycle time",
        compute="_compute_texts",
        help="Mean days from raising to closing, of those closed within 90 days; the "
        "time in which the customer was waited for is told apart.",
    )
    invalid_text = fields.Char(
        "Invalid rate",
        compute="_compute_texts",
        help="Rejected, withdrawn or paid, as a share of those closed within 90 days.",
    )
    outstanding_text = fields.Char(
        "Days outstanding",
        compute="_compute_texts",
        help="Open amount / (amount raised within 90 days / 90).",
    )

    @property
    def _table_query(self):
        since = fields.Datetime.subtract(fields.Datetime.now(), days=WINDOW_DAYS)
        return SQL(
            """
            SELECT min(id) AS id, company_id, kind,
                   count(*) FILTER (WHERE is_open) AS count_open,
                   COALESCE(sum(amount_company) FILTER (WHERE is_open), 0)
                       AS amount_open,
                   COALESCE(sum(amount_company) FILTER (WHERE date_raised >= %(since)s),
                       0) AS amount_raised,
                   count(*) FILTER (WHERE is_closed) AS count_closed,
                   avg(cycle_days) FILTER (WHERE is_closed) AS cycle_days,
                   avg(invalid_rate) FILTER (WHERE is_closed) AS invalid_rate,
                   avg(hours_waited) FILTER (WHERE is_closed) AS hours_waited
              FROM (SELECT dispute.*, state IN ('open', 'waiting') AS is_open,
                           state NOT IN ('open', 'waiting')
                           AND date_closed >= %(since)s AS is_closed
                      FROM o2c_dispute dispute) dispute
          GROUP BY company_id, kind
            """,
            since=since,
        )

    @api.depends_context("lang")
    def _compute_texts(self):
        env = self.env
        for figure in self:
            if figure.count_closed:
                figure.cycle_text = env._(
                    "%(days)s days, %(hours)s working hours of them waited",
                    days=formatLang(env, figure.cycle_days, digits=1),
                    hours=formatLang(env, figure.hours_waited, digits=1),
                )
                rate = formatLang(env, figure.invalid_rate, digits=1)
                figure.invalid_text = env._("%(rate)s %%", rate=rate)
            else:
                text = env._("n/a: none was closed in 90 days")
                figure.cycle_text = figure.invalid_text = text
            figure.outstanding_text = figure._outstanding_text()

    def _outstanding_text(self):
        days, why = days_outstanding(self.amount_open, self.amount_raised, WINDOW_DAYS)
        if why:
            return self.env._("n/a: none was raised in 90 days")
        number = formatLang(self.env, days, digits=1)
        return self.env._("%(days)s days", days=number)

    @api.readonly
    def action_open_disputes(self):
        """The open ones behind the figures."""
        self.ensure_one()
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "o2c_collections.o2c_dispute_action"
        )
        action["domain"] = [
            ("company_id", "=", self.company_id.id),
            ("kind", "=", self.kind),
        ]
        return action
