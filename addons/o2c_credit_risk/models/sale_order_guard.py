import functools
from contextlib import contextmanager

from odoo import api, fields, models
from odoo.exceptions import UserError

#: The orders that a check let through, while they are being confirmed: dict of id to
#: what was checked. It is kept on the cursor, where no caller can put anything.
ADMITTED = "o2c_credit_admitted"

#: Outcomes that confirm an order for which there is no credit.
LET_THROUGH = ("observed", "released")

#: What Odoo computes of an order. Users who write it would have the guard look at
#: figures of their own; it is left out of what they send.
COMPUTED = {
    "amount_tax",
    "amount_total",
    "amount_untaxed",
    "currency_rate",
    "invoice_status",
}


def _without(vals, names):
    return {name: value for name, value in vals.items() if name not in names}


class SaleOrder(models.Model):
    """The guard: no road confirms an order beyond its customer's credit."""

    _inherit = "sale.order"

    def _register_hook(self):
        """EXTENDS base: put the guard around whatever confirms orders.

        Other add-ons act on all of their own ``self`` after calling super: only the
        outermost layer can hand them the orders that fit and no others.
        """
        super()._register_hook()
        model_class = self.env.registry[self._name]
        if hasattr(vars(model_class).get("action_confirm"), "o2c_guarded"):
            del model_class.action_confirm
        confirm = model_class.action_confirm

        @functools.wraps(confirm)
        def action_confirm(self):
            return self._o2c_guard(confirm)

        action_confirm.o2c_guarded = True
        model_class.action_confirm = action_confirm

    def _o2c_guard(self, confirm):
        """Confirm the orders that fit; put the others on hold.

        :param confirm: what would confirm orders without us
        """
        waiting = self.filtered(lambda order: order.state in ("draft", "sent"))
        held = waiting._o2c_check()
        if not held:
            with self._o2c_admitted():
                return confirm(self)
        self.check_access("write")
        passed = self - held.sale_order_id
        if passed:
            with passed._o2c_admitted():
                confirm(passed)
        return self._o2c_tell_held(passed, held)

    # ------------------------------------------------------------------
    # Checking
    # ------------------------------------------------------------------

    def _o2c_check(self, counted=False):
        """Check the credit of these orders, record it, and hold what does not fit.

        :param counted: whether they are confirmed, and so in the exposure, already
        :return: the holds, in superuser mode; none where holds are not enforced
        """
        if not self:
            return self.env["o2c.credit.hold"]
        held = self.env["o2c.credit.hold"].sudo()
        for root, orders in self._o2c_by_root().items():
            enforced = root.o2c_credit_enforce
            results = (
                self.env["o2c.credit.check"]
                .sudo()
                ._evaluate(dict.fromkeys(orders), counted=counted, gated=enforced)
            )
            orders._o2c_decide(results, enforced)
            held |= orders._o2c_settle(results, enforced)
        return held

    def _o2c_by_root(self):
        """dict of root company, in superuser mode, to these orders of it."""
        # sudo: the root of a user's branch
        return self.grouped(lambda order: order.sudo().company_id._o2c_root())

    def _o2c_decide(self, results, enforced):
        """Write the outcome into each result."""
        broken = [result["order"] for result in results if result["rules"]]
        # sudo: whoever confirms; a release is looked up, not made
        holds_sudo = self.env["o2c.credit.hold"].sudo()
        releases = broken and holds_sudo._releases_of(self.browse().union(*broken))
        for result in results:
            release = releases and releases.get((result["order"], result["debtor"]))
            if not result["rules"]:
                result["outcome"] = "passed"
            elif not enforced:
                result["outcome"] = "observed"
            elif release and release._covers(result["total"]):
                result["outcome"] = "released"
                release.date_consumed = fields.Datetime.now()
            else:
                result["outcome"] = "held"

    def _o2c_settle(self, results, enforced):
        """Record the results and open or end holds by them."""
        checks = self.env["o2c.credit.check"]._record(results)
        # sudo: a hold is the consequence of a check, not somebody's right
        holds_sudo = self.env["o2c.credit.hold"].sudo()
        held = [result for result in results if result["outcome"] == "held"]
        waiting = [result for result in results if result["has_holds"]]
        passed = [r["order"] for r in waiting if r["outcome"] == "passed"]
        others = [r["order"] for r in waiting if r["outcome"] in LET_THROUGH]
        if enforced:
            if passed:
                holds_sudo._end_for_free(self.browse().union(*passed))
        else:
            others += passed
        holds_sudo._end_let_through(self.browse().union(*others))
        return holds_sudo._hold(held, checks) if held else holds_sudo

    # ------------------------------------------------------------------
    # Other roads to the state
    # ------------------------------------------------------------------

    @contextmanager
    def _o2c_admitted(self):
        """While it lasts, these orders may become confirmed without a check."""
        cache = self.env.cr.cache
        before = cache.get(ADMITTED, {})
        checked = {order.id: order._o2c_standing_checked() for order in self}
        cache[ADMITTED] = {**before, **checked}
        try:
            yield
        finally:
            cache[ADMITTED] = before

    def _o2c_standing_checked(self):
        """What a check of an order holds for: who pays, in which currency, how much."""
        return self._o2c_credit_key(), self.currency_id, self.amount_total

    def _o2c_is_admitted(self):
        """Whether a check let the order through as it is now.

        Other add-ons may add to it, or drop a discount, before they confirm it.
        """
        checked = self.env.cr.cache.get(ADMITTED, {}).get(self.id)
        if not checked:
            return False
        *old, old_total = checked
        *now, total = self._o2c_standing_checked()
        return old == now and self.currency_id.compare_amounts(total, old_total) <= 0

    @api.model_create_multi
    def create(self, vals_list):
        """EXTENDS sale: who creates an order as confirmed is checked as well."""
        sent = set().union(*vals_list)
        if sent & COMPUTED and not self.env.su and self._o2c_is_enforced():
            vals_list = [_without(vals, COMPUTED) for vals in vals_list]
        orders = super().create(vals_list)
        orders.filtered(lambda order: order.state == "sale")._o2c_demand_credit(
            counted=True
        )
        return orders

    def write(self, vals):
        """EXTENDS sale: writing the state is a road to confirmation like any other."""
        if vals.keys() & COMPUTED and not self.env.su and self._o2c_is_enforced():
            vals = _without(vals, COMPUTED)
        fresh = self.browse()
        if vals.get("state") == "sale":
            fresh = self.filtered(lambda order: order.state != "sale")
        result = super().write(vals)
        # afterwards: the same write may name another customer, or another currency
        fresh.filtered(lambda order: not order._o2c_is_admitted())._o2c_demand_credit(
            counted=True
        )
        if vals.get("state") == "cancel":
            # sudo: who cancels an order has no right to write holds
            self.env["o2c.credit.hold"].sudo()._end_cancelled(self)
        return result

    @api.model
    def _o2c_is_enforced(self):
        """Whether any company holds orders."""
        # sudo: who sells need not see the other companies
        companies_sudo = self.env["res.company"].sudo()
        return bool(
            companies_sudo.search_count([("o2c_credit_enforce", "=", True)], limit=1)
        )

    def _o2c_demand_credit(self, counted=False):
        """Refuse, where an order cannot be put on hold, what does not fit.

        :raise UserError: with the reasons; nothing is recorded then
        """
        held = self._o2c_check(counted)
        if held:
            reasons = [f"{hold.sale_order_id.name}: {hold.reason}" for hold in held]
            raise UserError(
                self.env._(
                    "Beyond the customer's credit:\n%(orders)s",
                    orders="\n".join(reasons),
                )
            )

    # ------------------------------------------------------------------
    # Telling
    # ------------------------------------------------------------------

    def _o2c_tell_held(self, passed, held):
        """What the button answers when orders went on hold."""
        lines = [f"{hold.sale_order_id.name}: {hold.reason}" for hold in held]
        if passed:
            names = ", ".join(passed.mapped("name"))
            lines.insert(0, self.env._("Confirmed: %(orders)s", orders=names))
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "warning",
                "sticky": True,
                "title": self.env._("On credit hold"),
                "message": "\n".join(lines),
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }
