"""How long a customer may rest on a person's word."""

from datetime import timedelta

#: What the dialog proposes, and what it allows at most.
PAUSE_DAYS = 7
PAUSE_DAYS_MAX = 90


#: Saturday and Sunday.
WEEKEND = (5, 6)


def is_weekday(day):
    """Whether a day is one from Monday to Friday."""
    return day.weekday() not in WEEKEND


def working_day_after(day, count, is_working=is_weekday):
    """The day on which so many working days have passed; the longest pause at most.

    :param is_working: function that says whether a date is a working day

    >>> from datetime import date
    >>> [str(working_day_after(date(2026, 6, 18), count)) for count in (0, 1, 2, 3)]
    ['2026-06-18', '2026-06-19', '2026-06-22', '2026-06-23']
    >>> str(working_day_after(date(2026, 6, 18), 1, lambda day: day.day == 24))
    '2026-06-24'
    >>> str(working_day_after(date(2026, 6, 18), 1, lambda day: False))
    '2026-09-16'
    """
    last = day + timedelta(days=PAUSE_DAYS_MAX)
    while count > 0 and day < last:
        day += timedelta(days=1)
        count -= is_working(day)
    return day


def obstacle(until, today):
    """Why a customer cannot be paused until a day; None if he can.

    >>> from datetime import date
    >>> obstacle(date(2026, 6, 14), date(2026, 6, 15))
    'past'
    >>> obstacle(date(2026, 9, 14), date(2026, 6, 15))
    'too_long'
    >>> obstacle(date(2026, 9, 13), date(2026, 6, 15))
    """
    if until < today:
        return "past"
    if until > today + timedelta(days=PAUSE_DAYS_MAX):
        return "too_long"
    return None
