from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import format_amount

from ..domain.dispute import OPEN_STATES
from .o2c_dispute import ROLES

#: Outcomes that end with an entry in the books.
BY_ENTRY = ("credit", "compromise", "replacement", "write_off")
#: Outcomes in which the customer was not right.
INVALID = ("rejected", "withdrawn", "paid")
POSTING = "account.group_account_invoice"


class O2cDispute(models.Model):
    """How a dispute ends.

    What is accepted rests until its credit note, or write-off, is posted: that closes
    the dispute. What is rejected is chased at once, at its true age.
    """

    _inherit = "o2c.dispute"

    outcome = fields.Selection(
        [
            ("credit", "Credit note"),
            ("compromise", "Compromise"),
            ("replacement", "New invoice"),
            ("write_off", "Written off"),
            ("rejected", "Rejected"),
            ("withdrawn", "Withdrawn"),
            ("paid", "Paid"),
            ("cancelled", "Invoice cancelled"),
        ],
        readonly=True,
        tracking=True,
        copy=False,
    )
    amount_accepted = fields.Monetary(
        "Accepted",
        readonly=True,
        tracking=True,
        help="What the customer need not pay, in the currency of the invoice.",
    )
    amount_resting = fields.Monetary(
        "Resting",
        compute="_compute_amount_resting",
        store=True,
        help="What of the dispute is not asked for: all of it until somebody has "
        "decided, then the accepted part until its credit note is posted.",
    )
    answer = fields.Text("Answer to the customer", readonly=True)
    decided_by_id = fields.Many2one(
        "res.users", "Decided by", readonly=True, ondelete="set null"
    )
    date_decided = fields.Datetime("Decided on", readonly=True)
    date_closed = fields.Datetime("Closed on", readonly=True)
    credit_move_id = fields.Many2one(
        "account.move",
        "Credit note",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
        help="Or the entry that writes a deduction off.",
    )
    credit_state = fields.Selection(related="credit_move_id.state")
    replacement_move_id = fields.Many2one(
        "account.move",
        "New invoice",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
    )
    needs_entry = fields.Boolean(compute="_compute_needs_entry", compute_sudo=True)
    cycle_days = fields.Float(
        "Days to close",
        readonly=True,
        aggregator="avg",
        help="From raising to closing, in calendar days.",
    )
    invalid_rate = fields.Float(
        "Invalid (%)",
        readonly=True,
        aggregator="avg",
        help="100 where the customer was not right: rejected, withdrawn or paid. Of "
        "closed disputes the average is the invalid rate.",
    )

    @api.depends("amount", "amount_accepted", "outcome", "state")
    def _compute_amount_resting(self):
        for dispute in self:
            if dispute.state not in OPEN_STATES:
                dispute.amount_resting = 0
            elif dispute.outcome:
                dispute.amount_resting = min(dispute.amount, dispute.amount_accepted)
            else:
                dispute.amount_resting = dispute.amount

    @api.depends("outcome", "state", "credit_move_id")
    def _compute_needs_entry(self):
        for dispute in self:
            dispute.needs_entry = (
                dispute.state in OPEN_STATES
                and dispute.outcome in BY_ENTRY
                and not dispute.credit_move_id
            )

    # ------------------------------------------------------------------
    # Buttons
    # ------------------------------------------------------------------

    def action_decide(self):
        """Decide: opens the dialog."""
        self.ensure_one()
        self.check_access("write")
        self._check_undecided()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Is the customer right?"),
            "res_model": "o2c.dispute.decide",
            "view_mode": "form",
            "target": "new",
            "context": {
                "default_dispute_id": self.id,
                "default_outcome": self.env.context.get("o2c_outcome", "credit"),
            },
        }

    def action_withdraw(self):
        """The customer has withdrawn it: all of it is chased again."""
        self.check_access("write")
        for dispute in self:
            dispute._check_undecided()
            dispute._note_decided()
            dispute._close(
                "withdrawn", "withdrawn", self.env._("The customer has withdrawn it.")
            )
        return True

    def action_reopen(self):
        """The matter is not settled after all; it keeps the day it was raised."""
        self.check_access("write")
        if not (self.env.su or self.env.user.has_groups(ROLES)):
            raise AccessError(
                self.env._("Ask the collector to reopen it: what rests is his to say.")
            )
        for dispute in self:
            if dispute.state not in ("rejected", "withdrawn"):
                raise UserError(
                    self.env._("Only what was rejected or withdrawn can be reopened.")
                )
            if dispute.sudo().move_id.state != "posted":  # sudo: owners outside
                raise UserError(self.env._("The invoice is not posted any more."))
            # sudo: the state has this gate
            dispute.sudo().write(
                {
                    "state": "open",
                    "outcome": False,
                    "amount_accepted": 0,
                    "date_closed": False,
                    "cycle_days": 0,
                    "invalid_rate": 0,
                    "escalation_level": 0,
                    "date_escalation": False,
                }
            )
            dispute._plan_deadline()
            dispute._ask_owner()
            dispute._record_event("dispute_reopened")
        return True

    def action_settle(self):
        """Make the credit note, new invoice or write-off that was decided."""
        self.ensure_one()
        self.check_access("write")
        if not self.env.user.has_group(POSTING):
            raise UserError(self.env._("Only those who make invoices can do this."))
        self.sudo().lock_for_update()  # sudo: one's own dispute, one credit note of it
        if not self.needs_entry:
            raise UserError(self.env._("Nothing is to be booked for this dispute."))
        return self._settle()

    def action_open_move(self):
        """The disputed invoice, for those who may read it."""
        self.ensure_one()
        self.check_access("read")
        return self.move_id.get_formview_action()

    def action_open_credit(self):
        """What settled the dispute, for those who may read it."""
        self.ensure_one()
        self.check_access("read")
        return (self.replacement_move_id or self.credit_move_id).get_formview_action()

    def action_open_debtor(self):
        """The customer account, for those who may read it."""
        self.ensure_one()
        self.check_access("read")
        return self.debtor_id.get_formview_action()

    # ------------------------------------------------------------------
    # Deciding
    # ------------------------------------------------------------------

    def _check_undecided(self):
        if self.outcome or self.state not in OPEN_STATES:
            raise UserError(
                self.env._("%(dispute)s is decided already.", dispute=self.display_name)
            )

    def _note_decided(self, **values):
        # sudo: the decision has this gate
        self.sudo().write(
            {
                **values,
                "decided_by_id": self.env.uid,
                "date_decided": fields.Datetime.now(),
            }
        )

    def _decide(self, outcome, amount=None, answer=""):
        """Decide a dispute; twice is refused.

        :param outcome: credit, replacement, write_off or rejected
        :param amount: what is accepted of it, for a credit note
        :param answer: text for the customer
        :return: the action that shows what follows, or True
        """
        self.ensure_one()
        self.check_access("write")
        self.sudo().lock_for_update()  # sudo: a double click meets the first one
        self._check_undecided()
        if outcome == "rejected":
            self._note_decided(answer=answer)
            self._close("rejected", "rejected")
            return True
        accepted = self._check_accepted(outcome, amount)
        is_part = self.currency_id.compare_amounts(accepted, self.amount) < 0
        self._note_decided(answer=answer, amount_accepted=accepted)
        self._stop_waiting(
            {
                "state": "open",
                "outcome": "compromise" if is_part and outcome == "credit" else outcome,
            }
        )
        self.sudo().activity_unlink(["mail.mail_activity_data_todo"])  # sudo: others'
        self._record_event("dispute_decided", outcome=self.outcome, accepted=accepted)
        if self.env.user.has_group(POSTING):
            return self._settle()
        self._ask_accountant()
        return True

    def _check_accepted(self, outcome, amount):
        """The accepted amount, if the outcome is possible."""
        accepted = self.currency_id.round(self.amount if amount is None else amount)
        if outcome == "replacement":
            return self.amount
        if not 0 < accepted <= self.amount:
            raise UserError(
                self.env._(
                    "Accept more than nothing and at most %(amount)s.",
                    amount=format_amount(self.env, self.amount, self.currency_id),
                )
            )
        if outcome == "write_off":
            self._check_write_off()
        return accepted

    def _ask_accountant(self):
        """A task for somebody with posting rights."""
        user = self._accountant()
        if user:
            dispute_sudo = self.sudo()  # sudo: a task for another user
            dispute_sudo.activity_schedule(
                "mail.mail_activity_data_todo",
                date_deadline=dispute_sudo.company_id._o2c_today(),
                summary=self.env._("Make the credit note that was decided"),
                user_id=user.id,
            )

    def _accountant(self):
        """Who made the invoice, if he has the rights; else one who has."""
        # sudo: users and groups are not everybody's to read
        dispute_sudo = self.sudo()
        users = dispute_sudo.env.ref(POSTING).all_user_ids.filtered(
            lambda user: (
                user.active
                and user.id != dispute_sudo.env.ref("base.user_root").id
                and dispute_sudo.company_id in user.company_ids
            )
        )
        maker = dispute_sudo.move_id.create_uid
        return maker if maker in users else users.sorted("id")[:1]

    # ------------------------------------------------------------------
    # Closing
    # ------------------------------------------------------------------

    def _close(self, state, outcome, note="", accepted=0):
        """End the dispute: what rested is chased again, at its true age."""
        self.ensure_one()
        now = fields.Datetime.now()
        if state == "accepted" and not accepted:
            accepted = self.amount_accepted or self.amount
        self._stop_waiting(
            {
                "state": state,
                "outcome": outcome,
                "amount_accepted": accepted,
                "date_closed": now,
                "cycle_days": (now - self.date_raised).total_seconds() / 86400,
                "invalid_rate": 100.0 if outcome in INVALID else 0.0,
            }
        )
        dispute_sudo = self.sudo()  # sudo: tasks of others end with the dispute
        dispute_sudo.activity_ids.unlink()
        if note:
            self.message_post(body=note, subtype_xmlid="mail.mt_note")
        self._record_event("dispute_closed", state=state, outcome=outcome)
