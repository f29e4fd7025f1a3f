import logging

from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date, formatLang

from odoo.addons.o2c_base.tools.transaction import RETRIABLE

from ..domain.channels import WRITTEN
from ..domain.reasons import CUSTOMER_RESTS, HOLDING, NOT_DUE_REASONS, STILL_RIGHT

_logger = logging.getLogger(__name__)

#: Items listed in the note of an activity.
ITEMS_IN_NOTE = 20
#: Why a step left its channel; kept as the reason of the one that takes its place.
FAILED_REASONS = ("smtp_rejected", "sms_rejected", "not_printed")
ACTIVITY_TYPES = {
    "call": "mail.mail_activity_data_call",
    "todo": "mail.mail_activity_data_todo",
}


class O2cChaseAction(models.Model):
    """Carrying steps out: look at the facts again, then write or ask a person."""

    _inherit = "o2c.chase.action"

    def _perform(self):
        """Carry out planned steps: re-read the facts, drop what no longer holds.

        One customer who cannot be served never stops the others.

        :return: list of texts, one per step that could not be carried out
        """
        right = self._drop_stale()
        items = {
            channel: actions.debtor_id._chase_items(actions)
            for channel, actions in right.grouped("channel").items()
        }
        problems = []
        done = right._perform_together(items)
        for debtor, actions in (right - done).grouped("debtor_id").items():
            problem = actions._perform_safely(items)
            if problem:
                problems.append(f"{debtor.partner_id.display_name}: {problem}")
        return problems

    def _drop_stale(self):
        """Skip the steps for which the facts no longer speak.

        :return: the steps that are still right
        """
        decisions = self.env["o2c.chase.decision"]._decide(self.debtor_id)
        stale, held = {}, self.browse()
        people = self.env["res.partner"].browse(
            decision["recipient_id"]
            for decision in decisions.values()
            if decision["recipient_id"]
        )
        for action in self:
            decision = decisions.get(action.debtor_id.id, {})
            reason = action._stale_reason(decision)
            if reason:
                stale[reason] = stale.get(reason, self.browse()) | action
            elif decision["reason"] in HOLDING:
                action._hold_back(decision["reason"], decision["date_next"])
                held |= action
            else:
                action._address(decision, people)
        for reason, actions in stale.items():
            actions._set_skipped(reason)
        return (self - held).filtered(lambda action: action.state == "planned")

    def _address(self, decision, people):
        """Take the channel and the recipient of today: what he had may be gone.

        :param people: the contacts who are read along
        """
        person = people.browse(decision["recipient_id"] or ())
        person = person.with_prefetch(people.ids)
        self.recipient_id = person
        self.recipient_email = self._address_of(person, decision["channel"])
        if self.channel != decision["channel"]:
            self.channel = decision["channel"]
            if self.reason not in FAILED_REASONS:
                self.reason = decision["problem"]

    @api.model
    def _address_of(self, person, channel):
        """Where a message to a person goes by a channel."""
        if channel not in WRITTEN:
            return False
        return self.env["o2c.chase.message"]._address_of(person, channel)

    def _stale_reason(self, decision):
        """Why a planned step must not happen now; False if it must.

        :param decision: what is decided about the customer on today's facts
        """
        if self.debtor_id._is_shadow():
            return "not_in_pilot"
        reason = decision.get("reason", "paid")
        if self.item_id:
            return self._stale_item_reason(decision, reason)
        if reason in NOT_DUE_REASONS and reason not in STILL_RIGHT:
            return reason
        now = (decision["cycle"], decision["level"], decision["step_id"] or False)
        if now != (self.cycle, self.level, self.step_id.id):
            return "step_changed"
        return self._cost_reason(decision)

    def _cost_reason(self, decision):
        """Whether what takes the channel's place costs more than is to be had."""
        is_other = decision["channel"] != self.channel
        is_dear = is_other and decision["amount_due"] < decision["cost"]
        return "not_worth_it" if is_dear else False

    def _stale_item_reason(self, decision, reason):
        """The same of a step that belongs to one item."""
        if reason in CUSTOMER_RESTS:
            return reason
        items = decision.get("item_ids") or []
        if self.item_id.id not in items:
            return "paid" if self.item_id.reconciled else "step_changed"
        place = items.index(self.item_id.id)
        cycle = 0 if decision["is_soon"] else decision["cycle"]
        step_id = decision["item_step_ids"][place] or False
        now = (cycle, decision["item_levels"][place], step_id)
        if now != (self.cycle, self.level, self.step_id.id):
            return "step_changed"
        return self._cost_reason(decision)

    def _perform_together(self, items):
        """Write to all customers at once to whom an e-mail is all there is to do.

        :param items: per channel a dict of account id to the items of its steps
        :return: the steps that are carried out; none where anything went wrong, so
            that each customer is served apart and only the bad one is not
        """
        plain = [
            actions
            for actions in self.grouped("debtor_id").values()
            if actions._is_plain_email()
        ]
        if len(plain) < 2:
            return self.browse()
        try:
            with self.env.cr.savepoint():
                messages = self.env["o2c.chase.message"]._write_together(
                    plain, items["email"]
                )
                for actions, message in zip(plain, messages, strict=True):
                    if not message:
                        actions._wait_for_tomorrow()
        except RETRIABLE:
            raise
        except Exception as error:
            _logger.info("Customers are written to one by one: %s", error)
            _logger.debug("Where it failed", exc_info=True)
            return self.browse()
        return self.browse().union(*plain)

    def _is_plain_email(self):
        """Whether one customer's steps are e-mails in the words of the plan."""
        return set(self.mapped("channel")) == {"email"}

    def _perform_safely(self, items):
        """Carry out one customer's steps, or skip them with the error's text.

        :param items: per channel a dict of account id to the items of its steps
        :return: text of what went wrong, or None
        """
        try:
            with self.env.cr.savepoint():
                for channel, actions in self.grouped("channel").items():
                    actions._perform_channel(channel, items[channel])
        except RETRIABLE:
            raise
        except UserError as error:
            return self._give_up("template_error", error)
        except Exception as error:  # one bad record never stops a run
            _logger.info("Chase step of %s failed: %s", self.debtor_id, error)
            _logger.debug("Where it failed", exc_info=True)
            return self._give_up("perform_error", error)
        return None

    def _give_up(self, reason, error):
        """Skip the steps; the next run tries again.

        :return: the first line of the error, for the run's list of problems
        """
        words = str(error).strip() or type(error).__name__
        self._set_skipped(reason, words)
        return words.splitlines()[0]

    def _perform_channel(self, channel, items=None):
        """Carry out one customer's steps of one channel.

        :param items: dict of account id to the items of exactly these steps
        """
        if channel not in WRITTEN:
            self._schedule_activity(items)
            return
        message = self.env["o2c.chase.message"]._write_for(self, items)
        if not message:
            self._wait_for_tomorrow()

    def _wait_for_tomorrow(self):
        """Another message went to the customer today."""
        tomorrow = fields.Date.add(self.company_id._o2c_today(), days=1)
        self.write({"date_due": tomorrow, "reason": "already_today"})

    def _schedule_activity(self, items):
        """Give a customer's steps to a person, in his language, as one activity.

        They are done when the activity is.

        :param items: dict of account id to its items
        """
        action = self.sorted("level")[-1:]
        responsible = action._responsible()
        language = responsible.lang or self.company_id.partner_id.lang
        localized = action.with_context(lang=language)
        # The assignment is no news by e-mail: a run may create hundreds.
        debtor = self.debtor_id.with_context(
            mail_activity_quick_update=True, mail_activity_automation_skip=False
        )
        activity = debtor.activity_schedule(
            ACTIVITY_TYPES[action.channel],
            date_deadline=self.company_id._o2c_today(),
            summary=localized._activity_summary(),
            note=localized._activity_note(items[self.debtor_id.id]),
            user_id=responsible.id,
        )
        self._move(
            {"planned", "claimed"}, {"state": "queued", "activity_id": activity.id}
        )

    def _responsible(self):
        """Who takes the step on: the collector, in the end whom the plan names."""
        # sudo: who that is was decided with the plan
        plan_sudo = self.sudo().plan_id
        if self._is_hand_over() and plan_sudo.hand_over_id.active:
            return plan_sudo.hand_over_id
        named = self.step_id.user_id if self._is_task() else False
        if named and named.active and self.company_id in named.company_ids:
            return named
        return self.debtor_id._responsible()

    def _is_task(self):
        """A task of a level, not what comes after the last one."""
        return self.channel == "todo" and self.level == self.step_id.level

    def _is_hand_over(self):
        is_final = self.channel == "todo" and not self._is_task()
        return is_final and self.plan_id.final_action == "hand_over"

    def _activity_summary(self):
        if self._is_hand_over():
            return self.env._("The chase plan has ended: hand the case over")
        if self._is_task():
            return self.env._("Overdue invoices, level %s: your task", self.level)
        if self.channel == "todo":
            return self.env._("The chase plan has ended: decide what comes next")
        return self.env._("Call about overdue invoices, level %s", self.level)

    def _activity_note(self, items):
        """Reason, script and open items, as text that is escaped.

        :param items: the customer's items, see ``o2c.debtor._chase_items``
        """
        reasons = dict(self._fields["reason"]._description_selection(self.env))
        parts = []
        if self.reason and self.reason != "due":
            parts.append(Markup("<p>%s</p>") % reasons[self.reason])
        if self.step_id.script and (self.channel == "call" or self._is_task()):
            parts.append(Markup("<p>%s</p>") % self.step_id.script)
        rows = Markup("").join(
            Markup("<li>%s, %s: %s %s</li>")
            % (
                item["number"],
                format_date(self.env, item["date_due"]),
                formatLang(self.env, item["amount_open"]),
                item["currency"],
            )
            for item in items[:ITEMS_IN_NOTE]
        )
        if len(items) > ITEMS_IN_NOTE:
            left = self.env._("and %s more", len(items) - ITEMS_IN_NOTE)
            rows += Markup("<li>%s</li>") % left
        return Markup("").join(parts) + Markup("<ul>%s</ul>") % rows
