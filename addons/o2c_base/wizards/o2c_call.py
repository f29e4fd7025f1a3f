from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import plaintext2html

OUTCOMES = [
    ("reached", "Reached"),
    ("promised", "Promised to pay"),
    ("voicemail", "Left a message"),
    ("not_reached", "Not reached"),
    ("wrong_number", "Wrong number"),
    ("wrong_person", "Wrong person"),
    ("wrong_address", "Wrong address"),
]
#: Outcomes after which a planned call is still to be made.
NOT_MADE = ("not_reached", "wrong_number", "wrong_person")


class O2cCall(models.TransientModel):
    """A call with a customer: what came of it, and when to call again.

    It ends up on the customer's timeline. A call that was planned is done with it,
    unless nobody was reached; then it moves to the next day of calling.
    """

    _name = "o2c.call"
    _description = "Log a call"

    debtor_id = fields.Many2one(
        "o2c.debtor", "Customer account", required=True, readonly=True
    )
    commercial_partner_id = fields.Many2one(related="debtor_id.partner_id")
    partner_id = fields.Many2one(
        "res.partner",
        "Person",
        domain="[('commercial_partner_id', '=', commercial_partner_id)]",
        help="Whom you spoke to, or wanted to speak to.",
    )
    phone = fields.Char(
        "Number", compute="_compute_phone", help="The person's, else the company's."
    )
    outcome = fields.Selection(OUTCOMES, required=True, default="reached")
    note = fields.Text(
        help="What was said, and what was promised: who pays what, until when."
    )
    date_next = fields.Date("Call again on", help="Plans a call on this day.")
    activity_id = fields.Many2one(
        "mail.activity",
        "Planned call",
        domain="[('res_model', '=', 'o2c.debtor'), ('res_id', '=', debtor_id)]",
        help="The call that was planned. It is done with this one, unless nobody was "
        "reached.",
    )

    @api.model
    def default_get(self, fields_list):
        """EXTENDS base: the customer's accounts payable, and the call planned first."""
        values = super().default_get(fields_list)
        debtor = self.env["o2c.debtor"].browse(values.get("debtor_id"))
        if debtor:
            person = debtor.contact_ids.filtered(
                lambda contact: contact.o2c_contact_role == "accounts_payable"
            )
            values.setdefault("partner_id", (person or debtor.partner_id)[:1].id)
            values.setdefault("activity_id", debtor._planned_calls()[:1].id)
        return values

    @api.depends("partner_id", "debtor_id")
    def _compute_phone(self):
        for call in self:
            call.phone = call.partner_id.phone or call.debtor_id.partner_id.phone

    def action_log(self):
        """Put the call on the timeline, and plan the next one."""
        self.ensure_one()
        self.debtor_id.check_access("write")
        self._check_sense()
        self._post()
        if self.date_next:
            self._plan_next()
        self._mend_contact()
        self.env["o2c.event"]._record(
            "call_logged", self.debtor_id, {"outcome": self.outcome}
        )
        return {"type": "ir.actions.act_window_close"}

    def _check_sense(self):
        # sudo: a user of a branch may not read its root company
        today = self.debtor_id.company_id.sudo()._o2c_today()
        if self.date_next and self.date_next < today:
            raise UserError(
                self.env._("The next call cannot be in the past: choose another day.")
            )
        customer = self.debtor_id.partner_id
        if self.partner_id and self.partner_id.commercial_partner_id != customer:
            raise UserError(
                self.env._("This person is no contact of the customer: choose another.")
            )
        if self.activity_id and self.activity_id not in self.debtor_id._planned_calls():
            raise UserError(self.env._("This call is no longer planned."))

    def _post(self):
        done = self.activity_id
        if done and self.outcome not in NOT_MADE:
            # core's own message, as a call among calls
            messages, _next = done._action_done(feedback=self._summary())
            subtype_id = self.env["ir.model.data"]._xmlid_to_res_id("o2c_base.mt_call")
            # sudo: the message was posted just now, by this very user
            messages.sudo().subtype_id = subtype_id
            return
        self.debtor_id.message_post(
            body=Markup("<p>%s</p>") % plaintext2html(self._summary()),
            subtype_xmlid="o2c_base.mt_call",
        )

    def _summary(self):
        """The call in words, as plain text."""
        outcome = dict(self._fields["outcome"]._description_selection(self.env))
        person = self.partner_id.name
        if self.phone:
            person = f"{person} ({self.phone})" if person else self.phone
        head = outcome[self.outcome]
        lines = [f"{head}: {person}" if person else head, self.note or ""]
        return "\n".join(line for line in lines if line.strip())

    def _plan_next(self):
        if self.activity_id.active and self.outcome in NOT_MADE:
            self.activity_id.date_deadline = self.date_next
            return
        self.debtor_id.activity_schedule(
            "mail.mail_activity_data_call",
            date_deadline=self.date_next,
            user_id=self.debtor_id.collector_id.id or self.env.uid,
        )

    def _mend_contact(self):
        """What is wrong stays wrong until somebody finds what is right."""
        summary = {
            "wrong_number": self.env._("Find the right telephone number"),
            "wrong_person": self.env._("Find out who pays invoices"),
            "wrong_address": self.env._("Find the right address"),
        }.get(self.outcome)
        if not summary:
            return
        self.debtor_id.activity_schedule(
            "mail.mail_activity_data_todo",
            summary=summary,
            note=plaintext2html(self._summary()),
            user_id=self.debtor_id.collector_id.id or self.env.uid,
        )
        if self.outcome == "wrong_person":
            # sudo: collectors keep no contacts; this one is no longer written to
            self.partner_id.sudo().filtered(
                lambda person: person.o2c_contact_role == "accounts_payable"
            ).o2c_contact_role = False
