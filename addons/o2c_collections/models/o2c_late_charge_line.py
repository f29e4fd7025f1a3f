from odoo import fields, models


class O2cLateChargeLine(models.Model):
    """The arithmetic of a charge: days of one principal and one rate."""

    _name = "o2c.late.charge.line"
    _description = "Days of a late charge"
    _order = "date_from, id"

    charge_id = fields.Many2one(
        "o2c.late.charge", required=True, readonly=True, index=True, ondelete="cascade"
    )
    currency_id = fields.Many2one(related="charge_id.currency_id")
    company_id = fields.Many2one(related="charge_id.company_id", store=True)
    date_from = fields.Date("From", required=True, readonly=True)
    date_to = fields.Date("Until", required=True, readonly=True)
    days = fields.Integer(readonly=True)
    principal = fields.Monetary(readonly=True, aggregator=None)
    rate = fields.Float(
        "Rate in %", digits=(7, 4), readonly=True, aggregator=None, help="A year."
    )
    year_days = fields.Integer("Days a year", readonly=True, aggregator=None)
    amount = fields.Monetary(
        "Interest",
        readonly=True,
        help="Principal x rate x days / days a year, rounded so that the parts add up.",
    )
