"""What customers said in the demo: promises kept, broken and open, and disputes.

Collectors take them with the same methods as the buttons; of promises, the days lie in
the past.
"""

from datetime import timedelta
from typing import NamedTuple

from .cast import CUSTOMERS


class Promise(NamedTuple):
    """Who promised which share of what was overdue; days count from today."""

    key: str
    share: float
    given: int
    due: tuple
    words: str


PROMISES = (
    Promise("fenwick", 0.6, -58, (-44,), "The cheque is in the post."),
    Promise("fenwick", 0.8, -30, (-16,), "Next Friday, for sure."),
    Promise("cervenka", 0.5, -60, (-40,), "With the payment run of the month."),
    Promise("cervenka", 0.5, -3, (4,), "With the next payment run."),
    Promise("dubois", 0.9, -5, (2, 32, 62), "Three equal parts, the first on Monday."),
    Promise("pacific", 0.7, -26, (-12,), "Our bank holds the transfer."),
)
#: Who paid short and says why, invoice by invoice, the youngest first.
DEDUCER = "eder"
DEDUCTIONS = (
    ("quantity", "Two of the seals were missing in the box."),
    ("quality", "One pump came with a dent; we took the discount for it."),
    ("freight", "Delivery free of charge was agreed."),
)
#: Whose oldest open invoice is disputed in part, and waits for an answer.
DISPUTER, DISPUTED_SHARE = "baltic", 0.25


class Said:
    """Promises and disputes of the cast, taken by who looks after the customers."""

    def __init__(self, env):
        self.env = env
        self.names = {who.key: who.name for who in CUSTOMERS}

    def tell(self):
        """Take the promises, oldest first, judge those whose day has come, and dispute.

        :return: lines of text about them.
        """
        for promise in sorted(PROMISES, key=lambda one: one.given):
            self._take(promise)
        self._deduct()
        self._dispute()
        self.env.cr.commit()  # the job has transactions of its own
        self.env["o2c.promise"]._cron_judge()
        self.env["o2c.debtor"]._refresh_now()
        self.env.cr.commit()
        self.env.invalidate_all()
        states = self.env["o2c.promise"]._read_group([], ["state"], ["__count"])
        counts = ", ".join(f"{count} {state}" for state, count in states)
        open_count = self.env["o2c.dispute"].search_count([("state", "!=", "rejected")])
        return [f"  promises: {counts}", f"  disputes: {open_count} open"]

    def _take(self, promise):
        debtor = self._account(promise.key)
        today = debtor.company_id._o2c_today()
        each = round(debtor.amount_overdue * promise.share / len(promise.due), -1)
        debtor._take_promise(
            [(today + timedelta(days=day), each) for day in promise.due],
            date=today + timedelta(days=promise.given),
            note=promise.words,
        )

    def _deduct(self):
        """Short payments with the reasons the customer gave; the last is refused."""
        debtor = self._account(DEDUCER)
        short = self._open(debtor).filtered(
            lambda m: m.amount_residual < m.amount_total
        )
        for move, (code, words) in zip(short, DEDUCTIONS, strict=False):
            dispute = self._raise(debtor, move, move.amount_residual, code, words)
        dispute._decide("rejected", answer="Freight is on page two of the order.")

    def _dispute(self):
        """Part of an invoice; the customer was asked for a picture."""
        debtor = self._account(DISPUTER)
        move = self._open(debtor)[-1]
        amount = move.currency_id.round(move.amount_residual * DISPUTED_SHARE)
        words = "The second pallet never arrived."
        self._raise(debtor, move, amount, "not_delivered", words).action_wait()

    def _open(self, debtor):
        """The customer's open invoices, the youngest first."""
        items = self.env["o2c.open.item"].search(
            [("debtor_id", "=", debtor.id), ("amount_residual", ">", 0)]
        )
        moves = items.move_id.filtered(lambda move: move.move_type == "out_invoice")
        return moves.sorted("invoice_date", reverse=True)

    def _raise(self, debtor, move, amount, code, words):
        reasons = self.env["o2c.dispute.reason"]
        kind = "deduction" if move.amount_residual == amount else "dispute"
        return (
            self.env["o2c.dispute"]
            .with_user(debtor.env.user)
            .create(
                {
                    "move_id": move.id,
                    "amount": amount,
                    "reason_id": reasons.search([("code", "=", code)], limit=1).id,
                    "kind": kind,
                    "description": words,
                }
            )
        )

    def _account(self, key):
        debtors = self.env["o2c.debtor"]
        debtor = debtors.search([("partner_id.name", "=", self.names[key])], limit=1)
        collector = debtor.collector_id or self.env.user
        return debtor.with_user(collector).with_company(debtor.company_id)
