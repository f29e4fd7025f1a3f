"""Interest and fixed sums on what was paid late, exact to the cent.

Simple interest on the open principal, day by day: the first day is the one after the
due date, the day of a payment still counts. Days are worked out exactly and rounded
once, where money is charged: what was charged up to a day is always the rounded sum up
to it, so that cutting time into periods changes nothing.

The published examples: EUR 10,000 due on 31 May 2026, paid on 30 September 2026.

>>> from .reference_rate import Rates
>>> rates = Rates({
...     ("ecb", date(2026, 1, 1)): Decimal("2.15"),
...     ("ecb", date(2026, 7, 1)): Decimal("2.40"),
...     ("boe", date(2026, 1, 1)): Decimal("3.75"),
... })
>>> debt = Debt(date(2026, 5, 31), ((date(2026, 5, 1), Decimal(10000)),
...                                 (date(2026, 9, 30), Decimal(-10000))))
>>> bill = reckon(debt, rule("eu", debt.first_day), rates, date(2026, 10, 31))
>>> bill.interest, bill.fixed, [(s.days, s.rate, s.amount) for s in bill.segments]
... # doctest: +NORMALIZE_WHITESPACE
(Decimal('345.56'), Decimal('40.00'),
 [(30, Fraction(203, 20), Decimal('83.42')), (92, Fraction(52, 5), Decimal('262.14'))])

The British one: 60 days at 11.75%, and 100 pounds.

>>> debt = Debt(date(2026, 1, 31), ((date(2026, 1, 1), Decimal(10000)),))
>>> bill = reckon(debt, rule("uk", debt.first_day), rates, date(2026, 4, 1))
>>> bill.interest, bill.fixed
(Decimal('193.15'), Decimal('100.00'))

What changed inside a period that was charged comes back as a correction, with its
sign: half of it had been paid on 2 March.

>>> past = [Charged(bill.date_from, bill.date_to, bill.interest, bill.fixed)]
>>> debt = Debt(date(2026, 1, 31), ((date(2026, 1, 1), Decimal(10000)),
...                                 (date(2026, 3, 2), Decimal(-5000))))
>>> bill = reckon(debt, rule("uk", debt.first_day), rates, date(2026, 4, 30), past)
>>> str(bill.date_from), bill.interest, bill.correction, bill.fixed
('2026-04-02', Decimal('46.68'), Decimal('-48.29'), Decimal('0.00'))
"""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from .reference_rate import next_half_year

CENT = Decimal("0.01")
#: Code de commerce L441-10: a contract's rate is at least thrice the legal one.
FLOOR_FACTOR = 3
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Rule:
    """What the law, or a contract, allows to charge.

    ``points`` are percentage points a year, over ``series`` if there is one. A locked
    rate is that of the first late day for good, the others move with each half-year.
    ``bands`` are fixed sums by the principal from which they apply, in ``currency``.
    Where the law sets one, the rate is at least ``FLOOR_FACTOR`` times ``floor``.
    ``actual_year`` divides the days of leap years by 366, else all by 365.
    """

    scheme: str
    points: Fraction
    series: str = ""
    is_locked: bool = False
    bands: tuple = ()
    currency: str = ""
    valid_from: date = date.min
    for_consumers: bool = False
    actual_year: bool = False
    floor: str = ""

    def fixed_sum(self, principal):
        """The fixed sum for a principal in the bands' currency.

        >>> [rule("uk", date(2026, 1, 1)).fixed_sum(Decimal(p))
        ...  for p in ("0", "0.01", "999.99", "1000", "9999.99", "10000")]
        ... # doctest: +NORMALIZE_WHITESPACE
        [Decimal('0'), Decimal('40'), Decimal('40'), Decimal('70'), Decimal('70'),
         Decimal('100')]
        """
        reached = [fixed for start, fixed in self.bands if principal >= start]
        return reached[-1] if reached and principal > 0 else Decimal(0)


_EUR_40 = ((Decimal(0), Decimal(40)),)
_UK_SUMS = (
    (Decimal(0), Decimal(40)),
    (Decimal(1000), Decimal(70)),
    (Decimal(10000), Decimal(100)),
)

