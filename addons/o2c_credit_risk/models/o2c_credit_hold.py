from odoo import api, fields, models
from odoo.exceptions import AccessError

from ..domain.credit_check import payment_that_frees

#: Holds that somebody, or money, still has to decide.
OPEN = ("held", "requested")

#: What those who decide may write themselves; all else comes from deciding.
USER_FIELDS = {"priority"}


class O2cCreditHold(models.Model):
    """An order that waits for credit, and its way to release.

    ``order`` is a quotation that stays unconfirmed; ``growth`` is what was added to a
    confirmed order. The check it points to has the figures of that moment.
    """

    _name = "o2c.credit.hold"
    _description = "Credit hold"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "priority DESC, id"
    _rec_name = "sale_order_id"
    _mail_post_access = "read"

    debtor_id = fields.Many2one(
        "o2c.debtor",
        "Customer account",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    partner_id = fields.Many2one(
        related="debtor_id.partner_id", string="Customer", store=True
    )
    is_natural_person = fields.Boolean(related="debtor_id.is_natural_person")
    company_id = fields.Many2one(related="debtor_id.company_id", store=True, index=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    sale_order_id = fields.Many2one(
        "sale.order", "Order", required=True, readonly=True, ondelete="cascade"
    )
    salesperson_id = fields.Many2one(
        related="sale_order_id.user_id", string="Salesperson", store=True
    )
    kind = fields.Selection(
        [("order", "Order"), ("growth", "Growth")],
        required=True,
        readonly=True,
        default="order",
        help="Growth: something was added to an order that is confirmed already.",
    )
    state = fields.Selection(
        [
            ("held", "Held"),
            ("requested", "Release asked for"),
            ("released", "Released"),
            ("refused", "Refused"),
            ("expired", "Expired"),
        ],
        required=True,
        readonly=True,
        default="held",
        tracking=True,
        index=True,
    )
    is_ahead = fields.Boolean(
        "Asked ahead",
        readonly=True,
        help="The order has not grown yet: somebody asked whether it may.",
    )
    priority = fields.Selection(
        [("0", "Normal"), ("1", "Important"), ("2", "Urgent")],
        default="0",
        help="When money comes in, orders are freed by priority, then by age.",
    )
    check_id = fields.Many2one(
        "o2c.credit.check", "Last check", readonly=True, ondelete="restrict"
    )
    reason = fields.Char(compute="_compute_reason", compute_sudo=True)
    amount_need = fields.Monetary(related="check_id.amount_need", related_sudo=True)
    amount_over = fields.Monetary(
        "Over",
        readonly=True,
        help="By how much the credit would have been exceeded.",
    )
    amount_cap = fields.Monetary(
        "Released up to",
        readonly=True,
        tracking=True,
        help="The release covers the order up to this total, in company currency.",
    )
    date_expiry = fields.Date(
        "Release ends",
        readonly=True,
        tracking=True,
        help="Last day on which the release can be used.",
    )
    amount_to_pay = fields.Monetary(
        "Payment that frees it",
        compute="_compute_amount_to_pay",
        compute_sudo=True,
        help="The smallest payment after which this order fits, as things stand now. "
        "Empty: money alone does not help.",
    )
    user_id = fields.Many2one(
        "res.users", "Confirmed by", readonly=True, help="Who tried to confirm it."
    )
    requested_by_id = fields.Many2one("res.users", "Asked by", readonly=True)
    asked_by_ids = fields.Many2many(
        "res.users",
        "o2c_credit_hold_asked_by_rel",
        string="Wanted by",
        readonly=True,
        help="Everybody who tried to confirm the order, or asked for its release. "
        "None of them releases it, unless nobody else can.",
    )
    request_comment = fields.Text(readonly=True)
    decided_by_id = fields.Many2one(
        "res.users", "Decided by", readonly=True, tracking=True
    )
    decided_at = fields.Datetime(readonly=True)
    decision_comment = fields.Text(readonly=True, tracking=True)
    released_by = fields.Selection(
        [("approval", "Approval"), ("credit", "Free credit")],
        readonly=True,
        help="Somebody approved it, or there was credit again: money came in, the "
        "limit was raised, the order became smaller.",
    )
    is_self_released = fields.Boolean(
        "Released by who asked",
        readonly=True,
        help="Nobody else could decide; the comment says why.",
    )
    date_consumed = fields.Datetime(
        "Used",
        readonly=True,
        help="When the release confirmed the order. Cancelling the order gives it "
        "back.",
    )
    send_confirmation = fields.Boolean(
        readonly=True,
        help="The customer gets the confirmation by e-mail when the order is freed.",
    )
    confirm_problem = fields.Char(
        "Not confirmed because",
        readonly=True,
        help="Why the order could not be confirmed after it was freed.",
    )

    _one_open = models.UniqueIndex(
        "(sale_order_id) WHERE state IN ('held', 'requested')",
        "An order has one open hold.",
    )
    _order_idx = models.Index("(sale_order_id, id)")

    # ------------------------------------------------------------------
    # Computes
    # ------------------------------------------------------------------

    @api.depends("check_id")
    @api.depends_context("lang")
    def _compute_reason(self):
        for hold in self:
            hold.reason = hold.check_id.reason

    def _compute_amount_to_pay(self):
        """Checked afresh: what other orders and payments did since counts."""
        self.amount_to_pay = False
        waiting = self.filtered(lambda hold: hold.state in OPEN)
        orders = waiting.filtered(lambda hold: hold.kind == "order")
        results = orders._evaluate_now(apart=True)
        for hold in waiting - orders:  # few: what core has added beyond the credit
            results += hold._evaluate_now()
        holds = {hold.sale_order_id: hold for hold in waiting}
        for result in results:
            payment = payment_that_frees(result["rules"])
            holds[result["order"]].amount_to_pay = payment or False

    def _evaluate_now(self, apart=False):
        """What a check of these orders finds now, without going through the gate.

        :param apart: whether each is looked at as if it were the only one; else those
            that fit are taken to be confirmed when the next one is looked at
        """
        checks = self.env["o2c.credit.check"]
        needs = self.filtered(lambda h: h.kind == "order").sale_order_id._o2c_needs()
        results = checks._evaluate(needs, gated=False, apart=apart)
        growth = self.filtered(lambda hold: hold.kind == "growth")
        for ahead, holds in growth.grouped("is_ahead").items():
            needs = {hold.sale_order_id: hold._growth_need() for hold in holds}
            results += checks._evaluate(needs, counted=not ahead, gated=False)
        return results

    def _growth_need(self):
        return self.sale_order_id._o2c_growth_need(self.amount_need)

    # ------------------------------------------------------------------
    # Writing
    # ------------------------------------------------------------------

    def write(self, vals):
        """Let users write what is theirs; the state follows from deciding."""
        kept = {
            name
            for name in vals.keys() - USER_FIELDS
            if not name.startswith(("message_", "activity_"))
        }
        if kept and not self.env.su:
            raise AccessError(
                self.env._(
                    "A hold is decided with its buttons: %(names)s cannot be written.",
                    names=", ".join(sorted(kept)),
                )
            )
        return super().write(vals)
