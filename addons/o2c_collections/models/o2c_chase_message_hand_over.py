import json
import logging
import time
from datetime import timedelta
from typing import NamedTuple

import pytz

from odoo import api, fields, models
from odoo.tools import SQL, split_every

from odoo.addons.o2c_base.tools.planned import execute_planned, remember_plans
from odoo.addons.o2c_base.tools.transaction import try_in_new_transaction

from ..domain.smtp_verdict import SENT
from ..tools.postman import Postman
from ..tools.texter import Texter
from .o2c_chase_message_look import LOOK_SECONDS, LOOK_SIZE, Looks

_logger = logging.getLogger(__name__)

#: Messages a process takes at least, however few are due.
GROUP_MIN = 5
#: Of what is due a process takes such a part at most: others may find some too.
SHARE = 4
#: Seconds for which messages that left wait to be settled with the next ones.
SETTLE_SECONDS = 2
#: Customers about whom it is decided at once what comes next.
SERVED_MAX = 100
#: Seconds after which the job learns how far this is.
TELL_SECONDS = 1


class Ready(NamedTuple):
    """A message that leaves unless something changed since it was looked at."""

    message_id: int
    customer_id: int
    mail_id: int
    stamp: str
    today: object
    zone: object
    claims: SQL
    event: dict

    def is_of_day(self, moment):
        """Whether it is still the day on which it was looked at.

        :param moment: naive UTC datetime
        """
        return pytz.utc.localize(moment).astimezone(self.zone).date() == self.today


class O2cChaseMessage(models.Model):
    """Handing over the many that are clear, with little work for each.

    All that can be done for several at once happens before: the look, the e-mail
    itself. What is left of a claim is one statement, which holds only as long as
    nothing that the look rests on has changed; whatever has goes the long way of
    ``_claim``. That the server took a message is noted with the claim of the next
    one, in ``sent_at``: the state stays ``sending`` until its steps are done, with
    those of some others, so that after a crash they are done all the same.
    """

    _inherit = "o2c.chase.message"

    def _clear_to_go(self, looks):
        """Tell which messages may leave as they are.

        Of several to one customer the first: whether the next may leave too is seen
        when that one has.

        :param looks: see ``_look``
        :return: list of :class:`Ready`
        """
        events = self.env["o2c.event"]
        clear = []
        claims = self.env["o2c.open.item"]._has_claims_sql(SQL("debtor.partner_id"))
        first = {message.debtor_id: message for message in reversed(self)}
        for message in self:
            stamp, facts = looks[message.id]
            if first[message.debtor_id] == message and message._is_clear(facts):
                payload = {
                    "recipient": message.recipient,
                    "attempt": message.attempts + 1,
                    "figures": message.figures,
                }
                event = events._prepare_event("message_sending", message, payload)
                zone = message.company_id._o2c_zone()
                customer, mail = message.debtor_id.partner_id, message.mail_id
                ids = (message.id, customer.id, mail.id)
                clear.append(Ready(*ids, *stamp, zone, claims, event))
        return clear

    def _is_clear(self, facts):
        """Whether an e-mail may leave for as long as a look is good."""
        if self.channel != "email" or not self.mail_id or not self._open_actions():
            return False
        if self._reason_not_to_send({self.id: facts}):
            return False
        moment = self.company_id._o2c_contact_moment
        return all(
            moment(self.partner_id, self.channel, later=later)
            <= fields.Datetime.now() + later
            for later in (timedelta(), timedelta(seconds=LOOK_SECONDS))
        )

    def _claim_ready(self, ready, left=None):
        """Claim a message whose facts are as they were when they were looked at.

        The same as ``_set_sending``, for a row that is not read again. Where something
        rests on the customer's items, the long way reckons with it.

        :param ready: the :class:`Ready`; None where none is
        :param left: (id of the message that left last, when), to be noted along
        :return: whether it is ours
        """
        now = fields.Datetime.now()
        if not ready or not ready.is_of_day(now):
            if left:
                message_id, moment = left
                self.browse(message_id)._note_left(moment)
            return False
        return bool(execute_planned(self.env.cr, self._claim_sql(ready, now, left)))

    def _claim_sql(self, ready, now, left):
        event = {**ready.event, "date": now}
        payload = json.dumps(event.pop("payload"))
        return SQL(
            """
            WITH %(left)s claimed AS (
                UPDATE o2c_chase_message message
                   SET state = 'sending', attempts = COALESCE(attempts, 0) + 1,
                       next_try_at = %(now)s, reason = NULL,
                       write_date = %(now)s, write_uid = %(uid)s
                  FROM (%(stamps)s) seen
                 WHERE message.id = seen.id AND seen.stamp = %(stamp)s
             RETURNING message.id)
            INSERT INTO o2c_event (payload, %(columns)s)
            SELECT %(payload)s::jsonb, %(event)s FROM claimed
            RETURNING res_id
            """,
            left=SQL("before AS (%s),", self._left_sql(*left)) if left else SQL(),
            now=now,
            uid=self.env.uid,
            stamps=SQL(
                "%s AND NOT %s", self._stamps_sql([ready.message_id]), ready.claims
            ),
            stamp=ready.stamp,
            columns=SQL(", ").join(map(SQL.identifier, event)),
            payload=payload,
            event=SQL(", ").join(SQL("%s", value) for value in event.values()),
        )

    def _note_left(self, moment):
        """Note that the server took a message, where no claim follows at once."""
        self.env.cr.execute(self._left_sql(self.id, moment))

    @api.model
    def _left_sql(self, message_id, moment):
        """Note that the server took a message, before its steps are done."""
        return SQL(
            "UPDATE o2c_chase_message SET sent_at = %s, write_date = %s"
            " WHERE id = %s AND state = 'sending'",
            moment,
            moment,
            message_id,
        )

    def _settle_accepted(self):
        """They left, as was noted: their steps are done.

        :return: ids of the customers whose steps are done
        """
        return self._set_sent(note=False).ids


