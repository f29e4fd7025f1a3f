import logging
from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import str2bool

from odoo.addons.o2c_base.tools.transaction import (
    in_new_transaction,
    try_in_new_transaction,
)

from ..domain.reasons import CUSTOMER_RESTS, HOLDING, REASONS, STILL_RIGHT
from ..domain.smtp_verdict import PERMANENT, SENT, UNKNOWN, blames_address
from ..tools.sending_session import SendingSession
from .mail_thread import HARMLESS
from .o2c_chase_message import REJECTED
from .o2c_chase_message_hand_over import Round
from .o2c_chase_message_letter import LETTER_DAYS_MAX

_logger = logging.getLogger(__name__)

BATCH_SIZE = 500
PUT_OFF = timedelta(hours=1)
#: Local days after which a message is too old to be sent; the ladder of attempts
#: ends on the second one.
DAYS_MAX = 2
#: Reasons that leave a message standing whose steps are all closed by a person
#: or a fallback: they speak of the next step, not of this one.
REASONS_OF_NEXT_STEP = frozenset({"waiting_level", "too_soon"})


class O2cChaseMessage(models.Model):
    """Sending: claim, look at the facts, hand over, settle.

    Each attempt has two short transactions with the dialogue between them:

    1. *claim*: lock the row, read the facts anew, state ``sending``, commit;
    2. the SMTP dialogue, outside of any transaction;
    3. *settle*: the outcome, commit.

    For those that are clear to go, :file:`o2c_chase_message_hand_over.py` does the
    same with less.

    All the while the process holds an advisory lock of its database session,
    which ends with the process. A message in ``sending`` that nobody holds was
    cut off by a crash: it becomes ``unknown``, unless it was noted that it left.
    """

    _inherit = "o2c.chase.message"

    # ------------------------------------------------------------------
    # Cron
    # ------------------------------------------------------------------

    @api.model
    def _cron_send(self):
        """Send what is due; any number of workers may do so at once."""
        # sudo: the engine itself; it runs as no particular person
        self_sudo = self.sudo()
        with self.env.registry.cursor() as cr:
            session = SendingSession(cr)
            self_sudo._recover_interrupted(session)
            if not self_sudo._may_send():
                return
            self_sudo._end_unprinted()
            self_sudo._send_batch(session, self.env(cr=cr, su=True))

    @api.model
    def _may_send(self):
        """A copy of the database made for tests writes to no customer."""
        parameters = self.env["ir.config_parameter"].sudo()
        return not str2bool(parameters.get_param("database.is_neutralized"), False)

    def _send_batch(self, session, session_env):
        domain = self._due_domain()
        ids = self.search(domain, limit=BATCH_SIZE, order="id").ids
        commit = self.env["ir.cron"]._commit_progress
        commit(
            remaining=self.search_count(domain) if len(ids) == BATCH_SIZE else len(ids)
        )
        Round(self, session, session_env).send(ids, commit)

    def _note_served(self, debtor_ids):
        """Note what comes next for customers whose messages left, all at once.

        Cut off before, they show today's step as the next one until the next run.

        :param list debtor_ids: is emptied
        """

        def note(env):
            env["o2c.debtor"].browse(debtor_ids).exists()._note_decision()

        if debtor_ids:
            try_in_new_transaction(self.env, note, "Noting what comes next")
            debtor_ids.clear()

    def _due_domain(self):
        return [
            ("state", "in", ("outgoing", "deferred")),
            "|",
            ("next_try_at", "=", False),
            ("next_try_at", "<=", fields.Datetime.now()),
            ("company_id.o2c_sending", "=", True),
            ("channel", "!=", "letter"),
        ]

    # ------------------------------------------------------------------
    # One attempt
    # ------------------------------------------------------------------

    def _attempt(self, message_id, carriers, looks):
        """Try one message; whatever goes wrong with it stays with it.

        :return: ids of the customers whose steps it did
        """
        try:
            look = looks.at(message_id)
            handover = self._in_transaction(message_id, "_claim", look)
        except Exception as error:
            # One bad message must not stop the others, nor be tried all the time.
            _logger.exception("Chase message %s could not be checked", message_id)
            self._in_transaction(message_id, "_put_off", str(error))
            return []
        if not handover:
            return []
        channel, record_id = handover
        try:
            verdict = carriers[channel].deliver(record_id)
            return self._in_transaction(message_id, "_settle", verdict)
        except Exception:
            # The text may have left: the state "sending" stands, and the next run
            # makes it "unknown".
            _logger.exception("Chase message %s: outcome not known", message_id)
            return []

    def _in_transaction(self, message_id, method, *arguments):
        """Call a method on one message in a transaction of its own."""

        def call(env):
            return getattr(env[self._name].browse(message_id), method)(*arguments)

        return in_new_transaction(self.env, call)

    def _claim(self, look=None):
        """Make the message ours, if it is still due and still holds.

        :param look: what was seen of it a moment ago, see ``_look``
        :return: (channel, id of the record to hand over); False if nothing is sent now
        """
        due = self.try_lock_for_update(allow_referencing=True)
        if not due.filtered_domain(self._due_domain()):
            return False
        reason = self._reason_not_to_send(self._facts_of_look(look))
        if reason and reason not in HOLDING:
            self._set_cancelled(reason)
            return False
        if self._hold_back(reason):
            return False
        self._set_sending()
        if self.channel == "sms":
            return "sms", self._queue_text().id
        if not self.mail_id:
            self._set_failed(
                "perform_error", "deleted", self.env._("The e-mail was deleted.")
            )
            return False
        return "email", self.mail_id.id

    def _put_off(self, error):
        """Let a message wait whose facts could not be read."""
        values = {
            "next_try_at": fields.Datetime.now() + PUT_OFF,
            "failure_code": "internal",
            "failure_reason": error,
        }
        self.filtered_domain(self._due_domain()).write(values)

    def _settle(self, verdict):
        """Write down how the attempt ended.

        :return: ids of the customers whose steps are done
        """
        if verdict.outcome != SENT:
            self._drop_text()
        if self.state == "bounced":
            return []  # before we had written down that it had left
        if verdict.outcome == UNKNOWN:
            self._set_unknown()
        elif verdict.outcome == PERMANENT:
            rejected = REJECTED[self.channel]
            self._set_failed(rejected, verdict.failure_code, verdict.reason)
        elif verdict.outcome != SENT:
            self._set_deferred(verdict.failure_code, verdict.reason)
        else:
            return self._set_sent(note=False).ids
        return []

    def _reason_not_to_send(self, facts=None):
        """The last look before a message leaves; False if it may."""
        if self.debtor_id._is_shadow():
            return "not_in_pilot"
        return self._stale_reason(facts)

    def _facts_now(self):
        """What is decided about the customers of messages now, and what they owe.

        One decision serves them all.

        :return: dict of message id to (decision, items)
        """
        decisions = self.env["o2c.chase.decision"]._decide(self.debtor_id)
        facts, rest = {}, self
        while rest:  # once, unless a customer has several of the messages
            groups = rest.grouped("debtor_id").values()
            turn = rest.browse([messages[0].id for messages in groups])
            items = turn.debtor_id._chase_items(turn.action_ids)
            for message in turn:
                debtor_id = message.debtor_id.id
                facts[message.id] = decisions.get(debtor_id, {}), items[debtor_id]
            rest -= turn
        return facts

    def _stale_reason(self, facts=None):
        """Look at today's facts: does the message still hold?

        :param facts: see ``_facts_now``, where they were read for several
        :return: a code of :data:`~..domain.reasons.REASONS`, or False
        """
        self.ensure_one()
        if self._is_step_closed():
            return "step_closed"
        decision, items = (facts or self._facts_now())[self.id]
        reason = decision.get("reason", "paid")
        if reason not in self._reasons_to_go_on():
            return reason
        late = self._late_reason()
        if late:
            return late
        person = self.partner_id
        address = self._address_of(person, self.channel)
        if not person.active or address != self.recipient:
            return "recipient_changed"
        now = self._open_figures(items)
        if now != self._open_figures((self.figures or {}).get("items", [])):
            return "figures_changed"
        # it holds, but it may have to wait
        return reason if reason in HOLDING else False

    def _late_reason(self):
        """Say why it comes too late, if it does: too old, or overtaken.

        What overtakes is a further contact, of a message whose steps are closed.
        """
        if self._is_too_old():
            return "not_printed" if self.channel == "letter" else "too_old"
        if self._is_no_longer_soon():
            return "step_changed"
        if self._open_actions():
            return False
        if self.debtor_id.level_date and self.debtor_id.level_date > self.date:
            return "too_soon"
        left_today = self.search_count(
            [
                ("debtor_id", "=", self.debtor_id.id),
                ("id", "!=", self.id),
                "|",
                ("state", "=", "sending"),
                ("sent_at", ">=", self.company_id._o2c_midnight()),
            ],
            limit=1,
        )
        return "already_today" if left_today else False

    def _is_no_longer_soon(self):
        """Whether what it says will be due soon is overdue by now."""
        today = self.company_id._o2c_today()
        soon = self.action_ids.filtered(lambda step: step.item_id and not step.cycle)
        days = soon.item_id.mapped(lambda item: item.date_maturity or item.date)
        return bool(days) and min(days) < today

    def _is_step_closed(self):
        """Say whether somebody closed all the steps it was written for."""
        states = set(self.action_ids.mapped("state"))
        return bool(states) and states <= {"skipped", "cancelled"}

    def _is_too_old(self):
        days_max = LETTER_DAYS_MAX if self.channel == "letter" else DAYS_MAX
        return (self.company_id._o2c_today() - self._day_due()).days > days_max

    def _reasons_to_go_on(self):
        steps = self._open_actions()
        if steps and all(step.item_id for step in steps):
            return REASONS.keys() - set(CUSTOMER_RESTS)
        if steps or not self.action_ids:
            return set(STILL_RIGHT)
        return {*STILL_RIGHT, *REASONS_OF_NEXT_STEP}

    @api.model
    def _open_figures(self, items):
        """What must be the same when it is sent as when it was written."""
        currencies = self.env["res.currency"]
        return {
            item["move_line_id"]: currencies.browse(item["currency_id"]).round(
                item["amount_open"]
            )
            for item in items
        }

    # ------------------------------------------------------------------
    # After a crash
    # ------------------------------------------------------------------

    def _recover_interrupted(self, session):
        """Find what a dead process left in ``sending``."""
        held = session.take(self.search([("state", "=", "sending")]).ids)
        try:
            for message_id in held:
                try:
                    self._in_transaction(message_id, "_set_interrupted")
                except Exception:
                    _logger.exception("Chase message %s is unclear", message_id)
                    self._in_transaction(message_id, "_set_unknown")
        finally:
            session.release(held)
        self.env["ir.cron"]._commit_progress()

    def _set_interrupted(self):
        """Nobody holds it: if it is still being sent, its process has died."""
        if self.state == "sending" and self.sent_at:
            self._set_sent()
        elif self.state == "sending":
            self._drop_text()
            self._set_unknown()

    # ------------------------------------------------------------------
    # Requests from elsewhere
    # ------------------------------------------------------------------

    def _request_sending(self):
        """Take up a person's wish to send core's e-mail: with our checks, soon."""
        for message in self.try_lock_for_update(allow_referencing=True):
            if message.state in {"outgoing", "deferred"}:
                message.next_try_at = False
            elif message.state == "failed":
                message._send_again()
        self._trigger_sending()

    def _take_notice(self, notice, text):
        """Take up a mail server's status notice about this message.

        :param dict notice: see ``mail.thread._o2c_read_notice``
        :param str text: the notice's readable part
        """
        is_other = notice["recipient"] not in {"", self.recipient}
        if is_other or notice["action"] in HARMLESS:
            self.env["o2c.event"]._record("message_notice", self, notice)
            return
        code = notice["status"] or "bounce"
        words = notice["words"] or text
        is_refused = blames_address(code) and blames_address(words)
        reason = "smtp_rejected" if is_refused else "smtp_gave_up"
        self._set_bounced(code, words, reason)