#: The rules of law, each from the first late day on for which it holds. None of them
#: charges a consumer the rate for businesses.
RULES = (
    # Directive 2011/7/EU, articles 3, 4 and 6
    Rule(
        "eu",
        Fraction(8),
        "ecb",
        bands=_EUR_40,
        currency="EUR",
        valid_from=date(2013, 3, 16),
    ),
    # BGB 288 (2) and (5)
    Rule(
        "de",
        Fraction(9),
        "de_base",
        bands=_EUR_40,
        currency="EUR",
        valid_from=date(2014, 7, 29),
    ),
    # BGB 288 (1)
    Rule("de", Fraction(5), "de_base", for_consumers=True, valid_from=date(2002, 1, 1)),
    # Late Payment of Commercial Debts (Interest) Act 1998; SI 2002/1675
    Rule(
        "uk",
        Fraction(8),
        "boe",
        is_locked=True,
        bands=_UK_SUMS,
        currency="GBP",
        valid_from=date(2002, 8, 7),
    ),
    # Code de commerce L441-10, D441-5
    Rule(
        "fr",
        Fraction(10),
        "ecb",
        bands=_EUR_40,
        currency="EUR",
        valid_from=date(2013, 1, 1),
    ),
)


def rule(scheme, day, is_consumer=False):
    """The rule of law that holds for what is late from a day on; None if there is none.

    >>> rule("eu", date(2026, 1, 1), is_consumer=True) is None
    True
    >>> int(rule("de", date(2026, 1, 1), is_consumer=True).points)
    5
    """
    found = [
        one
        for one in RULES
        if one.scheme == scheme
        and one.for_consumers == is_consumer
        and one.valid_from <= day
    ]
    return max(found, key=lambda one: one.valid_from, default=None)


@dataclass(frozen=True)
class Debt:
    """One item: when it was due, and what its principal did.

    ``movements`` are (day, amount): what was owed, and what was paid as a negative
    amount by its value date; the order does not matter. ``resting`` is a part that is
    left out of new periods, because it is disputed or money for it is there.
    """

    date_due: date
    movements: tuple
    resting: Decimal = Decimal(0)

    @property
    def first_day(self):
        return self.date_due + DAY

    def principal(self, day):
        """What bears interest on a day: all that moved before it, never below zero."""
        total = sum((m[1] for m in self.movements if m[0] < day), Decimal(0))
        return max(Decimal(0), total)

    def without_resting(self):
        """The same debt, its principal less what rests on every day."""
        return replace(
            self, movements=(*self.movements, (date.min, -self.resting)), resting=0
        )


@dataclass(frozen=True)
class Charged:
    """What was charged for a period of an item; or waived, which settles it as well.

    ``amount`` is interest and corrections. What a waived charge corrected is settled,
    its interest and fixed sum are owed no more.
    """

    date_from: date
    date_to: date
    amount: Decimal
    fixed: Decimal = Decimal(0)
    is_waived: bool = False
    correction: Decimal = Decimal(0)


@dataclass(frozen=True)
class Segment:
    """Days of one principal and one rate; ``amount`` rounded so that they add up."""

    date_from: date
    date_to: date
    principal: Decimal
    rate: Fraction
    year_days: int
    amount: Decimal = Decimal(0)

    @property
    def days(self):
        return (self.date_to - self.date_from).days + 1

    @property
    def interest(self):
        """The exact interest, as a fraction."""
        yearly = Fraction(self.principal) * self.rate / 100
        return yearly * self.days / self.year_days


@dataclass(frozen=True)
class Reckoning:
    """What is to be charged for the next period of an item.

    ``correction`` is ``owed_before``, what earlier periods are worth by today's facts,
    less ``charged_before``.
    """

    date_from: date
    date_to: date
    interest: Decimal
    correction: Decimal
    fixed: Decimal
    owed_before: Decimal
    charged_before: Decimal
    segments: tuple

    @property
    def total(self):
        return self.interest + self.correction + self.fixed


def reckon(debt, rule, rates, until, charged=(), step=CENT, fixed_sum=None):
    """What is to be charged up to a day.

    :param debt: the item
    :param rule: what may be charged
    :param rates: reference rates
    :param until: last day of the new period
    :param charged: earlier periods of the item
    :param step: the smallest amount of the item's currency
    :param fixed_sum: the fixed sum in that currency, 0 for none, None to look it up by
        the principal in the same currency; owed only where something was late
    :return: a reckoning; None when all days up to then are settled
    :raise MissingRate: when a half-year's rate is not there
    """
    covered = max((one.date_to for one in charged), default=debt.date_due)
    start = max(covered + DAY, debt.first_day)
    if until < start:
        return None
    late = debt.principal(debt.first_day)
    if fixed_sum is None:
        fixed_sum = rule.fixed_sum(late)
    fixed_sum = round_to(Fraction(fixed_sum) if late else Fraction(0), step)
    exact_before = _exact_before(debt, rule, rates, covered, charged)
    settled = sum((_settled(one) for one in charged), Decimal(0))
    had_fixed = any(one.fixed for one in charged if not one.is_waived)
    owed_fixed = fixed_sum if had_fixed else Decimal(0)
    correction = round_to(exact_before, step) + owed_fixed - settled
    if debt.resting > 0 and correction > 0:  # what rests is not caught up yet
        sure = _exact_before(debt.without_resting(), rule, rates, covered, charged)
        correction = max(round_to(sure, step) + owed_fixed - settled, Decimal(0))
    parts = segments(debt.without_resting(), rule, rates, start, until)
    parts, interest = _spread(parts, exact_before, step)
    is_new = not any(one.fixed for one in charged) and (parts or correction > 0)
    return Reckoning(
        date_from=start,
        date_to=until,
        interest=interest,
        correction=round_to(Fraction(correction), step),
        fixed=fixed_sum if is_new else round_to(Fraction(0), step),
        owed_before=settled + correction,
        charged_before=settled,
        segments=parts,
    )


