import doctest
import itertools
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from odoo.tests import BaseCase, tagged

from ..domain import late_charge, reference_rate
from ..domain.late_charge import (
    CENT,
    Charged,
    Debt,
    Rule,
    reckon,
    round_to,
    rule,
    segments,
)
from ..domain.reference_rate import MissingRate, Rates, half_year, half_years

DAY = timedelta(days=1)
TEN_THOUSAND = Decimal(10000)
LONG_AGO = date(2000, 1, 1)


def rates_of(**by_series):
    """Rates of one value each, or of a list of (half-year, rate)."""
    values = {}
    for series, given_rates in by_series.items():
        if not isinstance(given_rates, list):
            starts = half_years(date(2018, 1, 1), date(2032, 12, 31))
            given_rates = [(start, given_rates) for start in starts]
        values |= {(series, start): Decimal(rate) for start, rate in given_rates}
    return Rates(values)


def debt(due, *paid, amount=TEN_THOUSAND):
    moves = [(LONG_AGO, Decimal(amount))]
    moves += [(day, -Decimal(money)) for day, money in paid]
    return Debt(due, tuple(moves))


@tagged("at_install")
class TestLateChargeVectors(BaseCase):
    """Published and worked examples, to the cent."""

    def test_doctests(self):
        for module in (late_charge, reference_rate):
            result = doctest.testmod(module)
            self.assertGreater(result.attempted, 0)
            self.assertEqual(result.failed, 0)

    def test_british_example_with_its_fixed_sum(self):
        item = debt(date(2025, 12, 31))
        rates = rates_of(boe="3.75")
        bill = reckon(item, rule("uk", item.first_day), rates, date(2026, 3, 1))
        self.assertEqual([s.days for s in bill.segments], [60])
        self.assertEqual(TEN_THOUSAND + bill.total, Decimal("10293.15"))

    def test_daily_rounding_is_not_ours(self):
        """gov.uk rounds 23p a day first and says 11.50; exact is 11.64."""
        item = debt(date(2026, 1, 31), amount=1000)
        bill = reckon(
            item,
            rule("uk", item.first_day),
            rates_of(boe="0.50"),
            item.date_due + 50 * DAY,
        )
        self.assertEqual(bill.interest, Decimal("11.64"))

    def test_french_rate_and_fixed_sum(self):
        item = debt(date(2024, 6, 30))
        rates = rates_of(ecb=[(date(2024, 7, 1), "4.25")])
        bill = reckon(item, rule("fr", item.first_day), rates, date(2024, 7, 31))
        self.assertEqual(bill.segments[0].rate, Fraction("14.25"))
        # 10,000 x 14.25% x 31 / 365
        self.assertEqual((bill.interest, bill.fixed), (Decimal("121.03"), 40))

    def test_german_business_and_consumer(self):
        item = debt(date(2025, 12, 31))
        rates = rates_of(de_base="1.27")
        business = reckon(item, rule("de", item.first_day), rates, date(2026, 1, 31))
        own = rule("de", item.first_day, is_consumer=True)
        consumer = reckon(item, own, rates, date(2026, 1, 31))
        # 10,000 x 10.27% x 31 / 365; 10,000 x 6.27% x 31 / 365
        self.assertEqual((business.interest, business.fixed), (Decimal("87.22"), 40))
        self.assertEqual((consumer.interest, consumer.fixed), (Decimal("53.25"), 0))

    def test_no_law_charges_a_consumer_the_business_rate(self):
        for scheme in ("eu", "uk", "fr"):
            self.assertIsNone(rule(scheme, date(2026, 1, 1), is_consumer=True))

    def test_locked_rate_stays_when_the_half_year_changes(self):
        rates = rates_of(boe=[(date(2026, 1, 1), "3.75"), (date(2026, 7, 1), "9")])
        item = debt(date(2026, 5, 31))
        bill = reckon(item, rule("uk", item.first_day), rates, date(2026, 12, 31))
        self.assertEqual({s.rate for s in bill.segments}, {Fraction("11.75")})
        later = debt(date(2026, 6, 30))
        bill = reckon(later, rule("uk", later.first_day), rates, date(2026, 12, 31))
        self.assertEqual({s.rate for s in bill.segments}, {Fraction(17)})

    def test_missing_rate_is_never_guessed(self):
        rates = rates_of(ecb=[(date(2026, 1, 1), "2.15")])
        item = debt(date(2026, 5, 31))
        with self.assertRaises(MissingRate) as caught:
            reckon(item, rule("eu", item.first_day), rates, date(2026, 7, 1))
        self.assertEqual(caught.exception.start, date(2026, 7, 1))
        # paid before the half-year begins: its rate is not needed
        paid = debt(date(2026, 5, 31), (date(2026, 6, 30), 10000))
        self.assertTrue(
            reckon(paid, rule("eu", item.first_day), rates, date(2026, 7, 31))
        )

    def test_contract_without_a_series(self):
        own = Rule("contract", Fraction(12))
        item = debt(date(2026, 1, 1), amount=1000)
        bill = reckon(item, own, Rates(), date(2027, 1, 1))
        self.assertEqual((bill.interest, bill.fixed), (120, 0))

    def test_leap_year(self):
        """A leap day is a day like any; only on request the year has 366."""
        item = debt(date(2027, 12, 31), amount=36600)
        whole_year = date(2028, 12, 31)
        plain = Rule("contract", Fraction(10))
        actual = replace(plain, actual_year=True)
        by_365 = reckon(item, plain, Rates(), whole_year)
        by_366 = reckon(item, actual, Rates(), whole_year)
        self.assertEqual(by_365.interest, Decimal("3670.03"))
        self.assertEqual(by_366.interest, Decimal("3660.00"))
        over_new_year = segments(
            item, actual, Rates(), date(2028, 12, 31), date(2029, 1, 1)
        )
        self.assertEqual([s.year_days for s in over_new_year], [366, 365])

    def test_partial_payments_by_day(self):
        own = Rule("contract", Fraction("36.5"))  # a tenth of a per cent a day
        item = debt(
            date(2026, 1, 10),
            (date(2026, 1, 15), 400),
            (date(2026, 1, 20), 600),
            amount=1000,
        )
        bill = reckon(item, own, Rates(), date(2026, 1, 31))
        self.assertEqual(
            [(s.days, s.principal, s.amount) for s in bill.segments],
            [(5, 1000, Decimal("5.00")), (5, 600, Decimal("3.00"))],
        )

    def test_paid_on_the_due_date_or_early_owes_nothing(self):
        for day in (date(2026, 5, 30), date(2026, 5, 31)):
            item = debt(date(2026, 5, 31), (day, 10000))
            bill = reckon(item, rule("eu", item.first_day), Rates(), date(2026, 6, 30))
            self.assertEqual((bill.total, bill.segments), (0, ()))

    def test_zero_decimal_currency(self):
        item = debt(date(2026, 5, 31))
        own = rule("eu", item.first_day)
        rates = rates_of(ecb="2.15")
        bill = reckon(item, own, rates, date(2026, 6, 30), step=Decimal(1))
        self.assertEqual(bill.interest, Decimal(83))


