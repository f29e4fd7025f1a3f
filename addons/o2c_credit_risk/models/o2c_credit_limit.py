from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tools import formatLang

STATES = [
    ("draft", "Draft"),
    ("requested", "Requested"),
    ("approved", "Approved, begins later"),
    ("active", "Active"),
    ("expired", "Expired"),
    ("superseded", "Superseded"),
    ("refused", "Refused"),
]
KINDS = [("base", "Base limit"), ("temporary", "Temporary increase")]

#: What whoever asks may write, while it is a draft.
ASKED = {
    "amount",
    "cover_id",
    "currency_id",
    "date_from",
    "date_to",
    "document_ids",
    "kind",
    "reason",
}
#: What whoever decides may change on a request.
DECIDED_FIELDS = {
    "amount",
    "cover_id",
    "date_from",
    "date_to",
    "decision_note",
    "document_ids",
}


class O2cCreditLimit(models.Model):
    """A dated credit limit of a customer, from the request to its end.

    A base limit says how much a customer may owe; a temporary increase comes on top
    while it runs. One of each kind is active at a time; the others are its history.
    """

    _name = "o2c.credit.limit"
    _description = "Credit limit"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "date_from DESC, id DESC"
    _rec_names_search = ["partner_id"]
    _mail_post_access = "read"

    debtor_id = fields.Many2one(
        "o2c.debtor",
        "Customer account",
        required=True,
        index=True,
        ondelete="cascade",
    )
    partner_id = fields.Many2one(
        "res.partner",
        "Customer",
        compute="_compute_partner_id",
        store=True,
        readonly=False,
        index=True,
        ondelete="cascade",
        domain=[("parent_id", "=", False)],
        help="The company or person who is given credit. A contact stands for the "
        "company it belongs to.",
    )
    company_id = fields.Many2one(related="debtor_id.company_id", store=True)
    kind = fields.Selection(
        KINDS,
        required=True,
        default="base",
        help="A temporary increase comes on top of the base limit and has an end.",
    )
    state = fields.Selection(
        STATES,
        required=True,
        readonly=True,
        default="draft",
        copy=False,
        tracking=True,
        index=True,
    )
    amount = fields.Monetary(
        required=True, tracking=True, help="0 is a limit too: no credit at all."
    )
    currency_id = fields.Many2one(
        "res.currency",
        required=True,
        default=lambda self: self.env.company.currency_id,
    )
    company_currency_id = fields.Many2one(
        "res.currency",
        related="company_id.currency_id",
        string="Company currency",
    )
    amount_company = fields.Monetary(
        "In company currency",
        compute="_compute_amount_company",
        store=True,
        currency_field="company_currency_id",
        help="By the rate of the day on which the limit begins; it stays the same "
        "while the limit runs.",
    )
    date_from = fields.Date(
        "From",
        required=True,
        default=lambda self: self.env.company._o2c_today(),
        tracking=True,
        help="First day on which it counts.",
    )
    date_to = fields.Date(
        "To", tracking=True, help="Last day on which it counts. Empty: until changed."
    )
    date_ended = fields.Date(
        "Ended",
        readonly=True,
        copy=False,
        help="Last day on which it counted, where that was earlier than planned.",
    )
    cover_id = fields.Many2one(
        "o2c.credit.cover",
        "Bound to cover",
        domain="[('partner_id', '=', partner_id)]",
        copy=False,
        ondelete="restrict",
        help="The limit counts only while this insurance or guarantee runs.",
    )
    reason = fields.Text(help="Why the customer should have this limit.")
    document_ids = fields.Many2many(
        "ir.attachment",
        string="Documents",
        copy=False,
        bypass_search_access=True,
        help="Balance sheets, references, a guarantee.",
    )
    decision_note = fields.Char(
        "Note on the decision",
        copy=False,
        tracking=True,
        help="Needed to refuse, and to approve one's own request where nobody else "
        "can.",
    )
    requested_by_id = fields.Many2one(
        "res.users", "Requested by", readonly=True, copy=False
    )
    requested_at = fields.Datetime("Requested at", readonly=True, copy=False)
    decided_by_id = fields.Many2one(
        "res.users", "Decided by", readonly=True, copy=False
    )
    decided_at = fields.Datetime("Decided at", readonly=True, copy=False)
    is_self_approved = fields.Boolean(
        "Approved by who asked",
        readonly=True,
        copy=False,
        help="Nobody else could decide. The note says why it was right.",
    )
    amount_proposed = fields.Monetary(
        "Next amount",
        copy=False,
        help="What the limit could be instead, at its next review. It changes nothing "
        "until it is asked for and approved.",
    )
    renewal_opened_on = fields.Date("Renewal opened", readonly=True, copy=False)

    _one_active = models.UniqueIndex(
        "(debtor_id, kind) WHERE state = 'active'",
        "A customer has one active limit of each kind.",
    )
    _running_idx = models.Index("(company_id, state, date_to)")

    # ------------------------------------------------------------------
    # Computes
    # ------------------------------------------------------------------

    @api.depends("debtor_id")
    def _compute_partner_id(self):
        for limit in self:
            limit.partner_id = limit.debtor_id.partner_id or limit.partner_id

    @api.depends("amount", "currency_id", "date_from", "company_id")
    def _compute_amount_company(self):
        for limit in self:
            company = limit.company_id or self.env.company
            limit.amount_company = (
                limit.currency_id
                and limit.date_from
                and limit.currency_id._convert(
                    limit.amount, company.currency_id, company, limit.date_from
                )
            )

    @api.depends("kind", "amount", "currency_id", "partner_id")
    @api.depends_context("lang")
    def _compute_display_name(self):
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        for limit in self:
            amount = formatLang(self.env, limit.amount, currency_obj=limit.currency_id)
            # sudo: who sees the limit sees whose it is
            name = limit.sudo().partner_id.display_name or ""
            limit.display_name = f"{name}: {kinds.get(limit.kind, '')} {amount}"

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        """Find the customer's account, and make it where there is none yet."""
        vals_list = [dict(vals) for vals in vals_list]
        allowed = self._may_write("draft") | {"debtor_id", "partner_id"}
        for vals in vals_list:
            self._check_user_fields(vals.keys(), allowed)
            if not vals.get("debtor_id"):
                vals["debtor_id"] = self._account_of(vals.get("partner_id")).id
            vals.pop("partner_id", None)
        limits = super().create(vals_list)
        limits._own_documents()
        return limits

    def write(self, vals):
        """Let people write what is theirs at this state, the gate the rest."""
        if not self.env.su:
            for state, limits in self.grouped("state").items():
                limits._check_user_fields(vals.keys(), limits._may_write(state))
        result = super().write(vals)
        if "document_ids" in vals:
            self._own_documents()
        return result

    @api.model
    def _account_of(self, partner_id):
        """The account of a customer in the present company."""
        partner = self.env["res.partner"].browse(partner_id or ()).exists()
        if not partner:
            raise ValidationError(self.env._("Say whose credit limit it is."))
        partner.check_access("read")
        return self.env["o2c.debtor"]._ensure([(partner, self.env.company)])

    def _may_write(self, state):
        """Fields that the user may write on limits of a state."""
        decides = self.env.user.has_group("o2c_base.group_credit_manager")
        if state == "draft":
            return ASKED | ({"decision_note"} if decides else set())
        if state == "requested" and decides:
            return DECIDED_FIELDS
        return {"amount_proposed", "document_ids"} if decides else set()

    @api.model
    def _check_user_fields(self, names, allowed):
        if self.env.su:
            return
        kept = {
            name
            for name in names - allowed
            if not name.startswith(("message_", "activity_", "website_message_"))
        }
        if kept:
            raise AccessError(
                self.env._(
                    "A credit limit is changed by deciding on it, or by asking for a "
                    "new one: %(names)s cannot be written now.",
                    names=", ".join(sorted(kept)),
                )
            )

    def _own_documents(self):
        """Let those who see a limit see its documents."""
        for limit in self:
            documents_sudo = limit.document_ids.sudo()  # sudo: of whoever asked
            documents_sudo.filtered(
                lambda document: (
                    document.create_uid == self.env.user and not document.res_id
                )
            ).write({"res_model": self._name, "res_id": limit.id})

    @api.ondelete(at_uninstall=False)
    def _unlink_draft_only(self):
        """Refuse: what was asked or decided is history."""
        if any(limit.state != "draft" for limit in self):
            raise UserError(
                self.env._(
                    "Only drafts can be deleted: what was asked for and decided is "
                    "kept."
                )
            )
