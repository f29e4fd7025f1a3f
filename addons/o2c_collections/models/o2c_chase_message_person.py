from odoo import models
from odoo.exceptions import AccessError, UserError

from ..domain.reasons import HOLDING


class O2cChaseMessage(models.Model):
    """What a person decides about a message that was not simply sent."""

    _inherit = "o2c.chase.message"

    def action_confirm_arrival(self):
        """It arrived: the button on a message of which that was unclear."""
        self._check_collector()
        message_sudo = self._lock_for_person({"unknown"})
        message_sudo.env["o2c.event"]._record("message_confirmed", message_sudo)
        message_sudo._set_sent()
        return True

    def action_send_again(self):
        """Send the same message once more, after a look at today's facts."""
        self._check_collector()
        message_sudo = self._lock_for_person({"unknown", "failed"})
        reason = message_sudo._send_again()
        if not reason:
            return True
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "warning",
                "title": self.env._("The message was cancelled"),
                "message": dict(
                    self._fields["reason"]._description_selection(self.env)
                )[reason],
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    def action_open_debtor(self):
        """Open the customer account."""
        self.ensure_one()
        return self.debtor_id._get_records_action()

    def _check_collector(self):
        self.ensure_one()
        self.check_access("read")
        if not self.env.user.has_group("o2c_base.group_collector"):
            raise AccessError(
                self.env._("Only collectors decide what becomes of a message.")
            )

    def _lock_for_person(self, states):
        """Lock the message for a person's decision.

        :param set states: in which it may be
        :return: the message in superuser mode
        :raise UserError: when somebody else has just decided
        """
        # sudo: nobody but the engine writes messages; the caller checked the group
        message_sudo = self.sudo().try_lock_for_update(allow_referencing=True)
        if not message_sudo or message_sudo.state not in states:
            raise UserError(
                self.env._(
                    "This message has changed in the meantime. Reload the page to "
                    "see what became of it."
                )
            )
        return message_sudo

    def _send_again(self):
        """Put a message back into the queue, if it still holds.

        A new ladder begins, and the address is read anew: a person may have
        mended it. The Message-Id stays.

        :return: the reason it was cancelled for instead, or False
        """
        self.ensure_one()
        values = {"attempts": 0, "reason": False, "next_try_at": False}
        if not self._move("outgoing", values, {"by_person": True}):
            return False
        self._update_address()
        self.mail_id.write({"state": "outgoing", "failure_type": False})
        self.mail_message_id.notification_ids.write({"notification_status": "ready"})
        self._open_actions()._set_requeued()
        reason = self._reason_not_to_send()
        if reason and reason not in HOLDING:
            self._set_cancelled(reason)
            return reason
        self._trigger_sending()
        return False
