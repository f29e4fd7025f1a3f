import doctest
import random
from contextlib import contextmanager
from unittest.mock import patch

from odoo.tests import tagged
from odoo.tools import SQL

from ..domain import resting
from .resting_common import RestingCommon


@tagged("post_install", "-at_install", "o2c_random")
class TestResting(RestingCommon):
    """What rests on items, from whatever claims there are."""

    @contextmanager
    def claiming(self, *claims):
        """Claims of (kind, amount, items, further values), as add-ons make them."""
        rows = []
        for number, (kind, amount, items, *more) in enumerate(claims, 1):
            values = {
                "partner": self.customer,
                "currency": self.company.currency_id,
            } | (more[0] if more else {})
            rows.append(
                SQL(
                    "SELECT %s AS root_id, %s AS partner_id, %s AS kind,"
                    " %s::int[] AS line_ids, %s AS currency_id, %s::numeric AS amount,"
                    " %s::date AS date, %s AS id",
                    self.company.id,
                    values["partner"].id,
                    kind,
                    items and items.ids,
                    values["currency"].id,
                    amount,
                    "2026-06-15",
                    number,
                )
            )
        model = self.env.registry["o2c.open.item"]
        with (
            patch.object(model, "_taken_sources", lambda *_args: rows),
            patch.object(model, "_claim_tests", lambda *_args: [SQL("TRUE")]),
        ):
            yield

    def resting(self, **options):
        """(disputed, promised, in transit, collectable) of each item owed."""
        return [
            tuple(
                item[f"amount_{name}"]
                for name in ("disputed", "promised", "in_transit", "collectable")
            )
            for item in self.open_items(("amount_residual", ">", 0), **options)
        ]

    def test_doctests(self):
        self.assertEqual(doctest.testmod(resting).failed, 0)

    # ------------------------------------------------------------------

    def test_nothing_is_asked_while_nobody_has_a_claim(self):
        self.late(100, days=5)
        self.assertIsNone(self.items_model._taken_sql())
        with self.claiming(("promised", 0, None)):
            self.assertIsNone(self.items_model._taken_sql())
        with self.claiming(("promised", 5, None)):
            self.assertIsNotNone(self.items_model._taken_sql())
            self.assertIsNone(self.items_model._taken_sql([self.customer.id + 9999]))

    def test_a_claim_on_the_account_takes_the_oldest_due_first(self):
        self.late(50, days=3)
        self.late(100, days=9)
        with self.claiming(("promised", 120, None)):
            self.assertEqual(self.resting(), [(0, 100, 0, 0), (0, 20, 0, 30)])
            self.assert_resting_is_right()

    def test_what_names_an_item_leaves_the_account_to_the_others(self):
        old, young = self.late(100, days=9), self.late(50, days=3)
        with self.claiming(
            ("promised", 60, None), ("disputed", 80, self.receivable_lines(old))
        ):
            self.assertEqual(self.resting(), [(80, 20, 0, 0), (0, 40, 0, 10)])
        with self.claiming(("in_transit", 70, self.receivable_lines(young))):
            self.assertEqual(self.resting(), [(0, 0, 0, 100), (0, 0, 50, 0)])
            self.assert_resting_is_right()

    def test_claims_that_name_the_same_items_add_up(self):
        lines = self.receivable_lines(self.late(60, days=9))
        lines |= self.receivable_lines(self.late(60, days=3))
        with self.claiming(("promised", 50, lines), ("promised", 50, lines)):
            self.assertEqual(self.resting(), [(0, 60, 0, 0), (0, 40, 0, 20)])

    def test_more_than_is_open_rests_nowhere(self):
        line = self.receivable_lines(self.late(100, days=9))
        self.late(70, days=3)
        with self.claiming(("disputed", 150, line), ("promised", 20, line)):
            self.assertEqual(self.resting(), [(100, 0, 0, 0), (0, 0, 0, 70)])
            self.assert_resting_is_right()

    def test_credit_covers_what_does_not_rest(self):
        self.late(100, days=9)
        self.credit_note(30)
        with self.claiming(("promised", 40, None)):
            self.assertEqual(self.resting(), [(0, 40, 0, 30)])
            self.assert_resting_is_right()

    def test_a_past_day_shows_nothing_of_todays_claims(self):
        self.late(100, days=9)
        with self.claiming(("promised", 40, None)):
            self.assertEqual(self.resting(as_of="2026-06-10"), [(0, 0, 0, 100)])
            self.assertEqual(self.resting(as_of="2026-06-15"), [(0, 40, 0, 60)])

    def test_a_claim_in_the_invoices_currency_takes_all_of_it(self):
        euro = self.setup_other_currency("EUR", rates=[("2016-01-01", 2.0)])
        line = self.receivable_lines(
            self.invoice(100, due="2026-06-01", currency_id=euro.id)
        )
        self.env["res.currency.rate"].create(
            {"name": "2026-06-15", "rate": 4.0, "currency_id": euro.id}
            | {"company_id": self.company.id}
        )
        with self.claiming(("promised", 100, line, {"currency": euro})):
            self.assertEqual(self.resting(), [(0, 50, 0, 0)])
            self.assert_resting_is_right()

    def test_a_claim_in_a_currency_without_items_goes_by_todays_rate(self):
        euro = self.setup_other_currency("EUR", rates=[("2016-01-01", 2.0)])
        self.late(100, days=9)
        with self.claiming(("promised", 100, None, {"currency": euro})):
            self.assertEqual(self.resting(), [(0, 50, 0, 50)])
            self.assert_resting_is_right()

    # ------------------------------------------------------------------

    def test_sql_and_rule_agree_on_random_claims(self):
        dice = random.Random(20261123)  # noqa: S311
        for number in range(8):
            customer = self.new_debtor(f"Random {number}")
            lines = self.env["account.move.line"]
            for _item in range(dice.randint(1, 5)):
                lines |= self.receivable_lines(
                    self.late(
                        dice.choice([1, 25, 33.33, 99.99, 123.45]),
                        days=dice.randint(-5, 60),
                        partner=customer,
                    )
                )
            if dice.random() < 0.5:
                self.credit_note(dice.choice([10, 40]), partner=customer)
            claims = []
            for _claim in range(dice.randint(1, 6)):
                some = lines.filtered(lambda _line: dice.random() < 0.5)
                claims.append(
                    (
                        dice.choice(resting.KINDS),
                        dice.choice([5.5, 20, 33.33, 80, 200]),
                        some or None,
                        {"partner": customer},
                    )
                )
            with self.subTest(number=number), self.claiming(*claims):
                items = self.open_items(partner=customer)
                self._assert_customer(items, self.claims())

    def test_it_reads_the_same_however_many_customers_it_is_asked_for(self):
        for number in range(3):
            partner = self.new_debtor(f"Customer {number}")
            self.late(100, days=9, partner=partner)
        partners = self.env["res.partner"].search([("name", "like", "Customer _")])
        claims = [("promised", 30, None, {"partner": partner}) for partner in partners]
        with self.claiming(*claims):
            self.env.flush_all()
            self.items_model.invalidate_model()
            items = self.items_model.search([("partner_id", "in", partners.ids)])
            self.assertEqual(items.mapped("amount_promised"), [30.0] * 3)
            self.assert_resting_is_right()
