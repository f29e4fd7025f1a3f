"""When money is expected, and how good that expectation was.

An item is expected on its due date plus the days its customer usually is late. The
database does the same for all items at once; tests hold the two equal.

>>> from datetime import date
>>> today = date(2026, 6, 15)
>>> expected_date(date(2026, 6, 20), 7, today)
datetime.date(2026, 6, 27)

What is already later than usual has missed its day: it is expected in as many days
from now as it is beyond the usual, so the longer nothing came, the later.

>>> expected_date(date(2026, 5, 30), 7, today)
datetime.date(2026, 6, 24)
>>> expected_date(date(2025, 6, 1), 0, today) > today + timedelta(weeks=WEEKS)
True
"""

import math
from datetime import timedelta

#: Weeks that are looked ahead. A week is seven days, the first one begins today.
WEEKS = 13
#: With fewer payments than this within a year, the company's usual delay counts.
PAYMENTS_ENOUGH = 3
#: The range runs from the 10th to the 90th percentile of past errors.
LOW, HIGH = 0.1, 0.9
#: Fewer past forecasts than this say nothing about a range.
TESTS_ENOUGH = 8


def usual_delay(median, payments, company_median):
    """Days after the due date that money usually takes, by habit.

    >>> usual_delay(median=12.0, payments=3, company_median=5.0)
    12
    >>> usual_delay(median=12.0, payments=2, company_median=5.0)
    5
    >>> usual_delay(median=None, payments=0, company_median=None)
    0
    """
    if payments >= PAYMENTS_ENOUGH and median is not None:
        return _whole(median)
    return _whole(company_median or 0)


def expected_date(due, delay, today):
    """The day on which an item's money is expected."""
    usual = due + timedelta(days=delay)
    if usual >= today:
        return usual
    return today + (today - usual)


def due_date_alone(due, today):
    """The plain forecast: on the due date, and what is overdue now.

    >>> from datetime import date
    >>> due_date_alone(date(2026, 5, 30), today=date(2026, 6, 15))
    datetime.date(2026, 6, 15)
    """
    return max(due, today)


def week_of(day, today):
    """Number of the week from today on; ``WEEKS`` stands for later.

    >>> from datetime import date
    >>> today = date(2026, 6, 15)
    >>> [week_of(date(2026, 6, d), today) for d in (15, 21, 22)]
    [0, 0, 1]
    >>> week_of(date(2027, 1, 1), today)
    13
    """
    return min(WEEKS, (day - today).days // 7)


# ----------------------------------------------------------------------
# How good it was
# ----------------------------------------------------------------------


def error_share(pairs):
    """WAPE: how much of the money was forecast for another week, in percent.

    The sum of the weekly differences over the sum of what came; None if nothing did.

    :param pairs: list of (forecast, came), a week each

    >>> error_share([(100, 80), (50, 70)])
    26.666666666666668
    >>> error_share([(100, 0)]) is None
    True
    """
    came = sum(real for _forecast, real in pairs)
    if came <= 0:
        return None
    return 100.0 * sum(abs(forecast - real) for forecast, real in pairs) / came


def bias_share(pairs):
    """How much more was forecast than came, in percent; negative is less.

    >>> bias_share([(100, 80), (50, 70)])
    0.0
    >>> bias_share([(150, 100), (50, 60)])
    25.0
    """
    came = sum(real for _forecast, real in pairs)
    if came <= 0:
        return None
    return 100.0 * sum(forecast - real for forecast, real in pairs) / came


def percentile(values, part):
    """The value below which the next one lies with this chance.

    With n values known, the next one is equally likely to fall into each of the
    n + 1 gaps around them.

    >>> percentile(range(10, 100, 10), 0.1), percentile(range(10, 100, 10), 0.9)
    (10.0, 90.0)
    >>> percentile([10, 20, 30, 40], 0.5)
    25.0
    >>> percentile([7], 0.1)
    7.0
    """
    ordered = sorted(values)
    last = len(ordered) - 1
    place = min(max(part * (last + 2) - 1, 0), last)
    low = math.floor(place)
    high = min(low + 1, last)
    return float(ordered[low] + (place - low) * (ordered[high] - ordered[low]))


def spread(tests):
    """Per week, how far past forecasts were off, as shares of what was open then.

    :param tests: list of (open, [forecast per week], [came per week])
    :return: list of (low, high), or None with fewer than ``TESTS_ENOUGH``

    >>> test = (1000, [100] * WEEKS, [90] * WEEKS)
    >>> spread([test] * 8)[0]
    (-0.01, -0.01)
    >>> spread([test] * 7) is None
    True
    """
    usable = [test for test in tests if test[0] > 0]
    if len(usable) < TESTS_ENOUGH:
        return None
    ranges = []
    for week in range(WEEKS):
        errors = [(came[week] - ours[week]) / total for total, ours, came in usable]
        ranges.append((percentile(errors, LOW), percentile(errors, HIGH)))
    return ranges


def with_range(total, forecast, ranges):
    """The range around each week's forecast; money never comes in below nothing.

    >>> with_range(1000, [100, 10], [(-0.05, 0.02), (-0.05, 0.02)])
    [(50.0, 120.0), (0.0, 30.0)]
    """
    return [
        (max(0.0, amount + low * total), max(0.0, amount + high * total))
        for amount, (low, high) in zip(forecast, ranges, strict=False)
    ]


def coverage(tests):
    """In how many percent of past weeks the money lay within the range.

    Each past forecast is judged by the range that the other ones give, so that none
    is measured by itself. None with too few of them.

    >>> tests = [(1000, [100] * WEEKS, [90 + n] * WEEKS) for n in range(10)]
    >>> coverage(tests)
    80.0
    """
    inside = weeks = 0
    for place, (total, ours, came) in enumerate(tests):
        ranges = spread(tests[:place] + tests[place + 1 :])
        if ranges is None or total <= 0:
            continue
        for (low, high), real in zip(
            with_range(total, ours, ranges), came, strict=False
        ):
            weeks += 1
            inside += low - 0.005 <= real <= high + 0.005
    return 100.0 * inside / weeks if weeks else None


def _whole(days):
    """To whole days, halves away from zero, as the database rounds."""
    return int(math.copysign(math.floor(abs(days) + 0.5), days))
