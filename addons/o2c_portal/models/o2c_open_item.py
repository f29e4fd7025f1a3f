from odoo import models


class O2cOpenItem(models.Model):
    """What an early payment takes off."""

    _inherit = "o2c.open.item"

    def _early_discount(self, day):
        """The discount if this item is paid in full on a day, else 0.

        In the currency of the item, by the invoice's own terms, as Odoo grants it.
        """
        self.ensure_one()
        line, move = self.move_line_id, self.move_id
        if not (move.is_invoice() and line.discount_amount_currency):
            return 0.0
        if not move._is_eligible_for_early_payment_discount(self.currency_id, day):
            return 0.0
        return self.currency_id.round(
            self.amount_residual_currency - line.discount_amount_currency
        )

    def _is_discounted(self, amount, discount):
        """Whether an amount is what is open less the discount."""
        left = self.amount_residual_currency - discount
        return bool(discount) and not self.currency_id.compare_amounts(amount, left)