@tagged("at_install")
class TestLateChargeChanges(BaseCase):
    """What was charged and is not so any more."""

    def setUp(self):
        super().setUp()
        self.own = Rule(
            "contract", Fraction("36.5"), bands=((Decimal(0), Decimal(40)),)
        )
        self.due = date(2026, 1, 31)

    def charge(self, item, until, past=()):
        bill = reckon(item, self.own, Rates(), until, past)
        amount = bill.interest + bill.correction
        return bill, Charged(bill.date_from, bill.date_to, amount, bill.fixed)

    def test_payment_backdated(self):
        _bill, past = self.charge(debt(self.due, amount=1000), date(2026, 2, 28))
        self.assertEqual((past.amount, past.fixed), (28, 40))
        item = debt(self.due, (date(2026, 2, 14), 1000), amount=1000)
        bill, _charge = self.charge(item, date(2026, 3, 31), [past])
        self.assertEqual((bill.interest, bill.correction, bill.fixed), (0, -14, 0))
        self.assertEqual((bill.owed_before, bill.charged_before), (54, 68))

    def test_never_late_after_all_gives_the_fixed_sum_back_too(self):
        _bill, past = self.charge(debt(self.due, amount=1000), date(2026, 2, 28))
        item = debt(self.due, (self.due, 1000), amount=1000)
        bill, then = self.charge(item, date(2026, 3, 31), [past])
        self.assertEqual((bill.correction, bill.fixed), (-68, 0))
        again = debt(self.due, amount=1000)  # un-reconciled once more
        bill, _charge = self.charge(again, date(2026, 4, 30), [past, then])
        self.assertEqual((bill.correction, bill.interest, bill.fixed), (68 + 31, 30, 0))

    def test_rate_corrected(self):
        item = debt(self.due)
        law = rule("eu", item.first_day)
        bill = reckon(item, law, rates_of(ecb="3.65"), date(2026, 2, 28))
        past = [Charged(bill.date_from, bill.date_to, bill.interest, bill.fixed)]
        bill = reckon(item, law, rates_of(ecb="2.65"), date(2026, 3, 31), past)
        # one per cent of 10,000 for 28 days of 365: 7.67
        self.assertEqual(bill.correction, Decimal("-7.67"))

    def test_waived_interest_is_not_owed_any_more(self):
        bill, _charge = self.charge(debt(self.due, amount=1000), date(2026, 2, 28))
        waived = Charged(
            bill.date_from, bill.date_to, bill.interest, bill.fixed, is_waived=True
        )
        # the customer turns out to have paid earlier: nothing was charged for it
        item = debt(self.due, (date(2026, 2, 14), 500), amount=1000)
        bill, _charge = self.charge(item, date(2026, 3, 31), [waived])
        self.assertEqual(
            (bill.interest, bill.correction, bill.fixed), (Decimal("15.5"), 0, 0)
        )

    def test_waived_correction_does_not_come_back(self):
        _bill, past = self.charge(debt(self.due, amount=500), date(2026, 2, 28))
        item = debt(self.due, amount=1000)
        bill, _charge = self.charge(item, date(2026, 3, 31), [past])
        self.assertEqual(bill.correction, 14)
        waived = Charged(
            bill.date_from,
            bill.date_to,
            bill.interest + bill.correction,
            is_waived=True,
            correction=bill.correction,
        )
        bill, _charge = self.charge(item, date(2026, 4, 30), [past, waived])
        self.assertEqual((bill.correction, bill.interest), (0, 30))

    def test_gap_of_a_cancelled_charge_is_caught_up(self):
        item = debt(self.due, amount=1000)
        _bill, february = self.charge(item, date(2026, 2, 28))
        _bill, march = self.charge(item, date(2026, 3, 31), [february])
        bill, _charge = self.charge(item, date(2026, 4, 30), [march])
        self.assertEqual((bill.correction, bill.interest), (28, 30))

    def test_what_rests_is_caught_up_when_it_rests_no_more(self):
        item = debt(self.due, amount=1000)
        resting = replace(item, resting=Decimal(400))
        bill, february = self.charge(resting, date(2026, 2, 28))
        self.assertEqual(bill.interest, Decimal("16.80"))
        bill, march = self.charge(resting, date(2026, 3, 31), [february])
        self.assertEqual((bill.interest, bill.correction), (Decimal("18.60"), 0))
        bill, _charge = self.charge(item, date(2026, 4, 30), [february, march])
        # 400 for 59 days
        self.assertEqual((bill.interest, bill.correction), (30, Decimal("23.60")))

    def test_correction_of_what_does_not_rest_is_not_held_back(self):
        _bill, past = self.charge(debt(self.due, amount=200), date(2026, 2, 28))
        item = replace(debt(self.due, amount=1000), resting=Decimal(300))
        bill, _charge = self.charge(item, date(2026, 3, 31), [past])
        # 700 less 200 for 28 days
        self.assertEqual(bill.correction, 14)
        paid = debt(self.due, (date(2026, 2, 14), 900), amount=1000)
        bill, _charge = self.charge(
            replace(paid, resting=Decimal(50)), date(2026, 3, 31), [past]
        )
        self.assertEqual(bill.correction, Decimal("8.40"))

    def test_settled_days_are_not_charged_twice(self):
        item = debt(self.due, amount=1000)
        _bill, past = self.charge(item, date(2026, 2, 28))
        self.assertIsNone(reckon(item, self.own, Rates(), date(2026, 2, 28), [past]))
        self.assertIsNone(reckon(item, self.own, Rates(), self.due))


