from odoo import models
from odoo.exceptions import UserError

ANSWER = "o2c_collections.mail_template_dispute_answer"


class O2cDispute(models.Model):
    """The conversation with the customer, in the dispute's own chatter."""

    _inherit = "o2c.dispute"

    def _recipient(self):
        """Who of the customer gets the answer: the invoice's contact."""
        dispute_sudo = self.sudo()  # sudo: the owner may not read the invoice
        people = dispute_sudo.move_id.partner_id | dispute_sudo.partner_id
        return people.filtered("email_normalized")[:1]

    def _send_answer(self):
        """Mail the decision to the customer, in his language, as the user."""
        self.ensure_one()
        recipient = self._recipient()
        if not recipient:
            raise UserError(
                self.env._(
                    "%(customer)s has no e-mail address: enter one, or decide without "
                    "sending the answer.",
                    customer=self.partner_id.display_name,
                )
            )
        # sudo: the template is not everybody's to read; what it shows is the dispute
        template_sudo = self.env.ref(ANSWER).sudo()
        texts = template_sudo._generate_template(self.ids, {"subject", "body_html"})
        self._post_answer(recipient, **texts[self.id])

    def _post_answer(self, recipient, subject, body_html, **values):
        """Hook: post the answer; it is mailed to the recipient.

        :param values: further ones of the message
        """
        layout = {"email_layout_xmlid": "mail.mail_notification_light"}
        self.message_post(
            subject=subject,
            body=body_html,
            partner_ids=recipient.ids,
            subtype_xmlid="mail.mt_comment",
            **layout | values,
        )

    # ------------------------------------------------------------------
    # What comes back
    # ------------------------------------------------------------------

    def _take_reply(self, message, text, is_automatic):
        """A mail on the dispute: the customer's answer sets the clock going again."""
        self.ensure_one()
        if not is_automatic and not self.debtor_id._is_from_us(message):
            self.action_go_on()

    def _parts_without_text(self, message, is_automatic):
        """Nothing is lost: the mail stands in the chatter."""
        return []
