from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    """What collectors may agree to, per company."""

    _inherit = "res.config.settings"

    o2c_promise_grace_days = fields.Integer(
        related="company_id.o2c_promise_grace_days", readonly=False
    )
    o2c_promise_days_max = fields.Integer(
        related="company_id.o2c_promise_days_max", readonly=False
    )
    o2c_promise_count_max = fields.Integer(
        related="company_id.o2c_promise_count_max", readonly=False
    )
    o2c_promise_first_share = fields.Integer(
        related="company_id.o2c_promise_first_share", readonly=False
    )
