from odoo import models


class AccountAccount(models.Model):
    _inherit = "account.account"

    def write(self, vals):
        """EXTENDS account: which accounts are trade receivables may change."""
        result = super().write(vals)
        if {"account_type", "non_trade"} & vals.keys():
            self.env["o2c.debtor.mark"]._mark_accounts(self)
        return result
