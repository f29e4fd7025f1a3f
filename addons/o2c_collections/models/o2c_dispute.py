from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tools import format_amount

from odoo.addons.o2c_base.tools.transaction import one_at_a_time

from ..domain.dispute import COUNTED_STATES, OPEN_STATES

#: What is written by hand, until the dispute is decided; all else has its button.
USER_FIELDS = {"amount", "description", "line_ids", "owner_id", "reason_id"}
#: What its owner may write who has no role in Receivables.
OWNER_FIELDS = {"description"}
ROLES = "o2c_base.group_collector,o2c_base.group_credit_manager"


class O2cDispute(models.Model):
    """A part of one invoice that the customer does not accept.

    That part rests, the rest is chased. ``amount`` is in the invoice's currency, with
    tax. A deduction is a short payment: the customer has taken his right himself. The
    conversation with him stands in the record's chatter.
    """

    _name = "o2c.dispute"
    _description = "Dispute"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "date_deadline, id"
    _rec_names_search = ["move_name"]
    _check_company_auto = True

    move_id = fields.Many2one(
        "account.move",
        "Invoice",
        required=True,
        index=True,
        ondelete="cascade",
        check_company=True,
        domain="[('move_type', 'in', ('out_invoice', 'out_receipt')),"
        " ('state', '=', 'posted'), ('payment_state', 'not in', ('paid', 'reversed'))]",
    )
    move_name = fields.Char("Invoice number", related="move_id.name", store=True)
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
    collector_id = fields.Many2one(related="debtor_id.collector_id")
    company_id = fields.Many2one(
        related="move_id.company_id", store=True, index=True, precompute=True
    )
    currency_id = fields.Many2one(related="move_id.currency_id", store=True)
    company_currency_id = fields.Many2one(
        related="company_id.currency_id", string="Company currency"
    )
    salesperson_id = fields.Many2one(
        related="move_id.invoice_user_id", string="Salesperson", store=True
    )
    product_id = fields.Many2one(
        "product.product",
        compute="_compute_product",
        store=True,
        compute_sudo=True,
        help="Of the largest disputed line; without lines, of the invoice's largest.",
    )
    kind = fields.Selection(
        [("dispute", "Dispute"), ("deduction", "Deduction")],
        required=True,
        readonly=True,
        default="dispute",
        help="Deduction: the customer paid less without asking.",
    )
    reason_id = fields.Many2one(
        "o2c.dispute.reason",
        required=True,
        index=True,
        tracking=True,
        ondelete="restrict",
        domain="[('kind', 'in', ('any', kind))]",
    )
    hint = fields.Text("What proves it", related="reason_id.hint")
    description = fields.Text("In the customer's words")
    amount = fields.Monetary(
        "Disputed",
        required=True,
        tracking=True,
        help="With tax, in the currency of the invoice. No more than what is open of "
        "it rests.",
    )
    amount_company = fields.Monetary(
        "Disputed in company currency",
        compute="_compute_amount_company",
        store=True,
        currency_field="company_currency_id",
        help="At the rate at which the invoice was booked.",
    )
    amount_invoice = fields.Monetary("Invoice total", compute="_compute_invoice")
    amount_open = fields.Monetary("Open of the invoice", compute="_compute_invoice")
    line_ids = fields.One2many(
        "o2c.dispute.line",
        "dispute_id",
        "Disputed lines",
        help="Empty: an amount of the whole invoice is disputed.",
    )
    owner_id = fields.Many2one(
        "res.users",
        tracking=True,
        index=True,
        domain=[("share", "=", False)],
        ondelete="set null",
        help="Who finds out whether the customer is right. Outside Receivables he sees "
        "this dispute and no other.",
    )
    state = fields.Selection(
        [
            ("open", "Open"),
            ("waiting", "Waiting for the customer"),
            ("accepted", "Accepted"),
            ("rejected", "Rejected"),
            ("withdrawn", "Withdrawn"),
        ],
        required=True,
        readonly=True,
        default="open",
        tracking=True,
        index=True,
        group_expand=True,
    )
    raised_by_id = fields.Many2one(
        "res.users",
        "Raised by",
        readonly=True,
        default=lambda self: self.env.user,
        ondelete="set null",
    )
    date_raised = fields.Datetime(
        "Raised on", required=True, readonly=True, default=fields.Datetime.now
    )

    _amount_positive = models.Constraint(
        "CHECK(amount > 0)", "Dispute more than nothing."
    )
    _open_idx = models.Index("(debtor_id) WHERE state IN ('open', 'waiting')")

    # ------------------------------------------------------------------
    # Computes
    # ------------------------------------------------------------------

    @api.depends("move_name", "reason_id", "kind")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for dispute in self:
            parts = [dispute.move_name, dispute.reason_id.name]
            dispute.display_name = ": ".join(filter(None, parts))

    @api.depends("move_id")
    def _compute_invoice(self):
        for dispute in self:
            move_sudo = dispute._known_move_sudo()
            dispute.amount_invoice = move_sudo.amount_total
            dispute.amount_open = move_sudo.amount_residual

    def _known_move_sudo(self):
        """The invoice as far as the reader may know of it: his own, or the stored one.

        A form that is being filled in may name any invoice.
        """
        move = self.move_id if self.move_id.has_access("read") else self._origin.move_id
        # sudo: who may read the dispute may know the figures of its invoice
        return move._origin.sudo()

    @api.depends("amount", "move_id")
    def _compute_amount_company(self):
        for dispute in self:
            move_sudo = dispute.sudo().move_id  # sudo: the owner may not read invoices
            total = move_sudo.amount_total
            rate = abs(move_sudo.amount_total_signed) / total if total else 1.0
            currency = move_sudo.company_currency_id
            amount = dispute.amount * rate
            dispute.amount_company = currency.round(amount) if currency else amount

    @api.depends("line_ids.amount", "line_ids.product_id", "move_id")
    def _compute_product(self):
        for dispute in self:
            lines = dispute.line_ids.sorted("amount", reverse=True)
            billed = dispute.move_id.invoice_line_ids.sorted(
                "price_subtotal", reverse=True
            )
            products = lines.product_id or billed.product_id
            dispute.product_id = products[:1]

    @api.onchange("line_ids")
    def _onchange_line_ids(self):
        if self.line_ids:
            self.amount = sum(self.line_ids.mapped("amount"))

    @api.onchange("move_id")
    def _onchange_move_id(self):
        if self.move_id and not self.line_ids:
            self.amount = self.move_id.amount_residual

    # ------------------------------------------------------------------
    # Checks
    # ------------------------------------------------------------------

    @api.constrains("move_id")
    def _check_move(self):
        for dispute in self:
            if not dispute.move_id.is_sale_document(include_receipts=True) or (
                dispute.move_id.move_type == "out_refund"
            ):
                raise ValidationError(
                    self.env._("Only invoices to customers can be disputed.")
                )

    @api.constrains("owner_id", "company_id")
    def _check_owner(self):
        """Who answers works for the company: he reads the dispute and its messages."""
        for dispute in self:
            owner_sudo = dispute.sudo().owner_id  # sudo: of which companies he is
            if owner_sudo and (
                owner_sudo.share or dispute.company_id not in owner_sudo.company_ids
            ):
                raise ValidationError(
                    self.env._(
                        "%(user)s does not work for %(company)s: choose a colleague.",
                        user=owner_sudo.name,
                        company=dispute.sudo().company_id.name,
                    )
                )

    @api.constrains("amount", "move_id", "state")
    def _check_room(self):
        """Disputes of one invoice do not exceed it together."""
        one_at_a_time(self.debtor_id)
        for move in self.move_id:
            disputes = self.sudo().search(  # sudo: those of other owners count too
                [("move_id", "=", move.id), ("state", "in", COUNTED_STATES)]
            )
            move_sudo = move.sudo()  # sudo: the owner may not read invoices
            currency, total = move_sudo.currency_id, move_sudo.amount_total
            taken = sum(
                d.amount_accepted if d.state == "accepted" else d.amount
                for d in disputes
            )
            if disputes & self and currency.compare_amounts(taken, total) > 0:
                raise ValidationError(
                    self.env._(
                        "%(invoice)s is about %(total)s; disputed would be %(taken)s. "
                        "Lower the amount, or see the other disputes of this invoice.",
                        invoice=move_sudo.name,
                        total=format_amount(self.env, total, currency),
                        taken=format_amount(self.env, taken, currency),
                    )
                )

    @api.constrains("amount", "line_ids")
    def _check_lines(self):
        for dispute in self.filtered("line_ids"):
            lines = sum(dispute.line_ids.mapped("amount"))
            if dispute.currency_id.compare_amounts(lines, dispute.amount):
                raise ValidationError(
                    self.env._(
                        "The disputed lines sum to %(lines)s, the dispute is about "
                        "%(amount)s: make them equal, or leave the lines out.",
                        lines=format_amount(self.env, lines, dispute.currency_id),
                        amount=format_amount(
                            self.env, dispute.amount, dispute.currency_id
                        ),
                    )
                )

    # ------------------------------------------------------------------
    # Writing
    # ------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        """A dispute belongs to the invoice's customer, and has an owner and an end."""
        prepared = [self._prepare_new(vals) for vals in vals_list]
        disputes = super().create(prepared)
        for dispute in disputes:
            dispute._assign_owner()
            dispute._plan_deadline()
            dispute._ask_owner()
        disputes._rest_changed()
        disputes._record_event("dispute_opened")
        return disputes

    @api.model
    def _prepare_new(self, vals):
        """Values of a new dispute: what users may give, and what follows from them."""
        move = self.env["account.move"].browse(vals.get("move_id")).exists()
        if not move:
            raise UserError(self.env._("Choose the invoice that is disputed."))
        move.check_access("read")
        if move.state != "posted":
            raise UserError(self.env._("A draft can be mended: nothing to dispute."))
        allowed = {*USER_FIELDS, "move_id", "kind", "reply_id"}
        mine = {
            name: value
            for name, value in vals.items()
            if self.env.su or name in allowed or name.startswith(("message_", "activ"))
        }
        debtors = self.env["o2c.debtor"]
        debtor = debtors._ensure([(move.partner_id, move.company_id)])
        amount = mine.get("amount")
        if amount is None:
            commands = [c[2] for c in mine.get("line_ids") or [] if c[0] == 0]
            sums = [values.get("amount") or 0 for values in commands]
            amount = sum(sums) or move.amount_residual
        return {**mine, "debtor_id": debtor.id, "amount": amount}

    def write(self, vals):
        """Let users write what is theirs to say; the state follows from deciding."""
        if not self.env.su:
            theirs = ("message_", "activity_")
            self._check_written({n for n in vals if not n.startswith(theirs)})
        before = {dispute: dispute.owner_id for dispute in self}
        result = super().write(vals)
        if vals.keys() & {"amount", "amount_accepted", "outcome", "state", "debtor_id"}:
            self._rest_changed()
        if "owner_id" in vals:
            for dispute in self.filtered(lambda d: d.owner_id != before[d]):
                dispute._ask_owner()
        return result

    def _check_written(self, names):
        is_ours = self.env.user.has_groups(ROLES)
        kept = names - (USER_FIELDS if is_ours else OWNER_FIELDS)
        if kept:
            raise AccessError(
                self.env._(
                    "A dispute is decided with its buttons: %(names)s cannot be "
                    "written.",
                    names=", ".join(sorted(kept)),
                )
            )
        if names - OWNER_FIELDS and any(
            d.outcome or d.state not in OPEN_STATES for d in self
        ):
            raise UserError(
                self.env._("This dispute is decided: reopen it to change it.")
            )

    def _rest_changed(self):
        """Have the customers' stored figures refreshed."""
        # sudo: the owner may read neither the account nor the journal items
        lines_sudo = self.sudo().move_id.line_ids
        self.sudo().env["o2c.debtor.mark"]._mark_lines(lines_sudo)

    def _record_event(self, kind, **payload):
        for dispute in self:
            self.env["o2c.event"]._record(
                kind,
                dispute.sudo(),  # sudo: whose account it is, the owner may not read
                {
                    "invoice": dispute.move_name,
                    "amount": dispute.amount,
                    "reason": dispute.sudo().reason_id.code,  # sudo: as above
                    **payload,
                },
            )

    # ------------------------------------------------------------------
    # Owner
    # ------------------------------------------------------------------

    def _assign_owner(self):
        """Of the reason, else the collector, else who raised it, a colleague."""
        if not self.owner_id:
            # sudo: the keeper of the owner
            dispute_sudo = self.sudo()
            dispute_sudo.owner_id = (
                dispute_sudo.reason_id._find_user("owner_id", dispute_sudo.company_id)
                or dispute_sudo.debtor_id._responsible()
                or self.env.user.filtered(lambda user: not user.share)
                or dispute_sudo._escalation_user(1)
            )

    def _ask_owner(self):
        """A task for the owner, instead of the former owner's."""
        dispute_sudo = self.sudo()  # sudo: a task of another user
        dispute_sudo.activity_unlink(["mail.mail_activity_data_todo"])
        if self.owner_id and self.state in OPEN_STATES:
            # sudo: what the customer writes reaches him
            dispute_sudo.message_subscribe(self.sudo().owner_id.partner_id.ids)
            dispute_sudo.activity_schedule(
                "mail.mail_activity_data_todo",
                date_deadline=self._deadline_day(),
                summary=self.env._("Is the customer right?"),
                user_id=self.owner_id.id,
            )
