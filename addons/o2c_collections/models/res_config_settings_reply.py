from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    """Pilot, replies and who watches, per company."""

    _inherit = "res.config.settings"

    o2c_pilot = fields.Boolean(related="company_id.o2c_pilot", readonly=False)
    o2c_reply_pause_days = fields.Integer(
        related="company_id.o2c_reply_pause_days", readonly=False
    )
    o2c_alias_name = fields.Char(related="company_id.o2c_alias_name", readonly=False)
    o2c_alias_domain = fields.Char(related="company_id.alias_domain_id.name")
    o2c_owner_id = fields.Many2one(related="company_id.o2c_owner_id", readonly=False)
