from odoo import models
from odoo.exceptions import UserError


class StockPicking(models.Model):
    _inherit = "stock.picking"

    def _action_done(self):
        """EXTENDS stock: look at the credit again where the policy says so."""
        leaving = self.filtered(lambda picking: picking.picking_type_code == "outgoing")
        problem = leaving.sale_id._o2c_check_delivery()
        if problem:
            raise UserError(
                self.env._(
                    "Not to be delivered, beyond the customer's credit:\n%(orders)s",
                    orders=problem,
                )
            )
        return super()._action_done()
