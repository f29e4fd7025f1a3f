from datetime import timedelta

from odoo import Command, api, fields, models
from odoo.exceptions import UserError

from ..domain.pause import PAUSE_DAYS

#: Customers named in the result, for each reason to be skipped.
NAMES_MAX = 10
#: What is done at once; the others ask for a day first.
AT_ONCE = ("wake", "approve")


class O2cWorklistBatch(models.TransientModel):
    """One thing done with several customers: how many, and who was skipped and why."""

    _name = "o2c.worklist.batch"
    _description = "Act on several customers"

    mode = fields.Selection(
        [
            ("snooze", "Snooze"),
            ("wake", "Back on the worklist"),
            ("pause", "Pause"),
            ("approve", "Approve and send"),
            ("plan", "Choose a plan"),
        ],
        required=True,
        readonly=True,
    )
    debtor_ids = fields.Many2many("o2c.debtor", string="Customers", readonly=True)
    debtor_count = fields.Integer("Number", compute="_compute_debtor_count")
    date = fields.Date(default=lambda self: self._default_date())
    note = fields.Char("Why")
    plan_id = fields.Many2one(
        "o2c.chase.plan",
        "Chase plan",
        help="Empty: the first plan whose rule fits applies again.",
    )
    result = fields.Text(readonly=True)

    @api.model
    def _default_date(self):
        return self.env.company._o2c_today() + timedelta(days=PAUSE_DAYS)

    @api.depends("debtor_ids")
    def _compute_debtor_count(self):
        for batch in self:
            batch.debtor_count = len(batch.debtor_ids)

    @api.model
    def _open(self, mode, debtors):
        """The dialog; what needs no further word is done at once.

        :param debtors: the customer accounts to act on
        """
        debtors.check_access("write")
        batch = self.create({"mode": mode, "debtor_ids": [Command.set(debtors.ids)]})
        if mode in AT_ONCE:
            return batch.action_do()
        return batch._show()

    def _show(self):
        names = dict(self._fields["mode"]._description_selection(self.env))
        return {
            "type": "ir.actions.act_window",
            "name": names[self.mode],
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "target": "new",
        }

    def action_do(self):
        """Do it, and tell who was skipped and why."""
        self.ensure_one()
        self.check_access("write")
        debtors = self.debtor_ids
        debtors.check_access("write")
        if not debtors:
            raise UserError(self.env._("Choose some customers first."))
        act = {
            "snooze": self._do_snooze,
            "wake": self._do_wake,
            "pause": self._do_pause,
            "approve": self._do_approve,
            "plan": self._do_plan,
        }[self.mode]
        done, skipped = act(debtors)
        self.result = self._result_text(done, skipped)
        return self._show()

    # ------------------------------------------------------------------
    # Each returns ({account done}, {account skipped: why})
    # ------------------------------------------------------------------

    def _do_snooze(self, debtors):
        self._check_date()
        longer = debtors.filtered(
            lambda debtor: debtor.is_snoozed and debtor.snoozed_until >= self.date
        )
        (debtors - longer)._snooze(self.date, self.note)
        reason = self.env._("already snoozed until that day or longer")
        return debtors - longer, dict.fromkeys(longer, reason)

    def _do_wake(self, debtors):
        snoozed = debtors.filtered("is_snoozed")
        snoozed.action_wake()
        reason = self.env._("not snoozed")
        return snoozed, dict.fromkeys(debtors - snoozed, reason)

    def _do_pause(self, debtors):
        self._check_date()
        longer = debtors.filtered(
            lambda debtor: debtor.is_paused and debtor.paused_until >= self.date
        )
        (debtors - longer)._pause(self.date, self.note)
        reason = self.env._("already paused until that day or longer")
        return debtors - longer, dict.fromkeys(longer, reason)

    def _do_approve(self, debtors):
        waiting = self.env["o2c.chase.action"].search(
            [("debtor_id", "in", debtors.ids), ("state", "=", "to_review")]
        )
        reason = self.env._("nothing waits for review")
        skipped = dict.fromkeys(debtors - waiting.debtor_id, reason)
        for action, why in waiting._approve().items():
            skipped[action.debtor_id] = why
        return debtors.filtered(lambda debtor: debtor not in skipped), skipped

    def _do_plan(self, debtors):
        plan = self.plan_id
        if not plan:
            owners = debtors.filtered("plan_id")
            owners.write({"plan_id": False})
            reason = self.env._("without a plan of their own")
            return owners, dict.fromkeys(debtors - owners, reason)
        theirs = debtors.filtered(
            lambda debtor: plan.company_id and plan.company_id != debtor.company_id
        )
        values = {"plan_reason": self.note, "plan_until": self.date}
        (debtors - theirs).write({"plan_id": plan.id, **values})
        reason = self.env._("of another company than the plan")
        return debtors - theirs, dict.fromkeys(theirs, reason)

    def _check_date(self):
        if not self.date:
            raise UserError(self.env._("Choose a day."))

    # ------------------------------------------------------------------
    # Telling
    # ------------------------------------------------------------------

    def _result_text(self, done, skipped):
        told = {
            "snooze": self.env._("Snoozed: %(count)s.", count=len(done)),
            "wake": self.env._("Back on the worklist: %(count)s.", count=len(done)),
            "pause": self.env._("Paused: %(count)s.", count=len(done)),
            "approve": self.env._("On their way: %(count)s.", count=len(done)),
            "plan": self.env._("Plan chosen: %(count)s.", count=len(done))
            if self.plan_id
            else self.env._("By rule again: %(count)s.", count=len(done)),
        }
        lines = [told[self.mode]]
        for reason in dict.fromkeys(skipped.values()):
            debtors = [debtor for debtor, why in skipped.items() if why == reason]
            names = ", ".join(debtor.display_name for debtor in debtors[:NAMES_MAX])
            more = " …" if len(debtors) > NAMES_MAX else ""
            lines.append(
                self.env._(
                    "%(count)s skipped, %(reason)s: %(names)s",
                    count=len(debtors),
                    reason=reason,
                    names=names + more,
                )
            )
        return "\n".join(lines)
