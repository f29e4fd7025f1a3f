"""Ageing: how late an item is, and into which bucket that puts it.

>>> from datetime import date
>>> days_overdue(date(2026, 3, 31), date(2026, 3, 31))
0
>>> days_overdue(date(2026, 3, 31), date(2026, 4, 1))
1
>>> bucket(0), bucket(1), bucket(30), bucket(31), bucket(91)
('not_due', 'b1', 'b1', 'b2', 'b4')
"""

#: Last day of each overdue bucket but the open-ended last one.
BUCKET_LIMITS = (30, 60, 90)

BUCKETS = [
    ("not_due", "Not due"),
    ("b1", "1-30 days"),
    ("b2", "31-60 days"),
    ("b3", "61-90 days"),
    ("b4", "91+ days"),
]


def days_overdue(date_maturity, today):
    """Whole days past due: 0 on the due date and before, 1 the day after."""
    return max(0, (today - date_maturity).days)


def bucket(days):
    """The key of the bucket for ``days`` overdue."""
    if days <= 0:
        return "not_due"
    for number, limit in enumerate(BUCKET_LIMITS, start=1):
        if days <= limit:
            return f"b{number}"
    return f"b{len(BUCKET_LIMITS) + 1}"
