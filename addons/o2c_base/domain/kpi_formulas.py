"""The formulas of the trade, on plain numbers.

Every function returns a :class:`Figure`. What cannot be told is None with a reason,
never 0; a value with a reason is qualified by it, such as a lower bound. Receivables
and sales are both gross of tax. Shares are of what is owed before unapplied credit.

>>> dso(receivables=500, sales=1500, days=90)
Figure(value=30.0, unit='days', reason=None)
>>> dso(receivables=500, sales=0, days=90)
Figure(value=None, unit='days', reason='no_sales')
"""

import math
from dataclasses import dataclass

DAYS = "days"
PERCENT = "percent"
CURRENCY = "currency"

#: Why a figure is missing, or is less than it seems.
REASONS = {
    "no_sales": "n/a because nothing was sold in the window",
    "credit_balance": "n/a because customers hold more credit than they owe",
    "nothing_owed": "n/a because nothing is owed",
    "nothing_fell_due": "n/a because nothing fell due in the window",
    "nothing_collectable": "n/a because nothing became collectable in the window",
    "no_payments": "n/a because no money came in within the window",
    "not_kept": "n/a because it is kept from day to day only",
    "sales_stop": "At least this: a month before it has no sales",
    "history_ends": "At least this: all sales of the window are used up",
    "credits_exceed": "0 because unapplied credits exceed what is overdue",
}
#: With these reasons, the true value may be higher.
LOWER_BOUNDS = frozenset({"sales_stop", "history_ends"})


@dataclass(frozen=True)
class Figure:
    """A value with its unit, or None with the reason why there is none."""

    value: float | None
    unit: str
    reason: str | None = None

    @property
    def is_lower_bound(self):
        return self.reason in LOWER_BOUNDS


def days(value, reason=None):
    return Figure(_rounded(value), DAYS, reason)


def percent(value):
    return Figure(_rounded(value), PERCENT)


def amount(value):
    """An amount of company currency, which rounds it."""
    return Figure(value, CURRENCY)


def _rounded(value):
    """To one decimal place, halves away from zero."""
    return math.copysign(math.floor(abs(value) * 10 + 0.5 + 1e-9) / 10, value) + 0.0


# ----------------------------------------------------------------------
# Days sales outstanding
# ----------------------------------------------------------------------


def dso(receivables, sales, days):  # pylint: disable=redefined-outer-name
    """Days sales outstanding: receivables / sales x days.

    :param receivables: open items less unapplied credit
    :param sales: of the last ``days`` days
    """
    if sales <= 0:
        return Figure(None, DAYS, "no_sales")
    if receivables < 0:
        return Figure(None, DAYS, "credit_balance")
    return Figure(_rounded(receivables / sales * days), DAYS)


def best_possible_dso(not_due, sales, days):  # pylint: disable=redefined-outer-name
    """What DSO would be if everybody paid on the due date.

    >>> best_possible_dso(not_due=300, sales=1500, days=90).value
    18.0
    """
    if sales <= 0:
        return Figure(None, DAYS, "no_sales")
    return Figure(_rounded(not_due / sales * days), DAYS)


def dso_countback(receivables, months):
    """Days of sales that the receivables hold, going back month by month.

    The current month comes first and counts its elapsed days; while nothing is sold
    in it yet, it says nothing about debt from before and its days are counted. A
    whole month without sales stops the count, and so does the end of the history:
    the result is then a lower bound.

    :param months: list of (sales, days), latest first
    :return: a figure

    >>> dso_countback(receivables=250, months=[(100, 15), (300, 31)])
    Figure(value=30.5, unit='days', reason=None)
    >>> dso_countback(receivables=250, months=[(100, 15), (0, 31), (300, 30)])
    Figure(value=15.0, unit='days', reason='sales_stop')
    """
    if receivables < 0:
        return Figure(None, DAYS, "credit_balance")
    if not any(sales > 0 for sales, _days in months):
        return Figure(None, DAYS, "no_sales")
    left, counted = receivables, 0
    for place, (sales, month_days) in enumerate(months):
        if left <= 0:
            break
        if sales <= 0 and place > 0:
            return Figure(_rounded(counted), DAYS, "sales_stop")
        if left < sales:
            return Figure(_rounded(counted + left / sales * month_days), DAYS)
        counted += month_days
        left -= max(0, sales)
    reason = "history_ends" if left > 0 else None
    return Figure(_rounded(counted), DAYS, reason)


def average_days_delinquent(dso_figure, best_possible):
    """ADD: how many of the days of DSO are lateness, DSO less best possible DSO.

    >>> average_days_delinquent(days(45), days(30)).value
    15.0
    >>> average_days_delinquent(days(28), days(30))
    Figure(value=0.0, unit='days', reason='credits_exceed')
    """
    for figure in (dso_figure, best_possible):
        if figure.value is None:
            return figure
    late = dso_figure.value - best_possible.value
    return days(late) if late >= 0 else days(0, "credits_exceed")


# ----------------------------------------------------------------------
# Effectiveness
# ----------------------------------------------------------------------


def collection_effectiveness(opening, sales, closing, closing_current):
    """CEI: of what could be collected in the window, how much was.

    The balances are after each customer's unapplied credit has covered his oldest
    items, so what is current can never exceed the whole.

    :param closing_current: the part of ``closing`` that is not yet past due

    >>> collection_effectiveness(100, 1000, 120, 100).value
    98.0
    """
    collectable = opening + sales - min(closing_current, closing)
    if collectable <= 0:
        return Figure(None, PERCENT, "nothing_collectable")
    return percent((opening + sales - closing) / collectable * 100)


def paid_before_due(paid_on_time, fell_due):
    """Share of what fell due in the window that was paid by its due date.

    By value or by number of items; credited parts are on neither side.

    >>> paid_before_due(paid_on_time=60, fell_due=80).value
    75.0
    """
    if fell_due <= 0:
        return Figure(None, PERCENT, "nothing_fell_due")
    return percent(paid_on_time / fell_due * 100)


def share(part, owed):
    """Part of what is owed before unapplied credit: overdue, at risk, unapplied.

    >>> share(25, 200).value
    12.5
    """
    if owed <= 0:
        return Figure(None, PERCENT, "nothing_owed")
    return percent(part / owed * 100)


def weighted_days(paid_days, paid):
    """Average of days weighted by the money paid, early payments negative.

    :param paid_days: sum of amount x days
    :param paid: sum of amounts

    >>> weighted_days(paid_days=100 * 10 + 300 * -2, paid=400).value
    1.0
    """
    if paid <= 0:
        return Figure(None, DAYS, "no_payments")
    return Figure(_rounded(paid_days / paid), DAYS)
