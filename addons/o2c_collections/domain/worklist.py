"""What acting on a customer today is worth, and why.

The worth is the amount that may be asked for, times points out of a hundred. The
points say how much speaks for acting today rather than later; each has its words on
the screen. The worklist's query does the same sums in SQL, tested equal.
"""

from datetime import timedelta
from typing import NamedTuple

#: Something that may be asked for is always worth a little.
BASE = 10
#: A point for each so many days late, up to a most.
DAYS_PER_POINT = 2
LATENESS_MAX = 40
#: For who is later than he usually is, by more than so many days.
HABIT = 10
HABIT_DAYS = 7
#: For who pays later than he did, by more than so many days.
TREND = 10
TREND_DAYS = 2
#: A point for each day without contact, up to a most.
SILENCE_MAX = 20
#: For work that waits for a person today.
WAITING = 10

#: So long after a contact nobody asks again, unless something waits.
REST_DAYS = 3
#: Longest time off the worklist.
SNOOZE_DAYS_MAX = 90
#: After how many days to call again, by what came of a call.
CALL_AGAIN_DAYS = {"not_reached": 1, "voicemail": 3}


class Points(NamedTuple):
    """What speaks for acting today, by kind."""

    lateness: int
    behaviour: int
    silence: int
    waiting: int

    @property
    def total(self):
        return BASE + sum(self)


def askable(overdue, unapplied, collectable):
    """What may be asked for now: overdue, less credit, at most what is collectable.

    Unapplied credit covers the oldest items first, so the overdue ones.

    >>> askable(100, 30, 500)
    70
    >>> askable(100, 130, 500)
    0
    >>> askable(100, 0, 40)
    40
    """
    return max(0, min(overdue - unapplied, collectable))


def points(days_late, days_usual, days_trend, days_silent, waits):
    """Weigh what speaks for acting today.

    Who is not later than usual may well pay by himself: his days count half. Of whom
    nothing is known, the worst is assumed.

    :param days_late: of the oldest open item
    :param days_usual: how late the customer usually is, None if he never paid
    :param days_trend: by how much he pays later than before, None if unknown
    :param days_silent: since the last contact, None if there never was one
    :param waits: whether work waits for a person today

    >>> points(60, 20, 5, 10, False)
    Points(lateness=30, behaviour=20, silence=10, waiting=0)
    >>> points(20, 30, 0, 10, True)
    Points(lateness=5, behaviour=0, silence=10, waiting=10)
    >>> points(200, None, None, None, True).total
    90
    """
    lateness = min(LATENESS_MAX, days_late // DAYS_PER_POINT)
    if days_usual is not None and days_late <= days_usual:
        lateness //= 2
    is_unusual = days_usual is None or days_late > days_usual + HABIT_DAYS
    is_worse = days_trend is not None and days_trend > TREND_DAYS
    return Points(
        lateness=lateness,
        behaviour=HABIT * is_unusual + TREND * is_worse,
        silence=SILENCE_MAX if days_silent is None else min(SILENCE_MAX, days_silent),
        waiting=WAITING * bool(waits),
    )


def worth(amount, weighed):
    """The amount times the points.

    >>> worth(200, points(60, 20, 5, 10, False))
    140.0
    """
    return amount * weighed.total / 100


def snooze_obstacle(until, today):
    """Why a customer cannot be off the worklist until a day; None if he can.

    The day itself is the one on which he comes back.

    >>> from datetime import date
    >>> snooze_obstacle(date(2026, 6, 15), date(2026, 6, 15))
    'past'
    >>> snooze_obstacle(date(2026, 9, 14), date(2026, 6, 15))
    'too_long'
    >>> snooze_obstacle(date(2026, 9, 13), date(2026, 6, 15))
    """
    if until <= today:
        return "past"
    if until > today + timedelta(days=SNOOZE_DAYS_MAX):
        return "too_long"
    return None


def call_again(outcome, today):
    """The day proposed for the next call, never on a weekend; None for no proposal.

    >>> from datetime import date
    >>> str(call_again("not_reached", date(2026, 6, 19)))  # a Friday
    '2026-06-22'
    >>> call_again("reached", date(2026, 6, 19))
    """
    if outcome not in CALL_AGAIN_DAYS:
        return None
    day = today + timedelta(days=CALL_AGAIN_DAYS[outcome])
    return day + timedelta(days=max(0, 7 - day.weekday()) if day.weekday() > 4 else 0)
