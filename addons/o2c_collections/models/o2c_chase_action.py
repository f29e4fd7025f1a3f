from odoo import fields, models
from odoo.exceptions import AccessError

from ..domain.reasons import REASONS
from .o2c_chase_step import CHANNELS

#: States of a step that is neither over nor dropped.
PENDING = ("planned", "to_review", "claimed", "queued", "failed", "unknown")


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
    # The number of a run, which is never deleted: checking it by a foreign key, and a
    # full index on it, were a tenth of what planning costs.
    run_id = fields.Integer(readonly=True, aggregator=None)
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
    time_due = fields.Datetime(
        "Not before",
        readonly=True,
        help="Set when the contact budget holds the step back: quiet hours, days off, "
        "or contacted often enough.",
    )
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
    _run_idx = models.Index("USING brin (run_id)")
    _debtor_idx = models.Index("(debtor_id, id)")
    _called_idx = models.Index(
        "(date_done, debtor_id) WHERE channel = 'call' AND state = 'done'"
    )

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
        self._pass_done().debtor_id._note_decision()

    def _pass_done(self):
        """The same, where what is decided now is noted afterwards.

        :return: the steps that were not done before
        """
        moved = self._move(set(PENDING), {"state": "done"}, dated=True)
        for debtor, actions in moved.grouped("debtor_id").items():
            debtor._pass_steps(actions)
        self.env["o2c.event"]._record(
            "step_done",
            moved,
            {a.id: {"level": a.level, "channel": a.channel} for a in moved},
        )
        return moved

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

    def _set_taken_back(self):
        """The step had no effect after all: its message came back."""
        self.env["o2c.event"]._record(
            "step_taken_back", self, {a.id: {"level": a.level} for a in self}
        )
        self._move({"done"}, {"state": "queued", "date_done": False})

    def _fall_back(self, reason, error=False):
        """The channel did not work: the same step goes on by what else there is."""
        moved = self._move(
            set(PENDING), {"state": "planned", "reason": reason, "error": error}
        )
        self.env["o2c.event"]._record("step_fell_back", moved, {"reason": reason})
        moved._perform()

    def _hold_back(self, reason, day, moment=False):
        """The contact budget lets the step wait; it stays as it is.

        :param day: when it goes on
        :param moment: the hour, for steps whose message is written
        """
        self.write({"reason": reason, "date_due": day, "time_due": moment})

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
