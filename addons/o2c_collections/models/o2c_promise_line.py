from odoo import api, fields, models
from odoo.tools import SQL, format_amount

from ..domain.contact_time import first_day
from ..domain.pause import is_weekday
from ..domain.promise import JUDGED, judge
from .o2c_promise import STATES

#: Colours of the calendar: blue, green, orange, red; purple for what was called off.
COLORS = {"open": 4, "kept": 10, "partly_kept": 2, "broken": 1}
COLOR_ENDED = 5


class O2cPromiseLine(models.Model):
    """One dated part of a promise: an instalment of a plan, or all of it."""

    _name = "o2c.promise.line"
    _description = "Instalment promised"
    _order = "date_due, id"

    promise_id = fields.Many2one(
        "o2c.promise", required=True, readonly=True, index=True, ondelete="cascade"
    )
    debtor_id = fields.Many2one(related="promise_id.debtor_id", store=True, index=True)
    company_id = fields.Many2one(related="promise_id.company_id", store=True)
    currency_id = fields.Many2one(related="promise_id.currency_id")
    date_due = fields.Date("Due", required=True, readonly=True)
    date_deadline = fields.Date(
        "Judged after",
        readonly=True,
        compute="_compute_date_deadline",
        store=True,
        help="Money that is there up to this day is in time: the day that was named, "
        "or the next working day, and the days of grace.",
    )
    amount = fields.Monetary(required=True, readonly=True)
    amount_paid = fields.Monetary("Paid", readonly=True)
    amount_unmatched = fields.Monetary(
        "Not matched yet",
        readonly=True,
        help="Part of what was paid that lies on the account: it counts for the "
        "promise, and waits to be matched with the invoices.",
    )
    date_paid = fields.Date(
        "Paid on", readonly=True, help="When the last money for it was there."
    )
    state = fields.Selection(STATES, required=True, readonly=True, default="open")

    color = fields.Integer(compute="_compute_color", help="By state, in the calendar.")

    _amount_positive = models.Constraint(
        "CHECK(amount > 0)", "What is promised is more than nothing."
    )
    _open_idx = models.Index("(company_id, date_deadline) WHERE state = 'open'")
    _open_debtor_idx = models.Index("(debtor_id) WHERE state = 'open'")

    @api.depends("state")
    def _compute_color(self):
        for line in self:
            line.color = COLORS.get(line.state, COLOR_ENDED)

    @api.depends("amount", "promise_id.currency_id", "debtor_id")
    @api.depends_context("lang")
    def _compute_display_name(self):
        """How much first, which is what a calendar has room for, then whose."""
        for line in self:
            amount = format_amount(self.env, line.amount, line.currency_id)
            # sudo: who sees the promise sees whose it is
            name = line.sudo().debtor_id.partner_id.name or ""
            line.display_name = f"{amount} {name}"

    @api.depends("date_due")
    def _compute_date_deadline(self):
        """The grace of the day on which it was promised: settings change nothing."""
        for line in self:
            company_sudo = line.promise_id.debtor_id.company_id.sudo()  # sudo: branch
            is_open = company_sudo._o2c_open_days() or is_weekday
            line.date_deadline = line.date_due and company_sudo._o2c_working_day_after(
                first_day(line.date_due, is_open), company_sudo.o2c_promise_grace_days
            )

    def action_open_promise(self):
        """The promise that the instalment is part of."""
        self.ensure_one()
        return self.promise_id._get_records_action()

    # ------------------------------------------------------------------
    # What rests changes with them
    # ------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        """EXTENDS base: have the customers' figures refreshed."""
        lines = super().create(vals_list)
        self.env["o2c.debtor.mark"]._mark_debtors(lines.debtor_id)
        return lines

    def write(self, vals):
        """EXTENDS base: have the customers' figures refreshed."""
        if vals.keys() & {"state", "amount", "date_due"}:
            self.env["o2c.debtor.mark"]._mark_debtors(self.debtor_id)
        return super().write(vals)

    def unlink(self):
        """EXTENDS base: have the customers' figures refreshed."""
        self.env["o2c.debtor.mark"]._mark_debtors(self.debtor_id)
        return super().unlink()

    # ------------------------------------------------------------------
    # The gate
    # ------------------------------------------------------------------

    def _set_judged(self, is_over, is_owed):
        """Judge an open instalment; an open one that stays open is no judgement.

        :return: whether it was judged
        """
        self.ensure_one()
        if self.state != "open":
            return False
        compare = self.currency_id.compare_amounts
        paid = (
            self.amount
            if compare(self.amount_paid, self.amount) >= 0
            else (self.amount_paid)
        )
        state = judge(self.amount, paid, is_over, is_owed)
        if state == "open":
            return False
        self.state = state
        self.env["o2c.event"]._record(
            "promise_judged",
            self.promise_id,
            {
                "due": str(self.date_due),
                "state": state,
                "promised": self.amount,
                "paid": self.amount_paid,
            },
        )
        return True

    def _ask_to_match(self):
        """Money that counted for named items lies unmatched: a task, once each."""
        waiting = self.filtered(
            lambda line: (
                line.state in JUDGED
                and not line.promise_id.is_account
                and not line.currency_id.is_zero(line.amount_unmatched)
            )
        )
        for line in waiting:
            debtor = line.debtor_id
            person = debtor._responsible() or debtor.company_id._o2c_owner()
            debtor.activity_schedule(
                "mail.mail_activity_data_todo",
                date_deadline=debtor.company_id._o2c_today(),
                summary=self.env._(
                    "Match %(amount)s with %(items)s: it was paid as promised",
                    amount=format_amount(
                        self.env, line.amount_unmatched, line.currency_id
                    ),
                    items=", ".join(
                        line.promise_id.move_line_ids.move_id.mapped("name")
                    ),
                ),
                user_id=person.id,
            )

    @api.model
    def _claims_sql(self):
        """What is promised and not paid, as claims on open items."""
        return SQL(
            """
            SELECT line.company_id AS root_id, debtor.partner_id,
                   'promised' AS kind,
                   CASE WHEN promise.is_account THEN NULL ELSE ARRAY(
                       SELECT item.line_id FROM o2c_promise_item_rel item
                        WHERE item.promise_id = promise.id) END AS line_ids,
                   promise.currency_id,
                   line.amount - COALESCE(line.amount_paid, 0.0) AS amount,
                   line.date_due AS date, line.id
              FROM o2c_promise_line line
              JOIN o2c_promise promise ON promise.id = line.promise_id
              JOIN o2c_debtor debtor ON debtor.id = line.debtor_id
              JOIN calendar ON calendar.company_id = line.company_id
             WHERE line.state = 'open' AND line.date_deadline >= calendar.today
            """
        )
