from odoo import models


class AccountMove(models.Model):
    _inherit = "account.move"

    def write(self, vals):
        """EXTENDS account: posting, resetting and cancelling change open items."""
        result = super().write(vals)
        if "state" in vals:
            self.env["o2c.debtor.mark"]._mark_moves(self)
        return result
