from datetime import date
from decimal import Decimal

from odoo.tests import TransactionCase, tagged

from ..domain.reference_rate import half_years


@tagged("post_install", "-at_install", "o2c_late_charge")
class TestShippedRates(TransactionCase):
    """The rates that come with the add-on."""

    def test_each_has_a_source(self):
        rates = self.env["o2c.reference.rate"].search([])
        self.assertGreater(len(rates), 40)
        self.assertTrue(all("http" in rate.source for rate in rates))

    def test_seven_years_without_a_gap(self):
        rates = self.env["o2c.reference.rate"]._rates()
        for series in ("ecb", "de_base", "boe"):
            missing = rates.missing(series, date(2019, 1, 1), date(2026, 6, 30))
            self.assertFalse(missing, series)

    def test_german_rate_moves_with_that_of_the_ecb(self):
        """BGB 247: the distance has been 0.88 points since July 2016."""
        rates = self.env["o2c.reference.rate"]._rates()
        for start in half_years(date(2019, 1, 1), date(2026, 6, 30)):
            distance = rates.on("ecb", start) - rates.on("de_base", start)
            self.assertEqual(distance, Decimal("0.88"), start)
