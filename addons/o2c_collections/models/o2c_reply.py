from datetime import timedelta

from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import email_normalize, format_date

from ..domain.pause import PAUSE_DAYS_MAX
from ..domain.reply_rules import DISPUTE, PAID, PROMISE, suggest
from ..domain.reply_text import TEXT_MAX, own_words

#: How long a customer rests on what he said, once a person has confirmed it.
PAID_DAYS = 5
DISPUTE_DAYS = 14

KINDS = [
    (PROMISE, "Names a day"),
    (DISPUTE, "Disputes something"),
    (PAID, "Says paid"),
]


class O2cReply(models.Model):
    """A mail that a customer wrote: what it says, and what a person made of it.

    The mail itself, with what is attached, stands on the timeline of the customer
    account. One whose sender fits no customer stands here, on a list, until somebody
    says whose it is. All text is plain, and card numbers are masked before it is kept.
    """

    _name = "o2c.reply"
    _description = "Customer's reply"
    _inherit = ["mail.thread"]
    _order = "date DESC, id DESC"
    _rec_name = "subject"
    _primary_email = "email_from"

    debtor_id = fields.Many2one(
        "o2c.debtor",
        "Customer",
        index=True,
        ondelete="cascade",
        domain="[('company_id', '=', company_id)]",
        help="Empty: the sender fits no customer, or several. Choose whose it is.",
    )
    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, ondelete="cascade"
    )
    collector_id = fields.Many2one(related="debtor_id.collector_id")
    email_from = fields.Char("From", readonly=True)
    subject = fields.Char(readonly=True)
    text = fields.Text("Own words", readonly=True, help="Without what is quoted.")
    date = fields.Datetime("Received", required=True, readonly=True)
    mail_message_id = fields.Many2one(
        "mail.message", readonly=True, index="btree_not_null", ondelete="set null"
    )
    is_automatic = fields.Boolean(
        "Automatic answer",
        readonly=True,
        help="An absence note or the like: it pauses nothing and calls nobody.",
    )
    suggestion = fields.Selection(
        KINDS,
        readonly=True,
        help="What the text seems to say, by rules on words; a person decides.",
    )
    suggestion_day = fields.Date("Day named", readonly=True)
    suggestion_words = fields.Char(
        "Because of", readonly=True, help="The sentence to which a rule applies."
    )
    suggestion_text = fields.Char("It seems", compute="_compute_suggestion_text")
    state = fields.Selection(
        [
            ("unmatched", "Whose is it?"),
            ("new", "To look at"),
            ("confirmed", "Confirmed"),
            ("dropped", "Looked at"),
        ],
        required=True,
        readonly=True,
        default="new",
        index=True,
    )
    handled_by_id = fields.Many2one(
        "res.users", "Looked at by", readonly=True, ondelete="set null"
    )
    handled_at = fields.Datetime("Looked at on", readonly=True)

    _open_idx = models.Index("(company_id, state) WHERE state IN ('unmatched', 'new')")

    @api.depends("suggestion", "suggestion_day")
    @api.depends_context("lang")
    def _compute_suggestion_text(self):
        for reply in self:
            reply.suggestion_text = reply._suggestion_sentence()

    def _suggestion_sentence(self):
        env, day = self.env, format_date(self.env, self.suggestion_day)
        if self.suggestion == PROMISE:
            return env._("The customer names %(day)s for a payment.", day=day)
        if self.suggestion == DISPUTE:
            return env._("The customer disputes something.")
        if self.suggestion == PAID:
            return env._("The customer says he has paid.")
        return False

    # ------------------------------------------------------------------
    # The gateway
    # ------------------------------------------------------------------

    @api.model
    def message_new(self, msg_dict, custom_values=None):
        """Override of `mail`: keep a mail of which nobody knows whose it is."""
        values = {
            "company_id": self._company_of_alias(custom_values).id,
            "email_from": msg_dict.get("email_from"),
            "subject": msg_dict.get("subject"),
            "date": msg_dict.get("date") or fields.Datetime.now(),
            "state": "unmatched",
        }
        return self.create(values)

    @api.model
    def _company_of_alias(self, values):
        """The root company whose receivables address was written to."""
        companies_sudo = self.env["res.company"].sudo()  # sudo: the gateway's work
        found = companies_sudo.browse((values or {}).get("company_id") or []).exists()
        return (found or self.env.company)._o2c_root()

    @api.model
    def _match_sender(self, email_from, company):
        """The one customer of a company who writes from an address.

        :return: customer account; empty where none fits, or several do
        """
        address = email_normalize(email_from)
        if not address:
            return self.env["o2c.debtor"]
        # sudo: the gateway works for nobody in particular
        people_sudo = self.env["res.partner"].sudo().with_context(active_test=False)
        people_sudo = people_sudo.search([("email_normalized", "=", address)])
        debtors_sudo = self.env["o2c.debtor"].sudo()
        found = debtors_sudo.search(
            [
                ("company_id", "=", company.id),
                ("partner_id", "in", people_sudo.commercial_partner_id.ids),
            ],
            limit=2,
        )
        return found if len(found) == 1 else debtors_sudo

    def _take_reply(self, message, text, is_automatic):
        """Note what a mail without a customer says.

        :param message: the mail on this record's thread
        :param str text: its plain text
        """
        if self.mail_message_id:
            self._take_up_further(own_words(text), is_automatic)
            return
        self.write(
            {
                "mail_message_id": message.id,
                "text": own_words(text)[:TEXT_MAX],
                "is_automatic": is_automatic,
            }
        )
        self.env["o2c.event"]._record(
            "reply_unmatched", self, {"from": self.email_from or ""}
        )

    def _parts_without_text(self, message, is_automatic):
        """The same where its text could not be read: it stands on its thread."""
        if self.mail_message_id:
            return []
        values = {"mail_message_id": message.id, "is_automatic": is_automatic}
        return [lambda: self.write(values)]

    def _take_up_further(self, words, is_automatic):
        """Add what the same sender wrote later; a person's words wait again."""
        values = {"text": f"{self.text or ''}\n\n{words}".strip()[:TEXT_MAX]}
        if not is_automatic:
            values["is_automatic"] = False
            if self.state == "dropped":
                values["state"] = "unmatched"
        self.write(values)

    @api.model
    def _prepare_reply(self, debtor, message, text):
        """Values of a customer's reply, with what it seems to say."""
        today = debtor.company_id._o2c_today()
        language = message.author_id.lang or debtor.partner_id.lang
        found = suggest(text, today, month_first=language == "en_US")
        return {
            **self._prepare_unread_reply(debtor, message),
            "text": own_words(text)[:TEXT_MAX],
            "suggestion": found and found.kind,
            "suggestion_day": found and found.day,
            "suggestion_words": found and found.words,
        }

    @api.model
    def _prepare_unread_reply(self, debtor, message):
        """Values of a reply without a word of what it says; it may have no date."""
        return {
            "debtor_id": debtor.id,
            "company_id": debtor.company_id.id,
            "email_from": message.email_from,
            "subject": message.subject,
            "date": message.date or fields.Datetime.now(),
            "mail_message_id": message.id,
        }

    # ------------------------------------------------------------------
    # A person decides
    # ------------------------------------------------------------------

    def write(self, vals):
        """Let people say whose an unmatched mail is; the rest is the engine's."""
        if not self.env.su:
            if vals.keys() - {"debtor_id"}:
                raise AccessError(
                    self.env._("Replies are kept as they came: choose a customer only.")
                )
            if vals:
                self._assign(self.env["o2c.debtor"].browse(vals["debtor_id"]))
            return True
        return super().write(vals)

    def _assign(self, debtor):
        """Move unmatched mails to the timeline of the customer they belong to."""
        self.check_access("write")
        debtor.check_access("write")
        debtor.ensure_one()
        for reply in self:
            if reply.state != "unmatched" or reply.company_id != debtor.company_id:
                raise UserError(
                    self.env._(
                        "Only mails that wait for a customer get one, of their company."
                    )
                )
            # sudo: the thread's messages are moved by the engine
            reply.sudo()._move_to(debtor.sudo())

    def _move_to(self, debtor):
        message, text = self.mail_message_id, self.text or ""
        self.message_change_thread(debtor)
        message.attachment_ids.write({"res_model": debtor._name, "res_id": debtor.id})
        self.env["o2c.event"]._record("reply_assigned", self, {"account": debtor.id})
        values = self._prepare_reply(debtor, message, text)
        is_automatic = self.is_automatic
        values["state"] = "dropped" if is_automatic else "new"
        self.write(values)
        if not is_automatic:
            debtor._note_reply(self)

    def action_confirm(self):
        """It says what the rules found: the chase rests accordingly."""
        for reply_sudo in self._lock_open():
            if reply_sudo.suggestion and reply_sudo.debtor_id:
                reply_sudo._apply_outcome(reply_sudo.suggestion)
                reply_sudo._set_handled("confirmed")
        return True

    def action_drop(self):
        """Somebody looked at it: nothing follows but what he does himself."""
        for reply_sudo in self._lock_open():
            reply_sudo._set_handled("dropped")
        return True

    def _lock_open(self):
        """The replies among these that wait for a look, locked, in superuser mode."""
        self.check_access("write")
        self.debtor_id.check_access("write")
        # sudo: the state is written by its gate alone
        locked_sudo = self.sudo().try_lock_for_update(allow_referencing=True)
        return locked_sudo.filtered(lambda reply: reply.state in ("unmatched", "new"))

    def _apply_outcome(self, kind):
        """Hook: what follows from an outcome that a person confirmed.

        A day becomes a promise of what is overdue, a payment one that is announced.
        Where there is nothing to rest, and of an objection, the customer himself rests
        for a while.
        """
        self.ensure_one()
        debtor = self.debtor_id
        if kind == PROMISE and self._take_promise():
            return
        if kind == PAID and debtor._announceable():
            debtor._take_remittance("email", reference=str(self.id), note=self.text)
            return
        today = debtor.company_id._o2c_today()
        until = {
            PROMISE: self.suggestion_day,
            PAID: debtor.company_id._o2c_working_day_after(today, PAID_DAYS),
            DISPUTE: today + timedelta(days=DISPUTE_DAYS),
        }[kind]
        last = today + timedelta(days=PAUSE_DAYS_MAX)
        until = min(max(filter(None, (until, today, debtor.paused_until))), last)
        debtor._pause(until, self._suggestion_sentence())

    def _take_promise(self):
        """What is overdue is promised for the day named, or for today."""
        debtor, author = self.debtor_id, self.mail_message_id.author_id
        amount = debtor._amount_to_promise()
        if not self.suggestion_day or amount <= 0:
            return False
        is_ours = author.commercial_partner_id == debtor.partner_id
        day = max(self.suggestion_day, debtor.company_id._o2c_today())
        debtor._take_promise(
            [(day, amount)],
            channel="email",
            person_id=author.id if is_ours else False,
            note=self.text,
        )
        return True

    def _set_handled(self, state):
        """Write down who looked, and close the task when nothing is left to look at."""
        self.write(
            {
                "state": state,
                "handled_by_id": self.env.uid,
                "handled_at": fields.Datetime.now(),
            }
        )
        if state == "confirmed":
            self.debtor_id._post_note(
                self.env._(
                    "Confirmed: %(what)s “%(words)s”",
                    what=self._suggestion_sentence(),
                    words=self.suggestion_words,
                )
            )
        self.env["o2c.event"]._record(
            "suggestion_confirmed" if state == "confirmed" else "reply_looked_at",
            self,
            {
                "suggestion": self.suggestion or "",
                "day": fields.Date.to_string(self.suggestion_day) or "",
                "words": self.suggestion_words or "",
            },
        )
        self.debtor_id._close_reply_activity()

    def action_open_debtor(self):
        """The customer account behind the reply."""
        self.ensure_one()
        return self.debtor_id.get_formview_action()

    def _note_text(self):
        """Its beginning, as escaped text for a person's task."""
        lines = (self.text or "")[:500]
        parts = [Markup("<p>%s</p>") % lines]
        if self.suggestion_text:
            parts.insert(0, Markup("<p><b>%s</b></p>") % self.suggestion_text)
        return Markup("").join(parts)
