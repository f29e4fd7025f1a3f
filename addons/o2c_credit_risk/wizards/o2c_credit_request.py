from odoo import api, fields, models


class O2cCreditRequest(models.TransientModel):
    """A salesperson asks for credit: for a waiting order, or for more of another."""

    _name = "o2c.credit.request"
    _description = "Ask for credit"

    order_id = fields.Many2one(
        "sale.order", required=True, readonly=True, ondelete="cascade"
    )
    currency_id = fields.Many2one(related="order_id.o2c_company_currency_id")
    reason = fields.Char(related="order_id.o2c_hold_reason")
    is_growth = fields.Boolean(compute="_compute_is_growth")
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
    def _compute_is_growth(self):
        for wizard in self:
            wizard.is_growth = wizard.order_id.state == "sale"

    @api.depends("order_id")
    def _compute_amount(self):
        for wizard in self:
            order = wizard.order_id
            wizard.amount = order._o2c_to_company(order.amount_total)

    def action_ask(self):
        """Hand it to those who decide."""
        self.ensure_one()
        if self.is_growth:
            self.order_id._o2c_ask_growth(self.amount, self.comment)
        else:
            self.order_id._o2c_ask_release(self.comment)
        return {"type": "ir.actions.act_window_close"}
