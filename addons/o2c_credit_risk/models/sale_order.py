from odoo import api, fields, models
from odoo.fields import Domain

from .o2c_credit_hold import OPEN


class SaleOrder(models.Model):
    """What the order shows of its customer's credit."""

    _inherit = "sale.order"

    o2c_hold_ids = fields.One2many(
        "o2c.credit.hold",
        "sale_order_id",
        "Credit holds",
        copy=False,
        groups="base.group_user",
    )
    o2c_hold_id = fields.Many2one(
        "o2c.credit.hold",
        "Credit hold",
        compute="_compute_o2c_hold_id",
        search="_search_o2c_hold_id",
        compute_sudo=True,
        groups="base.group_user",
        help="The hold by which this order waits for credit.",
    )
    o2c_hold_state = fields.Selection(
        related="o2c_hold_id.state", string="Credit", groups="base.group_user"
    )
    o2c_hold_kind = fields.Selection(
        related="o2c_hold_id.kind", groups="base.group_user"
    )
    o2c_hold_reason = fields.Char(
        related="o2c_hold_id.reason", string="Why it waits", groups="base.group_user"
    )
    o2c_hold_to_pay = fields.Monetary(
        related="o2c_hold_id.amount_to_pay",
        string="Payment that frees the order",
        currency_field="o2c_company_currency_id",
        groups="base.group_user",
    )
    o2c_has_credit_limit = fields.Boolean(
        "Limited credit", compute="_compute_o2c_free_credit", groups="base.group_user"
    )
    o2c_free_credit = fields.Monetary(
        "Free credit",
        compute="_compute_o2c_free_credit",
        currency_field="o2c_company_currency_id",
        groups="base.group_user",
        help="What the customer may still order before orders wait, in company "
        "currency and without this order.",
    )
    o2c_company_currency_id = fields.Many2one(
        related="company_id.currency_id", string="Currency of the company"
    )

    _o2c_open_idx = models.Index(
        "(partner_invoice_id)"
        " WHERE state = 'sale' AND invoice_status IN ('no', 'to invoice')"
    )

    @api.depends("o2c_hold_ids.state")
    def _compute_o2c_hold_id(self):
        for order in self:
            order.o2c_hold_id = order.o2c_hold_ids.filtered(
                lambda hold: hold.state in OPEN
            )[:1]

    def _search_o2c_hold_id(self, operator, value):
        if operator not in ("in", "any", "any!"):
            return NotImplemented
        holds = Domain("state", "in", OPEN)
        if operator == "in":
            ids = [number for number in value if number]
            found = Domain("o2c_hold_ids", "any", holds & Domain("id", "in", ids))
            if False in value:
                found |= ~Domain("o2c_hold_ids", "any", holds)
            return found
        return Domain("o2c_hold_ids", "any", holds & Domain(value))

    @api.depends("partner_invoice_id", "company_id", "state")
    def _compute_o2c_free_credit(self):
        """Only for orders that are not confirmed: it is to be seen before."""
        self.o2c_has_credit_limit = False
        self.o2c_free_credit = 0.0
        waiting = self.filtered(
            lambda order: order.state in ("draft", "sent") and order.partner_invoice_id
        )
        if not waiting:
            return
        # sudo: salespeople see how much is free, not what it is made of
        free = self.env["o2c.credit.check"].sudo()._free_credit(waiting)
        for order in waiting:
            if order in free:
                order.o2c_has_credit_limit = True
                order.o2c_free_credit = free[order]

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    def action_o2c_ask(self):
        """Ask for release of this order, or for room to let it grow."""
        self.ensure_one()
        self.check_access("write")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Ask for credit"),
            "res_model": "o2c.credit.request",
            "view_mode": "form",
            "target": "new",
            "context": {"default_order_id": self.id},
        }

    def _o2c_awaits_us(self):
        """Whether the customer has done his part, and the order is on hold."""
        self.ensure_one()
        hold_sudo = self.sudo().o2c_hold_id  # sudo: the page of a customer
        return (
            hold_sudo.kind == "order"
            and self.state in ("draft", "sent")
            and not self._has_to_be_signed()
            and not self._has_to_be_paid()
        )
