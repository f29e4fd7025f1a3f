import logging

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ..domain.reasons import REASONS
from ..domain.retry_ladder import next_try

_logger = logging.getLogger(__name__)

#: Which states a message may come from; everything else is refused.
SOURCES = {
    "outgoing": {"failed", "unknown"},
    "sending": {"outgoing", "deferred"},
    "sent": {"sending", "unknown"},
    "deferred": {"sending"},
    "failed": {"sending"},
    "unknown": {"sending"},
    "cancelled": {"outgoing", "deferred", "failed", "unknown"},
    "bounced": {"sending", "sent", "unknown"},
}


class O2cChaseMessage(models.Model):
    """What is sent to one recipient on one day, and what became of it.

    The row keeps what the message said and on which figures. It is written by
    the engine only: in :file:`o2c_chase_message_write.py` it comes into being,
    in :file:`o2c_chase_message_send.py` it is sent.
    """

    _name = "o2c.chase.message"
    _description = "Chase message"
    _order = "id DESC"
    _rec_name = "subject"
    _check_company_auto = True

    # To whom and when
    debtor_id = fields.Many2one(
        "o2c.debtor",
        "Customer account",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, ondelete="restrict"
    )
    partner_id = fields.Many2one(
        "res.partner",
        "Recipient",
        readonly=True,
        ondelete="set null",
        help="Empty when the contact was deleted since; the address stays.",
    )
    recipient = fields.Char(
        "Address", required=True, readonly=True, help="The e-mail address, normalized."
    )
    date = fields.Date(
        required=True, readonly=True, help="The company's local day it was written on."
    )
    channel = fields.Selection(
        [("email", "E-mail")], required=True, readonly=True, default="email"
    )
    is_merged = fields.Boolean(
        readonly=True,
        help="It came here by a merge of customers, and no longer counts as the one "
        "message of that day.",
    )
    action_ids = fields.One2many(
        "o2c.chase.action", "message_id", "Chase steps", readonly=True
    )

    # What it says
    subject = fields.Char(readonly=True)
    # Shown in a sandboxed frame; kept as it was sent, so not sanitized again.
    body_html = fields.Html("Message", readonly=True, sanitize=False)
    body_text = fields.Text("Message as plain text", readonly=True)
    figures = fields.Json(readonly=True, help="The items and amounts it speaks of.")
    language = fields.Char(readonly=True)
    message_id_header = fields.Char(
        "Message-Id", readonly=True, help="The same over all attempts."
    )
    mail_id = fields.Many2one(
        "mail.mail",
        "E-mail",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
    )
    mail_message_id = fields.Many2one(
        "mail.message",
        "On the timeline",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
    )

    # What became of it
    state = fields.Selection(
        [
            ("outgoing", "Waiting to be sent"),
            ("sending", "Being sent"),
            ("sent", "Sent"),
            ("deferred", "Tried again later"),
            ("failed", "Failed"),
            ("unknown", "Unclear whether it arrived"),
            ("cancelled", "Cancelled"),
            ("bounced", "Came back"),
        ],
        required=True,
        readonly=True,
        default="outgoing",
        index=True,
    )
    attempts = fields.Integer(readonly=True)
    next_try_at = fields.Datetime("Next attempt", readonly=True)
    reason = fields.Selection(selection=list(REASONS.items()), readonly=True)
    failure_code = fields.Char(
        readonly=True, help="The mail server's code, or where the attempt ended."
    )
    failure_reason = fields.Text("What the mail server said", readonly=True)
    sent_at = fields.Datetime("Sent", readonly=True)

    _one_a_day = models.UniqueIndex(
        "(debtor_id, date, channel, recipient) "
        "WHERE state != 'cancelled' AND is_merged IS NOT TRUE",
        "A customer gets one message a day at most on the same channel.",
    )
    _due_idx = models.Index("(id) WHERE state IN ('outgoing', 'deferred')")
    _sending_idx = models.Index("(id) WHERE state = 'sending'")

    # ------------------------------------------------------------------
    # State gate
    # ------------------------------------------------------------------

    def _move(self, state, values=None, payload=None):
        """Change the state: the only place that does.

        :param str state: the new one
        :param dict values: what else is written with it
        :param dict payload: what the history keeps
        :return: whether the message may go there and did
        """
        self.ensure_one()
        if self.state not in SOURCES[state]:
            _logger.info("%s stays %s, it cannot become %s", self, self.state, state)
            return False
        self.write({"state": state, **(values or {})})
        self.env["o2c.event"]._record(
            f"message_{state}", self, {"recipient": self.recipient, **(payload or {})}
        )
        return True

    def _set_sending(self):
        now = fields.Datetime.now()
        return self._move(
            "sending",
            {"attempts": self.attempts + 1, "next_try_at": now},
            {"attempt": self.attempts + 1, "figures": self.figures},
        )

    def _set_sent(self):
        values = {
            "sent_at": fields.Datetime.now(),
            "next_try_at": False,
            "failure_code": False,
            "failure_reason": False,
        }
        if self._move("sent", values, {"message_id": self.message_id_header}):
            self._settle_mail("sent")
            self._open_actions()._set_done()

    def _set_deferred(self, code, reason):
        """Climb the ladder; after its last rung a person has to look."""
        later = next_try(fields.Datetime.now(), self.attempts)
        if later is None:
            return self._set_failed("smtp_gave_up", code, reason)
        values = {
            "next_try_at": later,
            "failure_code": code,
            "failure_reason": reason,
        }
        payload = {"code": code, "reason": reason, "next_try_at": str(later)}
        return self._move("deferred", values, payload)

    def _set_failed(self, reason, code, words):
        """Give up on this message.

        A refused address lets its steps go on by the next channel; else a person
        decides.

        :param str reason: a code of :data:`~..domain.reasons.REASONS`
        """
        values = {
            "reason": reason,
            "next_try_at": False,
            "failure_code": code,
            "failure_reason": words,
        }
        if not self._move("failed", values, {"code": code, "reason": words}):
            return
        if reason == "smtp_rejected":
            self._settle_mail("exception", "mail_email_invalid")
            self._open_actions()._fall_back(reason, words)
            return
        self._settle_mail("exception", "mail_smtp")
        self._open_actions()._set_failed(reason, words)
        self._ask_person(
            self.env._("The message could not be sent: %(why)s", why=words or code)
        )

    def _set_unknown(self):
        reason = self.env._(
            "The connection broke after the text was handed over. The message may "
            "have arrived or not, so it is not sent again by itself."
        )
        values = {
            "next_try_at": False,
            "failure_code": "interrupted",
            "failure_reason": reason,
        }
        if self._move("unknown", values):
            self._settle_mail("exception", "unknown")
            self._open_actions()._set_unknown()
            self._ask_person(reason)

    def _set_cancelled(self, reason):
        """Drop a message that no longer holds, and its steps with it.

        :param str reason: a code of :data:`~..domain.reasons.REASONS`
        """
        actions = self._open_actions()
        if self._move("cancelled", {"reason": reason, "next_try_at": False}):
            self._settle_mail("cancel")
            actions._set_skipped(reason)

    def _set_bounced(self, code, reason):
        was_unknown = self.state == "unknown"
        values = {"failure_code": code, "failure_reason": reason}
        if not self._move("bounced", values, {"code": code, "reason": reason}):
            return
        if was_unknown:
            # Now it is known that it had left.
            self._open_actions()._set_done()
        self._ask_person(
            self.env._(
                "The message to %(address)s came back: %(why)s",
                address=self.recipient,
                why=reason or code,
            )
        )

    def _open_actions(self):
        """Give the steps that wait for this message, not for a call instead."""
        return self.action_ids.filtered(
            lambda action: (
                action.channel == self.channel
                and action.state in {"queued", "failed", "unknown"}
            )
        )

    def _settle_mail(self, state, failure_type=False):
        """Bring core's e-mail and its envelope on the timeline in line."""
        mail = self.mail_id
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

    # ------------------------------------------------------------------
    # Actions of a person
    # ------------------------------------------------------------------

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
        reason = self._stale_reason()
        if reason:
            self._set_cancelled(reason)
            return reason
        self._trigger_sending()
        return False

    # ------------------------------------------------------------------
    # Helpers
    # ------------------------------------------------------------------

    def _ask_person(self, text):
        """Leave a to-do with the customer's collector."""
        self.debtor_id.activity_schedule(
            "mail.mail_activity_data_todo",
            summary=self.env._(
                "Chase message to %(name)s", name=self.partner_id.name or ""
            ),
            note=text,
            date_deadline=self.company_id._o2c_today(),
            user_id=self.debtor_id._responsible().id,
        )

    @api.model
    def _trigger_sending(self, at=None):
        """Wake the sending job."""
        self.env.ref("o2c_collections.ir_cron_chase_message_send")._trigger(at)
