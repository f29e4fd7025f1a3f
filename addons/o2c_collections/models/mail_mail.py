from odoo import fields, models
from odoo.exceptions import UserError


class MailMail(models.Model):
    """E-mails of the chase are sent by its engine only.

    Core's queue does not ask whether an invoice was paid since, does not try
    again, and cannot tell "refused" from "perhaps sent". It therefore passes our
    e-mails by; who presses a button on one of them gets the engine's checks.
    """

    _inherit = "mail.mail"

    o2c_chase_message_ids = fields.One2many(
        "o2c.chase.message", "mail_id", "Chase messages", groups="base.group_system"
    )

    def _o2c_chase_messages(self):
        """Give the chase messages that these e-mails carry."""
        # sudo: whether an e-mail is the engine's must not depend on who asks
        messages_sudo = self.env["o2c.chase.message"].sudo()
        return messages_sudo.search([("mail_id", "in", self.ids)])

    def process_email_queue(self, email_ids=(), batch_size=1000):
        """Override of `mail` to leave our e-mails out, by core's own filter."""
        filters = [
            *self.env.context.get("filters", []),
            ("o2c_chase_message_ids", "=", False),
        ]
        self_filtered = self.with_context(filters=filters)
        return super(MailMail, self_filtered).process_email_queue(email_ids, batch_size)

    def send(self, auto_commit=False, raise_exception=False, post_send_callback=None):
        """Override of `mail` to hand our e-mails to the engine instead."""
        messages_sudo = self._o2c_chase_messages()
        if messages_sudo:
            messages_sudo._request_sending()
        others = self - messages_sudo.mail_id.with_env(self.env)
        return super(MailMail, others).send(
            auto_commit=auto_commit,
            raise_exception=raise_exception,
            post_send_callback=post_send_callback,
        )

    def _send(
        self,
        auto_commit=False,
        raise_exception=False,
        smtp_session=None,
        alias_domain_id=False,
        mail_server=False,
        post_send_callback=None,
    ):
        """Override of `mail`: the last door, shut whoever knocks."""
        others = self - self._o2c_chase_messages().mail_id.with_env(self.env)
        return super(MailMail, others)._send(
            auto_commit=auto_commit,
            raise_exception=raise_exception,
            smtp_session=smtp_session,
            alias_domain_id=alias_domain_id,
            mail_server=mail_server,
            post_send_callback=post_send_callback,
        )

    def action_retry(self):
        """Override of `mail`: a retry of ours is a new look at the facts."""
        messages_sudo = self._o2c_chase_messages()
        unclear = messages_sudo.filtered(lambda message: message.state == "unknown")
        if unclear:
            raise UserError(
                self.env._(
                    "It is unclear whether this message arrived: %(subject)s. Open it "
                    "under Receivables and decide there.",
                    subject=unclear[0].subject,
                )
            )
        if messages_sudo:
            messages_sudo._request_sending()
        others = self - messages_sudo.mail_id.with_env(self.env)
        return super(MailMail, others).action_retry()

    def cancel(self):
        """Override of `mail`: the message and its step are cancelled as well."""
        messages_sudo = self._o2c_chase_messages()
        for message_sudo in messages_sudo:
            message_sudo._set_cancelled("mail_cancelled")
        others = self - messages_sudo.mail_id.with_env(self.env)
        return super(MailMail, others).cancel()

    def _prepare_outgoing_list(self, mail_server=False, doc_to_followers=None):
        """Override of `mail` to send the text that was written for readers of text."""
        emails = super()._prepare_outgoing_list(
            mail_server=mail_server, doc_to_followers=doc_to_followers
        )
        text = self._o2c_text()
        if text:
            for email in emails:
                email["body_alternative"] = text
        return emails

    def _o2c_with_texts(self):
        """The same e-mails, their texts for readers of text read at once."""
        messages_sudo = self._o2c_chase_messages()
        texts = {m.mail_id.id: m.body_text for m in reversed(messages_sudo)}
        return self.with_context(o2c_texts=texts)

    def _o2c_text(self):
        texts = self.env.context.get("o2c_texts")
        if texts is None:
            return self._o2c_chase_messages()[:1].body_text
        return texts.get(self.id)
