import hashlib

from odoo import Command, fields, models
from odoo.exceptions import UserError

from ..domain.credits import TooMuchCredit, Wanted, share_credits

#: Of payments that a page shows as under way.
UNDER_WAY_MOST = 10


class ItemError(UserError):
    """What is wrong with one of the items that were chosen."""

    def __init__(self, message, line):
        super().__init__(message)
        self.line = line  # id of the journal item


class O2cDebtor(models.Model):
    """The customer chooses what to pay; the amounts are worked out here."""

    _inherit = "o2c.debtor"

    def _portal_under_way(self):
        """Payments whose money is awaited, latest first."""
        return self.env["o2c.remittance"].search(
            [
                ("debtor_id", "=", self.id),
                ("transaction_ids.state", "in", ("pending", "authorized")),
            ],
            order="id DESC",
            limit=UNDER_WAY_MOST,
        )

    def _take_payment_choice(
        self, key, amounts, credits_chosen, payer, reasons=None, is_at_once=False
    ):
        """Keep what is to be paid; nothing rests and nothing is booked by it.

        :param str key: names the form that was sent: sent twice, it is one choice
        :param dict amounts: journal item id to amount, None for all that is open
        :param credits_chosen: ids of own credits to use
        :param payer: contact in whose name it is paid
        :param dict reasons: journal item id to why less is paid of it than is open;
            without one the rest stays owed
        :param bool is_at_once: one payment to the company, also for its branches
        :return: the remittance
        :raise UserError: with what is wrong with the choice
        """
        self.ensure_one()
        remittances = self.env["o2c.remittance"]
        # The same form with other amounts, after going back, is another choice.
        said = repr((sorted(amounts.items()), sorted(credits_chosen), payer.id))
        digest = hashlib.sha256(f"{said}{reasons}".encode()).hexdigest()[:16]
        reference = f"PAY/{self.id}/{key}/{digest}"
        known = remittances.search(
            [("debtor_id", "=", self.id), ("reference", "=", reference)]
        )
        if known:
            return known
        items = self._portal_items(amounts).filtered(lambda i: i.amount_residual > 0)
        credits = self._portal_items(credits_chosen)
        credits = credits.filtered(lambda item: item.amount_residual < 0)
        self._check_chosen(items, credits, is_at_once)
        today = self.company_id._o2c_today()
        discounts = {item: item._early_discount(today) for item in items}
        chosen = {
            item: self._amount_to_pay(item, amounts, discounts[item]) for item in items
        }
        discounts = {
            item: discount if item._is_discounted(chosen[item], discount) else 0.0
            for item, discount in discounts.items()
        }
        currency = items.currency_id
        covered = self._share_credits(chosen, discounts, credits, currency)
        total = currency.round(sum(chosen.values()) - sum(covered.values()))
        return remittances.create(
            {
                "debtor_id": self.id,
                "source": "portal",
                "reference": reference,
                "date": today,
                "date_until": fields.Date.subtract(today, days=1),
                "user_id": False,
                "payer_id": payer.id,
                "currency_id": currency.id,
                "amount_total": total,
                "credit_line_ids": [Command.set(credits.move_line_id.ids)],
                "line_ids": [
                    Command.create(
                        {
                            "move_line_id": item.move_line_id.id,
                            "amount": amount,
                            "amount_open": item.amount_residual_currency,
                            "amount_discount": discounts[item],
                            "amount_credit": covered[item],
                            "is_allocation": True,
                            "reason_id": (reasons or {}).get(item.move_line_id.id),
                        }
                    )
                    for item, amount in chosen.items()
                ],
            }
        )

    def _check_chosen(self, items, credits, is_at_once):
        if not items:
            raise UserError(self.env._("Choose at least one invoice that is open."))
        both = items | credits
        if len(both.currency_id) > 1:
            raise UserError(
                self.env._("One payment is in one currency: choose invoices of one.")
            )
        if len(both.company_id) > 1 and not is_at_once:
            raise UserError(
                self.env._("Invoices of different companies are paid one by one.")
            )

    def _amount_to_pay(self, item, amounts, discount):
        """The amount for one item, checked against what is open."""
        wanted = amounts[item.move_line_id.id]
        open_now = item.amount_residual_currency
        if wanted is None:
            return item.currency_id.round(open_now - discount)
        wanted = item.currency_id.round(wanted)
        if not wanted > 0 or item.currency_id.compare_amounts(wanted, open_now) > 0:
            raise ItemError(
                self.env._(
                    "%(invoice)s: pay more than nothing and at most what is open, "
                    "%(open)s.",
                    invoice=item.name,
                    open=item.currency_id.format(open_now),
                ),
                item.move_line_id.id,
            )
        return wanted

    def _share_credits(self, chosen, discounts, credits, currency):
        """How much of each item the chosen credits pay.

        :raise UserError: when a credit is worth more than it can pay
        """
        wanted = [
            Wanted(
                amount,
                item.amount_residual_currency,
                item.move_line_id.account_id.id,
                discounts[item],
            )
            for item, amount in chosen.items()
        ]
        own = [
            (line.account_id.id, -line.amount_residual_currency)
            for line in credits.move_line_id.sorted("id")
        ]
        try:
            shares = share_credits(wanted, own, currency.round)
        except TooMuchCredit as error:
            raise UserError(
                self.env._(
                    "These credits are worth more than the part you chose. Pay more "
                    "of the invoice, or leave a credit out."
                )
            ) from error
        return dict(zip(chosen, shares, strict=True))
