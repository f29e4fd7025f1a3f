from odoo import fields, models


class O2cPortalLinkShown(models.TransientModel):
    """A link that was just made; it is shown once."""

    _name = "o2c.portal.link.shown"
    _description = "Customer link, shown once"

    url = fields.Char("Link", readonly=True)
