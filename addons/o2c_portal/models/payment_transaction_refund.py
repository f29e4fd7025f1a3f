from dataclasses import dataclass
from typing import Any

from odoo import Command, models


@dataclass
class Freed:
    """A part of a payment that is given back."""

    line: Any  # its journal item
    amount: float  # in the currency of the payment
    item: Any  # what it had paid, which is open again; empty for unapplied money


class PaymentTransaction(models.Model):
    """A refund opens again what its money had paid, by just as much.

    Money that paid nothing yet goes first, then what fell due last: so the oldest
    items stay settled. A discount that was granted stays granted.
    """

    _inherit = "payment.transaction"

    def _create_payment(self, **extra_create_values):
        """EXTENDS account_payment: what a refund frees is matched with it."""
        source = self._o2c_refunded()
        if not source or self.payment_id:
            return super()._create_payment(**extra_create_values)
        self._o2c_claim(source.payment_id._o2c_receivable_lines())
        parts = self._o2c_freed(source)
        values = self._o2c_refund_values(parts) | extra_create_values
        refund = super()._create_payment(**values)
        self._o2c_open_again(refund, parts)
        self._o2c_note_refund(source, parts)
        return refund

    def _o2c_refunded(self):
        """The payment on the customer's page that this gives back, or none.

        A provider may tell of both at once: then the payment is booked first, as core
        would leave it out.
        """
        source = self.source_transaction_id
        if self.operation != "refund" or not source._o2c_remittance():
            return self.browse()
        others = source.child_transaction_ids.filtered(
            lambda child: child.operation != "refund"
        )
        if source.state == "done" and not (source.payment_id or others):
            source._create_payment()
        return source

    # ------------------------------------------------------------------
    # What is given back
    # ------------------------------------------------------------------

    def _o2c_freed(self, source):
        """Which parts of the payment are given back.

        :return: list of Freed; less than the refund where a person took the payment
            apart
        """
        nothing = self.env["account.move.line"]
        lines = source.payment_id._o2c_receivable_lines().sorted(reverse=True)
        offered = [
            Freed(line, -line.amount_residual_currency, nothing)
            for line in lines
            if line.amount_residual_currency < 0
        ]
        # What a refund or a return took before is no invoice's any more; differences
        # of exchange have no amount in the currency of the payment.
        partials = lines.matched_debit_ids.filtered(
            lambda partial: (
                partial.credit_amount_currency
                and not partial.debit_move_id.payment_id
                and not partial.debit_move_id.move_id.reversed_entry_id
            )
        )
        for partial in partials.sorted(self._o2c_due, reverse=True):
            item = partial.debit_move_id
            granted = self._o2c_discount_granted(source, partial)
            amount = partial.credit_amount_currency - granted
            offered.append(Freed(partial.credit_move_id, amount, item))
        return self._o2c_fitting(offered)

    def _o2c_due(self, partial):
        item = partial.debit_move_id
        return item.date_maturity or item.date, partial.id

    def _o2c_fitting(self, offered):
        """As many of the parts as the refund is worth, the last one cut to fit."""
        parts, left = [], -self.amount
        for part in offered:
            part.amount = self.currency_id.round(min(part.amount, left))
            if self.currency_id.compare_amounts(part.amount, 0) > 0:
                parts.append(part)
                left -= part.amount
        return parts

    def _o2c_discount_granted(self, source, partial):
        """What of a match was an early discount, hence no money."""
        choice = source._o2c_remittance().line_ids.filtered(
            lambda line: line.move_line_id == partial.debit_move_id
        )[:1]
        # Granted with the whole amount or not at all: then its line is worth more.
        booked = -partial.credit_move_id.amount_currency
        money = choice.amount - choice.amount_credit
        is_granted = self.currency_id.compare_amounts(booked, money) > 0
        return choice.amount_discount if is_granted else 0.0

    # ------------------------------------------------------------------
    # Booking
    # ------------------------------------------------------------------

    def _o2c_refund_values(self, parts):
        """One journal item per part, on its account; the rest is a debit."""
        total = -self.amount
        journal = self.provider_id.journal_id
        values = {
            "o2c_transaction_id": self.id,
            "payment_type": "outbound",
        }
        draft = {
            **values,
            "amount": total,
            "partner_type": "customer",
            "currency_id": self.currency_id.id,
            "partner_id": self.partner_id.commercial_partner_id.id,
            "journal_id": journal.id,
            "company_id": self.provider_id.company_id.id,
            "payment_method_line_id": journal.inbound_payment_method_line_ids.filtered(
                lambda line: line.payment_provider_id == self.provider_id
            )[:1].id,
            "memo": self.reference,
        }
        account, liquidity, counterpart = self._o2c_default_lines(draft)
        lines = self._o2c_refund_lines(counterpart, parts)
        return {
            **values,
            "outstanding_account_id": account.id,
            "line_ids": [Command.create(line) for line in [liquidity, *lines]],
        }

    def _o2c_refund_lines(self, counterpart, parts):
        total = counterpart["amount_currency"]
        left = balance = counterpart["debit"] - counterpart["credit"]
        company_currency = self.provider_id.company_id.currency_id
        shares = [(part.line.account_id.id, part.amount) for part in parts]
        rest = self.currency_id.round(
            total - sum(amount for _account, amount in shares)
        )
        if rest > 0:
            shares.append((counterpart["account_id"], rest))
        lines = []
        for number, (account, amount) in enumerate(shares, 1):
            share = company_currency.round(balance * amount / total)
            share = left if number == len(shares) else share
            left = company_currency.round(left - share)
            line = {"account_id": account, "amount_currency": amount}
            lines.append({**counterpart, **line, "debit": share, "credit": 0.0})
        return lines

    def _o2c_open_again(self, refund, parts):
        """Match the refund with what it frees; what is not freed stays paid."""
        for part in parts:
            both = part.line.matched_debit_ids
            both.filtered(lambda match, p=part: match.debit_move_id == p.item).unlink()
        lines = refund._o2c_receivable_lines()
        for part, line in zip(parts, lines, strict=False):
            (part.line + line).reconcile()
        for part in parts:
            if part.item and not (part.line.reconciled or part.item.reconciled):
                (part.line + part.item).reconcile()

    def _o2c_note_refund(self, source, parts):
        """The desk sees on the customer account what is open again."""
        names = ", ".join(part.item.move_name for part in parts if part.item)
        text = self.env._(
            "Refunded: %(amount)s of payment %(payment)s.",
            amount=self.currency_id.format(-self.amount),
            payment=source.payment_id.name or source.reference,
        )
        if names:
            text += " " + self.env._("Open again: %s.", names)
        source._o2c_remittance().debtor_id._post_note(text)
