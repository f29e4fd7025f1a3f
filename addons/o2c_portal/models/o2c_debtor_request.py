from datetime import timedelta

from odoo import Command, fields, models
from odoo.exceptions import UserError
from odoo.tools import email_normalize, plaintext2html

#: The chase waits so many working days for a person to decide.
PAUSE_DAYS = 3
#: Asking again within these days lets nothing rest again.
PAUSE_AGAIN_DAYS = 30
TEXT_MAX = 5000
NAME_MAX = 100


class O2cDebtor(models.Model):
    """What the customer asks for on his page, and what he prefers."""

    _inherit = "o2c.debtor"

    def _raise_request(self, kind, actor, text, pauses=False, **values):
        """Note what a person decides, with a task for who is responsible.

        :param str kind: promise, contact or message
        :param actor: res.partner who asks
        :param bool pauses: the chase waits for the decision, once in a while
        :return: the request
        """
        self.ensure_one()
        requests = self.env["o2c.portal.request"]
        since = fields.Datetime.now() - timedelta(days=PAUSE_AGAIN_DAYS)
        is_again = requests.search_count(
            [("debtor_id", "=", self.id), ("create_date", ">=", since)], limit=1
        )
        request = requests.with_context(mail_create_nolog=True).create(
            {
                "debtor_id": self.id,
                "kind": kind,
                "actor_id": actor.id,
                "text": (text or "")[:TEXT_MAX],
                **values,
            }
        )
        person = self._responsible() or self.company_id._o2c_owner()
        request.activity_schedule(
            "mail.mail_activity_data_todo",
            user_id=person.id,
            summary=self.env._("Decide: %s", request.display_name),
            note=plaintext2html(
                "\n".join(filter(None, [request.proposal_text, request.text]))
            ),
            date_deadline=self.company_id._o2c_today(),
        )
        self.env["o2c.event"]._record("request_received", request, {"kind": kind})
        self._post_note(self.env._("Asked on the customer's page: %s", request.kind))
        if pauses and not is_again:
            self._pause_for_reply(PAUSE_DAYS)
        return request

    def _request_promise(self, lines, items, currency, actor, note):
        """A promise beyond the policy: a person agrees to it, or does not.

        :param lines: list of (day, amount)
        :param items: journal items it is about
        """
        return self._raise_request(
            "promise",
            actor,
            note,
            pauses=True,
            currency_id=currency.id,
            proposal=[[str(day), amount] for day, amount in sorted(lines)],
            move_line_ids=[Command.set(items.ids)],
        )

    def _request_contact(self, name, email, actor, reminders, invoices, text=""):
        """Somebody else is to be written to; applied when a person accepts it."""
        name = " ".join(str(name or "").split())
        if not name or len(name) > NAME_MAX:
            raise UserError(self.env._("Enter the name of the contact."))
        address = email_normalize(str(email or "").strip())
        if not address:
            raise UserError(self.env._("Enter one valid e-mail address."))
        if not (reminders or invoices):
            raise UserError(self.env._("Say what the contact is to get."))
        return self._raise_request(
            "contact",
            actor,
            text,
            person_name=name,
            person_email=address,
            is_for_reminders=bool(reminders),
            is_for_invoices=bool(invoices),
        )

    def _request_wrong_person(self, text, actor):
        """Who reads is not responsible; a person finds out who is from the text."""
        return self._raise_request(
            "contact", actor, text, pauses=True, is_for_reminders=True
        )

    def _portal_requests(self):
        """What a person still has to decide."""
        return self.env["o2c.portal.request"].search(
            [("debtor_id", "=", self.id), ("state", "=", "new")], limit=20
        )

    # ------------------------------------------------------------------
    # Preferences
    # ------------------------------------------------------------------

    def _prefer_language(self, code, actor):
        """Write to this contact in his language, one that is installed."""
        if code not in dict(self.env["res.lang"].get_installed()):
            raise UserError(self.env._("Choose one of the languages."))
        if actor.lang != code:
            actor.lang = code

    def _prefer_invoices(self, method):
        """Send invoices by e-mail, or leave them to be fetched."""
        if method not in ("email", "manual"):
            raise UserError(self.env._("Choose how you want to get invoices."))
        partner = self.partner_id.with_company(self.company_id)
        if partner.invoice_sending_method != method:
            partner.invoice_sending_method = method

    def _prefer_reminders(self, channel):
        """Write reminders by what reaches him, or as the company thinks best."""
        if channel and channel not in self._channels_to_choose():
            raise UserError(self.env._("Choose how you want to get reminders."))
        if (self.preferred_channel or "") != channel:
            self.preferred_channel = channel or False

    def _channels_to_choose(self):
        """What reaches him, and what he chose, though it may not reach him now."""
        return {*self._written_channels(), self.preferred_channel} - {False}

    def _merge_into(self, target):
        """EXTENDS o2c_base: what was asked for goes along."""
        result = super()._merge_into(target)
        # sudo: requests are written by their model alone
        requests_sudo = self.env["o2c.portal.request"].sudo()
        requests_sudo.search([("debtor_id", "in", self.ids)]).debtor_id = target
        return result
