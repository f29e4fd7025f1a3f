from odoo import fields, models


class O2cChaseStep(models.Model):
    _inherit = "o2c.chase.step"

    needs_review = fields.Boolean(
        "Review",
        help="A person reads the e-mail or text message, and may change its words, "
        "before it is sent.",
    )
