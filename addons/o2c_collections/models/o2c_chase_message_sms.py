from odoo import models
from odoo.exceptions import UserError
from odoo.tools import plaintext2html

TEMPLATE = "o2c_collections.sms_template_chase"
#: Letters of a text message that stand for it in lists.
SUBJECT_LENGTH = 80


class O2cChaseMessage(models.Model):
    """Text messages: words of their own, sent through Odoo's text message service.

    They go through the same outbox as e-mails: looked at again, handed over once,
    tried again on the same ladder. What is found cut off is a person's.
    """

    _inherit = "o2c.chase.message"

    def _fill_text(self, step, language):
        """Render the words of a level.

        :return: the text
        """
        template = step.sms_template_id
        template = template or self.env.ref(TEMPLATE, raise_if_not_found=False)
        if not template:
            raise UserError(
                self.env._(
                    "The step %(step)s sends a text message but has no template. "
                    "Choose one in the chase plan.",
                    step=step.display_name,
                )
            )
        found = template._render_field("body", self.ids, set_lang=language)
        return self._set_text(str(found[self.id] or ""))

    def _set_text(self, words):
        """Let these words be the message, on one line.

        :return: the text
        """
        text = " ".join(words.split())
        self.write(
            {
                "subject": text[:SUBJECT_LENGTH],
                "body_html": plaintext2html(text),
                "body_text": text,
            }
        )
        return text

    def _prepare_text_notice(self, author):
        """The envelope on the timeline; Odoo's service writes what became of it."""
        return {
            "author_id": author.id,
            "is_read": True,
            "mail_message_id": self.mail_message_id.id,
            "notification_status": "ready",
            "notification_type": "sms",
            "res_partner_id": self.partner_id.id,
            "sms_number": self.recipient,
        }

    def _settle_text(self, state, failure_type):
        """Bring the envelope on the timeline in line where the service does not."""
        notices = self.mail_message_id.notification_ids
        if state == "cancel":
            notices.write({"notification_status": "canceled"})
        elif failure_type and notices.filtered(
            lambda notice: notice.notification_status == "ready"
        ):
            notices.write(
                {
                    "notification_status": "exception",
                    "failure_type": "unknown",
                    "failure_reason": self.failure_reason,
                }
            )

    def _drop_text(self):
        """Leave nothing that Odoo's own list would offer to send past our checks.

        What finds its delivery report stays: the text may have left.
        """
        if self.channel != "sms":
            return
        texts = self.env["sms.sms"].search(
            [
                ("mail_message_id", "in", self.mail_message_id.ids),
                ("to_delete", "!=", True),
            ]
        )
        texts.unlink()

    def _queue_text(self):
        """Make Odoo's text message and tie it to the envelope.

        It is committed before the service is called, with what finds its delivery
        report. Odoo's own queue takes what is outgoing, and it never is: nothing can
        send it a second time.

        :return: sms.sms
        """
        text = self.env["sms.sms"].create(
            {
                "body": self.body_text,
                "number": self.recipient,
                "partner_id": self.partner_id.id,
                "mail_message_id": self.mail_message_id.id,
                "state": "process",
            }
        )
        notice = self.mail_message_id.notification_ids[:1]
        notice.sms_id_int = text.id
        self.env["sms.tracker"].create(
            {"sms_uuid": text.uuid, "mail_notification_id": notice.id}
        )
        return text
