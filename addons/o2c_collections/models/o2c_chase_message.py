import logging

from markupsafe import Markup

from odoo import api, fields, models

from ..domain.channels import CHANNELS, WRITTEN
from ..domain.reasons import REASONS
from ..domain.retry_ladder import next_try
from .o2c_chase_action import PENDING

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


#: Why an address is not used again, and why nothing more is tried, by channel.
REJECTED = {"email": "smtp_rejected", "sms": "sms_rejected"}
GAVE_UP = {"email": "smtp_gave_up", "sms": "sms_gave_up"}


class O2cChaseMessage(models.Model):
    """What is sent to one recipient on one day, and what became of it.

    The row keeps what the message said and on which figures. It is written by
    the engine only: in :file:`o2c_chase_message_write.py` it comes into being,
    in :file:`o2c_chase_message_send.py` it is sent, and a person decides on it in
    :file:`o2c_chase_message_person.py`.
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
        "Address",
        required=True,
        readonly=True,
        help="The e-mail address or phone number, normalized, or the postal address.",
    )
    date = fields.Date(
        required=True, readonly=True, help="The company's local day it was written on."
    )
    channel = fields.Selection(
        [(channel, CHANNELS[channel]) for channel in WRITTEN],
        required=True,
        readonly=True,
        default="email",
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
    may_have_left = fields.Boolean(
        readonly=True,
        help="An attempt ended so that it may have arrived: its steps do not happen "
        "a second time.",
    )

    standing = fields.Json(
        "Standing before and after",
        readonly=True,
        help="Where the customer stood before its steps were done, and after: to take "
        "them back when the message comes back.",
    )

    _one_a_day = models.UniqueIndex(
        "(debtor_id, date, channel, recipient) "
        "WHERE state != 'cancelled' AND is_merged IS NOT TRUE",
        "A customer gets one message a day at most on the same channel.",
    )
    _date_idx = models.Index("(date, debtor_id)")
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
        if not self._may_become(state):
            return False
        self.write({"state": state, **(values or {})})
        self.env["o2c.event"]._record(
            f"message_{state}", self, {"recipient": self.recipient, **(payload or {})}
        )
        return True

    def _may_become(self, state):
        self.ensure_one()
        if self.state in SOURCES[state]:
            return True
        _logger.info("%s stays %s, it cannot become %s", self, self.state, state)
        return False

    def _set_sending(self):
        now = fields.Datetime.now()
        return self._move(
            "sending",
            {"attempts": self.attempts + 1, "next_try_at": now, "reason": False},
            {"attempt": self.attempts + 1, "figures": self.figures},
        )

    def _set_sent(self, note=True):
        """They left: their steps are done.

        :param bool note: whether to note what is decided now about their customers
        :return: these customers
        """
        sent = self.filtered(lambda message: message._may_become("sent"))
        for message in sent:
            message.sent_at = message.sent_at or fields.Datetime.now()
        sent.write(
            {
                "state": "sent",
                "next_try_at": False,
                "failure_code": False,
                "failure_reason": False,
            }
        )
        self.env["o2c.event"]._record(
            "message_sent",
            sent,
            {
                message.id: {
                    "recipient": message.recipient,
                    "message_id": message.message_id_header,
                }
                for message in sent
            },
        )
        sent._settle_sent_mails()
        debtors = sent._note_contact()
        if note:
            debtors._note_decision()
        return debtors

    def _note_contact(self):
        """The letters left: their steps are done, also those that became a call.

        Where a person or a merge closed them before, the next contact keeps its
        distance all the same.

        :return: the customers about whom there is a new decision to note
        """
        pending = self.action_ids.filtered(lambda action: action.state in PENDING)
        closed = (self - pending.message_id).debtor_id
        for debtor in closed:
            debtor._pass_level(debtor.cycle, debtor.level_own)
        calls = pending.activity_id.filtered("active")
        before = pending.debtor_id._chase_standing()
        pending._pass_done()
        self._note_standing(pending, before)
        if calls:
            pending.activity_id = False
            calls.unlink()
        return closed | pending.debtor_id

    def _set_deferred(self, code, reason):
        """Climb the ladder; after its last rung a person has to look."""
        later = next_try(fields.Datetime.now(), self.attempts)
        if later is None:
            return self._set_failed(GAVE_UP[self.channel], code, reason)
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
        if reason in REJECTED.values():
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
            "may_have_left": True,
            "failure_code": "interrupted",
            "failure_reason": reason,
        }
        if self._move("unknown", values):
            self._settle_mail("exception", "unknown")
            self._open_actions()._set_unknown()
            self._ask_person(reason)

    def _set_cancelled(self, reason):
        """Drop a message that no longer holds, and its steps with it.

        The steps of one that may have arrived count as done: a skipped step would
        be planned again.

        :param str reason: a code of :data:`~..domain.reasons.REASONS`
        """
        actions = self._open_actions()
        if self._move("cancelled", {"reason": reason, "next_try_at": False}):
            self._settle_mail("cancel")
            if self.may_have_left:
                actions._set_done()
            elif reason == "not_printed":
                actions._fall_back(reason)
            else:
                actions._set_skipped(reason)

    def _set_bounced(self, code, words, reason="smtp_rejected"):
        """It came back, so it had left.

        :param str reason: a code of :data:`~..domain.reasons.REASONS`; says whether
            the address is to blame
        """
        values = {
            "reason": reason,
            "next_try_at": False,
            "failure_code": code,
            "failure_reason": words,
        }
        if not self._move("bounced", values, {"code": code, "reason": words}):
            return
        self._settle_bounced_mail()
        if self._repeat_steps(reason, words or code):
            return
        self._ask_person(
            self.env._(
                "The message to %(address)s came back: %(why)s",
                address=self.recipient,
                why=words or code,
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
            note=Markup("<p>%s</p>") % text,
            date_deadline=self.company_id._o2c_today(),
            user_id=self.debtor_id._responsible().id,
        )

    @api.model
    def _trigger_sending(self, at=None):
        """Wake the sending job."""
        self.env.ref("o2c_collections.ir_cron_chase_message_send")._trigger(at)
