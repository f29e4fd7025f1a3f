from typing import NamedTuple

from odoo import api, fields, models
from odoo.tools import SQL, float_repr, formatLang


class Measure(NamedTuple):
    """A figure of a customer that conditions can ask for."""

    label: str
    unit: str  # currency, days or percent
    column: SQL  # of the query in o2c_segment_decision.py; NULL: nothing to tell


MEASURES = {
    "outstanding": Measure("Outstanding", "currency", SQL("figure.amount_outstanding")),
    "overdue": Measure("Overdue", "currency", SQL("figure.amount_overdue")),
    "sales": Measure("Sales of 12 months", "currency", SQL("figure.sales")),
    "sales_rank": Measure("Rank by sales", "percent", SQL("figure.sales_rank")),
    "days_late": Measure(
        "Average days late",
        "days",
        SQL("CASE WHEN figure.payment_count > 0 THEN figure.days_late_average END"),
    ),
    "on_time": Measure(
        "Paid on time",
        "percent",
        SQL("CASE WHEN figure.payment_count > 0 THEN figure.on_time_share END"),
    ),
}


class O2cSegmentCondition(models.Model):
    """One bound that a customer's figure must keep to belong to a segment."""

    _name = "o2c.segment.condition"
    _description = "Condition of a customer segment"
    _order = "id"

    segment_id = fields.Many2one(
        "o2c.segment", required=True, index=True, ondelete="cascade"
    )
    measure = fields.Selection(
        [(code, measure.label) for code, measure in MEASURES.items()],
        "Figure",
        required=True,
        default="outstanding",
        help="Sales are invoices less credit notes without tax. Rank by sales: "
        "below 50 means the largest customers who together make "
        "half of the sales of 12 months. Who has not paid anything within a year "
        "fits no condition on days late or payment on time.",
    )
    operator = fields.Selection(
        [("at_least", "at least"), ("below", "below")],
        required=True,
        default="at_least",
    )
    value = fields.Float(required=True, digits=(16, 2))
    unit = fields.Char(compute="_compute_unit")

    @api.depends("measure", "segment_id.currency_id")
    @api.depends_context("lang")
    def _compute_unit(self):
        for condition in self:
            unit = MEASURES[condition.measure].unit if condition.measure else ""
            condition.unit = {
                "currency": condition.segment_id.currency_id.symbol
                or self.env._("in company currency"),
                "days": self.env._("days"),
                "percent": "%",
            }.get(unit, "")

    @api.depends("measure", "operator", "value", "unit")
    @api.depends_context("lang")
    def _compute_display_name(self):
        measures = dict(self._fields["measure"]._description_selection(self.env))
        signs = {"at_least": "≥", "below": "<"}
        for condition in self:
            digits = 0 if condition.value == int(condition.value) else 2
            parts = (
                measures.get(condition.measure, ""),
                signs.get(condition.operator, ""),
                formatLang(
                    self.env, float(float_repr(condition.value, 2)), digits=digits
                ),
                condition.unit or "",
            )
            condition.display_name = " ".join(parts).strip()

    def _to_sql(self):
        """The condition on the query of figures; an unknown figure fits nowhere."""
        self.ensure_one()
        column = MEASURES[self.measure].column
        sign = SQL(">=") if self.operator == "at_least" else SQL("<")
        return SQL("%s %s %s::numeric", column, sign, float_repr(self.value, 2))
