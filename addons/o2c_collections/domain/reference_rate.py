"""Reference rates by half-year, and which of them are missing.

A rate belongs to the half-year for which the law lets it count: the ECB's of 1 January,
and the Bank of England's of the 31 December before, to the first one. The change of a
rate within a half-year changes nothing. A rate that is not there is never guessed.

>>> rates = Rates({("ecb", date(2026, 1, 1)): Decimal("2.15")})
>>> rates.on("ecb", date(2026, 6, 30))
Decimal('2.15')
>>> rates.on("ecb", date(2026, 7, 1))  # doctest: +IGNORE_EXCEPTION_DETAIL
Traceback (most recent call last):
    ...
MissingRate: ecb of 2026-07-01
>>> rates.missing("ecb", date(2025, 12, 31), date(2026, 7, 1))
[datetime.date(2025, 7, 1), datetime.date(2026, 7, 1)]
"""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

#: ECB main refinancing operations, German base rate, Bank of England, and the French
#: legal rate between businesses, which only bounds what a contract says.
SERIES = ("ecb", "de_base", "boe", "fr_legal")


class MissingRate(LookupError):
    """A half-year for which no rate is known."""

    def __init__(self, series, start):
        super().__init__(f"{series} of {start}")
        self.series = series
        self.start = start


@dataclass(frozen=True)
class Rates:
    """Per cent by series and first day of a half-year."""

    values: dict[tuple[str, date], Decimal] = field(default_factory=dict)

    def on(self, series, day):
        """The rate that counts on a day.

        :raise MissingRate: when there is none for its half-year
        """
        start = half_year(day)
        try:
            return self.values[series, start]
        except KeyError:
            raise MissingRate(series, start) from None

    def missing(self, series, first, last):
        """First days of the half-years from one day to another without a rate."""
        return [s for s in half_years(first, last) if (series, s) not in self.values]


def half_year(day):
    """The first day of a day's half-year.

    >>> half_year(date(2026, 6, 30)), half_year(date(2026, 7, 1))
    (datetime.date(2026, 1, 1), datetime.date(2026, 7, 1))
    """
    return date(day.year, 1 if day.month < 7 else 7, 1)


def next_half_year(day):
    """The first day of the half-year after a day's own.

    >>> next_half_year(date(2026, 3, 3)), next_half_year(date(2026, 12, 31))
    (datetime.date(2026, 7, 1), datetime.date(2027, 1, 1))
    """
    return date(day.year, 7, 1) if day.month < 7 else date(day.year + 1, 1, 1)


def half_years(first, last):
    """First days of the half-years that two days, and what is between, lie in."""
    starts, start = [], half_year(first)
    while start <= last:
        starts.append(start)
        start = next_half_year(start)
    return starts
