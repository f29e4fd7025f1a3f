from odoo import fields, models


class AccountPayment(models.Model):
    """Money through the customer's page is booked once."""

    _inherit = "account.payment"

    # Not core's field of the same meaning: databases may hold duplicates in that one,
    # and other add-ons may have reasons for them.
    o2c_transaction_id = fields.Many2one(
        "payment.transaction", "Money of", readonly=True, copy=False
    )

    _o2c_transaction_unique = models.UniqueIndex(
        "(o2c_transaction_id) WHERE o2c_transaction_id IS NOT NULL",
        "This money was booked already.",
    )

    def _o2c_receivable_lines(self):
        """The payment's journal items on customers' accounts, as they were booked."""
        return self.move_id.line_ids.filtered(
            lambda line: line.account_id.account_type == "asset_receivable"
        ).sorted("id")
