from odoo import models

from ..domain.own_money import GIVEN_BACK, Payment, secured

#: States of a payment in the books that say that the money did not come, or went back.
NOT_PAID = ("canceled", "draft", "rejected")


class SaleOrder(models.Model):
    """The credit an order needs: its worth, less the money that lies with it."""

    _inherit = "sale.order"

    def _o2c_credit_key(self):
        """(customer, root company) whose credit the order uses, in superuser mode."""
        order_sudo = self.sudo()  # sudo: the invoice address of any branch
        partner = order_sudo.partner_invoice_id or order_sudo.partner_id
        return (
            partner.commercial_partner_id._origin,
            order_sudo.company_id._o2c_root(),
        )

    def _o2c_needs(self):
        """dict of these orders to what each of them needs, see ``_o2c_need``."""
        return {order: order.sudo()._o2c_need() for order in self}

    def _o2c_need(self, has_payments=True):
        """The credit an order needs, in company currency.

        :param has_payments: False where it is known that there are none
        :return: dict of ``amount``: its total less its own payments and posted down
            payments; ``total``: what a release must reach up to, which an invoice in
            advance does not lower; ``own_money``: its payments that are unapplied
            credit in the books, which frees no other order; ``kind``
        """
        self.ensure_one()
        paid = invoiced = own_money = 0.0
        if has_payments:
            paid, invoiced, own_money = self._o2c_own_money()
        unpaid = self.amount_total - paid
        rest = unpaid - max(0.0, self._o2c_down_payments() - invoiced)
        return {
            "amount": self._o2c_to_company(max(rest, 0.0)),
            "total": self._o2c_to_company(max(unpaid, 0.0)),
            "own_money": own_money,
            "kind": "order",
        }

    def _o2c_to_company(self, amount):
        """An amount of the order in company currency, at today's rate."""
        root = self.company_id._o2c_root()
        return self.currency_id._convert(
            amount, root.currency_id, root, root._o2c_today()
        )

    def _o2c_release_need(self):
        """What a release of this order has to reach up to."""
        return self._o2c_need()["total"] or self._o2c_to_company(self.amount_total)

    # ------------------------------------------------------------------
    # Invoices in advance
    # ------------------------------------------------------------------

    def _o2c_down_payments(self):
        """What was invoiced in advance and not deducted yet, with tax."""
        lines = self.order_line.filtered("is_downpayment").invoice_lines.filtered(
            lambda line: (
                line.parent_state == "posted" and line.currency_id == self.currency_id
            )
        )
        return sum(
            -line.price_total
            if line.move_id.move_type == "out_refund"
            else line.price_total
            for line in lines
        )

    # ------------------------------------------------------------------
    # Payments
    # ------------------------------------------------------------------

    def _o2c_own_money(self):
        """What was paid for this order and lies with it still.

        What was given back, called off, or matched with something else does not.

        :return: tuple of what is paid, and what of it is matched with invoices of
            this order, in its currency; what is unapplied, in company currency
        """
        payments = self._o2c_transactions()
        if not payments:
            return 0.0, 0.0, 0.0
        first = payments.filtered(lambda p: p.source_transaction_id not in payments)
        paid = sum(_worth(payment) for payment in first)
        items = payments.payment_id.move_id.line_ids.filtered(
            lambda item: (
                item.account_id.account_type == "asset_receivable"
                and item.parent_state == "posted"
            )
        )
        invoiced, elsewhere = self._o2c_matched(items)
        unapplied = max(0.0, -sum(items.mapped("amount_residual")))
        return max(0.0, paid - elsewhere), invoiced, unapplied

    def _o2c_transactions(self):
        """The payments for this order in its currency, with their parts and refunds."""
        found = self.transaction_ids
        while more := found.child_transaction_ids - found:
            found |= more
        return found.filtered(
            lambda payment: (
                payment.operation != "validation"
                and payment.currency_id == self.currency_id
            )
        )

    def _o2c_matched(self, items):
        """What of payments is matched with this order's invoices, and with others."""
        invoiced = elsewhere = 0.0
        for partial in items.matched_debit_ids:
            if partial.debit_move_id in items:  # a refund of the same money
                continue
            if partial.debit_move_id.move_id in self.invoice_ids:
                invoiced += partial.credit_amount_currency
            else:
                elsewhere += partial.credit_amount_currency
        return invoiced, elsewhere


def _worth(transaction):
    """What a payment of the order secures; a refund that stands alone takes away."""
    if transaction.operation == "refund":
        gone = transaction.state in GIVEN_BACK
        return -abs(transaction.amount) if gone else 0.0
    return secured(_payment(transaction))


def _payment(transaction):
    """A transaction with its parts and refunds, as the rule wants it."""
    children = transaction.child_transaction_ids
    refunds = children.filtered(lambda child: child.operation == "refund")
    gone = refunds.filtered(lambda refund: refund.state in GIVEN_BACK)
    came_back = transaction.payment_id.state in NOT_PAID
    return Payment(
        "cancel" if came_back else transaction.state,
        transaction.amount,
        tuple(map(_payment, children - refunds)),
        -sum(gone.mapped("amount")),
    )
