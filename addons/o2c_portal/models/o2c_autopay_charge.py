from odoo import fields, models
from odoo.exceptions import UserError

from odoo.addons.o2c_collections.models.o2c_remittance import TRANSIT_DAYS

from ..domain.autopay import retry_day

#: Of which nobody knows the end yet.
OPEN = ("announced", "asked", "pending", "retry", "unknown")


class O2cAutopayCharge(models.Model):
    """One charge by a mandate, from its announcement to the money.

    The provider is asked only after ``asked`` was committed together with the payment
    transaction: what is found in that state after a crash becomes ``unknown``, for a
    person, and is never asked for again.
    """

    _name = "o2c.autopay.charge"
    _description = "Autopay charge"
    _order = "date DESC, id DESC"
    _rec_name = "reference"

    autopay_id = fields.Many2one(
        "o2c.autopay",
        "Mandate",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    debtor_id = fields.Many2one(related="autopay_id.debtor_id", store=True, index=True)
    company_id = fields.Many2one(related="autopay_id.company_id", store=True)
    currency_id = fields.Many2one(related="autopay_id.currency_id")
    date = fields.Date(
        "Announced for", required=True, readonly=True, help="The day of the charge."
    )
    date_next = fields.Date("Next try", required=True, readonly=True, index=True)
    state = fields.Selection(
        [
            ("announced", "Announced"),
            ("asked", "Being charged"),
            ("pending", "Under way"),
            ("retry", "To be tried again"),
            ("unknown", "To be looked at"),
            ("done", "Charged"),
            ("failed", "Failed"),
            ("cancelled", "Cancelled"),
        ],
        required=True,
        readonly=True,
        default="announced",
        index=True,
    )
    reason = fields.Selection(
        [
            ("stopped", "Autopay was stopped"),
            ("nothing_left", "Nothing of it was left to charge"),
            ("not_told", "The notice did not reach the payer"),
            ("too_late", "Its day is over"),
            ("not_charged", "A person found that it was not charged"),
        ],
        "Why cancelled",
        readonly=True,
    )
    amount_announced = fields.Monetary(
        "Announced", required=True, readonly=True, help="More is never charged."
    )
    amount = fields.Monetary(
        "Asked for", readonly=True, help="What was still open of it, on the day."
    )
    # What is announced rests from chasing; what is asked for is what is paid.
    announced_id = fields.Many2one(
        "o2c.remittance",
        "Announced items",
        required=True,
        readonly=True,
        ondelete="restrict",
    )
    remittance_id = fields.Many2one(
        "o2c.remittance", "Paid items", readonly=True, ondelete="restrict"
    )
    message_id = fields.Many2one("mail.message", readonly=True, ondelete="set null")
    transaction_ids = fields.One2many(
        "payment.transaction", "o2c_autopay_charge_id", "Attempts", readonly=True
    )
    reference = fields.Char(readonly=True, help="Of the payment, at the provider.")
    tries = fields.Integer(readonly=True)
    asked_at = fields.Datetime(readonly=True)
    problem = fields.Char(readonly=True, help="What the provider said.")

    _once = models.UniqueIndex(
        "(autopay_id, date)", "There is one charge by a mandate in a day."
    )

    # ------------------------------------------------------------------
    # Gates
    # ------------------------------------------------------------------

    def _set_cancelled(self, reason):
        """Nothing is charged, and what was announced rests no longer."""
        self.write({"state": "cancelled", "reason": reason})
        for charge in self:
            charge._rest_until_day_before(charge.company_id._o2c_today())

    def _set_unknown(self):
        """Nobody knows whether the provider charged: a person looks, no machine."""
        for charge in self.filtered(lambda charge: charge.state == "asked"):
            company = charge.company_id
            day = company._o2c_working_day_after(company._o2c_today(), TRANSIT_DAYS)
            charge.state = "unknown"
            charge.remittance_id._rest_until(day)
            charge.env["o2c.event"]._record("autopay_unknown", charge)
            charge.debtor_id._tell_collector(
                self.env._("Autopay: was %s charged?", charge.reference),
                self.env._(
                    "The provider was asked to charge %(amount)s, and the answer was "
                    "lost. Look for %(reference)s at the provider. If it was not "
                    "charged, say so on the charge; otherwise confirm the payment.",
                    amount=charge.currency_id.format(charge.amount),
                    reference=charge.reference,
                ),
            )

    def _follow(self, transaction):
        """The provider's answer, now or by a message later on."""
        self.ensure_one()
        state = transaction.state
        if state == "done":
            self.write({"state": "done", "reason": False, "problem": False})
        elif state in ("pending", "authorized"):
            self.state = "pending"
        elif state in ("error", "cancel") and self.state in OPEN:
            self._set_failed(transaction)

    def _set_failed(self, transaction):
        """Try again later what may work then; else nothing more is charged at all."""
        today = self.company_id._o2c_today()
        is_retryable = transaction._o2c_is_retryable()
        day = retry_day(self.tries, today) if is_retryable else None
        self.problem = (transaction.state_message or "")[:500]
        facts = {"message": self.problem, "again": str(day or "")}
        self.env["o2c.event"]._record("autopay_failed", self, facts)
        if day and self.autopay_id.state == "active":
            self.write({"state": "retry", "date_next": day})
            self.remittance_id._rest_until(day)
            return
        self.state = "failed"
        self.autopay_id._stop("failed" if is_retryable else "refused")

    def _rest_until_day_before(self, today):
        day = fields.Date.subtract(today, days=1)
        for remittance in self.announced_id | self.remittance_id:
            # What the customer pays of it himself goes on resting.
            if remittance._state_of_payment() not in ("pending", "authorized"):
                remittance._rest_until(day)

    # ------------------------------------------------------------------
    # Buttons
    # ------------------------------------------------------------------

    def action_not_charged(self):
        """A person looked at the provider: this was not charged."""
        self.check_access("read")
        self.debtor_id.check_access("write")
        if any(charge.state != "unknown" for charge in self):
            raise UserError(
                self.env._("Only what is to be looked at can be decided by a person.")
            )
        # sudo: a charge is written by its gates alone; checked just above
        self.sudo()._set_cancelled("not_charged")
        self.env["o2c.event"]._record("autopay_not_charged", self)
        return True
