from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    """What customers read, of the root company whose customers they are."""

    _inherit = "res.config.settings"

    o2c_portal_shows_credit = fields.Boolean(
        related="company_id.root_id.o2c_portal_shows_credit", readonly=False
    )
