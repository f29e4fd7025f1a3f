from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    o2c_chase_from = fields.Date(related="company_id.o2c_chase_from", readonly=False)
    o2c_bucket_limits = fields.Char(
        related="company_id.root_id.o2c_bucket_limits", readonly=False
    )
