from odoo import fields, models

from ..domain.risk_class import CLASSES


class O2cRiskScore(models.Model):
    """From when a customer was in which risk class, and why: kept for ever."""

    _name = "o2c.risk.score"
    _description = "Risk class so far"
    _order = "date DESC, id DESC"
    _rec_name = "risk_class"
    _log_access = False

    debtor_id = fields.Many2one(
        "o2c.debtor", required=True, readonly=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, ondelete="cascade"
    )
    date = fields.Date("From", required=True, readonly=True)
    class_before = fields.Selection(CLASSES, "Before", readonly=True)
    risk_class = fields.Selection(CLASSES, "Risk class", required=True, readonly=True)
    points = fields.Integer(readonly=True)
    is_override = fields.Boolean("Decided by a person", readonly=True)
    reason = fields.Char(readonly=True)
