"""Days that a customer names in English or German, as dates."""

import re
from datetime import date, timedelta
from typing import NamedTuple

#: A day further away than this is no promise to pay.
AHEAD_DAYS = 180
MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "january jan januar jänner jaenner",
            "february feb februar",
            "march mar märz maerz mrz",
            "april apr",
            "may mai",
            "june jun juni",
            "july jul juli",
            "august aug",
            "september sept sep",
            "october oct oktober okt",
            "november nov",
            "december dec dezember dez",
        ),
        start=1,
    )
    for name in names.split()
}
WEEKDAYS = {
    name: number
    for number, names in enumerate(
        (
            "monday mon montag",
            "tuesday tue tues dienstag",
            "wednesday wed mittwoch",
            "thursday thu thurs donnerstag",
            "friday fri freitag",
            "saturday samstag sonnabend",
            "sunday sonntag",
        )
    )
    for name in names.split()
}
NUMBERS = {
    name: number
    for number, names in enumerate(
        (
            "one a ein einem einer",
            "two zwei couple",
            "three drei",
            "four vier",
            "five fünf",
            "six sechs",
            "seven sieben",
            "eight acht",
            "nine neun",
            "ten zehn",
        ),
        start=1,
    )
    for name in names.split()
}
UNITS = {"day": 1, "tag": 1, "week": 7, "woche": 7}

_MONTH = "|".join(sorted(MONTHS, key=len, reverse=True))
_DAY = "|".join(sorted(WEEKDAYS, key=len, reverse=True))
_NUMBER = "|".join(sorted(NUMBERS, key=len, reverse=True))
PATTERNS = (
    ("iso", r"(?<!\d)(?P<y>20\d\d)-(?P<m>\d\d)-(?P<d>\d\d)(?!\d)"),
    (
        "numbers",
        (
            r"(?<![\d.])(?P<a>\d{1,2})(?P<sep>[./])\s?(?P<b>\d{1,2})"
            r"(?:(?P=sep)\s?(?P<y>(?:20)?\d\d)(?!\d)|(?P=sep)(?!\d)|(?![\d./,]))"
        ),
    ),
    (
        "day_month",
        (
            rf"(?<!\d)(?P<d>\d{{1,2}})(?:st|nd|rd|th|\.)?\s*(?:of\s+)?"
            rf"(?P<mon>{_MONTH})\b\.?(?:,?\s+(?P<y>20\d\d))?"
        ),
    ),
    (
        "month_day",
        (
            rf"\b(?P<mon>{_MONTH})\.?\s+(?P<d>\d{{1,2}})(?:st|nd|rd|th)?\b(?!\.?\d)"
            r"(?:,?\s+(?P<y>20\d\d))?"
        ),
    ),
    (
        "after",
        (
            rf"\b(?:in|within|innerhalb von|binnen)\s+(?:the next\s+|den nächsten\s+)?"
            rf"(?:a\s+)?(?P<n>\d{{1,2}}|{_NUMBER})\s+(?:of\s+)?(?:working\s+|business\s+)?"
            r"(?P<unit>days?|tag(?:e|en)?|weeks?|wochen?)\b"
        ),
    ),
    (
        "month_end",
        r"\b(?:end of (?:the |this )?month|monatsende|ende (?:des|dieses) monats)\b",
    ),
    (
        "week_next",
        r"\b(?:(?:end of )?next week|(?:ende )?(?:nächste[rn]?|kommende[rn]?) woche)\b",
    ),
    (
        "week_this",
        r"\b(?:(?:end of (?:the|this)|this) week|diese[rn]? woche|ende der woche)\b",
    ),
    (
        "weekday",
        rf"\b(?P<next>next|nächste[nr]?|kommende[nr]?)?\s*\b(?P<day>{_DAY})s?\b",
    ),
    ("tomorrow", r"(?<!guten )(?<!good )\b(?:tomorrow|morgen)\b"),
    ("today", r"\b(?:today|heute)\b"),
)
COMPILED = tuple((name, re.compile(text, re.IGNORECASE)) for name, text in PATTERNS)


class Named(NamedTuple):
    """A day that was named, and the words that name it."""

    day: date
    words: str
    place: int


