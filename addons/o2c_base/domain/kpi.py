"""The registry of metrics: what each is called, how it is worked out, from what.

``Inputs`` are sums, so those of a company are the sums of those of its segments.

>>> one = Inputs(outstanding=30, owed=40, overdue=10, unapplied=10)
>>> two = Inputs(outstanding=60, owed=60)
>>> figures(one + two)["overdue_share"].value
10.0
>>> figures(Inputs())["dso"].reason
'no_sales'
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from .kpi_formulas import (
    CURRENCY,
    DAYS,
    LOWER_BOUNDS,
    PERCENT,
    REASONS,
    Figure,
    amount,
    average_days_delinquent,
    best_possible_dso,
    collection_effectiveness,
    dso,
    dso_countback,
    paid_before_due,
    share,
    weighted_days,
)
from .kpi_inputs import SALES_DAYS, Inputs

__all__ = [
    "CURRENCY",
    "DAYS",
    "LOWER_BOUNDS",
    "METRICS",
    "PERCENT",
    "REASONS",
    "SALES_DAYS",
    "Figure",
    "Inputs",
    "Metric",
    "figures",
    "month_rows",
    "month_starts",
    "used_inputs",
]

#: Calendar months that countback goes back over, the current one among them.
COUNTBACK_MONTHS = 13
#: Window of payment behaviour, and of its recent part, against which a trend shows.
BEHAVIOUR_DAYS = 365
TREND_DAYS = 90
#: Later than this, money is at risk.
AT_RISK_DAYS = 90


def month_starts(today):
    """First days of the months that countback looks at, latest first.

    >>> from datetime import date
    >>> [str(day) for day in month_starts(date(2026, 2, 15))[:3]]
    ['2026-02-01', '2026-01-01', '2025-12-01']
    """
    starts = [today.replace(day=1)]
    while len(starts) < COUNTBACK_MONTHS:
        starts.append((starts[-1] - timedelta(days=1)).replace(day=1))
    return starts


def month_rows(inputs):
    """(first day, sales, days) of the months that have a history, latest first.

    The current month has as many days as have passed of it.

    >>> from datetime import date
    >>> sales = {date(2026, 6, 1): 10.0, date(2026, 4, 1): 20.0}
    >>> rows = month_rows(Inputs(sales_months=sales, today=date(2026, 6, 15)))
    >>> [(start.month, sales, days) for start, sales, days in rows]
    [(6, 10.0, 15), (5, 0.0, 31), (4, 20.0, 30)]
    """
    rows = []
    end = inputs.today
    for start in month_starts(inputs.today) if inputs.sales_months else ():
        if start < min(inputs.sales_months):
            break
        sales = inputs.sales_months.get(start, 0.0)
        rows.append((start, sales, (end - start).days + 1))
        end = start - timedelta(days=1)
    return rows


@dataclass(frozen=True)
class Metric:
    """One metric: its texts, and how it is worked out from ``Inputs``."""

    name: str
    unit: str
    better: str  # lower, higher, or none
    window: int  # days; 0 is the day itself
    formula: str
    inputs: tuple  # names of what it is worked out from
    compute: Callable


LOWER, HIGHER, NEITHER = "lower", "higher", "none"


def _dso(given):
    return dso(given.outstanding, given.sales, given.sales_days)


def _dso_countback(given):
    months = [(sales, days) for _start, sales, days in month_rows(given)]
    return dso_countback(given.outstanding, months)


def _best_possible_dso(given):
    not_due = given.owed - given.overdue
    return best_possible_dso(not_due, given.sales, given.sales_days)


def _add(given):
    return average_days_delinquent(_dso(given), _best_possible_dso(given))


def _cei(given):
    return collection_effectiveness(
        given.opening, given.sales, given.closing, given.closing_current
    )


def _amount_of(name):
    return lambda given: amount(getattr(given, name))


def _today_only(name):
    """Who disputes or promises is kept day by day: nothing tells it of a past day."""

    def compute(given):
        if given.is_past:
            return Figure(None, CURRENCY, "not_kept")
        return amount(getattr(given, name))

    return compute


def _ratio(formula, part, whole):
    return lambda given: formula(getattr(given, part), getattr(given, whole))


#: Code to metric, in the order in which screens show them.
METRICS = {
    "outstanding": Metric(
        "Outstanding",
        CURRENCY,
        NEITHER,
        0,
        "Sum of all open items, unapplied credits negative.",
        ("outstanding",),
        _amount_of("outstanding"),
    ),
    "overdue": Metric(
        "Overdue",
        CURRENCY,
        LOWER,
        0,
        "Sum of the open items past due, before credits, disputes and promises.",
        ("overdue",),
        _amount_of("overdue"),
    ),
    "due_7": Metric(
        "Due within 7 days",
        CURRENCY,
        NEITHER,
        0,
        "Sum of the open items due today or in the next 7 days.",
        ("due_7",),
        _amount_of("due_7"),
    ),
    "due_30": Metric(
        "Due within 30 days",
        CURRENCY,
        NEITHER,
        0,
        "Sum of the open items due today or in the next 30 days.",
        ("due_30",),
        _amount_of("due_30"),
    ),
    "unapplied": Metric(
        "Unapplied",
        CURRENCY,
        LOWER,
        0,
        "Open credit notes and unmatched money, as a positive figure.",
        ("unapplied",),
        _amount_of("unapplied"),
    ),
    "disputed": Metric(
        "Disputed",
        CURRENCY,
        LOWER,
        0,
        "What of the open items rests because it is disputed or was deducted.",
        ("disputed",),
        _today_only("disputed"),
    ),
    "promised": Metric(
        "Promised",
        CURRENCY,
        NEITHER,
        0,
        "What of the open items rests because customers said when they pay.",
        ("promised",),
        _today_only("promised"),
    ),
    "dso": Metric(
        "DSO",
        DAYS,
        LOWER,
        SALES_DAYS,
        "Outstanding / sales of the last 90 days x 90, or x the days since the first "
        "sale when fewer. Sales: posted invoices less credit notes on trade "
        "receivable accounts, with tax, by accounting date.",
        ("outstanding", "sales", "sales_days"),
        _dso,
    ),
    "dso_countback": Metric(
        "DSO, countback",
        DAYS,
        LOWER,
        BEHAVIOUR_DAYS,
        "Going back month by month, outstanding is used up by the sales of each "
        "month: a month used up counts all its days, the last one its share. The "
        "current month counts its elapsed days. A whole month without sales, or the "
        "end of 13 months, ends the count: at least so many days.",
        ("outstanding", "sales_months"),
        _dso_countback,
    ),
    "best_possible_dso": Metric(
        "Best possible DSO",
        DAYS,
        LOWER,
        SALES_DAYS,
        "Open items not past due / sales of the last 90 days x 90, as for DSO: what "
        "DSO would be if everybody paid on the due date.",
        ("owed", "overdue", "sales", "sales_days"),
        _best_possible_dso,
    ),
    "add": Metric(
        "Average days delinquent",
        DAYS,
        LOWER,
        SALES_DAYS,
        "DSO less best possible DSO. 0 where unapplied credits exceed what is overdue.",
        ("outstanding", "owed", "overdue", "sales", "sales_days"),
        _add,
    ),
    "cei": Metric(
        "Collection effectiveness",
        PERCENT,
        HIGHER,
        SALES_DAYS,
        "(Opening + sales - closing) / (opening + sales - closing not yet due) x 100 "
        "over 90 days. The balances are after each customer's unapplied credit has "
        "covered his oldest items. Write-offs count as collected.",
        ("opening", "sales", "closing", "closing_current"),
        _cei,
    ),
    "paid_before_due": Metric(
        "Paid before due",
        PERCENT,
        HIGHER,
        BEHAVIOUR_DAYS,
        "Of what fell due in the last 365 days, the part of its value that was paid "
        "by the due date. Credited parts are on neither side.",
        ("fell_due_paid", "fell_due"),
        _ratio(paid_before_due, "fell_due_paid", "fell_due"),
    ),
    "paid_before_due_count": Metric(
        "Items paid before due",
        PERCENT,
        HIGHER,
        BEHAVIOUR_DAYS,
        "Of the items that fell due in the last 365 days, the share by number that "
        "was paid in full by the due date. Items credited in full are left out.",
        ("fell_due_paid_count", "fell_due_count"),
        _ratio(paid_before_due, "fell_due_paid_count", "fell_due_count"),
    ),
    "overdue_share": Metric(
        "Overdue share",
        PERCENT,
        LOWER,
        0,
        "Overdue / all that is owed before unapplied credit x 100.",
        ("overdue", "owed"),
        _ratio(share, "overdue", "owed"),
    ),
    "at_risk_share": Metric(
        "At-risk share",
        PERCENT,
        LOWER,
        0,
        "More than 90 days overdue / all that is owed before unapplied credit x 100.",
        ("at_risk", "owed"),
        _ratio(share, "at_risk", "owed"),
    ),
    "days_to_pay": Metric(
        "Days to pay",
        DAYS,
        LOWER,
        BEHAVIOUR_DAYS,
        "Days from invoice date to value date of the money that came in within 365 "
        "days, weighted by amount. Invoices not yet paid are not in it.",
        ("paid_days_to_pay", "paid_dated"),
        _ratio(weighted_days, "paid_days_to_pay", "paid_dated"),
    ),
    "days_late": Metric(
        "Days late",
        DAYS,
        LOWER,
        BEHAVIOUR_DAYS,
        "Days from due date to value date of the money that came in within 365 days, "
        "weighted by amount; early payment counts as negative.",
        ("paid_days_late", "paid"),
        _ratio(weighted_days, "paid_days_late", "paid"),
    ),
    "days_late_floored": Metric(
        "Days late, early as 0",
        DAYS,
        LOWER,
        BEHAVIOUR_DAYS,
        "As days late, but early payment counts as 0 days.",
        ("paid_days_late_floored", "paid"),
        _ratio(weighted_days, "paid_days_late_floored", "paid"),
    ),
    "unapplied_share": Metric(
        "Unapplied share",
        PERCENT,
        LOWER,
        0,
        "Unapplied credit and money / all that is owed before unapplied credit x 100.",
        ("unapplied", "owed"),
        _ratio(share, "unapplied", "owed"),
    ),
}


def figures(inputs, codes=None):
    """The figures of these metrics, of all unless told otherwise."""
    return {code: METRICS[code].compute(inputs) for code in codes or METRICS}


def used_inputs(code, inputs):
    """What a metric was worked out from, as plain values that can be stored.

    >>> used_inputs("overdue_share", Inputs(overdue=1, owed=4))
    {'overdue': 1, 'owed': 4}
    """
    values = {name: getattr(inputs, name) for name in METRICS[code].inputs}
    if "sales_months" in values:
        values["sales_months"] = {
            str(start): sales for start, sales, _days in month_rows(inputs)
        }
    return values
