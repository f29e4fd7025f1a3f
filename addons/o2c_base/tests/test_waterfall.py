import doctest
import random
from unittest.mock import patch

from odoo.tests import tagged
from odoo.tools import SQL

from ..domain import ageing, hash_chain, waterfall
from .common import ReceivablesCommon


@tagged("post_install", "-at_install", "o2c_random")
class TestWaterfall(ReceivablesCommon):
    """The rule in domain/ and the one in SQL give the same figures."""

    def test_examples_in_the_rules_hold(self):
        for module in (ageing, hash_chain, waterfall):
            result = doctest.testmod(module)
            self.assertGreater(result.attempted, 0, module.__name__)
            self.assertEqual(result.failed, 0, module.__name__)

    def test_sql_and_rule_agree_on_random_items(self):
        dice = random.Random(20260615)  # noqa: S311
        cents = [100, 2500, 3333, 9999, 12345]
        for number in range(12):
            customer = self.new_customer(f"Customer {number}")
            for _item in range(dice.randint(1, 5)):
                due = f"2026-0{dice.randint(1, 9)}-{dice.randint(10, 28)}"
                self.invoice(
                    dice.choice(cents) / 100,
                    date="2026-01-05",
                    due=due,
                    partner=customer,
                )
            for _credit in range(dice.randint(0, 2)):
                self.credit_note(dice.choice(cents) / 100, partner=customer)
            taken = self._random_taken(customer, dice)
            with self._taken(taken):
                self._assert_same(customer, taken)

    def test_what_rests_is_taken_from_the_item_it_names(self):
        invoice = self.invoice(100, due="2026-06-01")
        self.invoice(50, due="2026-06-02")
        line = self.receivable_lines(invoice)
        with self._taken({line.id: (10, 20, 30)}):
            items = self.open_items()
            items.fetch()
        self.assertRecordValues(
            items,
            [
                {
                    "amount_disputed": 10.0,
                    "amount_promised": 20.0,
                    "amount_in_transit": 30.0,
                    "amount_collectable": 40.0,
                },
                {
                    "amount_disputed": 0.0,
                    "amount_promised": 0.0,
                    "amount_in_transit": 0.0,
                    "amount_collectable": 50.0,
                },
            ],
        )

    def test_credit_skips_what_rests_and_covers_the_next_oldest(self):
        first = self.invoice(100, due="2026-06-01")
        self.invoice(50, due="2026-06-02")
        self.invoice(70, due="2026-06-03")
        self.credit_note(60)
        with self._taken({self.receivable_lines(first).id: (100, 0, 0)}):
            amounts = self.open_items(("amount_residual", ">", 0)).mapped(
                "amount_collectable"
            )
        self.assertEqual(amounts, [0.0, 0.0, 60.0])

    def test_stored_facts_use_the_same_waterfall(self):
        invoice = self.invoice(100, due="2026-06-01")
        self.credit_note(30)
        line = self.receivable_lines(invoice)
        with self._taken({line.id: (25, 0, 0)}):
            self.refresh()
            self.assertEqual(self.debtor().amount_collectable, 45.0)
            self.assertEqual(self.debtor().amount_overdue, 100.0)
            self.assertEqual(self.debtor().amount_unapplied, 30.0)
            self.assertEqual(self.debtor().amount_outstanding, 70.0)

    # ------------------------------------------------------------------
    # Helpers
    # ------------------------------------------------------------------

    def _random_taken(self, customer, dice):
        items = self.open_items(("amount_residual", ">", 0), partner=customer)
        return {
            item.id: tuple(dice.choice([0, 0, 5.5, 20, 33.33]) for _kind in range(3))
            for item in items
        }

    def _taken(self, taken):
        """What later add-ons put on items, through their hook."""
        rows = SQL(", ").join(SQL("(%s, %s, %s, %s)", k, *v) for k, v in taken.items())
        query = SQL(
            "SELECT * FROM (VALUES %s)"
            " hold(move_line_id, disputed, promised, in_transit)",
            rows,
        )
        model = type(self.items_model)
        return patch.object(model, "_taken_sql", lambda *_args: query)

    def _assert_same(self, customer, taken):
        items = self.open_items(partner=customer)
        owed = items.filtered(lambda item: item.amount_residual > 0)
        unapplied = -sum((items - owed).mapped("amount_residual"))
        rules = [
            waterfall.Item(item.amount_residual, *taken.get(item.id, ()))
            for item in owed
        ]
        expected = waterfall.collectable(rules, unapplied)
        for item, amount in zip(owed, expected, strict=True):
            self.assertAlmostEqual(item.amount_collectable, amount, 2)
