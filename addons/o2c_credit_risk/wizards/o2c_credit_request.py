from odoo import api, fields, models


class O2cCreditRequest(models.TransientModel):
    """A salesperson asks for credit: for a waiting order, or for more of another."""

    _name = "o2c.credit.request"
    _description = "Ask for credit"

    order_id = fields.Many2one(
        "sale.order", required=True, readonly=True, ondelete="cascade"
    )
    currency_id = fields.Many2one("res.currency", compute="_compute_of_order")
    reason = fields.Char(compute="_compute_of_order")
    is_growth = fields.Boolean(compute="_compute_of_order")
    amount = fields.Monetary(
        "New total",
        compute="_compute_amount",
        store=True,
        readonly=False,
        precompute=True,
        help="What the order shall be worth at most, with tax and in company currency.",
    )
    comment = fields.Text(
        "Why", required=True, help="What the credit manager should know."
    )

    @api.depends("order_id")
    @api.depends_context("uid")
    def _compute_of_order(self):
        for wizard in self:
            order = wizard._readable_order()
            wizard.currency_id = order.o2c_company_currency_id
            wizard.reason = order.o2c_hold_reason
            wizard.is_growth = order.state == "sale"

    @api.depends("order_id")
    def _compute_amount(self):
        for wizard in self:
            order_sudo = wizard._readable_order().sudo()  # sudo: rates
            wizard.amount = order_sudo and order_sudo._o2c_to_company(
                order_sudo.amount_total
            )

    def _readable_order(self):
        """The order, which the user must be able to read himself."""
        order = self.order_id.sudo(False)  # whatever computes for him
        order.check_access("read")
        return order

    @api.model_create_multi
    def create(self, vals_list):
        """EXTENDS base: nobody asks about orders that he does not see."""
        ids = {vals.get("order_id", self._default_order()) for vals in vals_list}
        self._check_orders(ids)
        return super().create(vals_list)

    def write(self, vals):
        """EXTENDS base: nor does he choose another one later."""
        self._check_orders({vals.get("order_id")})
        return super().write(vals)

    @api.model
    def default_get(self, fields):
        """EXTENDS base: nor by opening the window for it."""
        self._check_orders({self._default_order()})
        return super().default_get(fields)

    @api.model
    def _default_order(self):
        return self.env.context.get("default_order_id")

    @api.model
    def _check_orders(self, ids):
        orders = self.env["sale.order"].sudo(False)
        orders.browse([number for number in ids if number]).check_access("read")

    def action_ask(self):
        """Hand it to those who decide."""
        self.ensure_one()
        if self.is_growth:
            self.order_id._o2c_ask_growth(self.amount, self.comment)
        else:
            self.order_id._o2c_ask_release(self.comment)
        return {"type": "ir.actions.act_window_close"}
