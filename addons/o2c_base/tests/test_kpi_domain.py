import doctest
from datetime import date

from odoo.tests import BaseCase, tagged

from ..domain import kpi, kpi_formulas, kpi_inputs
from ..domain.kpi import METRICS, REASONS, Inputs, figures, month_rows
from ..domain.kpi_formulas import (
    average_days_delinquent,
    best_possible_dso,
    collection_effectiveness,
    days,
    dso,
    dso_countback,
    paid_before_due,
    share,
    weighted_days,
)


@tagged("at_install")
class TestKpiDomain(BaseCase):
    """The formulas, against vectors worked by hand."""

    def test_doctests(self):
        for module in (kpi, kpi_formulas, kpi_inputs):
            result = doctest.testmod(module)
            self.assertGreater(result.attempted, 0)
            self.assertEqual(result.failed, 0)

    def assert_none(self, figure, reason):
        self.assertIsNone(figure.value)
        self.assertEqual(figure.reason, reason)

    # ------------------------------------------------------------------
    # DSO
    # ------------------------------------------------------------------

    def test_dso(self):
        # 2,000 / 9,000 x 90 = 20 days
        self.assertEqual(dso(2000, 9000, 90).value, 20.0)
        # 1,000 / 2,700 x 90 = 33.33...
        self.assertEqual(dso(1000, 2700, 90).value, 33.3)
        self.assertEqual(dso(0, 100, 90).value, 0.0)

    def test_dso_is_never_zero_for_undefined(self):
        self.assert_none(dso(100, 0, 90), "no_sales")
        self.assert_none(dso(100, -50, 90), "no_sales")
        self.assert_none(dso(-1, 100, 90), "credit_balance")
        self.assert_none(best_possible_dso(0, 0, 90), "no_sales")

    def test_figures_round_to_one_place_halves_away_from_zero(self):
        self.assertEqual(days(0.25).value, 0.3)
        self.assertEqual(days(-0.25).value, -0.3)
        self.assertEqual(days(1.05).value, 1.1)
        self.assertEqual(str(days(-0.01).value), "0.0")

    def test_countback(self):
        months = [(500, 15), (1000, 31), (2000, 30), (700, 31)]
        # 400 of 500: 400 / 500 x 15 = 12
        self.assertEqual(dso_countback(400, months).value, 12.0)
        # 500 used up: 15; 1,000 used up: +31; 500 of 2,000: + 0.25 x 30 = 53.5
        self.assertEqual(dso_countback(2000, months), days(53.5))
        # exactly one month used up, nothing left
        self.assertEqual(dso_countback(500, months), days(15))
        self.assertEqual(dso_countback(0, months), days(0))

    def test_countback_at_the_end_of_the_history_is_a_lower_bound(self):
        figure = dso_countback(100, [(10, 15), (20, 31)])
        self.assertEqual(figure, days(46, "history_ends"))
        self.assertTrue(figure.is_lower_bound)

    def test_countback_stops_at_a_month_without_sales(self):
        for nothing in (0, -5):
            figure = dso_countback(100, [(10, 15), (nothing, 31), (500, 30)])
            self.assertEqual(figure, days(15, "sales_stop"))

    def test_countback_in_a_month_that_has_sold_nothing_yet(self):
        # on the 2nd nothing is sold yet: 2 days, then 100 of 200: + 31 / 2
        self.assertEqual(dso_countback(100, [(0, 2), (200, 31)]).value, 17.5)
        self.assertEqual(dso_countback(100, [(-20, 2), (200, 31)]).value, 17.5)
        self.assert_none(dso_countback(100, [(0, 2), (0, 31)]), "no_sales")
        self.assert_none(dso_countback(100, []), "no_sales")
        self.assert_none(dso_countback(-1, [(100, 2)]), "credit_balance")

    def test_average_days_delinquent(self):
        # 45 - 30 = 15
        self.assertEqual(average_days_delinquent(days(45), days(30)).value, 15.0)
        early = average_days_delinquent(days(28), days(30))
        self.assertEqual(early, days(0, "credits_exceed"))
        self.assertFalse(early.is_lower_bound)
        self.assert_none(average_days_delinquent(dso(1, 0, 90), days(30)), "no_sales")

    # ------------------------------------------------------------------
    # Effectiveness and behaviour
    # ------------------------------------------------------------------

    def test_collection_effectiveness(self):
        # Gaviti: (100k + 1,000k - 120k) / (100k + 1,000k - 100k) = 980 / 1,000
        figure = collection_effectiveness(100e3, 1000e3, 120e3, 100e3)
        self.assertEqual(figure.value, 98.0)
        # all collected but what is current: (50 + 100 - 30) / (50 + 100 - 30)
        self.assertEqual(collection_effectiveness(50, 100, 30, 30).value, 100.0)
        self.assertEqual(collection_effectiveness(50, 0, 50, 0).value, 0.0)

    def test_collection_effectiveness_is_never_above_100(self):
        # more current than there is in all: credits; (0 + 100 - 20) / (100 - 20)
        self.assertEqual(collection_effectiveness(0, 100, 20, 60).value, 100.0)

    def test_collection_effectiveness_without_anything_to_collect(self):
        self.assert_none(
            collection_effectiveness(0, 100, 100, 100), "nothing_collectable"
        )
        self.assert_none(collection_effectiveness(0, 0, 0, 0), "nothing_collectable")

    def test_shares(self):
        self.assertEqual(share(1, 3).value, 33.3)
        self.assert_none(share(0, 0), "nothing_owed")
        self.assertEqual(paid_before_due(0, 10).value, 0.0)
        self.assert_none(paid_before_due(0, 0), "nothing_fell_due")

    def test_weighted_days_keep_negatives(self):
        # (100 x -20 + 50 x 10) / 150 = -10
        self.assertEqual(weighted_days(-1500, 150).value, -10.0)
        self.assert_none(weighted_days(0, 0), "no_payments")

    # ------------------------------------------------------------------
    # The registry
    # ------------------------------------------------------------------

    def test_nothing_at_all_is_no_zero(self):
        found = figures(Inputs(today=date(2026, 6, 15)))
        for code, figure in found.items():
            if METRICS[code].unit == "currency":
                self.assertEqual(figure.value, 0.0)
            else:
                self.assertIsNone(figure.value, code)
                self.assertIn(figure.reason, REASONS)

    def test_a_young_business_counts_the_days_it_has_existed(self):
        # first sale 9 days ago, 10 days with it: 50 / 100 x 10 = 5 days
        inputs = Inputs(
            outstanding=50,
            owed=50,
            sales=100,
            first_sale=date(2026, 6, 6),
            today=date(2026, 6, 15),
        )
        self.assertEqual(figures(inputs, ["dso"])["dso"].value, 5.0)

    def test_every_metric_says_how_it_is_worked_out(self):
        for metric in METRICS.values():
            self.assertTrue(metric.name and metric.formula.endswith("."))
            self.assertIn(metric.unit, ("days", "percent", "currency"))
            self.assertIn(metric.better, ("lower", "higher", "none"))
            for name in metric.inputs:
                self.assertTrue(hasattr(Inputs(), name), name)

    def test_months_end_where_the_history_begins(self):
        sales = {date(2026, 3, 1): 5.0, date(2026, 1, 1): 1.0}
        inputs = Inputs(sales_months=sales, today=date(2026, 3, 31))
        rows = [(sales, days) for _start, sales, days in month_rows(inputs)]
        self.assertEqual(rows, [(5.0, 31), (0.0, 28), (1.0, 31)])

    def test_inputs_of_parts_add_up(self):
        one = Inputs(owed=1, sales_months={date(2026, 1, 1): 1.0}, fell_due_count=1)
        two = Inputs(
            owed=2,
            sales_months={date(2026, 1, 1): 2.0, date(2026, 2, 1): 4.0},
            first_sale=date(2026, 1, 5),
            fell_due_count=2,
        )
        total = one + two
        self.assertEqual((total.owed, total.fell_due_count), (3, 3))
        self.assertEqual(
            total.sales_months, {date(2026, 1, 1): 3.0, date(2026, 2, 1): 4.0}
        )
        self.assertEqual(total.first_sale, date(2026, 1, 5))
