from odoo import models


class AccountPayment(models.Model):
    _inherit = "account.payment"

    def action_o2c_return(self):
        """The bank took this payment back: opens the dialog."""
        self.ensure_one()
        self.check_access("write")
        # Without an entry its money was booked with the bank transaction.
        return self.move_id._o2c_return_dialog(
            self.partner_id, self.company_id, self.move_id
        )
