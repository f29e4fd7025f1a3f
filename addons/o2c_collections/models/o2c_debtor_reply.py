from odoo import api, fields, models
from odoo.tools import email_normalize

ACTIVITY = "o2c_collections.mail_activity_type_reply"


class O2cDebtor(models.Model):
    """What the customer answers: the chase rests, and a person is told."""

    _inherit = "o2c.debtor"

    reply_ids = fields.One2many("o2c.reply", "debtor_id", "Replies", readonly=True)
    open_reply_id = fields.Many2one(
        "o2c.reply",
        "Latest reply",
        compute="_compute_open_reply_id",
        help="The latest reply that nobody has looked at.",
    )
    reply_suggestion = fields.Char("It seems", compute="_compute_open_reply_id")
    reply_words = fields.Char("Because of", compute="_compute_open_reply_id")

    @api.depends("reply_ids.state")
    @api.depends_context("lang")
    def _compute_open_reply_id(self):
        replies = self.env["o2c.reply"].search(
            [("debtor_id", "in", self.ids), ("state", "=", "new")]
        )
        latest = {}
        for reply in replies:  # newest first
            latest.setdefault(reply.debtor_id.id, reply)
        for debtor in self:
            reply = latest.get(debtor._origin.id, replies.browse())
            debtor.open_reply_id = reply
            debtor.reply_suggestion = reply.suggestion_text
            debtor.reply_words = reply.suggestion_words

    # ------------------------------------------------------------------
    # The gateway
    # ------------------------------------------------------------------

    def _take_reply(self, message, text, is_automatic):
        """Take up a mail that came to this account.

        An automatic answer only stays on the timeline, and so does what colleagues
        write: nothing of both is a customer's word.

        :param message: the mail on the timeline
        :param str text: its plain text
        """
        self.ensure_one()
        if self._is_from_us(message):
            return
        if is_automatic:
            self.env["o2c.event"]._record(
                "reply_automatic", self, {"subject": message.subject or ""}
            )
            return
        replies = self.env["o2c.reply"].with_context(mail_create_nolog=True)
        reply = replies.create(replies._prepare_reply(self, message, text))
        self._note_reply(reply)

    def _parts_without_text(self, message, is_automatic):
        """What is done about a mail of which nothing could be read.

        A person sees it, and the customer rests; who wrote it is not asked, rather a
        task too many than a word too few.

        :return: functions; that one of them fails must not stop the next
        """
        if is_automatic:
            return []
        replies = self.env["o2c.reply"].with_context(mail_create_nolog=True)
        values = replies._prepare_unread_reply(self, message)
        return [
            lambda: self._pause_for_reply(self.company_id.o2c_reply_pause_days),
            lambda: replies.create(values),
            lambda: self._tell_reply(
                replies.search([("mail_message_id", "=", message.id)], limit=1)
            ),
        ]

    def _known_numbers(self, numbers):
        """Which of some numbers are those of a document of these customers."""
        if not (self and numbers):
            return []
        moves = self.env["account.move"].search(
            [
                ("commercial_partner_id", "in", self.partner_id.ids),
                ("name", "in", numbers),
            ]
        )
        return moves.mapped("name")

    def _claim_author(self, message_dict):
        """Who writes from an address that several contacts have writes for himself.

        Core knows contacts, not customers: where it found one of another customer,
        ours takes his place.
        """
        for debtor in self:
            author = self.env["res.partner"].browse(message_dict.get("author_id") or [])
            family = author.commercial_partner_id == debtor.partner_id
            if family or any(not user.share for user in author.user_ids):
                continue
            people = author.search(
                [
                    ("commercial_partner_id", "=", debtor.partner_id.id),
                    (
                        "email_normalized",
                        "=",
                        email_normalize(message_dict.get("email_from")),
                    ),
                ],
                limit=1,
            )
            if people.email_normalized:
                message_dict["author_id"] = people.id

    def _is_from_us(self, message):
        """Whether a colleague or the company itself wrote, going by the sender."""
        users = message.author_id.with_context(active_test=False).user_ids
        if any(not user.share for user in users):
            return True
        sender, company = email_normalize(message.email_from), self.company_id
        ours = {email_normalize(company.email), company.o2c_alias_id.alias_full_name}
        return bool(sender) and sender in ours

    def _note_reply(self, reply):
        """A customer wrote: rest, tell a person, and keep it in the history."""
        self.env["o2c.event"]._record(
            "reply_received", reply, {"suggestion": reply.suggestion or ""}
        )
        self._pause_for_reply(self.company_id.o2c_reply_pause_days)
        self._tell_reply(reply)

    def _tell_reply(self, reply):
        """One task for all replies that nobody has looked at."""
        if self._reply_activities():
            return
        person = self._responsible() or self.company_id._o2c_owner()
        self.activity_schedule(
            ACTIVITY,
            summary=self.env._("Reply: %(subject)s", subject=reply.subject or ""),
            note=reply._note_text(),
            date_deadline=self.company_id._o2c_today(),
            user_id=person.id,
        )

    def _pause_for_reply(self, days):
        """Let the chase rest for some working days; a longer pause stays as it is.

        :param int days: 0 for no rest
        """
        paused = self.browse()
        for debtor in self if days > 0 else ():
            company = debtor.company_id
            until = company._o2c_working_day_after(company._o2c_today(), days)
            if debtor.paused_until and debtor.paused_until >= until:
                continue
            reason = self.env._("The customer replied")
            debtor.write(
                {"paused_until": until, "pause_reason": reason, "paused_by_id": False}
            )
            self.env["o2c.event"]._record(
                "debtor_paused",
                debtor,
                {"until": fields.Date.to_string(until), "reason": "reply"},
            )
            paused |= debtor
        if paused:
            paused._note_decision()

    def _reply_activities(self):
        kind = self.env["ir.model.data"]._xmlid_to_res_id(ACTIVITY)
        # sudo: a colleague's task counts as well
        activities_sudo = self.sudo().activity_ids
        return activities_sudo.filtered(lambda a: a.activity_type_id.id == kind)

    def _close_reply_activity(self):
        """The task is done when somebody has looked at every reply."""
        for debtor in self:
            if not debtor.reply_ids.filtered(lambda reply: reply.state == "new"):
                debtor._reply_activities().action_feedback()

    # ------------------------------------------------------------------
    # Sending
    # ------------------------------------------------------------------

    def _notify_get_reply_to_batch(self, defaults=None, author_ids=None):
        """EXTENDS mail: answers go to the receivables address, if there is one."""
        result = super()._notify_get_reply_to_batch(defaults, author_ids)
        for debtor in self:
            # sudo: an address, also for those who may not read settings of mail
            alias_sudo = debtor.sudo().company_id.o2c_alias_id
            if alias_sudo.alias_name and alias_sudo.alias_domain_id:
                author = (author_ids or {}).get(debtor.id, False)
                result[debtor.id] = self._notify_get_reply_to_formatted_email(
                    alias_sudo.alias_full_name, author_id=author
                )
        return result

    # ------------------------------------------------------------------
    # Buttons
    # ------------------------------------------------------------------

    def action_confirm_reply(self):
        """The latest reply says what it seems to say."""
        self.ensure_one()
        return self.open_reply_id.action_confirm()

    def action_dispute_reply(self):
        """In the latest reply the customer disputes something: opens the dispute."""
        self.ensure_one()
        return self.open_reply_id.action_dispute()

    def action_drop_reply(self):
        """All replies were looked at; nothing follows by itself."""
        self.ensure_one()
        self.check_access("write")
        return self.reply_ids.filtered(lambda r: r.state == "new").action_drop()
