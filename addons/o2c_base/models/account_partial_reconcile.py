from odoo import api, models


class AccountPartialReconcile(models.Model):
    _inherit = "account.partial.reconcile"

    @api.model_create_multi
    def create(self, vals_list):
        """EXTENDS account: matching pays items."""
        partials = super().create(vals_list)
        partials._o2c_mark()
        return partials

    def unlink(self):
        """EXTENDS account: un-matching opens items again, and leaves no trace."""
        self._o2c_mark()
        self.env["o2c.event"]._record_unmatched(self)
        return super().unlink()

    def _o2c_mark(self):
        lines = self.debit_move_id | self.credit_move_id
        self.env["o2c.debtor.mark"]._mark_lines(lines)
