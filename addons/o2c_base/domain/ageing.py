"""Ageing: how late an item is, and into which bucket that puts it.

A company's limits are the last days of its overdue buckets but the last, which is
open-ended: (30, 60, 90) makes 1-30, 31-60, 61-90 and 91+.

>>> from datetime import date
>>> days_overdue(date(2026, 3, 31), date(2026, 3, 31))
0
>>> days_overdue(date(2026, 3, 31), date(2026, 4, 1))
1
>>> bucket(0), bucket(1), bucket(30), bucket(31), bucket(91)
('not_due', 'b1', 'b1', 'b2', 'b4')
>>> bucket(8, limits=(7,))
'b2'
>>> bucket_ranges((30, 60))
[('not_due', None, 0), ('b1', 1, 30), ('b2', 31, 60), ('b3', 61, None)]
>>> parse_limits(" 7,14, 30")
(7, 14, 30)
>>> parse_limits("30, 30")
Traceback (most recent call last):
ValueError: not ascending
"""

from itertools import pairwise

DEFAULT_LIMITS = (30, 60, 90)
DEFAULT_LIMITS_TEXT = "30, 60, 90"
LIMITS_MAX = 6

#: More days than anybody waits; keeps what follows from the limits in range.
DAYS_MAX = 36500

#: The keys there can be, with the most limits.
BUCKET_KEYS = ("not_due", *(f"b{number}" for number in range(1, LIMITS_MAX + 2)))


def days_overdue(date_maturity, today):
    """Whole days past due: 0 on the due date and before, 1 the day after."""
    return max(0, (today - date_maturity).days)


def bucket(days, limits=DEFAULT_LIMITS):
    """The key of the bucket for ``days`` overdue."""
    if days <= 0:
        return "not_due"
    for number, limit in enumerate(limits, start=1):
        if days <= limit:
            return f"b{number}"
    return f"b{len(limits) + 1}"


def bucket_ranges(limits=DEFAULT_LIMITS):
    """(key, first day, last day) of each bucket, None where it is open-ended."""
    firsts = (1, *(limit + 1 for limit in limits))
    lasts = (*limits, None)
    overdue = enumerate(zip(firsts, lasts, strict=True), start=1)
    return [("not_due", None, 0), *((f"b{n}", *days) for n, days in overdue)]


def parse_limits(text):
    """The limits written as ``30, 60, 90``.

    :raise ValueError: when they are not one to six ascending positive whole numbers
    """
    parts = [part.strip() for part in str(text or "").split(",")]
    if not all(part.isascii() and part.isdigit() for part in parts):
        raise ValueError("not whole numbers")
    limits = tuple(int(part) for part in parts)
    if len(limits) > LIMITS_MAX:
        raise ValueError("too many")
    if limits[0] < 1 or any(a >= b for a, b in pairwise(limits)):
        raise ValueError("not ascending")
    if limits[-1] > DAYS_MAX:
        raise ValueError("too large")
    return limits