def named_days(text, today, month_first=False):
    """The days a text names, in their order.

    :param str text: one sentence
    :param date today: what "tomorrow" counts from
    :param bool month_first: whether 6/7 is the seventh of June

    >>> monday = date(2026, 6, 15)
    >>> def say(text, **options):
    ...     return [str(named.day) for named in named_days(text, monday, **options)]
    >>> say("on 2026-06-20, or 21.06.2026, 22.6.26, 23.06. or 24/6")
    ['2026-06-20', '2026-06-21', '2026-06-22', '2026-06-23', '2026-06-24']
    >>> say("06/07/2026"), say("06/07/2026", month_first=True), say("06/30/2026")
    (['2026-07-06'], ['2026-06-07'], ['2026-06-30'])
    >>> say("20 June, 21st of June 2026, June 22nd, am 23. Juni, 24. Mrz 2027")
    ['2026-06-20', '2026-06-21', '2026-06-22', '2026-06-23', '2027-03-24']
    >>> say("on Friday"), say("next Monday"), say("am kommenden Mittwoch")
    (['2026-06-19'], ['2026-06-22'], ['2026-06-17'])
    >>> say("tomorrow"), say("Guten Morgen"), say("heute"), say("in two weeks")
    (['2026-06-16'], [], ['2026-06-15'], ['2026-06-29'])
    >>> say("within 10 days"), say("in drei Tagen"), say("in a couple of days")
    (['2026-06-25'], ['2026-06-18'], ['2026-06-17'])
    >>> say("by the end of the month"), say("nächste Woche"), say("end of this week")
    (['2026-06-30'], ['2026-06-26'], ['2026-06-19'])

    A day without a year is the nearest one; what is none is left out:

    >>> say("2 January"), say("10 June"), say("31.02.2026"), say("1.500,00")
    (['2026-01-02'], ['2026-06-10'], [], [])
    >>> say("you may pay, sun or rain, 3 of 4 invoices, Sat nav")
    []
    """
    found, taken = [], []
    for name, pattern in COMPILED:
        for match in pattern.finditer(text):
            if any(match.start() < end and start < match.end() for start, end in taken):
                continue
            day = _day(name, match.groupdict(), today, month_first)
            if day:
                taken.append(match.span())
                found.append(Named(day, match[0].strip(), match.start()))
    return sorted(found, key=lambda named: named.place)


def _day(name, parts, today, month_first):
    """The date of one match; None if there is no such day."""
    if name in ("iso", "numbers", "day_month", "month_day"):
        return _calendar_day(parts, today, month_first)
    if name == "after":
        unit = next(
            days for key, days in UNITS.items() if parts["unit"].lower().startswith(key)
        )
        number = parts["n"].lower()
        return today + timedelta(days=unit * (NUMBERS.get(number) or int(number)))
    if name == "weekday":
        return _weekday(parts, today)
    return {
        "today": today,
        "tomorrow": today + timedelta(days=1),
        "month_end": _month_end(today),
        "week_this": today + timedelta(days=max(0, 4 - today.weekday())),
        "week_next": today + timedelta(days=11 - today.weekday()),
    }[name]


def _weekday(parts, today):
    """The next such day; "next Friday" said on a Monday is often this week's."""
    ahead = (WEEKDAYS[parts["day"].lower()] - today.weekday()) % 7 or 7
    return today + timedelta(days=ahead)


def _calendar_day(parts, today, month_first):
    if parts.get("mon"):
        day, month = int(parts["d"]), MONTHS[parts["mon"].lower()]
    elif parts.get("m"):
        day, month = int(parts["d"]), int(parts["m"])
    else:
        day, month = int(parts["a"]), int(parts["b"])
        is_english = parts["sep"] == "/"
        if is_english and day <= 12 and (month > 12 or month_first):
            day, month = month, day
    year = parts.get("y")
    if year:
        return _date(int(year) % 100 + 2000, month, day)
    years = (_date(today.year + more, month, day) for more in (-1, 0, 1))
    known = [found for found in years if found]
    return min(known, key=lambda found: abs((found - today).days), default=None)


def _date(year, month, day):
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _month_end(today):
    following = date(today.year + today.month // 12, today.month % 12 + 1, 1)
    return following - timedelta(days=1)
