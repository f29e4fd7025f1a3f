"""What customers said in the demo: promises kept, broken and open.

Collectors take them with the same methods as the buttons; only the days lie in the past.
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


class Said:
    """Promises of the cast, taken by the collectors who look after them."""

    def __init__(self, env):
        self.env = env
        self.names = {who.key: who.name for who in CUSTOMERS}

    def tell(self):
        """Take the promises, oldest first, and judge those whose day has come.

        :return: lines of text about them.
        """
        for promise in sorted(PROMISES, key=lambda one: one.given):
            self._take(promise)
        self.env.cr.commit()  # the job has transactions of its own
        self.env["o2c.promise"]._cron_judge()
        self.env["o2c.debtor"]._refresh_now()
        self.env.cr.commit()
        self.env.invalidate_all()
        states = self.env["o2c.promise"]._read_group([], ["state"], ["__count"])
        counts = ", ".join(f"{count} {state}" for state, count in states)
        return [f"  promises: {counts}"]

    def _take(self, promise):
        debtor = self._account(promise.key)
        today = debtor.company_id._o2c_today()
        each = round(debtor.amount_overdue * promise.share / len(promise.due), -1)
        debtor._take_promise(
            [(today + timedelta(days=day), each) for day in promise.due],
            date=today + timedelta(days=promise.given),
            note=promise.words,
        )

    def _account(self, key):
        debtors = self.env["o2c.debtor"]
        debtor = debtors.search([("partner_id.name", "=", self.names[key])], limit=1)
        collector = debtor.collector_id or self.env.user
        return debtor.with_user(collector).with_company(debtor.company_id)
