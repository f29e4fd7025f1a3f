from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    o2c_write_off_max = fields.Monetary(
        related="company_id.o2c_write_off_max", readonly=False
    )
    o2c_write_off_account_id = fields.Many2one(
        related="company_id.o2c_write_off_account_id", readonly=False
    )
