from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import format_date

from .o2c_reference_rate import SERIES
from .res_company_late_charge import SCHEMES


class O2cLateCharge(models.Model):
    """Interest and fixed sum for one period of one item that was paid late.

    The engine proposes, a person approves or waives; approving makes the invoice in
    the same transaction. The periods of an item follow each other without a gap. What
    changed in earlier ones comes as a correction, with its sign.
    """

    _name = "o2c.late.charge"
    _description = "Late charge"
    _order = "date_to DESC, debtor_id, date_due, id"
    _rec_name = "move_id"

    debtor_id = fields.Many2one(
        "o2c.debtor",
        "Customer account",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    collector_id = fields.Many2one(related="debtor_id.collector_id", store=True)
    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, index=True, ondelete="cascade"
    )
    company_currency_id = fields.Many2one(
        related="company_id.currency_id", string="Company currency"
    )
    currency_id = fields.Many2one("res.currency", required=True, readonly=True)
    item_id = fields.Many2one(
        "account.move.line",
        "Journal item",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
    )
    move_id = fields.Many2one(
        "account.move",
        "Invoice",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
        help="What was paid late, or is still open.",
    )
    date_due = fields.Date("Due date", required=True, readonly=True)
    date_from = fields.Date("From", required=True, readonly=True)
    date_to = fields.Date("Until", required=True, readonly=True)
    scheme = fields.Selection(SCHEMES, "By", required=True, readonly=True)
    is_consumer = fields.Boolean(
        "Natural person", readonly=True, help="Charged at the rate for consumers."
    )
    points = fields.Float(
        "Percentage points",
        readonly=True,
        digits=(7, 4),
        aggregator=None,
        help="Percentage points a year.",
    )
    series = fields.Selection(SERIES, "Over", readonly=True)
    floor_series = fields.Selection(
        SERIES,
        "At least thrice",
        readonly=True,
        help="By law the rate of a contract is not below three times this one.",
    )
    actual_year = fields.Boolean("366 days in leap years", readonly=True)
    line_ids = fields.One2many("o2c.late.charge.line", "charge_id", readonly=True)
    rates_text = fields.Char("Rates", compute="_compute_rates_text")

    amount_interest = fields.Monetary("Interest", readonly=True)
    amount_correction = fields.Monetary(
        "Correction",
        readonly=True,
        help="What earlier periods are worth by what is known now, less what was "
        "charged for them.",
    )
    amount_fixed = fields.Monetary(
        "Fixed sum", readonly=True, help="Once for each invoice that was paid late."
    )
    amount_total = fields.Monetary("Total", readonly=True)
    amount_company = fields.Monetary(
        "In company currency",
        readonly=True,
        currency_field="company_currency_id",
        help="The total at the exchange rate of the day of the proposal.",
    )
    owed_before = fields.Monetary(
        "Owed for earlier periods", readonly=True, aggregator=None
    )
    charged_before = fields.Monetary(
        "Charged for earlier periods", readonly=True, aggregator=None
    )

    state = fields.Selection(
        [
            ("proposed", "Proposed"),
            ("invoiced", "Invoiced"),
            ("waived", "Waived"),
            ("cancelled", "Cancelled"),
        ],
        required=True,
        readonly=True,
        default="proposed",
        index=True,
        help="Proposed: a person decides. Invoiced: approved, and on an invoice. "
        "Waived: given up, with a reason. Cancelled: does not hold any more; the days "
        "are proposed again.",
    )
    reason = fields.Char(readonly=True, help="Why it was waived or cancelled.")
    user_id = fields.Many2one(
        "res.users", "Decided by", readonly=True, ondelete="set null"
    )
    date_decided = fields.Date("Decided on", readonly=True)
    invoice_id = fields.Many2one(
        "account.move",
        "Charged by",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
        help="The invoice, or credit note, that charges it.",
    )

    _item_date_unique = models.UniqueIndex(
        "(item_id, date_from) WHERE state <> 'cancelled'",
        "A day of an item is charged once.",
    )
    _proposed_unique = models.UniqueIndex(
        "(item_id) WHERE state = 'proposed'", "An item has one proposal at a time."
    )
    _fixed_unique = models.UniqueIndex(
        "(move_id) WHERE amount_fixed > 0 AND state <> 'cancelled'",
        "The fixed sum is charged once for an invoice.",
    )

    @api.depends("line_ids.rate")
    @api.depends_context("lang")
    def _compute_rates_text(self):
        for charge in self:
            rates = dict.fromkeys(charge.line_ids.mapped("rate"))
            charge.rates_text = ", ".join(f"{rate:.4g} %" for rate in rates)

    @api.depends("move_id", "date_from", "date_to")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for charge in self:
            # sudo: who sees the charge sees of what it is
            number = charge.sudo().move_id.name or charge.debtor_id.display_name or ""
            first, last = charge.date_from, charge.date_to
            days = [format_date(self.env, day) for day in (first, last)]
            charge.display_name = f"{number} {' – '.join(days)}"

    # ------------------------------------------------------------------
    # Deciding
    # ------------------------------------------------------------------

    def action_approve(self):
        """Charge these: one invoice per customer and currency, posted at once.

        Who approves needs no posting rights of his own: amounts and account are not
        his to choose. What has changed since it was proposed is worked out anew and
        waits for another look.
        """
        self._check_may_decide()
        mine = self._take_proposed()
        stale = mine._refresh()
        good = (mine - stale).exists()
        good._invoice()
        words = self.env._("%(count)s late charges were invoiced.", count=len(good))
        if stale:
            words += " " + self.env._(
                "%(count)s have changed since they were proposed: look at them again.",
                count=len(stale),
            )
        return self._tell(words, "warning" if stale else "success")

    def action_waive(self):
        """Ask why these are given up."""
        self._check_may_decide()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Waive late charges"),
            "res_model": "o2c.late.charge.waive",
            "view_mode": "form",
            "target": "new",
            "context": {"default_charge_ids": self.ids},
        }

    def _waive(self, reason):
        """Give proposed charges up.

        :raise UserError: for what the customer is owed
        """
        self._check_may_decide()
        mine = self._take_proposed()
        owed = mine.filtered(lambda charge: charge.amount_total < 0)
        if owed:
            raise UserError(
                self.env._(
                    "%s was charged too much, which is the customer's money: approve "
                    "the correction.",
                    owed[0].display_name,
                )
            )
        mine._decide("waived", reason=reason)

    def action_cancel(self):
        """Take back what an invoice that was cancelled or reversed has charged."""
        self._check_may_decide()
        # sudo: the state of our own invoices, whatever the user may read in accounting
        standing = self.filtered(
            lambda charge: charge.state != "invoiced" or charge.sudo()._is_charged()
        )
        if standing:
            raise UserError(
                self.env._(
                    "%s stands: cancel or reverse its invoice first.",
                    standing[0].display_name,
                )
            )
        self._decide("cancelled", reason=self.env._("Its invoice was taken back."))
        return True

    def _is_charged(self):
        """Whether the invoice of this charge asks for money, or may do so again.

        One that was reset to draft is posted again with a click: charged anew, its
        days would be asked for twice.
        """
        invoice = self.invoice_id
        is_standing = invoice.state in ("draft", "posted")
        return is_standing and invoice.payment_state != "reversed"

    def _check_may_decide(self):
        """Managers decide about money that customers have not agreed to.

        :raise AccessError: for anybody else
        """
        self.check_access("read")
        if not (self.env.su or self.env.user.has_group("o2c_base.group_manager")):
            raise AccessError(
                self.env._("Only managers approve or waive late charges.")
            )

    def _take_proposed(self):
        """Those of these that wait for a decision, locked.

        :raise UserError: when there are none
        """
        # sudo: decided by the gates alone, whose callers checked who may
        mine = (
            self.sudo()
            .try_lock_for_update()
            .filtered(lambda charge: charge.state == "proposed")
        )
        if not mine:
            raise UserError(self.env._("These were decided already."))
        return mine

    def _decide(self, state, **values):
        """Write a decision down, with who took it."""
        # sudo: written by the gates alone
        for charge_sudo in self.sudo():
            charge_sudo.write(
                {
                    "state": state,
                    "user_id": self.env.uid,
                    "date_decided": charge_sudo.company_id._o2c_today(),
                    **values,
                }
            )
        self.env["o2c.event"]._record(
            f"late_charge_{state}",
            self.sudo(),
            {charge.id: charge._payload() for charge in self.sudo()},
        )

    def _payload(self):
        return {
            "number": self.move_id.name or "",
            "from": str(self.date_from),
            "to": str(self.date_to),
            "interest": self.amount_interest,
            "correction": self.amount_correction,
            "fixed": self.amount_fixed,
            "currency": self.currency_id.name,
            "invoice": self.invoice_id.name or "",
            "reason": self.reason or "",
        }

    @api.model
    def _tell(self, words, kind="success"):
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": kind,
                "message": words,
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    # ------------------------------------------------------------------
    # Opening
    # ------------------------------------------------------------------

    def action_open_invoice(self):
        """Open the invoice that charges it."""
        self.ensure_one()
        return self.invoice_id._get_records_action()

    def action_open_debtor(self):
        """Open the customer account."""
        self.ensure_one()
        return self.debtor_id._get_records_action()
