from odoo import api, models
from odoo.tools import email_normalize, html2plaintext
from odoo.tools.mail import decode_message_header

#: A status notice with one of these is no failure: the e-mail is late or arrived.
HARMLESS = frozenset({"delayed", "delivered", "relayed", "expanded"})


class MailThread(models.AbstractModel):
    """Status notices of mail servers find the chase message they speak of."""

    _inherit = "mail.thread"

    @api.model
    def _routing_handle_bounce(self, email_message, message_dict):
        """Override of `mail` to mark the chase message that came back."""
        notice = self._o2c_read_notice(email_message)
        if notice["action"] not in HARMLESS:
            super()._routing_handle_bounce(email_message, message_dict)
        bounced = message_dict["bounced_message"]
        if not bounced:
            return
        # sudo: the gateway works for nobody in particular
        messages_sudo = self.env["o2c.chase.message"].sudo()
        found = messages_sudo.search([("mail_message_id", "=", bounced.id)])
        text = html2plaintext(message_dict.get("body") or "")
        for message_sudo in found:
            message_sudo._take_notice(notice, text)

    @api.model
    def _o2c_read_notice(self, email_message):
        """Read the first recipient's fields of a delivery status notice.

        :return: dict of action (``failed``, ``delayed``, ...), status (``5.1.1``),
            recipient and the server's words; empty texts where it says nothing
        """
        fields = {"action": "", "status": "", "recipient": "", "words": ""}
        for part in email_message.walk():
            if part.get_content_type() != "message/delivery-status":
                continue
            blocks = part.get_payload()
            if not isinstance(blocks, list) or len(blocks) < 2:
                continue
            block = blocks[1]
            final = decode_message_header(block, "Final-Recipient").split(";")[-1]
            words = decode_message_header(block, "Diagnostic-Code")
            return {
                "action": decode_message_header(block, "Action").strip().lower(),
                "status": decode_message_header(block, "Status").strip(),
                "recipient": email_normalize(final) or "",
                "words": words.split(";", 1)[-1].strip(),
            }
        return fields
