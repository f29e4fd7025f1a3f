from odoo import fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    o2c_credit_enforce = fields.Boolean(
        "Hold orders beyond the credit",
        copy=False,
        help="Off: orders beyond the credit are confirmed, and it is recorded that "
        "they would have been held. The root company's setting counts.",
    )
