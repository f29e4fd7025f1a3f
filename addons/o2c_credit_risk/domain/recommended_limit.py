"""How much credit a customer needs, and deserves.

A customer who buys evenly owes what he buys until he pays: sales per day times the days
from invoice to money. A buffer lets busy months through, and the risk class says how
much of it he deserves.
"""

import math
from typing import NamedTuple

YEAR_DAYS = 365

#: Which part of his need a customer of each class should get.
CLASS_SHARE = {"A": 1.2, "B": 1.0, "C": 0.8, "D": 0.5, "E": 0.0}


class Recommendation(NamedTuple):
    """An amount and what it comes from; no amount where nothing was sold."""

    amount: float | None
    sales_per_day: float
    days: float
    share: float


def recommended_limit(sales, payment_days, days_late, buffer, risk_class, most=0):
    """The limit to recommend.

    :param sales: invoiced with tax within a year, less credit notes
    :param payment_days: days from invoice to due date, weighted by amount
    :param days_late: average days late; early payers get no less for it
    :param buffer: percent for busy months
    :param risk_class: ``A`` to ``E``; None counts as C
    :param most: never more than this; 0: without bound

    >>> recommended_limit(365000, 30, 10, 20, "B").amount
    48000.0
    >>> recommended_limit(365000, 30, -5, 0, "D").amount
    15000.0
    >>> recommended_limit(365000, 30, 0, 0, "B", most=20000).amount
    20000.0
    >>> recommended_limit(365000, 30, 0, 0, "E").amount
    0.0
    >>> recommended_limit(0, 30, 0, 20, "A").amount is None
    True
    """
    share = CLASS_SHARE[risk_class or "C"]
    days = max(payment_days, 0) + max(days_late, 0)
    per_day = max(sales, 0) / YEAR_DAYS
    if sales <= 0:
        return Recommendation(None, 0.0, days, share)
    amount = round_up(per_day * days * (1 + buffer / 100) * share)
    amount = min(amount, float(most)) if most else amount
    return Recommendation(amount, per_day, days, share)


def round_up(amount):
    """The next amount with two leading digits, as people set limits.

    >>> round_up(48000), round_up(48001), round_up(123.4), round_up(0)
    (48000.0, 49000.0, 130.0, 0.0)
    """
    if amount <= 0:
        return 0.0
    step = 10 ** max(math.floor(math.log10(amount)) - 1, 0)
    return float(math.ceil(round(amount / step, 6)) * step)
