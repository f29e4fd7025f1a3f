from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import email_normalize, format_amount, format_date, plaintext2html

#: What a collector completes before he accepts; the rest is the customer's word.
USER_FIELDS = {"answer", "person_name", "person_email", "is_for_reminders"}
USER_FIELDS |= {"is_for_invoices"}


class O2cPortalRequest(models.Model):
    """What a customer asks for on his page and a person decides, in a click.

    Nothing of it takes effect before: a promise beyond the policy, another contact, or
    a text, such as one on bank details, for which there is no field at all.
    """

    _name = "o2c.portal.request"
    _description = "Customer's request"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "id DESC"

    debtor_id = fields.Many2one(
        "o2c.debtor",
        "Customer",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one(related="debtor_id.company_id", store=True, index=True)
    currency_id = fields.Many2one("res.currency", readonly=True)
    actor_id = fields.Many2one(
        "res.partner", "Asked by", readonly=True, ondelete="set null"
    )
    kind = fields.Selection(
        [("promise", "Payment plan"), ("contact", "Contact"), ("message", "Message")],
        required=True,
        readonly=True,
    )
    state = fields.Selection(
        [("new", "To decide"), ("accepted", "Accepted"), ("refused", "Refused")],
        required=True,
        readonly=True,
        default="new",
        index=True,
        tracking=True,
    )
    text = fields.Text("In the customer's words", readonly=True)
    proposal = fields.Json(readonly=True, help="Days and amounts that are proposed.")
    proposal_text = fields.Char("Proposed", compute="_compute_proposal_text")
    move_line_ids = fields.Many2many(
        "account.move.line",
        "o2c_portal_request_item_rel",
        "request_id",
        "line_id",
        "Items",
        readonly=True,
        help="What the proposal is about; empty: the whole account.",
    )
    person_name = fields.Char("Contact's name", help="Complete it, then accept.")
    person_email = fields.Char("Contact's e-mail", help="Complete it, then accept.")
    is_for_reminders = fields.Boolean("Gets reminders")
    is_for_invoices = fields.Boolean("Gets invoices")
    answer = fields.Text(
        "Answer to the customer", help="Goes to who asked, with what was decided."
    )
    decided_by_id = fields.Many2one(
        "res.users", "Decided by", readonly=True, ondelete="set null"
    )

    @api.depends("debtor_id", "kind")
    @api.depends_context("lang")
    def _compute_display_name(self):
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        for request in self:
            # sudo: who sees the request sees whose it is
            name = request.sudo().debtor_id.partner_id.name or ""
            request.display_name = f"{name}: {kinds.get(request.kind, '')}"

    @api.depends("proposal", "currency_id")
    @api.depends_context("lang")
    def _compute_proposal_text(self):
        for request in self:
            request.proposal_text = ", ".join(
                self.env._(
                    "%(amount)s on %(day)s",
                    amount=format_amount(self.env, amount, request.currency_id),
                    day=format_date(self.env, day),
                )
                for day, amount in request.proposal or ()
            )

    def write(self, vals):
        """Let users complete what the customer asks for, until it is decided."""
        if not self.env.su:
            names = {n for n in vals if not n.startswith(("message_", "activity_"))}
            if names - USER_FIELDS:
                raise AccessError(
                    self.env._("What the customer asked for stays as he wrote it.")
                )
            if names:
                self._check_new()
        return super().write(vals)

    # ------------------------------------------------------------------
    # Buttons
    # ------------------------------------------------------------------

    def action_accept(self):
        """Do what the customer asks for, within what the user may agree to."""
        self._check_decider()
        for request in self:
            if request.kind == "promise":
                request._accept_promise()
            elif request.kind == "contact":
                request._accept_contact()
            request._decided("accepted")
        return True

    def action_refuse(self):
        """Nothing of it is done; the customer gets the answer."""
        self._check_decider()
        for request in self:
            request._decided("refused")
        return True

    def action_open_debtor(self):
        """The customer account behind the request."""
        self.ensure_one()
        self.check_access("read")
        return self.debtor_id.get_formview_action()

    # ------------------------------------------------------------------
    # Deciding
    # ------------------------------------------------------------------

    def _check_new(self):
        if any(request.state != "new" for request in self):
            raise UserError(self.env._("This request is decided already."))

    def _check_decider(self):
        self.check_access("write")
        self.debtor_id.check_access("write")
        self.sudo().lock_for_update()  # sudo: a double click meets the first one
        self._check_new()

    def _accept_promise(self):
        """Take the promise as the user, who is held to his own limits."""
        items = self.move_line_ids
        open_items = items & self.debtor_id._open_lines()
        if items and not open_items:
            raise UserError(self.env._("What it is about is paid: refuse the request."))
        self.debtor_id._take_promise(
            [(fields.Date.to_date(day), amount) for day, amount in self.proposal],
            items=open_items,
            channel="portal",
            person_id=self.actor_id.id,
            currency_id=self.currency_id.id,
            note=self.text,
        )

    def _accept_contact(self):
        """Write to the named person from now on."""
        address = email_normalize(self.person_email)
        if not (address and (self.person_name or "").strip()):
            raise UserError(
                self.env._("Enter the contact's name and e-mail, as the customer says.")
            )
        if not (self.is_for_reminders or self.is_for_invoices):
            raise UserError(self.env._("Say what the contact gets."))
        # sudo: collectors keep no contacts; these are this customer's
        family_sudo = self.debtor_id.sudo().partner_id
        people_sudo = family_sudo.child_ids
        if self.is_for_reminders:
            self._person_sudo("contact", address).o2c_contact_role = "accounts_payable"
            others = people_sudo.filtered(
                lambda person: (
                    person.o2c_contact_role == "accounts_payable"
                    and person.email_normalized != address
                )
            )
            others.o2c_contact_role = False
        if self.is_for_invoices:
            self._person_sudo("invoice", address)

    def _person_sudo(self, kind, address):
        """The customer's contact of that address, made where there is none."""
        partner_sudo = self.debtor_id.sudo().partner_id  # sudo: as the caller says
        found = partner_sudo.child_ids.filtered(
            lambda person: person.type == kind and person.email_normalized == address
        )
        return found[:1] or partner_sudo.create(
            {
                "name": self.person_name.strip(),
                "email": address,
                "type": kind,
                "parent_id": partner_sudo.id,
                "lang": self.actor_id.lang or partner_sudo.lang,
            }
        )

    def _decided(self, state):
        # sudo: the decision has this gate
        request_sudo = self.sudo()
        request_sudo.write({"state": state, "decided_by_id": self.env.uid})
        request_sudo.activity_ids.unlink()
        self.env["o2c.event"]._record("request_decided", request_sudo, {"state": state})
        states = dict(self._fields["state"]._description_selection(self.env))
        words = "\n".join(filter(None, [states[state], self.answer]))
        partners = self.actor_id.filtered("email_normalized")
        self.message_post(
            body=plaintext2html(words),
            partner_ids=partners.ids,
            subtype_xmlid="mail.mt_comment" if partners else "mail.mt_note",
        )