days = st.integers(1, 900).map(lambda n: date(2026, 1, 31) + n * DAY)
money = st.integers(1, 400_000).map(lambda cents: Decimal(cents) / 100)
payments = st.lists(st.tuples(days, money), max_size=5)
rules = st.builds(
    Rule,
    scheme=st.just("contract"),
    points=st.fractions(0, 20, max_denominator=100),
    series=st.sampled_from(["", "ecb"]),
    is_locked=st.booleans(),
    bands=st.sampled_from([(), ((Decimal(0), Decimal(40)),)]),
    actual_year=st.booleans(),
)
half_year_rates = st.lists(st.integers(-100, 900), min_size=40, max_size=40).map(
    lambda found: rates_of(
        ecb=[
            (start, Decimal(rate) / 100)
            for start, rate in zip(
                half_years(date(2025, 1, 1), date(2044, 12, 31)), found, strict=True
            )
        ]
    )
)
steps = st.sampled_from([CENT, Decimal(1), Decimal("0.05"), Decimal("0.001")])


@tagged("at_install")
class TestLateChargeProperties(BaseCase):
    """What holds for any payments, rates, rules and periods."""

    def charge_all(self, item, own, rates, ends, step, past=()):
        """Charge one period after the other; the charges."""
        charged = list(past)
        for end in ends:
            bill = reckon(item, own, rates, end, charged, step)
            if bill:
                charged.append(
                    Charged(
                        bill.date_from,
                        bill.date_to,
                        bill.interest + bill.correction,
                        bill.fixed,
                    )
                )
        return charged

    @settings(max_examples=150, deadline=None)
    @given(payments, rules, half_year_rates, st.lists(days, max_size=6), days, steps)
    def test_periods_change_nothing(self, paid, own, rates, ends, last, step):
        item = debt(date(2026, 1, 31), *paid)
        ends = [*sorted(end for end in ends if end < last), last]
        charged = self.charge_all(item, own, rates, ends, step)
        at_once = reckon(item, own, rates, last, (), step)
        self.assertEqual(sum(c.amount + c.fixed for c in charged), at_once.total)
        exact = sum(
            s.interest for s in segments(item, own, rates, item.first_day, last)
        )
        self.assertEqual(at_once.interest, round_to(exact, step))
        for one, following in itertools.pairwise(charged):
            self.assertEqual(one.date_to + DAY, following.date_from)

    @settings(max_examples=100, deadline=None)
    @given(payments, rules, half_year_rates, days, st.randoms())
    def test_order_of_payments_does_not_matter(self, paid, own, rates, last, chance):
        mixed = list(paid)
        chance.shuffle(mixed)
        first = reckon(debt(date(2026, 1, 31), *paid), own, rates, last)
        second = reckon(debt(date(2026, 1, 31), *mixed), own, rates, last)
        self.assertEqual(first, second)

    @settings(max_examples=150, deadline=None)
    @given(
        st.lists(st.tuples(payments, half_year_rates, days), min_size=1, max_size=5),
        rules,
        steps,
    )
    def test_corrections_sum_to_the_difference(self, histories, own, step):
        """Whatever changes between charges, the sum is what is owed by the last facts.

        Payments come and go, rates are corrected; each time a period is charged.
        """
        histories.sort(key=lambda history: history[2])
        charged = []
        for paid, rates, last in histories:
            item = debt(date(2026, 1, 31), *paid)
            charged = self.charge_all(item, own, rates, [last], step, charged)
        end = max(one.date_to for one in charged) + DAY
        charged = self.charge_all(item, own, rates, [end], step, charged)
        at_once = reckon(item, own, rates, end, (), step)
        self.assertEqual(sum(c.amount + c.fixed for c in charged), at_once.total)

    @settings(max_examples=100, deadline=None)
    @given(payments, rules, half_year_rates, days, steps)
    def test_segments_add_up(self, paid, own, rates, last, step):
        item = debt(date(2026, 1, 31), *paid)
        bill = reckon(item, own, rates, last, (), step)
        self.assertEqual(sum(s.amount for s in bill.segments), bill.interest)
        for segment in bill.segments:
            self.assertGreater(segment.principal, 0)
            self.assertEqual(item.principal(segment.date_from), segment.principal)
            self.assertEqual(item.principal(segment.date_to), segment.principal)
            if own.series and not own.is_locked:
                self.assertEqual(
                    half_year(segment.date_from), half_year(segment.date_to)
                )
            self.assertEqual(bill.interest % step, 0)
