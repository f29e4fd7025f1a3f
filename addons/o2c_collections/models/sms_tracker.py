from odoo import models

#: What a delivery report says when a text message did not arrive.
LOST = ("bounce", "exception")


class SmsTracker(models.Model):
    """Delivery reports of text messages find the chase message they speak of."""

    _inherit = "sms.tracker"

    def _update_sms_notifications(
        self, notification_status, failure_type=False, failure_reason=False
    ):
        """EXTENDS sms: a reminder that did not arrive has come back.

        One that did arrive is no longer unclear.
        """
        result = super()._update_sms_notifications(
            notification_status, failure_type, failure_reason
        )
        if self.env.context.get("o2c_handing_over"):
            return result  # an answer, no report: the sender settles it
        # sudo: reports come from the provider, for nobody in particular
        messages_sudo = self.env["o2c.chase.message"].sudo()
        posted = self.sudo().mail_notification_id.mail_message_id
        found_sudo = messages_sudo.search(
            [
                ("mail_message_id", "in", posted.ids),
                ("channel", "=", "sms"),
                ("state", "in", ("sending", "sent", "unknown")),
            ]
        )
        if notification_status in LOST:
            words = failure_reason or failure_type or ""
            for message_sudo in found_sudo:
                message_sudo._set_bounced(failure_type or "sms", words, "sms_rejected")
        elif notification_status == "sent":
            found_sudo.filtered(lambda m: m.state == "unknown")._set_sent()
        return result
