from odoo import models

#: What a delivery report says when a text message did not arrive.
LOST = ("bounce", "exception")


class SmsTracker(models.Model):
    """Delivery reports of text messages find the chase message they speak of."""

    _inherit = "sms.tracker"

    def _update_sms_notifications(
        self, notification_status, failure_type=False, failure_reason=False
    ):
        """EXTENDS sms: a reminder that did not arrive has come back."""
        result = super()._update_sms_notifications(
            notification_status, failure_type, failure_reason
        )
        if notification_status not in LOST:
            return result
        # sudo: reports come from the provider, for nobody in particular
        messages_sudo = self.env["o2c.chase.message"].sudo()
        posted = self.sudo().mail_notification_id.mail_message_id
        for message_sudo in messages_sudo.search(
            [
                ("mail_message_id", "in", posted.ids),
                ("channel", "=", "sms"),
                ("state", "in", ("sent", "unknown")),
            ]
        ):
            words = failure_reason or failure_type or ""
            message_sudo._set_bounced(failure_type or "sms", words, "sms_rejected")
        return result
