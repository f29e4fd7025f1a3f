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

    # ------------------------------------------------------------------
    # What an order needs
    # ------------------------------------------------------------------

    def _o2c_credit_key(self):
        """(customer, root company) whose credit the order uses, in superuser mode."""
        order_sudo = self.sudo()  # sudo: the invoice address of any branch
        partner = order_sudo.partner_invoice_id or order_sudo.partner_id
        return (
            partner.commercial_partner_id._origin,
            order_sudo.company_id._o2c_root(),
        )

    def _o2c_needs(self):
        """dict of these orders to what each of them needs, see ``_o2c_need``."""
        return {order: order.sudo()._o2c_need() for order in self}

    def _o2c_need(self):
        """The credit an order needs, in company currency.

        :return: dict of ``amount``: its total less its own payments and posted down
            payments; ``total``: what a release must reach up to, which an invoice in
            advance does not lower; ``own_money``: its payments that are unapplied
            credit of the customer too; ``kind``
        """
        self.ensure_one()
        paid = sum(
            payment.amount
            for payment in self.transaction_ids
            if payment.state in ("authorized", "done")
            and payment.operation != "validation"
            and payment.currency_id == self.currency_id
        )
        unpaid = self.amount_total - paid
        rest = unpaid - self._o2c_down_payments()
        return {
            "amount": self._o2c_to_company(max(rest, 0.0)),
            "total": self._o2c_to_company(max(unpaid, 0.0)),
            "own_money": self._o2c_own_money(),
            "kind": "order",
        }

    def _o2c_to_company(self, amount):
        """An amount of the order in company currency, at today's rate."""
        root = self.company_id._o2c_root()
        return self.currency_id._convert(
            amount, root.currency_id, root, root._o2c_today()
        )

    def _o2c_down_payments(self):
        """What was invoiced in advance and not deducted yet, with tax."""
        lines = self.order_line.filtered("is_downpayment").invoice_lines.filtered(
            lambda line: (
                line.parent_state == "posted" and line.currency_id == self.currency_id
            )
        )
        return sum(
            -line.price_total
            if line.move_id.move_type == "out_refund"
            else line.price_total
            for line in lines
        )

    def _o2c_own_money(self):
        """Payments for this order that count as the customer's unapplied credit."""
        payments = self.transaction_ids.filtered(
            lambda payment: payment.state == "done"
        ).payment_id
        lines = payments.move_id.line_ids.filtered(
            lambda line: (
                line.account_id.account_type == "asset_receivable"
                and line.parent_state == "posted"
            )
        )
        return max(0.0, -sum(lines.mapped("amount_residual")))

    def _o2c_release_need(self):
        """What a release of this order has to reach up to."""
        return self._o2c_need()["total"] or self._o2c_to_company(self.amount_total)
