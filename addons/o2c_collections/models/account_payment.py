from odoo import models


class AccountPayment(models.Model):
    _inherit = "account.payment"

    def action_o2c_return(self):
        """The bank took this payment back: opens the dialog."""
        self.ensure_one()
        self.check_access("write")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Returned payment"),
            "res_model": "o2c.payment.return",
            "view_mode": "form",
            "target": "new",
            "context": {"default_payment_id": self.id},
        }
