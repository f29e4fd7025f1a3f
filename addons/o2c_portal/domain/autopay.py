"""Autopay: on which day, how much of what, and what follows a failure.

Days are ``datetime.date``; amounts are in the mandate's currency.
"""

import calendar
from datetime import timedelta

#: Days by which a charge is announced.
NOTICE_DAYS = 3
#: A charge that failed is tried again after so many days, then no more.
LADDER_DAYS = (1, 3)
#: An announced charge that was not made within these days after its day lapses.
LATE_DAYS = 3


def month_day(month, day):
    """The day of a month, its last one where it is shorter.

    >>> from datetime import date
    >>> month_day(date(2026, 2, 10), 31)
    datetime.date(2026, 2, 28)
    >>> month_day(date(2028, 2, 10), 30)
    datetime.date(2028, 2, 29)
    """
    last = calendar.monthrange(month.year, month.month)[1]
    return month.replace(day=min(day, last))


def last_day_up_to(until, day):
    """The latest monthly day that is not after a date.

    >>> from datetime import date
    >>> last_day_up_to(date(2026, 3, 30), 31)
    datetime.date(2026, 2, 28)
    >>> last_day_up_to(date(2026, 3, 31), 31)
    datetime.date(2026, 3, 31)
    >>> last_day_up_to(date(2026, 1, 4), 5)
    datetime.date(2025, 12, 5)
    """
    found = month_day(until, day)
    if found > until:
        found = month_day(until.replace(day=1) - timedelta(days=1), day)
    return found


def charge_day(today, day, planned):
    """The day of a charge that is announced today, and the monthly day it is for.

    A job that did not run for a while makes up for it: late, but announced.

    :param day: of the month; None for invoices on their due dates
    :param planned: the last monthly day that is dealt with
    :return: (day of the charge, monthly day); None while nothing is to be announced

    >>> from datetime import date
    >>> charge_day(date(2026, 6, 15), None, date(2026, 6, 1))
    (datetime.date(2026, 6, 18), datetime.date(2026, 6, 18))
    >>> charge_day(date(2026, 6, 26), 30, date(2026, 5, 30))
    >>> charge_day(date(2026, 6, 27), 31, date(2026, 5, 31))
    (datetime.date(2026, 6, 30), datetime.date(2026, 6, 30))
    >>> charge_day(date(2026, 6, 29), 31, date(2026, 5, 31))
    (datetime.date(2026, 7, 2), datetime.date(2026, 6, 30))
    >>> charge_day(date(2026, 6, 29), 31, date(2026, 6, 30))
    """
    earliest = today + timedelta(days=NOTICE_DAYS)
    if not day:
        return earliest, earliest
    monthly = last_day_up_to(earliest, day)
    return (earliest, monthly) if monthly > planned else None


def fitting(amounts, most):
    """What fits under a limit, whole, in the order given.

    :param dict amounts: to charge of each item
    :param float most: the limit

    >>> fitting({"a": 60.0, "b": 50.0, "c": 40.0}, 100.0)
    {'a': 60.0, 'c': 40.0}
    >>> fitting({"a": 0.1, "b": 0.2}, 0.3)
    {'a': 0.1, 'b': 0.2}
    """
    found, total = {}, 0.0
    for key, amount in amounts.items():
        together = round(total + amount, 6)
        if together <= most:
            found[key], total = amount, together
    return found


def retry_day(tries, today):
    """When a charge that failed is tried again; None: no more.

    :param int tries: how often it was tried

    >>> from datetime import date
    >>> [retry_day(tries, date(2026, 6, 15)) for tries in (1, 2, 3)]
    [datetime.date(2026, 6, 16), datetime.date(2026, 6, 18), None]
    """
    if tries > len(LADDER_DAYS):
        return None
    return today + timedelta(days=LADDER_DAYS[tries - 1])
