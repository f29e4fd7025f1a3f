from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import (
    SQL,
    email_domain_extract,
    email_normalize,
    formataddr,
    plaintext2html,
)

from ..domain.channels import one_line_address
from ..domain.items_text import one_line

#: The words of a letter whose level has none for letters.
LETTER_TEMPLATE = "o2c_collections.mail_template_letter"


class O2cChaseMessage(models.Model):
    """Writing: the message row, what it says, and core's e-mail that carries it."""

    _inherit = "o2c.chase.message"

    # ------------------------------------------------------------------
    # Writing
    # ------------------------------------------------------------------

    @api.model
    def _write_for(self, actions, items=None):
        """Write the one message of the day that carries these steps.

        :param actions: o2c.chase.action of one customer and one recipient
        :param items: what ``_chase_items`` told of them, where that was asked
        :return: the message; empty when today's message to him has left already,
            carries a statement or words that a person approved, so that the steps wait
            for tomorrow
        :raise UserError: when the message cannot be written
        """
        # sudo: messages are the engine's; its callers decide who may start it
        action_sudo = actions.sudo()[:1]
        message_sudo = self.sudo()._claim_day(
            action_sudo.debtor_id,
            action_sudo.recipient_id,
            action_sudo.recipient_email,
            action_sudo.channel,
        )
        if not message_sudo._may_carry(actions.sudo()):
            return self.browse()
        actions_sudo = actions.sudo() | message_sudo.action_ids
        known = items if actions_sudo == actions.sudo() else None
        letter = message_sudo._fill(actions_sudo, known)
        if message_sudo.mail_message_id:
            message_sudo._update_mail(letter)
        else:
            message_sudo._post(letter)
        if message_sudo.channel == "email":
            message_sudo._attach(actions_sudo.step_id)
        actions.sudo()._set_queued(message_sudo)
        self.env["o2c.event"]._record(
            "message_written",
            message_sudo,
            {"recipient": message_sudo.recipient, "figures": message_sudo.figures},
        )
        return message_sudo.with_env(self.env)

    def _may_carry(self, actions):
        """Whether today's message can take these steps along.

        Else it has left, or carries a statement.
        """
        return self.state == "outgoing" and not self.statement_id

    def _claim_day(self, debtor, person, recipient, channel="email"):
        """Insert the row of this customer, day and recipient, or find it.

        The unique key decides between workers: of two, one inserts and the other
        starts again on a fresh snapshot (the insert raises a serialization
        failure, which its caller retries).

        :param person: the contact who is written to
        :param recipient: his address, normalized
        :param str channel: by which he is written to
        """
        debtor.flush_recordset()
        self.flush_model()
        day = debtor.company_id._o2c_today()
        if not recipient:
            raise UserError(
                self.env._(
                    "%(name)s has no address to write to.",
                    name=debtor.display_name,
                )
            )
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO o2c_chase_message (debtor_id, company_id, partner_id,
                    recipient, date, channel, state, attempts, is_merged,
                    create_uid, write_uid, create_date, write_date)
                VALUES (%s, %s, %s, %s, %s, %s, 'outgoing', 0, FALSE,
                    %s, %s, now() AT TIME ZONE 'UTC', now() AT TIME ZONE 'UTC')
                ON CONFLICT DO NOTHING
                """,
                debtor.id,
                debtor.company_id.id,
                person.id or debtor.partner_id.id,
                recipient,
                day,
                channel,
                self.env.uid,
                self.env.uid,
            ),
            log_exceptions=False,
        )
        return self.search(self._day_domain(debtor, recipient, day, channel))

    @api.model
    def _day_domain(self, debtor, recipient, day, channel="email"):
        """The one message of a customer, day, channel and recipient."""
        return [
            ("debtor_id", "=", debtor.id),
            ("date", "=", day),
            ("channel", "=", channel),
            ("recipient", "=", recipient),
            ("state", "!=", "cancelled"),
            ("is_merged", "!=", True),
        ]

    def _fill(self, actions, items=None):
        """Take the figures and render the template of the highest level.

        :param items: what ``_chase_items`` told of these steps, if known
        :return: the letter's HTML without its frame, for the timeline
        """
        action = actions.sorted(lambda step: (bool(step.cycle), step.level))[-1:]
        language = self._choose_language()
        figures = self._prepare_figures(actions, items)
        self.write({"figures": figures, "language": language})
        if self.channel == "sms":
            return self._fill_text(action.step_id, language)
        template = self._template_of(action.step_id)
        if not template:
            raise UserError(
                self.env._(
                    "The step %(step)s writes but has no template. Choose "
                    "one in the chase plan.",
                    step=action.step_id.display_name,
                )
            )
        subject, body = self._render_letter(template, language)
        self.write(
            {
                "subject": subject,
                "body_html": body
                if self.channel == "letter"
                else self._lay_out(body, subject, language),
                "body_text": self._to_text(body, language),
            }
        )
        return body

    def _template_of(self, step):
        """The words of a level; a letter in place of an e-mail has words of its own."""
        is_own = self.channel == step.channel and step.template_id
        if self.channel == "letter" and not is_own:
            return self.env.ref(LETTER_TEMPLATE, raise_if_not_found=False)
        return step.template_id

    def _prepare_figures(self, actions, items=None):
        """Freeze the items and totals that the message speaks of."""
        items = (items or self.debtor_id._chase_items(actions))[self.debtor_id.id]
        totals = {}
        for item in items:
            total = totals.setdefault(
                item["currency_id"],
                {"currency": item["currency"], "currency_id": item["currency_id"]},
            )
            total["amount"] = total.get("amount", 0.0) + item["amount_open"]
        for total in totals.values():
            currency = self.env["res.currency"].browse(total["currency_id"])
            total["amount"] = currency.round(total["amount"])
        return {
            "as_of": fields.Date.to_string(self.date),
            "level": max(actions.mapped("level"), default=0),
            "items": items,
            "totals": list(totals.values()),
        }

    # ------------------------------------------------------------------
    # Core's message and e-mail
    # ------------------------------------------------------------------

    def _post(self, letter):
        """Post on the customer's timeline and make the e-mail that carries it.

        Followers are not notified: the message is for the customer alone.
        """
        if self.channel != "email":
            self._post_without_mail(letter)
            return
        sender = self._sender()
        author = self.debtor_id._responsible().partner_id or self.company_id.partner_id
        debtor = self._silent_debtor()
        mail_message = debtor.message_post(
            body=self.with_context(lang=self.language)._for_timeline(letter),
            subject=self.subject,
            message_type="email_outgoing",
            subtype_xmlid="mail.mt_comment",
            author_id=author.id,
            email_from=sender,
            email_add_signature=False,
            notify_skip_followers=True,
        )
        self.mail_message_id = mail_message
        self.message_id_header = mail_message.message_id
        self.mail_id = self.env["mail.mail"].create(self._prepare_mail(debtor))
        self.env["mail.notification"].create(self._prepare_notification(author))

    def _silent_debtor(self):
        """The account, so that posting on it follows and tells nobody."""
        return self.debtor_id.with_context(
            mail_post_autofollow=False,
            mail_post_autofollow_author_skip=True,
            lang=self.language,
        ).with_company(self.company_id)

    def _post_without_mail(self, letter):
        """Post a text message or a letter on the timeline; it leaves on its own way."""
        author = self.debtor_id._responsible().partner_id or self.company_id.partner_id
        is_text = self.channel == "sms"
        self.mail_message_id = self._silent_debtor().message_post(
            body=letter if is_text else self._for_timeline(letter),
            subject=False if is_text else self.subject,
            message_type="sms" if is_text else "notification",
            subtype_xmlid="mail.mt_note",
            author_id=author.id,
            notify_skip_followers=True,
        )
        if is_text:
            self.env["mail.notification"].create(self._prepare_text_notice(author))

    def _prepare_mail(self, debtor):
        values = debtor._notify_by_email_get_base_mail_values(self.mail_message_id, [])
        headers = {
            "Auto-Submitted": "auto-generated",
            "X-Auto-Response-Suppress": "OOF, AutoReply",
            "X-Odoo-Objects": f"{debtor._name}-{debtor.id}",
        }
        return_path = self.mail_message_id.record_alias_domain_id.bounce_email
        if return_path:
            headers["Return-Path"] = return_path
        return {
            **values,
            "body_html": self.body_html,
            "email_to": formataddr((one_line(self.partner_id.name), self.recipient)),
            "headers": repr(headers),
            "is_notification": True,
            "auto_delete": False,
            "state": "outgoing",
        }

    def _prepare_notification(self, author):
        return {
            "author_id": author.id,
            "is_read": True,
            "mail_email_address": self.recipient,
            "mail_mail_id": self.mail_id.id,
            "mail_message_id": self.mail_message_id.id,
            "notification_status": "ready",
            "notification_type": "email",
            "res_partner_id": self.partner_id.id,
        }

    def _sender(self):
        """Give the From: the customer's collector, at the company's own domain.

        :raise UserError: when there is no address to send from
        """
        collector = self.debtor_id._responsible()
        company = self.company_id
        company_email = email_normalize(company.email)
        own_domains = {
            email_domain_extract(company.email),
            company.alias_domain_id.name,
        } - {False, None}
        name = one_line(collector.name or company.name)
        if email_domain_extract(collector.email) in own_domains:
            return formataddr((name, email_normalize(collector.email)))
        if not company_email:
            raise UserError(
                self.env._(
                    "%(company)s has no e-mail address to send from. Enter one in "
                    "Settings > Companies.",
                    company=company.name,
                )
            )
        return formataddr((name, company_email))

    def _update_mail(self, letter):
        """Bring an e-mail that has not left in line with what was added."""
        if self.channel != "email":
            body = plaintext2html(letter) if self.channel == "sms" else letter
            self.mail_message_id.body = body
            return
        self.mail_message_id.write({"subject": self.subject, "body": letter})
        self.mail_id.write({"body_html": self.body_html})

    def _update_address(self):
        """Take the recipient's address of today, if he has another one now."""
        address = self._address_of(self.partner_id, self.channel)
        if not address or address == self.recipient:
            return
        if self.channel != "email":
            self.recipient = address
            return
        self.recipient = address
        self.mail_id.email_to = formataddr(
            (one_line(self.partner_id.name or ""), address)
        )
        self.mail_message_id.notification_ids.write({"mail_email_address": address})

    @api.model
    def _address_of(self, person, channel):
        """Where a message to a person goes by a channel, normalized; "" if nowhere."""
        person_sudo = person.sudo()  # sudo: the contact may be another branch's
        if channel == "email":
            return person_sudo.email_normalized or ""
        if channel == "sms":
            is_open = not person_sudo.phone_sanitized_blacklisted
            return (is_open and person_sudo.phone_sanitized) or ""
        return one_line_address(
            ", ".join(filter(None, [person_sudo.street, person_sudo.street2]))
            if person_sudo.street
            else "",
            " ".join(filter(None, [person_sudo.zip, person_sudo.city]))
            if person_sudo.city
            else "",
            person_sudo.country_id.code,
        )
