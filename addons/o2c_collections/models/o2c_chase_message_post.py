from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import (
    SQL,
    email_domain_extract,
    email_normalize,
    formataddr,
    plaintext2html,
)

from ..domain.items_text import one_line

#: What an e-mail of ours tells other machines.
HEADERS = {
    "Auto-Submitted": "auto-generated",
    "X-Auto-Response-Suppress": "OOF, AutoReply",
}


class O2cChaseMessage(models.Model):
    """Core's part: the message on the customer's timeline and the e-mail itself.

    E-mails are posted for many customers at once, as ``message_post`` does for one.
    """

    _inherit = "o2c.chase.message"

    @api.model
    def _put_into_mails(self, letters):
        """Post what was written, or bring what had been posted in line with it.

        :param dict letters: message to its letter, see ``_fill``
        """
        new = [message for message in letters if not message.mail_message_id]
        for message, letter in letters.items():
            if message not in new:
                message._update_mail(letter)
        self.browse([message.id for message in new])._post(letters)

    def _post(self, letters):
        """Post on the customers' timelines and make the e-mails that carry it.

        Followers are not notified: a message is for the customer alone.

        :param dict letters: message to its letter, see ``_fill``
        """
        mails = self.filtered(lambda message: message.channel == "email")
        for message in self - mails:
            message._post_without_mail(letters[message])
        for company, messages in mails.grouped("company_id").items():
            messages.with_company(company)._post_mails(letters)

    def _post_mails(self, letters):
        """Post the e-mails of one company, each to another customer.

        What ``message_post`` does besides has no effect here: nobody is notified, so
        nobody follows, and no answer of somebody who is away is sent.
        """
        values = self._prepare_posts(letters)
        posts = self.debtor_id.sudo()._message_create(values)
        for message, post, vals in zip(self, posts, values, strict=True):
            message.debtor_id._message_post_after_hook(post, vals)
            message.write(
                {"mail_message_id": post.id, "message_id_header": post.message_id}
            )
        references = self._references()
        mails = self.env["mail.mail"].create(
            [message._prepare_mail(references[message.id]) for message in self]
        )
        for message, mail in zip(self, mails, strict=True):
            message.mail_id = mail
        self.env["mail.notification"].create(
            [
                message._prepare_notification(message.mail_message_id.author_id)
                for message in self
            ]
        )

    def _prepare_posts(self, letters):
        """Values of the messages on the timelines, as ``message_post`` makes them."""
        debtors = self.debtor_id
        authors = {message: message._author() for message in self}
        senders = {message: message._sender() for message in self}
        domains = debtors._mail_get_alias_domains(default_company=self.env.company)
        replies = debtors._notify_get_reply_to_batch(
            defaults={m.debtor_id.id: sender for m, sender in senders.items()},
            author_ids={m.debtor_id.id: author.id for m, author in authors.items()},
        )
        parents = self._parents()
        comment_id = self.env["ir.model.data"]._xmlid_to_res_id("mail.mt_comment")
        return [
            {
                "author_id": authors[message].id,
                "author_guest_id": False,
                "body": message._timeline_body(letters[message]),
                "email_add_signature": False,
                "email_from": senders[message],
                "message_type": "email_outgoing",
                "model": message.debtor_id._name,
                "parent_id": parents.get(message.debtor_id.id, False),
                "partner_ids": [],
                "record_alias_domain_id": domains[message.debtor_id.id].id,
                "record_company_id": self.env.company.id,
                "reply_to": replies[message.debtor_id.id],
                "res_id": message.debtor_id.id,
                "subject": message.subject,
                "subtype_id": comment_id,
            }
            for message in self
        ]

    def _author(self):
        collector = self.debtor_id._responsible()
        return collector.partner_id or self.company_id.partner_id

    def _timeline_body(self, letter):
        return self.with_context(lang=self.language)._for_timeline(letter)

    def _parents(self):
        """The message that a new one answers on each timeline, by core's rule.

        :return: dict of account id to id of a mail.message
        """
        self.env["mail.message"].flush_model()
        return dict(
            self.env.execute_query(
                SQL(
                    """
                    SELECT DISTINCT ON (res_id) res_id, id
                      FROM mail_message
                     WHERE model = 'o2c.debtor' AND res_id = ANY(%s)
                       AND message_type != 'user_notification'
                  ORDER BY res_id, message_type IN ('comment', 'email') DESC,
                           COALESCE(date, create_date) DESC, id DESC
                    """,
                    self.debtor_id.ids,
                )
            )
        )

    def _references(self):
        """What each e-mail says it belongs to: the last three on its timeline.

        By core's rule: of the last 32 with a subtype, those that others see first.

        :return: dict of message id to the header's text
        """
        self.env["mail.message"].flush_model()
        self.flush_model(["mail_message_id", "debtor_id"])
        return dict(
            self.env.execute_query(
                SQL(
                    """
                    SELECT message.id, concat_ws(' ', (
                        SELECT string_agg(earlier.message_id, ' ' ORDER BY earlier.id)
                          FROM (SELECT id, message_id
                                  FROM (%s) recent
                              ORDER BY is_public DESC, is_outgoing DESC,
                                       is_for_all DESC, id DESC
                                 LIMIT 3) earlier),
                        message.message_id_header)
                      FROM o2c_chase_message message
                     WHERE message.id = ANY(%s)
                    """,
                    self._recent_sql(),
                    self.ids,
                )
            )
        )

    @api.model
    def _recent_sql(self):
        """The last posts on the timeline of a ``message``'s customer, but its own."""
        return SQL(
            """
            SELECT post.id, post.message_id,
                   post.is_internal IS NOT TRUE AND subtype.internal IS NOT TRUE
                       AS is_public,
                   post.message_type IN ('comment', 'auto_comment', 'email',
                       'email_outgoing') AS is_outgoing,
                   post.message_type NOT IN ('user_notification', 'out_of_office')
                       AS is_for_all
              FROM mail_message post
              JOIN mail_message_subtype subtype ON subtype.id = post.subtype_id
             WHERE post.model = 'o2c.debtor' AND post.res_id = message.debtor_id
               AND post.id != message.mail_message_id AND post.message_id IS NOT NULL
          ORDER BY post.id DESC
             LIMIT 32
            """
        )

    def _silent_debtor(self):
        """The account, so that posting on it follows and tells nobody."""
        return self.debtor_id.with_context(
            mail_post_autofollow=False,
            mail_post_autofollow_author_skip=True,
            lang=self.language,
        ).with_company(self.company_id)

    def _post_without_mail(self, letter):
        """Post a text message or a letter on the timeline; it leaves on its own way."""
        author = self._author()
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

    def _prepare_mail(self, references):
        headers = {**HEADERS, "X-Odoo-Objects": f"o2c.debtor-{self.debtor_id.id}"}
        return_path = self.mail_message_id.record_alias_domain_id.bounce_email
        if return_path:
            headers["Return-Path"] = return_path
        values = {
            "mail_message_id": self.mail_message_id.id,
            "references": references,
            "body_html": self.body_html,
            "email_to": formataddr((one_line(self.partner_id.name), self.recipient)),
            "headers": repr(headers),
            "is_notification": True,
            "auto_delete": False,
            "state": "outgoing",
        }
        if not self.subject:
            values["subject"] = self.debtor_id._message_compute_subject()
        return values

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

    # ------------------------------------------------------------------
    # What became of it
    # ------------------------------------------------------------------

    def _settle_sent_mails(self):
        """Bring core's e-mails and their envelopes on the timeline in line."""
        mails = self.mail_id
        mails.write({"state": "sent", "failure_type": False, "failure_reason": False})
        mails._postprocess_sent_message(success_pids=[], success_emails=[])

    def _settle_bounced_mail(self):
        """Leave nothing in core's queue; the envelope shows that it came back."""
        self._drop_text()
        if self.channel != "email":
            return
        self.mail_id.write(
            {"state": "sent", "failure_type": False, "failure_reason": False}
        )
        self.mail_message_id.notification_ids.write(
            {"notification_status": "bounce", "failure_type": "mail_bounce"}
        )

    def _settle_mail(self, state, failure_type=False):
        """Bring core's e-mail and its envelope on the timeline in line."""
        mail = self.mail_id
        if self.channel == "sms":
            self._settle_text(state, failure_type)
        if not mail:
            return
        reason = self.failure_reason if failure_type else False
        mail.write(
            {"state": state, "failure_type": failure_type, "failure_reason": reason}
        )
        if state == "cancel":
            mail.mail_message_id.notification_ids.write(
                {"notification_status": "canceled"}
            )
            return
        mail._postprocess_sent_message(
            success_pids=[],
            success_emails=[] if failure_type else [self.recipient],
            failure_reason=reason,
            failure_type=failure_type,
        )
