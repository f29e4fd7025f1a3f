from odoo import fields, models
from odoo.exceptions import UserError, ValidationError

from odoo.addons.o2c_base.tools.transaction import one_at_a_time, wait_rows


class O2cRemittance(models.Model):
    """A payment through the customer's page: exactly what is to be paid by it."""

    _inherit = "o2c.remittance"

    transaction_ids = fields.One2many(
        "payment.transaction", "o2c_remittance_id", "Attempts", readonly=True
    )
    currency_id = fields.Many2one("res.currency", readonly=True)
    amount_total = fields.Monetary(
        "To pay", readonly=True, help="What is paid, own credits taken off."
    )
    payer_id = fields.Many2one("res.partner", "Paid by", readonly=True)
    settled_at = fields.Datetime(
        "Settled by credits", readonly=True, help="No money was needed."
    )
    credit_line_ids = fields.Many2many(
        "account.move.line",
        "o2c_remittance_credit_rel",
        string="Own credits used",
        readonly=True,
    )

    def _rest_until(self, day):
        """Let the items rest as in transit until a day."""
        # sudo: what customers announce is written here alone
        self.sudo().date_until = day
        self.env["o2c.debtor.mark"]._mark_debtors(self.sudo().debtor_id)

    def _begin_attempt(self):
        """Check that it is to be paid still, just before an attempt is made.

        Who begins a second one at the same time waits here, as both write to one row;
        then his request is begun anew, and he sees the first.

        :raise ValidationError: when it is being paid, or something was paid meanwhile
        """
        one_at_a_time(self)
        if self._state_of_payment() in ("pending", "authorized", "done"):
            raise ValidationError(
                self.env._("This is being paid already. Reload the page.")
            )
        if not self._is_still_right():
            raise ValidationError(
                self.env._(
                    "Something of it was paid meanwhile. Go back and choose once more."
                )
            )

    def _is_still_right(self):
        """Whether all that was chosen is still open as it was."""
        self.ensure_one()
        compare = self.currency_id.compare_amounts
        credits = self.credit_line_ids
        return (
            all(line._is_still_open() for line in self.line_ids)
            and not any(credits.mapped("reconciled"))
            and compare(self._credit_left(), sum(self.line_ids.mapped("amount_credit")))
            >= 0
        )

    def _credit_left(self):
        """What the chosen credits are worth now."""
        return -sum(self.credit_line_ids.mapped("amount_residual_currency"))

    def _state_of_payment(self):
        """The state that a page shows: of the attempt that came furthest."""
        if self.settled_at:
            return "done"
        states = self.transaction_ids.mapped("state")
        order = ("done", "authorized", "pending", "error", "cancel", "draft")
        return next((state for state in order if state in states), "new")

    def _amount_arrived(self):
        """The money that came in for it, by however many attempts."""
        done = self.transaction_ids.filtered(lambda attempt: attempt.state == "done")
        return sum(done.mapped("amount"))

    def _unapplied_of_payment(self):
        """What of the money found nothing to pay any more."""
        lines = self.transaction_ids.payment_id.move_id.line_ids.filtered(
            lambda line: line.account_id.account_type == "asset_receivable"
        )
        return -sum(lines.mapped("amount_residual_currency"))

    def _settle_by_credits(self, actor):
        """Match what the chosen credits pay in full, once; no money is needed.

        :param actor: the contact who says so
        :raise UserError: when something changed since it was chosen
        """
        # Who comes second waits here, begins anew, and finds it settled.
        wait_rows(self)
        if self.settled_at:
            return
        if self.amount_total or not self._is_still_right():
            raise UserError(
                self.env._(
                    "Something of it was paid meanwhile. Go back and choose once more."
                )
            )
        self._apply_credits()
        self.settled_at = fields.Datetime.now()
        self.line_ids._deduct()
        self.debtor_id.message_post(
            body=self.env._(
                "Settled on the customer's page: %(items)s, with %(credits)s.",
                items=", ".join(self.line_ids.move_line_id.mapped("move_name")),
                credits=", ".join(self.credit_line_ids.mapped("move_name")),
            ),
            author_id=actor.id,
            subtype_xmlid="mail.mt_note",
        )

    def _apply_credits(self):
        """Match own credits with the items they were chosen to pay, as chosen.

        Items that are paid in full take first: what is over goes to parts.
        """
        credits = self.credit_line_ids.sorted("id")
        compare = self.currency_id.compare_amounts
        for line in self.line_ids.sorted(
            lambda line: compare(line.amount, line.amount_open) != 0
        ):
            line._take_credits(credits)

    def _parts_left(self, money):
        """What of the money each item takes now, in the order chosen.

        Items that were paid meanwhile take nothing, and nobody else's item does. A
        discount is granted with the whole amount that was chosen or not at all.

        :param float money: what came in, in the currency of the remittance
        :return: list of (journal item, amount, discount)
        """
        parts, left = [], money
        for line in self.line_ids:
            item = line.move_line_id
            open_now = item.amount_residual_currency if not item.reconciled else 0.0
            money_of_it = line.amount - line.amount_credit
            amount = self.currency_id.round(min(money_of_it, open_now, left))
            if self.currency_id.compare_amounts(amount, 0) > 0:
                whole = self.currency_id.round(amount + line.amount_discount)
                is_whole = not self.currency_id.compare_amounts(whole, open_now)
                parts.append((item, amount, line.amount_discount if is_whole else 0.0))
                left -= amount
        return parts
