"""The life of a credit limit, and how periods lie to each other."""

from datetime import date

#: From each state, those it may go to.
TRANSITIONS = {
    "draft": {"requested", "approved", "active"},
    "requested": {"draft", "approved", "active", "refused"},
    "approved": {"active", "refused", "expired", "superseded"},
    "active": {"expired", "superseded"},
    "expired": set(),
    "superseded": set(),
    "refused": {"draft"},
}

#: States in which a limit was decided for, and takes its period.
DECIDED = ("approved", "active")


def may_go(before, after):
    """Whether a limit may go from one state to another.

    >>> may_go("requested", "approved"), may_go("expired", "active")
    (True, False)
    >>> may_go("active", "draft")
    False
    """
    return after in TRANSITIONS[before]


def overlaps(first, second):
    """Whether two periods share a day; each is (from, to), to may be None.

    >>> spring = (date(2026, 3, 1), date(2026, 5, 31))
    >>> overlaps(spring, (date(2026, 5, 31), None))
    True
    >>> overlaps(spring, (date(2026, 6, 1), None))
    False
    >>> overlaps((date(2026, 1, 1), None), spring)
    True
    """
    first_from, first_to = first
    second_from, second_to = second
    return first_from <= (second_to or date.max) and second_from <= (
        first_to or date.max
    )


def starts_now(date_from, today):
    """Whether a limit that begins on a day holds today.

    >>> starts_now(date(2026, 6, 15), date(2026, 6, 15))
    True
    >>> starts_now(date(2026, 6, 16), date(2026, 6, 15))
    False
    """
    return date_from <= today


def level_allows(level_amount, amount):
    """Whether a level of approval reaches an amount; a level of 0 reaches any.

    >>> level_allows(10000, 10000), level_allows(10000, 10000.01), level_allows(0, 1e9)
    (True, False, True)
    """
    return not level_amount or amount <= level_amount


def counts_on(date_from, date_to, day):
    """Whether a period has a day in it; ``date_to`` may be None.

    >>> counts_on(date(2026, 6, 1), None, date(2026, 6, 1))
    True
    >>> counts_on(date(2026, 6, 1), date(2026, 6, 3), date(2026, 6, 4))
    False
    """
    return date_from <= day and (not date_to or day <= date_to)
