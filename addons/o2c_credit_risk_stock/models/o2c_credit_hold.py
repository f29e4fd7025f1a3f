from odoo import models

#: Growth that has not been released: what was added is not delivered.
NOT_RELEASED = ("held", "requested", "refused")


class O2cCreditHold(models.Model):
    _inherit = "o2c.credit.hold"

    def _growth_released(self):
        """EXTENDS o2c_credit_risk: what was added to the orders may be delivered."""
        for order in self.sale_order_id:
            order.with_company(order.company_id).order_line._action_launch_stock_rule()
        return super()._growth_released()
