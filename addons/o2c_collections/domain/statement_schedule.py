"""When scheduled statements are due, and why one waits.

A statement is for a month or a quarter that has ended, as of its last day. It is
begun in the days after that, so that switching statements on sends none for a time
long past; once begun, it is tried each day until the next one takes its place.

>>> from datetime import date
>>> [str(part) for part in due_periods(date(2026, 7, 3))["monthly"]]
['2026-06', '2026-06-01', '2026-06-30']
>>> due_periods(date(2026, 7, 3))["quarterly"].code
'2026-Q2'
>>> sorted(due_periods(date(2026, 6, 3)))
['monthly']
>>> due_periods(date(2026, 6, 16))
{}
>>> [str(part) for part in due_periods(date(2027, 1, 1))["quarterly"]]
['2026-Q4', '2026-10-01', '2026-12-31']
"""

from datetime import date, timedelta
from typing import NamedTuple

#: A statement begins at most so many days after its last day.
BEGIN_DAYS = 15
#: It is tried until so many days after its last day, then the next one follows.
TRY_DAYS = {"monthly": 30, "quarterly": 90}

#: Why a scheduled statement has not left. What a person can mend says how.
REASONS = {
    "paused_until": "The customer is paused: it follows after that",
    "archived": "The contact is archived",
    "not_in_pilot": "Not invited to the pilot",
    "no_sender": "The company has no e-mail address to send from: enter one",
    "no_address": "No e-mail address: enter one",
    "several_addresses": "Several addresses in one e-mail field: keep one",
    "bad_address": "The e-mail address is not valid: correct it",
    "address_failed": "Mail to this address was refused: correct it",
    "already_today": "Another message went to this address today: next day",
    "figures_changed": "The figures changed before sending: it is made anew",
    "recipient_changed": "The address changed before sending: it is made anew",
    "too_old": "It was not sent in time",
    "perform_error": "It could not be made: see the error",
    "mail_cancelled": "A person cancelled the e-mail",
    "smtp_rejected": "The mail server refused the address",
    "smtp_gave_up": "It came back",
}

#: Of these the collector is told; the others end by themselves.
NEED_PERSON = {
    "archived",
    "no_sender",
    "no_address",
    "several_addresses",
    "bad_address",
    "address_failed",
    "perform_error",
}

#: After these the statement is made anew at once.
MADE_ANEW = {"figures_changed", "recipient_changed", "too_old"}


class Period(NamedTuple):
    """A month or a quarter."""

    code: str
    first: date
    last: date


def due_periods(today):
    """The periods for which statements begin today, by frequency."""
    found = {
        "monthly": _ended(today, months=1),
        "quarterly": _ended(today, months=3),
    }
    return {
        frequency: period
        for frequency, period in found.items()
        if (today - period.last).days <= BEGIN_DAYS
    }


def is_over(code, last, today):
    """Whether the time to try is over.

    >>> is_over("2026-Q2", date(2026, 6, 30), date(2026, 8, 1))
    False
    >>> is_over("2026-06", date(2026, 6, 30), date(2026, 8, 1))
    True
    """
    frequency = "quarterly" if "Q" in code else "monthly"
    return (today - last).days > TRY_DAYS[frequency]


def _ended(today, months):
    """The last period of so many months that is over."""
    month = today.month - (today.month - 1) % months
    last = date(today.year, month, 1) - timedelta(days=1)
    first = date(last.year, last.month - months + 1, 1)
    code = f"{last:%Y-%m}" if months == 1 else f"{last.year}-Q{last.month // 3}"
    return Period(code, first, last)
