from odoo import fields, models


class O2cPromiseTakingLine(models.TransientModel):
    """One day of the dialog."""

    _name = "o2c.promise.taking.line"
    _description = "Day promised"
    _order = "date_due, id"

    taking_id = fields.Many2one("o2c.promise.taking", required=True, ondelete="cascade")
    currency_id = fields.Many2one(related="taking_id.currency_id")
    date_due = fields.Date("Pays on", required=True)
    amount = fields.Monetary(required=True)
