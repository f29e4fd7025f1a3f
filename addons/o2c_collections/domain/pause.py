"""How long a customer may rest on a person's word."""

from datetime import timedelta

#: What the dialog proposes, and what it allows at most.
PAUSE_DAYS = 7
PAUSE_DAYS_MAX = 90


#: Saturday and Sunday.
WEEKEND = (5, 6)


def working_day_after(day, count):
    """The day on which so many working days have passed.

    >>> from datetime import date
    >>> [str(working_day_after(date(2026, 6, 18), count)) for count in (0, 1, 2, 3)]
    ['2026-06-18', '2026-06-19', '2026-06-22', '2026-06-23']
    """
    while count > 0:
        day += timedelta(days=1)
        count -= day.weekday() not in WEEKEND
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
