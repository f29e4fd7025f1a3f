from odoo import fields, models


class O2cCreditPolicy(models.Model):
    _inherit = "o2c.credit.policy"

    delivery_check_active = fields.Boolean(
        "Check again at delivery",
        tracking=True,
        help="A delivery is refused while the customer is beyond his credit, also for "
        "orders that were confirmed when there was enough.",
    )
