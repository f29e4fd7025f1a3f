from odoo import api, models

#: Fields that change what a line is worth.
WORTH = {
    "discount",
    "display_type",
    "is_downpayment",
    "order_id",
    "price_unit",
    "product_id",
    "product_uom_id",
    "product_uom_qty",
    "tax_ids",
}

#: What Odoo computes of a line; left out of what users send, see the guard.
COMPUTED = {
    "invoice_status",
    "price_reduce_taxexcl",
    "price_reduce_taxinc",
    "price_subtotal",
    "price_tax",
    "price_total",
    "qty_invoiced",
    "qty_to_invoice",
    "state",
    "untaxed_amount_invoiced",
    "untaxed_amount_to_invoice",
}


class SaleOrderLine(models.Model):
    """Lines through which confirmed orders grow."""

    _inherit = "sale.order.line"

    @api.model_create_multi
    def create(self, vals_list):
        """EXTENDS sale: new lines may be more than the credit allows."""
        vals_list = self._o2c_without_computed(vals_list)
        orders = self._o2c_orders_of(vals_list)
        with orders._o2c_growth_watch():
            return super().create(vals_list)

    def write(self, vals):
        """EXTENDS sale: so may more of a line, or a higher price."""
        [vals] = self._o2c_without_computed([vals])
        if not vals.keys() & WORTH:
            return super().write(vals)
        with (self.order_id | self._o2c_orders_of([vals]))._o2c_growth_watch():
            return super().write(vals)

    def unlink(self):
        """EXTENDS sale: an order without its discount is worth more."""
        with self.order_id._o2c_growth_watch():
            return super().unlink()

    @api.model
    def _o2c_without_computed(self, vals_list):
        """What users send, without what Odoo computes, where orders are held."""
        sent = set().union(*vals_list)
        orders = self.env["sale.order"]
        if not sent & COMPUTED or self.env.su or not orders._o2c_is_enforced():
            return vals_list
        return [
            {name: value for name, value in vals.items() if name not in COMPUTED}
            for vals in vals_list
        ]

    def _o2c_orders_of(self, vals_list):
        ids = {vals["order_id"] for vals in vals_list if vals.get("order_id")}
        return self.env["sale.order"].browse(ids)
