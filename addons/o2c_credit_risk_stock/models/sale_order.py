from odoo import models

from odoo.addons.o2c_credit_risk.models.sale_order_growth import WATCHED

#: Ids of lines, and their quantities before, that are to be delivered once it is
#: known whether their order may grow.
POSTPONED = "o2c_credit_postponed"


class SaleOrder(models.Model):
    _inherit = "sale.order"

    def _o2c_growth_judged(self):
        """EXTENDS o2c_credit_risk: launch what waited for the judgement."""
        postponed = self.env.cr.cache.pop(POSTPONED, {})
        if postponed:
            lines = self.env["sale.order.line"].browse(postponed).exists()
            lines._action_launch_stock_rule(previous_product_uom_qty=postponed)
        return super()._o2c_growth_judged()

    def _o2c_is_watched(self):
        """Whether somebody is about to judge the growth of this order."""
        return self.id in self.env.cr.cache.get(WATCHED, ())

    def _o2c_not_released(self):
        """Those of these orders that have grown without release."""
        # sudo: whoever adds to an order or delivers it need not read holds
        holds_sudo = self.env["o2c.credit.hold"].sudo()
        return self & holds_sudo._growth_that_waits(self).sale_order_id

    def _o2c_check_delivery(self):
        """Why these orders must not be delivered now; empty where they may."""
        # sudo: who works in the warehouse has no rights on credit
        orders = self.sudo().filtered(
            lambda order: order.company_id._o2c_root().o2c_credit_enforce
        )
        if not orders:
            return ""
        checks = self.env["o2c.credit.check"].sudo()
        accounts = checks._accounts_of(orders)
        policies = (
            self.env["o2c.credit.policy"]
            .sudo()
            ._for_debtors(self.env["o2c.debtor"].sudo().union(*accounts.values()))
        )
        checked = orders.filtered(
            lambda order: policies[accounts[order]].delivery_check_active
        )
        if not checked:
            return ""
        results = checks._evaluate(checked._o2c_needs(), counted=True, gated=False)
        broken = [result for result in results if result["rules"]]
        if not broken:
            return ""
        # sudo: a release is looked up, not used
        caps = self.env["o2c.credit.hold"].sudo()._delivery_covers(checked)
        return "\n".join(
            f"{result['order'].name}: {checks._reason_of(result)}"
            for result in broken
            if not result["order"]._o2c_is_covered(result, caps)
        )

    def _o2c_is_covered(self, result, caps):
        """Whether the order's customer has a release of it that reaches its total."""
        cap = caps.get((self, result["debtor"]))
        currency = self.company_id.currency_id
        return cap is not None and currency.compare_amounts(result["total"], cap) <= 0