class Round:
    """One process at work: what it holds, and what left but is not settled yet."""

    def __init__(self, messages, session, env):
        """Begin.

        :param messages: the model, in the environment of the job
        :param session: the :class:`SendingSession`
        :param env: of the session's cursor, committed after each step
        """
        self._messages = messages
        self._session = session
        self._env = env
        self._carriers = {"email": Postman(env), "sms": Texter(env)}
        self._left = None
        self._plans = set()
        self._accepted = []
        self._since = self._told = time.monotonic()
        self._tried = 0
        self._served = []

    def send(self, ids, go_on):
        """Try to send messages, some at a time.

        :param ids: of messages that are due
        :param go_on: function that is told how many were tried, and tells whether
            there is time for more
        """
        size = max(GROUP_MIN, min(LOOK_SIZE, len(ids) // SHARE))
        try:
            for group in split_every(size, ids):
                held = self._session.take(group)
                try:
                    is_in_time = self._send_held(held, go_on)
                finally:
                    self._settle()
                    self._session.release(held)
                if len(self._served) >= SERVED_MAX:
                    self._messages._note_served(self._served)
                self._tried += len(group) - len(held)
                if not is_in_time:
                    break
        finally:
            self._carriers["email"].close()
            self._messages._note_served(self._served)
        go_on(self._tried)

    def _send_held(self, held, go_on):
        """Try to send what is ours.

        :return: whether there was time for all
        """
        looks = Looks(self._messages, held, self._carriers["email"])
        for message_id in held:
            if not self._hand_over(looks.ready(message_id)):
                self._settle()  # it may be about the same customer
                self._served += self._messages._attempt(
                    message_id, self._carriers, looks
                )
            if time.monotonic() - self._since > SETTLE_SECONDS:
                self._settle()
            self._tried += 1
            if not self._is_in_time(go_on):
                return False
        return True

    def _is_in_time(self, go_on):
        """Report progress now and then; whether there is time for more."""
        if time.monotonic() - self._told < TELL_SECONDS:
            return True
        self._told = time.monotonic()
        tried, self._tried = self._tried, 0
        return go_on(tried)

    def _hand_over(self, ready):
        """Hand over a message that is clear to go.

        :return: whether that was tried
        """
        if not self._claim(ready):
            if ready:
                self._carriers["email"].forget(ready.mail_id)
            return False
        try:
            verdict = self._carriers["email"].deliver(ready.mail_id)
            if verdict.outcome == SENT:
                self._accept(ready.message_id)
            else:
                self._messages._in_transaction(ready.message_id, "_settle", verdict)
        except Exception:
            # The text may have left: the state "sending" stands, and the next run
            # makes it "unknown".
            _logger.exception("Chase message %s: outcome not known", ready.message_id)
        return True

    def _accept(self, message_id):
        if not self._accepted:
            self._since = time.monotonic()
        self._accepted.append(message_id)
        self._left = (message_id, fields.Datetime.now())

    def _claim(self, ready):
        """Note what left last and claim the next message, in one transaction.

        :param ready: the next one, if it is clear to go
        :return: whether it is ours
        """
        if not ready and not self._left:
            return False
        messages = self._env[self._messages._name]
        # the session's connection is its own: its locks would not outlive another
        remember_plans(self._env.cr, self._plans)
        try:
            is_ours = messages._claim_ready(ready, self._left)
            self._env.cr.commit()  # pylint: disable=invalid-commit
        except Exception as error:  # noqa: BLE001 the long way meets it again
            self._env.cr.rollback()
            self._plans.clear()
            _logger.info("Not claimed at once: %s", error)
            is_ours = False
            self._note_left()
        self._left = None
        return is_ours

    def _note_left(self):
        if self._left:
            name, left = self._messages._name, self._left
            try_in_new_transaction(
                self._messages.env,
                lambda env: env[name]._claim_ready(None, left),
                "Noting that a message left",
            )

    def _settle(self):
        """Do the steps of what left, at once, or one by one where that fails."""
        self._claim(None)
        ids, self._accepted = self._accepted, []
        self._since = time.monotonic()
        if ids and not self._settle_some(ids):
            for message_id in ids:
                self._settle_some([message_id])

    def _settle_some(self, ids):
        """Settle some messages in one transaction.

        :return: whether that went well
        """
        name = self._messages._name
        served = try_in_new_transaction(
            self._messages.env,
            lambda env: env[name].browse(ids)._settle_accepted(),
            "Settling messages that left",
        )
        self._served += served or []
        return served is not None
