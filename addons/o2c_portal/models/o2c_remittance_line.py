from odoo import fields, models


class O2cRemittanceLine(models.Model):
    """Why a customer pays less of an item than is open."""

    _inherit = "o2c.remittance.line"

    reason_id = fields.Many2one(
        "o2c.dispute.reason",
        "Why less is paid",
        readonly=True,
        ondelete="set null",
        help="Once the money is there, what is left open becomes a deduction.",
    )

    amount_discount = fields.Monetary(
        "Early discount",
        readonly=True,
        help="Granted because the item is paid in full before its discount ends.",
    )

    amount_credit = fields.Monetary(
        "Paid by own credits", readonly=True, help="The rest of the amount is money."
    )

    def _take_credits(self, credits):
        """Match the item with credits, for what they were chosen to pay of it."""
        item, left = self.move_line_id, self.amount_credit
        for credit in credits:
            open_now = item.amount_residual_currency
            worth = -credit.amount_residual_currency
            if left <= 0 or item.reconciled:
                break
            if credit.reconciled or credit.account_id != item.account_id:
                continue
            if worth > left and open_now > left:
                continue  # was worth less when it was chosen
            (item + credit).reconcile()
            taken = open_now - item.amount_residual_currency
            left = self.currency_id.round(left - taken)

    def _is_still_open(self):
        """Whether all that is paid of it is still open, and still discounted."""
        item, currency = self.move_line_id, self.currency_id
        if item.reconciled:
            return False
        if (
            self.amount_discount
            and not item.move_id._is_eligible_for_early_payment_discount(
                currency, self.remittance_id.company_id._o2c_today()
            )
        ):
            return False
        settled = self.amount + self.amount_discount
        return currency.compare_amounts(item.amount_residual_currency, settled) >= 0

    def _deduct(self):
        """What was left out on purpose rests as a deduction, once its money is there.

        An invoice about which there is a dispute already gets no second one.
        """
        disputes = self.env["o2c.dispute"]
        for line in self.filtered("reason_id"):
            item, currency = line.move_line_id, line.currency_id
            settled = line.amount + line.amount_discount
            short = currency.round(line.amount_open - settled)
            amount = min(short, item.amount_residual_currency)
            known = disputes.search_count([("move_id", "=", item.move_id.id)], limit=1)
            if known or currency.compare_amounts(amount, 0) <= 0:
                continue
            disputes.create(
                {
                    "move_id": item.move_id.id,
                    "kind": "deduction",
                    "reason_id": line.reason_id.id,
                    "amount": amount,
                }
            )
