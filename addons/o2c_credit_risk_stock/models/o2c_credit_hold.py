from odoo import api, models

#: Growth that has not been released: what was added is not delivered.
NOT_RELEASED = ("held", "requested", "refused")


class O2cCreditHold(models.Model):
    _inherit = "o2c.credit.hold"

    def _growth_released(self):
        """EXTENDS o2c_credit_risk: what was added to the orders may be delivered."""
        for order in self.sale_order_id:
            order.with_company(order.company_id).order_line._action_launch_stock_rule()
        return super()._growth_released()

    @api.model
    def _growth_that_waits(self, orders):
        """The growth of orders that must not be delivered, in superuser mode.

        The last word counts: an order's latest growth hold, unless a later check let
        the whole order pass.
        """
        holds = self.search(
            [
                ("sale_order_id", "in", orders.ids),
                ("kind", "=", "growth"),
                ("is_ahead", "=", False),
            ],
            order="id",
        )
        latest = {hold.sale_order_id: hold for hold in holds}
        waiting = self.union(*latest.values()).filtered(
            lambda hold: hold.state in NOT_RELEASED
        )
        if not waiting:
            return waiting
        last_checks = dict(
            self.env["o2c.credit.check"]._read_group(
                [
                    ("sale_order_id", "in", waiting.sale_order_id.ids),
                    ("outcome", "!=", "held"),
                ],
                ["sale_order_id"],
                ["id:max"],
            )
        )
        return waiting.filtered(
            lambda hold: last_checks.get(hold.sale_order_id, 0) < hold.check_id.id
        )

    @api.model
    def _delivery_covers(self, orders):
        """How far orders may be delivered by approval.

        A release that the order has used goes on counting after its last day.

        :return: dict of (order, customer account) to the highest total
        """
        releases = self.search(
            [
                ("sale_order_id", "in", orders.ids),
                ("state", "=", "released"),
                ("released_by", "=", "approval"),
            ]
        )
        caps = {}
        for hold in releases:
            if hold.date_consumed or hold.date_expiry >= hold.company_id._o2c_today():
                key = hold.sale_order_id, hold.debtor_id
                caps[key] = max(caps.get(key, 0.0), hold.amount_cap)
        return caps
