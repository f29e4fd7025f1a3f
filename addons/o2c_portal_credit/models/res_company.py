from odoo import fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    o2c_portal_shows_credit = fields.Boolean(
        "Show customers their credit limit",
        help="On their page customers read their limit, what of it is used and what is "
        "free. The root company's setting counts.",
    )
