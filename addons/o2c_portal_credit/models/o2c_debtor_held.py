from odoo import models
from odoo.tools import float_round

from odoo.addons.o2c_credit_risk.models.o2c_credit_hold import OPEN

from ..domain.payment_choice import Payable, choice_that_covers

#: Orders that a page shows, and open items that are offered to free them.
ORDERS_MOST, ITEMS_MOST = 20, 80
#: Quotations that wait, and confirmed orders that have grown; nobody waits for what
#: was only asked ahead.
WAITING = [
    "|",
    "&",
    ("kind", "=", "order"),
    ("sale_order_id.state", "in", ("draft", "sent")),
    "&",
    "&",
    ("kind", "=", "growth"),
    ("is_ahead", "!=", True),
    ("sale_order_id.state", "=", "sale"),
]
#: What any money of the customer mends, also what is paid for the order itself.
LIMIT_RULES = {"over_limit", "over_group_limit"}


class O2cDebtor(models.Model):
    """Orders that wait for credit, and the payment that frees each of them.

    A quotation waits as a whole; of an order that is confirmed, what was added to it.
    """

    _inherit = "o2c.debtor"

    def _portal_held_orders(self):
        """What a customer reads of his waiting orders: what he can do, no reason.

        :return: list of dicts of ``order``; ``added``, what was added to it in company
            currency, or 0 where all of it waits; ``to_pay``, the smallest payment that
            frees it in company currency, or 0; ``way`` to pay it, one of decision,
            arriving, items, order and ask; ``items``: dict of open item to the amount
            to pay, None for all of it; ``advance``: what of the order itself to pay;
            ``person``: contact whom to ask, where he cannot do it himself
        """
        self.ensure_one()
        holds = self.env["o2c.credit.hold"].search(
            [
                ("debtor_id", "=", self.id),
                ("state", "in", OPEN),
                *WAITING,
            ],
            order="id",
            limit=ORDERS_MOST,
        )
        items = holds and self._portal_items(
            limit=ITEMS_MOST, domain=[("amount_residual", ">", 0)]
        )
        return [self._held_order(hold, items) for hold in holds]

    def _held_order(self, hold, items):
        order = hold.sale_order_id
        found = {
            "order": order,
            "added": hold.amount_need if hold.kind == "growth" else 0.0,
            "to_pay": hold.amount_to_pay,
            "items": {},
        }
        if not hold.amount_to_pay:
            person = self._person_to_ask(order)
            return {**found, "way": "decision", "person": person}
        arriving = sum(items.mapped("amount_in_transit"))
        if self.currency_id.compare_amounts(arriving, hold.amount_to_pay) >= 0:
            return {**found, "way": "arriving"}
        found["items"] = self._items_that_free(items, hold.amount_to_pay)
        if found["items"]:
            return {**found, "way": "items"}
        advance = self._advance_that_frees(hold)
        if advance:
            return {**found, "way": "order", "advance": advance}
        return {**found, "way": "ask", "person": self._person_to_ask(order)}

    def _person_to_ask(self, order):
        """Who answers for an order: the salesperson, whom Odoo's page of it names too.

        Else the customer's collector, else the company.
        """
        user = order.user_id if order.user_id.active else self._responsible()
        return user.partner_id or self.company_id.partner_id

    def _advance_that_frees(self, hold):
        """What of an order to pay in advance, in its currency, so that it goes on.

        An order that is paid in full goes on whatever else there is, unless the policy
        says otherwise.

        :return: 0 where that does not free it, or cannot be done on Odoo's page
        """
        order = hold.sale_order_id
        own = order.partner_id.commercial_partner_id == self.partner_id
        if not own or order.is_expired or hold.kind == "growth":
            return 0.0
        need, amount = order._o2c_need()["amount"], hold.amount_to_pay
        mended = {rule["rule"] for rule in hold.check_id.rules or ()} <= LIMIT_RULES
        if not mended or self.currency_id.compare_amounts(amount, need) > 0:
            policy = self.env["o2c.credit.policy"]._for_debtors(self)[self]
            amount = need if not policy or policy.prepaid_exempt else 0.0
        if not amount:
            return 0.0
        root, currency = self.company_id, order.currency_id
        amount = root.currency_id._convert(
            amount, currency, root, root._o2c_today(), round=False
        )
        amount = _rounded_up(amount, currency)
        return max(amount, order._get_prepayment_required_amount())

    def _items_that_free(self, items, amount):
        """The open items to pay, oldest due first, so that an amount is reached.

        :return: dict of item to the amount in its currency, None for all of it
        """
        payables = [
            Payable(item, (item.currency_id, item.company_id), _payable(item))
            for item in items
        ]
        return {
            item: _in_item_currency(item, part)
            for item, part in choice_that_covers(payables, amount).items()
        }


def _payable(item):
    """What of an item is neither disputed nor being paid already."""
    return item.amount_residual - item.amount_disputed - item.amount_in_transit


def _in_item_currency(item, part):
    """A part of an item in its own currency, rounded up; None for all of it."""
    if not item.company_id.currency_id.compare_amounts(part, _payable(item)):
        return None
    amount = item.amount_residual_currency * part / item.amount_residual
    return _rounded_up(amount, item.currency_id)


def _rounded_up(amount, currency):
    rounding = currency.rounding
    return float_round(amount, precision_rounding=rounding, rounding_method="UP")
