from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import format_amount, format_date

from ..domain.promise import CANCELLED, MISSED, RENEGOTIATED, outcome

STATES = [
    ("open", "Open"),
    ("kept", "Kept"),
    ("partly_kept", "Partly kept"),
    ("broken", "Broken"),
    ("renegotiated", "Renegotiated"),
    ("cancelled", "Cancelled"),
]
#: What users may write; the rest is kept by the gates and by the judge.
USER_FIELDS = {"note", "person_id"}


class O2cPromise(models.Model):
    """What a customer said he pays, and when; several days make a payment plan.

    What is promised and not yet paid rests, see ``o2c.open.item._taken_sources``. A
    promise is made through ``o2c.debtor._take_promise``, judged by the job, and ended
    early by the gates below; its amounts and days do not change after it was made.
    """

    _name = "o2c.promise"
    _description = "Promise to pay"
    _order = "date_due DESC, id DESC"
    _rec_names_search = ["debtor_id"]

    debtor_id = fields.Many2one(
        "o2c.debtor",
        "Customer",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one(related="debtor_id.company_id", store=True, index=True)
    collector_id = fields.Many2one(related="debtor_id.collector_id", store=False)
    commercial_partner_id = fields.Many2one(
        related="debtor_id.partner_id", string="Commercial entity"
    )
    state = fields.Selection(
        STATES, required=True, readonly=True, default="open", index=True
    )
    person_id = fields.Many2one(
        "res.partner",
        "Promised by",
        index="btree_not_null",
        ondelete="set null",
        domain="[('commercial_partner_id', '=', commercial_partner_id)]",
        help="The person at the customer who gave the promise.",
    )
    channel = fields.Selection(
        [
            ("call", "Call"),
            ("email", "E-mail"),
            ("portal", "Portal"),
            ("letter", "Letter"),
        ],
        "Given by",
        required=True,
        readonly=True,
        default="call",
    )
    user_id = fields.Many2one(
        "res.users", "Taken by", readonly=True, ondelete="set null"
    )
    date = fields.Date("Promised on", required=True, readonly=True)
    line_ids = fields.One2many("o2c.promise.line", "promise_id", "Instalments")
    is_account = fields.Boolean(
        "Whole account",
        readonly=True,
        default=True,
        help="The promise is about what is due, oldest first, not about named items.",
    )
    move_line_ids = fields.Many2many(
        "account.move.line",
        "o2c_promise_item_rel",
        "promise_id",
        "line_id",
        "Items",
        readonly=True,
        help="The open items it is about.",
    )
    currency_id = fields.Many2one("res.currency", required=True, readonly=True)
    note = fields.Text(help="What was said.")
    amount = fields.Monetary("Promised", compute="_compute_sums", store=True)
    amount_paid = fields.Monetary(
        "Paid",
        compute="_compute_sums",
        store=True,
        help="What has come in for it, by the day on which the money was there.",
    )
    share = fields.Float(
        "Paid share", compute="_compute_share", help="How much of it was paid, in %."
    )
    date_due = fields.Date(
        "Due",
        compute="_compute_sums",
        store=True,
        index=True,
        help="The next day on which something is promised, or was at last.",
    )
    is_plan = fields.Boolean("Payment plan", compute="_compute_sums", store=True)
    previous_id = fields.Many2one(
        "o2c.promise",
        "Takes the place of",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
    )
    reliability = fields.Char(
        compute="_compute_reliability", help="How earlier promises were kept."
    )

    @api.depends(
        "line_ids.amount", "line_ids.amount_paid", "line_ids.state", "line_ids.date_due"
    )
    def _compute_sums(self):
        for promise in self:
            lines = promise.line_ids
            days = lines.filtered(lambda line: line.state == "open").mapped("date_due")
            promise.amount = sum(lines.mapped("amount"))
            promise.amount_paid = sum(lines.mapped("amount_paid"))
            promise.date_due = min(
                days, default=max(lines.mapped("date_due"), default=False)
            )
            promise.is_plan = len(lines) > 1

    @api.depends("amount", "amount_paid")
    def _compute_share(self):
        for promise in self:
            paid = promise.amount_paid
            promise.share = 100 * paid / promise.amount if promise.amount else 0.0

    @api.depends("debtor_id", "person_id")
    @api.depends_context("lang")
    def _compute_reliability(self):
        by_debtor = self.debtor_id._promise_figures()
        by_person = self.person_id._o2c_promise_figures(self.debtor_id)
        for promise in self:
            debtor = promise.debtor_id
            lines = [debtor._reliability_text(by_debtor.get(debtor.id))]
            person = by_person.get((debtor.id, promise.person_id.id))
            if person:
                lines.append(
                    self.env._(
                        "%(person)s: %(text)s",
                        person=promise.person_id.name,
                        text=debtor._reliability_text(person),
                    )
                )
            promise.reliability = "; ".join(filter(None, lines))

    @api.depends("amount", "currency_id", "date_due", "debtor_id")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for promise in self:
            promise.display_name = self.env._(
                "%(customer)s: %(amount)s by %(date)s",
                # sudo: who sees the promise sees whose it is
                customer=promise.sudo().debtor_id.partner_id.name or "",
                amount=format_amount(self.env, promise.amount, promise.currency_id),
                date=format_date(self.env, promise.date_due),
            )

    def _sentence(self):
        """The promise in words: each instalment with its day."""
        return ", ".join(
            self.env._(
                "%(amount)s by %(date)s",
                amount=format_amount(self.env, line.amount, line.currency_id),
                date=format_date(self.env, line.date_due),
            )
            for line in self.line_ids
        )

    # ------------------------------------------------------------------
    # Writing
    # ------------------------------------------------------------------

    def write(self, vals):
        """Let users add words; what was promised stays as it was."""
        if not self.env.su and vals.keys() - USER_FIELDS:
            raise AccessError(
                self.env._(
                    "What was promised does not change: renegotiate the promise, or "
                    "cancel it."
                )
            )
        return super().write(vals)

    # ------------------------------------------------------------------
    # Gates
    # ------------------------------------------------------------------

    def _set_outcome(self):
        """Judge these promises by their instalments; each is judged once.

        :return: those that came to be missed just now
        """
        missed = self.browse()
        for promise in self.filtered(lambda promise: promise.state == "open"):
            lines = promise.line_ids
            if any(line.state in MISSED for line in lines):
                # One missed instalment ends the plan.
                lines.filtered(lambda line: line.state == "open").state = CANCELLED
            state = outcome(lines.mapped("state"), promise.amount_paid)
            if state == "open":
                continue
            promise.state = state
            if state in MISSED:
                missed |= promise
        return missed

    def _end(self, state, kind):
        """End open promises before they are judged, at a person's word."""
        for promise in self.filtered(lambda promise: promise.state == "open"):
            promise.line_ids.filtered(lambda line: line.state == "open").state = state
            promise.state = state
            self.env["o2c.event"]._record(
                kind, promise, {"promised": promise.amount, "paid": promise.amount_paid}
            )

    def _set_renegotiated(self):
        """Another promise takes the place of these: in time no fault, late broken."""
        for promise in self:
            today = promise.company_id._o2c_today()
            late = promise.line_ids.filtered(
                lambda line, today=today: line.state == "open" and line.date_due < today
            )
            if late:
                promise._judge_late(late)
            promise._end(RENEGOTIATED, "promise_renegotiated")

    def _judge_late(self, lines):
        """A new promise after the day does not mend the old one."""
        late = self._refresh_paid()
        is_owed = bool(self._what_is_owed(self))
        for line in lines:
            line._set_judged(is_over=True, is_owed=is_owed or line.id in late)
        self._set_outcome()

    # ------------------------------------------------------------------
    # Buttons
    # ------------------------------------------------------------------

    def _check_open(self):
        if any(promise.state != "open" for promise in self):
            raise UserError(
                self.env._("This promise has ended: take a new one from the customer.")
            )

    def _check_not_over(self):
        """Refuse to call off what its day has passed for: it is judged instead."""
        for promise in self:
            today = promise.company_id._o2c_today()
            lines = promise.line_ids.filtered(lambda line: line.state == "open")
            if any(line.date_due < today for line in lines):
                raise UserError(
                    self.env._(
                        "Its day has passed: the promise is judged by what was paid."
                    )
                )

    def action_renegotiate(self):
        """Take another promise in the place of this one: opens the dialog."""
        self.ensure_one()
        self.debtor_id.check_access("write")
        self._check_open()
        return self.debtor_id._promise_dialog(
            default_previous_id=self.id,
            default_person_id=self.person_id.id,
            default_currency_id=self.currency_id.id,
            default_amount=self.amount - self.amount_paid,
            default_move_line_ids=self.move_line_ids.ids,
        )

    def action_cancel(self):
        """The promise was a mistake: it counts for nothing, and nothing rests."""
        self.check_access("write")
        self._check_open()
        self._check_not_over()
        # sudo: the state is written by its gate alone
        self.sudo()._end(CANCELLED, "promise_cancelled")
        self.sudo().debtor_id._note_decision()  # sudo: the engine's field
        return True

    def action_print(self):
        """The agreement on paper, for the customer to sign."""
        self.check_access("read")
        report = self.env.ref("o2c_collections.report_promise_action")
        return report.report_action(self)

    def action_new(self):
        """Take a promise, from the list, of whomever: opens the dialog."""
        self.env["o2c.debtor"].check_access("write")
        return self.env["o2c.debtor"]._promise_dialog()

    def action_open_debtor(self):
        """The customer account behind the promise."""
        self.ensure_one()
        return self.debtor_id.get_formview_action()
