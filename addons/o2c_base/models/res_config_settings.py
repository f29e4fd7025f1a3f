from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    o2c_chase_from = fields.Date(related="company_id.o2c_chase_from", readonly=False)
