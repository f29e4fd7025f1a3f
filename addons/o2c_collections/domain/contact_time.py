"""At which moment a customer may be contacted: quiet hours, working days, zones.

Moments are instants in UTC; what is quiet is said by the customer's own clock, what
is a working day by his own date. All functions are about time zones of pytz.

>>> from datetime import datetime, date
>>> import pytz
>>> berlin, night = pytz.timezone("Europe/Berlin"), (20.0, 7.0)
>>> def at(*parts): return pytz.utc.localize(datetime(*parts))
>>> def say(moment): return moment.strftime("%a %d %H:%M")
>>> week = lambda day: day.weekday() < 5

Five in the morning waits until seven, noon does not wait, Friday evening waits for
Monday:

>>> say(first_moment(at(2026, 6, 15, 3), berlin, night, week))
'Mon 15 05:00'
>>> say(first_moment(at(2026, 6, 15, 10), berlin, night, week))
'Mon 15 10:00'
>>> say(first_moment(at(2026, 6, 19, 19), berlin, night, week))
'Mon 22 05:00'

Quiet hours may lie within a day, or not exist:

>>> say(first_moment(at(2026, 6, 15, 10, 30), berlin, (12.0, 14.0), None))
'Mon 15 12:00'
>>> say(first_moment(at(2026, 6, 14, 1), berlin, (0.0, 0.0), None))
'Sun 14 01:00'

On the night the clocks go forward 02:30 does not exist, on the night they go back it
comes twice; the first moment that is not quiet counts:

>>> say(first_moment(at(2026, 3, 29, 0), berlin, (22.0, 2.5), None))
'Sun 29 01:00'
>>> say(first_moment(at(2026, 10, 24, 21), berlin, (22.0, 2.5), None))
'Sun 25 00:30'
>>> say(first_moment(at(2026, 10, 25, 1, 10), berlin, (22.0, 2.5), None))
'Sun 25 01:30'

A day can begin later than at midnight (Santiago), and be moved by half an hour:

>>> santiago = pytz.timezone("America/Santiago")
>>> sunday = lambda day: day.weekday() == 6
>>> say(first_moment(at(2026, 9, 5, 20), santiago, (0.0, 0.0), sunday))
'Sun 06 04:00'
>>> howe = pytz.timezone("Australia/Lord_Howe")
>>> say(first_moment(at(2026, 10, 3, 14), howe, (22.0, 2.25), None))
'Sat 03 15:30'

Where no working day is to be found nothing is held back for ever:

>>> say(first_moment(at(2026, 6, 15, 10), berlin, night, lambda day: False))
'Mon 15 10:00'
"""

from datetime import datetime, time, timedelta

import pytz

#: So far ahead a working day is looked for.
DAYS_AHEAD = 60


def first_moment(now, zone, quiet, is_working=None):
    """Give the first instant, from now on, at which a customer may be contacted.

    :param datetime now: an instant, with its zone
    :param zone: the customer's, of pytz
    :param quiet: hours from and to, as floats of the local clock; equal: none
    :param is_working: function of a date, None: each day is one
    :return: an instant in UTC; now itself where no such moment is to be found
    """
    moment = now.astimezone(pytz.utc)
    for _try in range(2 * DAYS_AHEAD):
        local = moment.astimezone(zone)
        if is_working and not is_working(local.date()):
            moment = _instant(zone, local.date() + timedelta(days=1), 0.0, moment)
        elif is_quiet(local, quiet):
            moment = _quiet_end(zone, local, quiet[1], moment)
        else:
            return moment
    return now.astimezone(pytz.utc)


def is_quiet(local, quiet):
    """Say whether a local clock time lies in the quiet hours.

    >>> from datetime import datetime
    >>> [is_quiet(datetime(2026, 1, 1, hour), (20, 7)) for hour in (6, 7, 19, 20)]
    [True, False, False, True]
    """
    start, end = quiet
    hour = local.hour + local.minute / 60 + local.second / 3600
    if start <= end:
        return start <= hour < end
    return hour >= start or hour < end


def first_day(day, is_working):
    """Give the first working day from a day on; the day itself if there is none.

    >>> from datetime import date
    >>> str(first_day(date(2026, 6, 20), lambda day: day.weekday() < 5))
    '2026-06-22'
    >>> str(first_day(date(2026, 6, 20), lambda day: False))
    '2026-06-20'
    """
    days = (day + timedelta(days=more) for more in range(DAYS_AHEAD))
    return next((found for found in days if is_working(found)), day)


def zone_name(own, of_country, of_company):
    """Say which clock a customer lives by.

    A contact's own zone is Odoo's guess (it is that of whoever entered him), so it
    counts only where it can be: in the contact's country, or without a country.

    :param str own: the contact's zone
    :param list of_country: zones of his country, the main one first
    :param str of_company: the company's zone

    >>> zone_name("Europe/Berlin", ["Asia/Tokyo"], "Europe/Berlin")
    'Asia/Tokyo'
    >>> us = ["America/New_York", "America/Chicago"]
    >>> zone_name("America/Chicago", us, "Europe/Berlin")
    'America/Chicago'
    >>> zone_name(False, us, "Europe/Berlin"), zone_name(False, us, us[1])
    ('America/New_York', 'America/Chicago')
    >>> zone_name(False, [], "Europe/Berlin"), zone_name(False, [], False)
    ('Europe/Berlin', 'UTC')
    """
    if not of_country:
        return own or of_company or "UTC"
    possible = (name for name in (own, of_company) if name in of_country)
    return next(possible, of_country[0])


def _quiet_end(zone, local, end, after):
    """Give the next instant at which the quiet hours end."""
    hour = local.hour + local.minute / 60 + local.second / 3600
    day = local.date() if hour < end else local.date() + timedelta(days=1)
    return _instant(zone, day, end, after)


def _instant(zone, day, hour, after):
    """Turn a clock time into the first such instant after another one.

    A clock time that is left out counts as the first one after the gap; one that comes
    twice may be over once already.
    """
    minutes = round(hour * 60)
    wall = datetime.combine(day, time.min) + timedelta(minutes=minutes)
    instants = sorted(
        zone.localize(wall, is_dst=flag).astimezone(pytz.utc) for flag in (True, False)
    )
    real = [i for i in instants if i.astimezone(zone).replace(tzinfo=None) == wall]
    if not real:
        real = [_after_gap(zone, instants)]
    return next((instant for instant in real if instant > after), instants[-1])


def _after_gap(zone, instants):
    """Give the first instant after the clocks were put forward between two others."""
    moment, last = instants
    while moment.astimezone(zone).utcoffset() != last.astimezone(zone).utcoffset():
        moment += timedelta(minutes=15)
    return moment
