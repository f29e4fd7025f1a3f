"""How long a customer may rest on a person's word."""

from datetime import timedelta

#: What the dialog proposes, and what it allows at most.
PAUSE_DAYS = 7
PAUSE_DAYS_MAX = 90


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