def segments(debt, rule, rates, first, last):
    """The days from one to another in parts of one principal, rate and year.

    Days without a principal are left out.

    :raise MissingRate: when a day that bears interest has no rate
    """
    found, start = [], first
    while start <= last:
        end = min(last, *(cut - DAY for cut in _cuts(debt, rule, start)))
        principal = debt.principal(start)
        if principal:
            rate = _rate(debt, rule, rates, start)
            found.append(Segment(start, end, principal, rate, _year_days(rule, start)))
        start = end + DAY
    return tuple(found)


def round_to(value, step=CENT):
    """An exact amount to the smallest amount of a currency, halves away from zero.

    >>> round_to(Fraction(1, 200)), round_to(Fraction(-1, 200))
    (Decimal('0.01'), Decimal('-0.01'))
    >>> round_to(Fraction(2499, 1000), Decimal(1)), round_to(Fraction(5, 2), Decimal(1))
    (Decimal('2'), Decimal('3'))
    """
    steps = abs(value) / Fraction(step)
    whole = (2 * steps.numerator + steps.denominator) // (2 * steps.denominator)
    return (whole if value >= 0 else -whole) * step


def _cuts(debt, rule, day):
    """Days after a given one on which something changes; there is always one."""
    cuts = [moved + DAY for moved, _amount in debt.movements if moved >= day]
    cuts.append(next_half_year(day))
    return cuts


def _rate(debt, rule, rates, day):
    """The yearly rate that bears on a day.

    >>> from .reference_rate import Rates
    >>> debt, day = Debt(date(2026, 1, 31), ()), date(2026, 3, 1)
    >>> rates = Rates({("fr_legal", date(2026, 1, 1)): Decimal("2.62")})
    >>> [float(_rate(debt, Rule("contract", Fraction(points), floor="fr_legal"), rates,
    ...              day)) for points in (5, 9)]
    [7.86, 9.0]
    """
    rate = rule.points
    if rule.series:
        moment = debt.first_day if rule.is_locked else day
        rate += Fraction(rates.on(rule.series, moment))
    if rule.floor:
        rate = max(rate, FLOOR_FACTOR * Fraction(rates.on(rule.floor, day)))
    return rate


def _year_days(rule, day):
    if not rule.actual_year:
        return 365
    return (date(day.year + 1, 1, 1) - date(day.year, 1, 1)).days


def _exact_before(debt, rule, rates, covered, charged):
    """What the days up to one are worth by today's facts, less the waived ones."""
    return sum(
        segment.interest
        for first, last in _windows(debt.first_day, covered, charged)
        for segment in segments(debt, rule, rates, first, last)
    )


def _settled(one):
    return one.correction if one.is_waived else one.amount + one.fixed


def _windows(first, last, charged):
    """What was charged or should have been: the days up to then less the waived ones.

    A gap, left by a charge that was cancelled, is owed like the rest.
    """
    windows = []
    waived = (one for one in charged if one.is_waived)
    for one in sorted(waived, key=lambda one: one.date_from):
        if first < one.date_from:
            windows.append((first, one.date_from - DAY))
        first = max(first, one.date_to + DAY)
    if first <= last:
        windows.append((first, last))
    return windows


def _spread(parts, exact, step):
    """The amounts of segments, rounded so that they add up, and their sum.

    :param exact: what came before, exactly
    """
    begin = last = round_to(exact, step)
    found = []
    for part in parts:
        exact += part.interest
        reached = round_to(exact, step)
        found.append(replace(part, amount=reached - last))
        last = reached
    return tuple(found), last - begin
