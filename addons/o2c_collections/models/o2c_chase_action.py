import logging

from markupsafe import Markup

from odoo import fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import format_date, formatLang

from odoo.addons.o2c_base.tools.transaction import RETRIABLE

from ..domain.reasons import CUSTOMER_RESTS, NOT_DUE_REASONS, REASONS, STILL_RIGHT
from .o2c_chase_step import CHANNELS

_logger = logging.getLogger(__name__)

#: States of a step that is neither over nor dropped.
PENDING = ("planned", "to_review", "claimed", "queued", "failed", "unknown")
#: Items listed in the note of an activity.
ITEMS_IN_NOTE = 20
ACTIVITY_TYPES = {
    "call": "mail.mail_activity_data_call",
    "todo": "mail.mail_activity_data_todo",
}


class O2cChaseAction(models.Model):
    """One step of the chase, due or done, for one customer.

    The unique key makes a second one of the same level in the same cycle
    impossible. State is written by the gates below and nowhere else.
    """

    _name = "o2c.chase.action"
    _description = "Chase step"
    _order = "id DESC"
    _rec_name = "debtor_id"

    debtor_id = fields.Many2one(
        "o2c.debtor", "Customer", required=True, readonly=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="debtor_id.company_id", string="Company")
    currency_id = fields.Many2one(related="company_id.currency_id")
    plan_id = fields.Many2one(related="step_id.plan_id", string="Plan")
    step_id = fields.Many2one(
        "o2c.chase.step", "Plan level", readonly=True, ondelete="set null"
    )
    run_id = fields.Many2one("o2c.chase.run", readonly=True, index=True)
    cycle = fields.Integer(readonly=True)
    level = fields.Integer(readonly=True, aggregator=None)
    item_id = fields.Many2one(
        "account.move.line",
        readonly=True,
        index="btree_not_null",
        ondelete="cascade",
        help="Set for steps that belong to one item.",
    )
    channel = fields.Selection(CHANNELS, required=True, readonly=True)
    state = fields.Selection(
        [
            ("planned", "Planned"),
            ("to_review", "To review"),
            ("claimed", "Claimed"),
            ("queued", "Under way"),
            ("done", "Done"),
            ("failed", "Failed"),
            ("unknown", "Unknown"),
            ("skipped", "Skipped"),
            ("cancelled", "Cancelled"),
        ],
        required=True,
        readonly=True,
        default="planned",
    )
    reason = fields.Selection(list(REASONS.items()), readonly=True)
    error = fields.Char(readonly=True, help="What went wrong, in the machine's words.")
    date_due = fields.Date("Due", readonly=True)
    date_done = fields.Date("Done on", readonly=True)
    message_id = fields.Many2one(
        "o2c.chase.message", readonly=True, index="btree_not_null"
    )
    activity_id = fields.Many2one(
        "mail.activity", readonly=True, index="btree_not_null"
    )
    recipient_id = fields.Many2one("res.partner", readonly=True)
    recipient_email = fields.Char("Address", readonly=True)
    amount_due = fields.Monetary(
        "To ask for", readonly=True, help="Collectable and overdue when planned."
    )

    _once = models.UniqueIndex(
        "(debtor_id, cycle, level, COALESCE(item_id, 0))"
        " WHERE state NOT IN ('skipped', 'cancelled')",
        "No customer gets the same level twice in a cycle.",
    )
    _planned_idx = models.Index("(id) WHERE state = 'planned'")
    _debtor_idx = models.Index("(debtor_id, id)")

    # ------------------------------------------------------------------
    # Gates
    # ------------------------------------------------------------------

    def _set_queued(self, message):
        """The step is under way: its message is in the outbox."""
        self._move(
            {"planned", "claimed"}, {"state": "queued", "message_id": message.id}
        )

    def _set_done(self):
        """The step happened: the customer has passed its level."""
        moved = self._move(set(PENDING), {"state": "done"}, dated=True)
        for debtor, actions in moved.grouped("debtor_id").items():
            debtor._pass_steps(actions)
        self.env["o2c.event"]._record(
            "step_done",
            moved,
            {a.id: {"level": a.level, "channel": a.channel} for a in moved},
        )

    def _set_skipped(self, reason, error=False):
        """The step does not happen, for a reason; the key is free again."""
        moved = self._move(
            set(PENDING), {"state": "skipped", "reason": reason, "error": error}
        )
        self.env["o2c.event"]._record("step_skipped", moved, {"reason": reason})
        activities = moved.activity_id.filtered("active")
        moved.activity_id = False
        activities.unlink()

    def _set_failed(self, reason, error=False):
        """The step failed and waits for a person."""
        moved = self._move(
            set(PENDING), {"state": "failed", "reason": reason, "error": error}
        )
        self.env["o2c.event"]._record(
            "step_failed", moved, {"reason": reason, "error": error or ""}
        )

    def _set_unknown(self):
        """Nobody knows whether the step happened; a person decides."""
        moved = self._move({"queued", "claimed"}, {"state": "unknown"})
        self.env["o2c.event"]._record("step_unknown", moved)

    def _set_requeued(self):
        """A person sends a failed or unknown step once more."""
        self._move({"failed", "unknown"}, {"state": "queued", "error": False})

    def _fall_back(self, reason, error=False):
        """The channel did not work: the same step goes on as a call."""
        moved = self._move(
            set(PENDING),
            {"state": "claimed", "channel": "call", "reason": reason, "error": error},
        )
        items = moved.debtor_id._chase_items(moved)
        for actions in moved.grouped("debtor_id").values():
            actions._schedule_activity(items)
        self.env["o2c.event"]._record("step_fell_back", moved, {"reason": reason})

    def _move(self, sources, values, dated=False):
        """Write a new state where the old one allows it.

        :return: the actions that moved; the same state again is no error
        """
        moved = self.filtered(lambda action: action.state in sources)
        for company, actions in moved.grouped("company_id").items():
            day = {"date_done": company._o2c_today()} if dated else {}
            actions.write({**values, **day})
        return moved

    # ------------------------------------------------------------------
    # Performing
    # ------------------------------------------------------------------

    def _perform(self):
        """Carry out planned steps: re-read the facts, drop what no longer holds.

        One customer who cannot be served never stops the others.

        :return: list of texts, one per step that could not be carried out
        """
        right = self._drop_stale()
        by_hand = right.filtered(lambda action: action.channel != "email")
        items = by_hand.debtor_id._chase_items(by_hand)
        problems = []
        for debtor, actions in right.grouped("debtor_id").items():
            problem = actions._perform_safely(items)
            if problem:
                problems.append(f"{debtor.partner_id.display_name}: {problem}")
        return problems

    def _drop_stale(self):
        """Skip the steps for which the facts no longer speak.

        :return: the steps that are still right
        """
        decisions = self.env["o2c.chase.decision"]._decide(self.debtor_id)
        stale = {}
        for action in self:
            reason = action._stale_reason(decisions.get(action.debtor_id.id, {}))
            if reason:
                stale[reason] = stale.get(reason, self.browse()) | action
            elif action.channel == "email":
                action._address(decisions[action.debtor_id.id])
        for reason, actions in stale.items():
            actions._set_skipped(reason)
        return self.filtered(lambda action: action.state == "planned")

    def _address(self, decision):
        """Take the recipient of today; without one, somebody has to call."""
        if decision["recipient_id"]:
            self.recipient_id = decision["recipient_id"]
            self.recipient_email = decision["recipient_email"]
        else:
            self.write({"channel": "call", "reason": "no_address"})

    def _stale_reason(self, decision):
        """Why a planned step must not happen now; False if it must.

        :param decision: what is decided about the customer on today's facts
        """
        reason = decision.get("reason", "paid")
        if self.item_id:
            return self._stale_item_reason(decision, reason)
        if reason in NOT_DUE_REASONS and reason not in STILL_RIGHT:
            return reason
        now = (decision["cycle"], decision["level"], decision["step_id"] or False)
        if now != (self.cycle, self.level, self.step_id.id):
            return "step_changed"
        return False

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
        return False

    def _perform_safely(self, items):
        """Carry out one customer's steps, or skip them with the error's text.

        :param items: dict of account id to its items, for activities
        :return: text of what went wrong, or None
        """
        try:
            with self.env.cr.savepoint():
                for channel, actions in self.grouped("channel").items():
                    actions._perform_channel(channel, items)
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

    def _perform_channel(self, channel, items):
        if channel != "email":
            self._schedule_activity(items)
            return
        message = self.env["o2c.chase.message"]._write_for(self)
        if not message:
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
        return self.debtor_id._responsible()

    def _is_hand_over(self):
        return self.channel == "todo" and self.plan_id.final_action == "hand_over"

    def _activity_summary(self):
        if self._is_hand_over():
            return self.env._("The chase plan has ended: hand the case over")
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
        if self.step_id.script and self.channel == "call":
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

    # ------------------------------------------------------------------
    # A person decides
    # ------------------------------------------------------------------

    def action_retry(self):
        """Drop failed steps, so that the next run plans them anew."""
        self._check_may_decide()
        # sudo: state is written by the gate alone
        failed_sudo = self.sudo().filtered(lambda action: action.state == "failed")
        failed_sudo._set_skipped("planned_anew")
        return True

    def action_close(self):
        """Count a failed or unknown step as done: its level is passed."""
        self._check_may_decide()
        # sudo: state is written by the gate alone
        self.sudo().filtered(lambda a: a.state in ("failed", "unknown"))._set_done()
        return True

    def _check_may_decide(self):
        self.check_access("read")
        if not self.env.user.has_group("o2c_base.group_collector"):
            raise AccessError(self.env._("Only collectors decide on chase steps."))

    def action_open_debtor(self):
        """The customer account behind the step."""
        self.ensure_one()
        return self.debtor_id.get_formview_action()

    # ------------------------------------------------------------------
    # Merging
    # ------------------------------------------------------------------

    def _shift_cycles(self, by):
        """Add to the cycle numbers, highest first so that the key always holds."""
        for action in self.sorted("cycle", reverse=True) if by else ():
            action.cycle += by
            action.flush_recordset(["cycle"])
