from contextlib import contextmanager

from odoo import models
from odoo.exceptions import UserError

#: Ids of the orders whose growth somebody further out watches, and whether core
#: itself is adding lines; kept on the cursor, where no caller can put anything.
WATCHED = "o2c_credit_watched"
BY_CORE = "o2c_credit_by_core"

#: Fields that change what an order is worth, or to whom it is invoiced.
WORTH = {
    "company_id",
    "currency_id",
    "fiscal_position_id",
    "order_line",
    "partner_id",
    "partner_invoice_id",
    "pricelist_id",
}


class SaleOrder(models.Model):
    """Confirmed orders that grow: refused to users, put on hold where core does it."""

    _inherit = "sale.order"

    def write(self, vals):
        """EXTENDS sale: what is changed within is judged once, at the end."""
        if not vals.keys() & WORTH:
            return super().write(vals)
        with self._o2c_growth_watch():
            return super().write(vals)

    @contextmanager
    def _o2c_growth_watch(self):
        """Judge the growth of those of these orders that are confirmed by now."""
        cache = self.env.cr.cache
        watched = cache.get(WATCHED, frozenset())
        orders = self.filtered(
            lambda order: order.state == "sale" and order.id not in watched
        )
        if not orders:
            yield
            return
        before = {order: order._o2c_standing() for order in orders}
        cache[WATCHED] = watched | set(orders.ids)
        try:
            yield
        finally:
            cache[WATCHED] = watched
        orders.exists()._o2c_judge_growth(before)
        orders.exists()._o2c_growth_judged()

    def _o2c_growth_judged(self):
        """Hook: what these orders have grown by is let pass, or held by now."""

    def _o2c_standing(self):
        """Whose order it is for the credit, and what it is worth."""
        order_sudo = self.sudo()  # sudo: rates, whoever changes the order
        total = order_sudo._o2c_to_company(order_sudo.amount_total)
        return self._o2c_credit_key(), total

    def _o2c_growth(self, before):
        """By how much an order has grown for whose credit it needs now."""
        (old_owner, old_total), (owner, total) = before, self._o2c_standing()
        return total if owner != old_owner else total - old_total

    def _o2c_judge_growth(self, before):
        """Check what the confirmed ones of these orders have grown by.

        :param before: dict of order to its standing before
        """
        needs = {}
        for order in self.filtered(lambda order: order.state == "sale"):
            growth = order._o2c_growth(before[order])
            if order.currency_id.compare_amounts(growth, 0) > 0:
                needs[order] = order.sudo()._o2c_growth_need(growth)
        for root, orders in self.browse().union(*needs)._o2c_by_root().items():
            enforced = root.o2c_credit_enforce
            results = (
                self.env["o2c.credit.check"]
                .sudo()
                ._evaluate(
                    {order: needs[order] for order in orders}, True, gated=enforced
                )
            )
            orders._o2c_decide(results, enforced)
            held = orders._o2c_settle(results, enforced)
            if held and not self._o2c_is_core():
                held._refuse_growth()

    def _o2c_growth_need(self, growth):
        return {
            "amount": growth,
            "total": self._o2c_release_need(),
            "own_money": 0.0,
            "kind": "growth",
        }

    def _o2c_is_core(self):
        """Whether it is Odoo that adds to the order, not a person."""
        return self.env.su or self.env.cr.cache.get(BY_CORE, False)

    @contextmanager
    def _o2c_as_core(self):
        """While it lasts, lines are added by Odoo itself, whoever caused it."""
        cache = self.env.cr.cache
        before = cache.get(BY_CORE, False)
        cache[BY_CORE] = True
        try:
            yield
        finally:
            cache[BY_CORE] = before


class O2cCreditHold(models.Model):
    _inherit = "o2c.credit.hold"

    def _refuse_growth(self):
        """Refuse the growth that these holds were just opened for.

        :raise UserError: which undoes the growth, and the holds
        """
        hold = self[0]
        raise UserError(
            self.env._(
                "%(order)s is confirmed and cannot grow by %(amount)s: %(reason)s\n"
                "Ask for it first, with “Ask for more credit” on the order.",
                order=hold.sale_order_id.name,
                amount=hold.currency_id.format(hold.amount_need),
                reason=hold.reason,
            )
        )
