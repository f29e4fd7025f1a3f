"""When a message that the mail server put off is tried again.

A server that says "later" (or that cannot be reached) is asked again after a
quarter of an hour, an hour, four hours and a day; then a person looks at it.
The first rung is longer than usual greylisting, the last one outlasts a night's
outage; RFC 5321 asks for at least half an hour on average and several tries.
"""

from datetime import timedelta

LADDER = (
    timedelta(minutes=15),
    timedelta(hours=1),
    timedelta(hours=4),
    timedelta(hours=24),
)


def next_try(now, attempts):
    """Say when to try again, or None when a person has to look.

    :param datetime now: the moment of the attempt that was put off
    :param int attempts: how many attempts were made, that one included
    :return: a datetime, or None after the last rung

    >>> from datetime import datetime
    >>> noon = datetime(2026, 3, 2, 12, 0)
    >>> [str(next_try(noon, attempts)) for attempts in (1, 2, 3)]
    ['2026-03-02 12:15:00', '2026-03-02 13:00:00', '2026-03-02 16:00:00']
    >>> next_try(noon, 4)
    datetime.datetime(2026, 3, 3, 12, 0)
    >>> next_try(noon, 5) is None
    True
    >>> next_try(noon, 0)
    Traceback (most recent call last):
        ...
    ValueError: a try must have been made
    """
    if attempts < 1:
        raise ValueError("a try must have been made")
    if attempts > len(LADDER):
        return None
    return now + LADDER[attempts - 1]
