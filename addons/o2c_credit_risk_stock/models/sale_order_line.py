from odoo import models

from .sale_order import POSTPONED


class SaleOrderLine(models.Model):
    """Lines whose order grows without credit are not delivered."""

    _inherit = "sale.order.line"

    def _action_launch_stock_rule(self, *, previous_product_uom_qty=False):
        """EXTENDS sale_stock: leave out what waits for credit.

        While an order's growth is being judged, its lines wait for the outcome.
        """
        watched = self.filtered(lambda line: line.order_id._o2c_is_watched())
        watched._o2c_postpone(previous_product_uom_qty or {})
        lines = self - watched
        waiting = lines.order_id._o2c_not_released()
        lines -= lines.filtered(
            lambda line: line.order_id in waiting and line._o2c_has_grown()
        )
        return super(SaleOrderLine, lines)._action_launch_stock_rule(
            previous_product_uom_qty=previous_product_uom_qty
        )

    def _o2c_postpone(self, previous):
        if self:
            postponed = self.env.cr.cache.setdefault(POSTPONED, {})
            for line in self:
                postponed.setdefault(line.id, previous.get(line.id, 0.0))

    def _o2c_has_grown(self):
        """Whether more of it is ordered than there are deliveries for."""
        return self._get_qty_procurement() < self.product_uom_qty
