import doctest

from hypothesis import given, settings
from hypothesis import strategies as st

from odoo.tests import BaseCase, tagged

from ..domain import payment_choice
from ..domain.payment_choice import Payable, choice_that_covers

CENTS = st.integers(0, 50_000).map(lambda cents: cents / 100)


@tagged("post_install", "-at_install")
class TestPaymentChoice(BaseCase):
    """What is proposed to pay reaches the amount to the cent, in one payment."""

    def test_the_doctests_of_the_rule(self):
        self.assertEqual(doctest.testmod(payment_choice).failed, 0)

    @settings(max_examples=200, deadline=None)
    @given(
        st.lists(st.tuples(st.sampled_from("ab"), CENTS), max_size=6),
        st.integers(1, 100_000).map(lambda cents: cents / 100),
    )
    def test_a_choice_covers_or_nothing_can(self, items, needed):
        payables = [Payable(n, *item) for n, item in enumerate(items)]
        chosen = choice_that_covers(payables, needed)
        totals = {
            purse: sum(p.worth for p in payables if p.purse == purse) for purse in "ab"
        }
        if not chosen:
            self.assertLess(max(totals.values()), needed + 0.000001)
            return
        by_key = {payable.key: payable for payable in payables}
        self.assertEqual(len({by_key[key].purse for key in chosen}), 1)
        self.assertAlmostEqual(sum(chosen.values()), needed, 5)
        *whole, last = chosen
        self.assertTrue(all(chosen[key] == by_key[key].worth for key in whole))
        self.assertLessEqual(chosen[last], by_key[last].worth)
