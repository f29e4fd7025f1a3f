from odoo import Command, fields, models

from odoo.addons.o2c_base.tools.transaction import wait_rows
from odoo.addons.o2c_collections.models.o2c_remittance import TRANSIT_DAYS


class PaymentTransaction(models.Model):
    """Money through the customer's page pays what was chosen there, to the cent."""

    _inherit = "payment.transaction"

    o2c_remittance_id = fields.Many2one(
        "o2c.remittance",
        "Chosen items",
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
    )
    o2c_autopay_charge_id = fields.Many2one(
        "o2c.autopay.charge",
        "Autopay charge",
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
    )

    # ------------------------------------------------------------------
    # In transit
    # ------------------------------------------------------------------

    def _update_state(self, allowed_states, target_state, state_message):
        """EXTENDS payment: items rest while their money is under way, no longer."""
        changed = super()._update_state(allowed_states, target_state, state_message)
        for transaction in changed.filtered("o2c_remittance_id"):
            transaction._rest_items()
        for transaction in changed.filtered("o2c_autopay_charge_id"):
            transaction.o2c_autopay_charge_id._follow(transaction)
        return changed

    def _rest_items(self):
        """Let the items rest while any attempt to pay them is under way.

        Once done, the payment settles them, so nothing is left to rest.
        """
        remittance = self.o2c_remittance_id
        today = remittance.company_id._o2c_today()
        states = set(remittance.transaction_ids.mapped("state"))
        if states & {"pending", "authorized"}:
            day = remittance.company_id._o2c_working_day_after(today, TRANSIT_DAYS)
        elif "done" in states:
            day = today  # until its payment is booked
        else:
            day = fields.Date.subtract(today, days=1)
        remittance._rest_until(day)

    def _o2c_is_retryable(self):
        """Hook: whether a charge that failed may work another day.

        Odoo knows no codes of declines: an error may pass (no cover, no connection),
        what the provider or the bank called off does not.
        """
        return self.state == "error"

    # ------------------------------------------------------------------
    # Booking
    # ------------------------------------------------------------------

    def _create_payment(self, **extra_create_values):
        """EXTENDS account_payment: one payment, one receivable line per item.

        What was paid meanwhile stays as the customer's unapplied credit.
        """
        self.ensure_one()
        remittance = self._o2c_remittance()
        if not remittance or self.payment_id:
            return super()._create_payment(**extra_create_values)
        self._o2c_claim(remittance.line_ids.move_line_id | remittance.credit_line_ids)
        remittance._apply_credits()
        parts = self._o2c_bookable(remittance._parts_left(self.amount))
        values = self._o2c_payment_values(parts) | extra_create_values
        payment = self.env["account.payment"].create(values)
        payment.action_post()
        self.payment_id = payment
        self._o2c_match(payment, parts)
        remittance.line_ids._deduct()
        return payment

    def _o2c_claim(self, items):
        """Wait for who books this money, or money for these items, at the same time.

        What the other one has changed raises a serialization failure here: then core
        begins anew, and finds it booked. The unique key of the payment is the last
        guard.

        :param items: journal items that are about to be matched
        """
        wait_rows(self)
        wait_rows(items)

    def _o2c_remittance(self):
        """What this money is for; a part that is captured pays for the whole's."""
        source = self.source_transaction_id
        if source and source.operation == self.operation:
            return source.o2c_remittance_id
        return self.o2c_remittance_id

    def _o2c_bookable(self, parts):
        """Leave out what stands on an account of a branch alone.

        The provider's company above it cannot book there: that money stays unapplied,
        for a person, instead of failing to be booked at all.
        """
        companies = self.provider_id.company_id.parent_ids
        return [part for part in parts if part[0].account_id.company_ids & companies]

    def _o2c_payment_values(self, parts):
        """The payment with its journal items.

        :param parts: list of (journal item, amount, discount) in the payment's currency
        """
        journal, method_line = self._o2c_journal()
        values = {
            "amount": self.amount,
            "payment_type": "inbound",
            "partner_type": "customer",
            "currency_id": self.currency_id.id,
            "partner_id": self.partner_id.commercial_partner_id.id,
            "journal_id": journal.id,
            "company_id": self.provider_id.company_id.id,
            "payment_method_line_id": method_line.id,
            "payment_token_id": self.token_id.id,
            "payment_transaction_id": self.id,
            "o2c_transaction_id": self.id,
            "memo": f"{self.reference} - {self.provider_reference or ''}",
        }
        if came := self.env.context.get("o2c_money"):
            values["date"] = came.date
        if parts:
            values["destination_account_id"] = parts[0][0].account_id.id
        account, liquidity, counterpart = self._o2c_default_lines(values)
        lines = self._o2c_split(counterpart, parts)
        return {
            **values,
            "outstanding_account_id": account.id,
            "line_ids": [Command.create(line) for line in [liquidity, *lines]],
        }

    def _o2c_journal(self):
        """Where the money is booked, and the way in which it came.

        Odoo gives transfers no way of their own: theirs is the journal's, of the bank
        account at which the money came in, where that is known.
        """
        came = self.env.context.get("o2c_money")
        journal = came.journal_id if came else self.provider_id.journal_id
        ways = journal.inbound_payment_method_line_ids
        own = ways.filtered(lambda line: line.payment_provider_id == self.provider_id)
        if not own and self._o2c_is_wire():
            own = ways.filtered(lambda line: line.code == "manual") or ways
        return journal, own[:1]

    def _o2c_default_lines(self, values):
        """The journal items that core would give a payment, and its money account.

        :return: (account, values of the item on it, values of the customer's item)
        """
        draft = self.env["account.payment"].new(values)
        if not draft.outstanding_account_id:
            kind = values["payment_type"]
            draft.outstanding_account_id = draft._get_outstanding_account(kind)
        liquidity, counterpart = draft._prepare_move_line_default_vals()
        return draft.outstanding_account_id, liquidity, counterpart

    def _o2c_split(self, counterpart, parts):
        """One journal item per part, then the rest as unapplied credit, then discounts.

        Balances of parts in a foreign currency are shares of the payment's, the last
        takes what rounding left.
        """
        total = -counterpart["amount_currency"]
        left = counterpart["credit"] - counterpart["debit"]
        balance = left
        currency = self.provider_id.company_id.currency_id
        rest = self.currency_id.round(total - sum(part[1] for part in parts))
        nothing = self.env["account.move.line"]
        shares = [*parts, (nothing, rest, 0.0)] if rest > 0 else parts
        lines, discounts = [], []
        for number, (item, amount, discount) in enumerate(shares, 1):
            share = currency.round(balance * amount / total)
            share = left if number == len(shares) else share
            left = currency.round(left - share)
            granted = self._o2c_discount_lines(item, discount)
            discounts += granted
            credit = share + sum(line["balance"] for line in granted)
            lines.append(
                {
                    **counterpart,
                    "name": item.name or counterpart["name"],
                    "account_id": item.account_id.id or counterpart["account_id"],
                    "amount_currency": -(amount + discount),
                    "debit": 0.0,
                    "credit": currency.round(credit),
                }
            )
        return lines + discounts

    def _o2c_discount_lines(self, item, discount):
        """The journal items that carry a discount, as Odoo books it."""
        if not discount:
            return []
        company = self.provider_id.company_id
        values = {
            "aml": item,
            "amount_currency": -item.amount_residual_currency,
            "balance": -item.amount_residual,
        }
        worth = self.currency_id._convert(
            discount, company.currency_id, company, company._o2c_today()
        )
        moves = self.env["account.move"]
        counterparts = moves._get_invoice_counterpart_amls_for_early_payment_discount(
            [values], worth
        )
        return [line for lines in counterparts.values() for line in lines]

    def _o2c_match(self, payment, parts):
        """Reconcile each part of the payment with the item it is for."""
        lines = payment.move_id.line_ids.sorted("id")[1 : len(parts) + 1]
        for (item, _amount, _discount), line in zip(parts, lines, strict=True):
            (line + item).reconcile()
