from odoo.tests import tagged

from .late_charge_common import LateChargeCommon


@tagged("post_install", "-at_install", "o2c_late_charge")
class TestLateChargeFloor(LateChargeCommon):
    """A French contract's rate is at least three times the legal interest rate."""

    def test_a_french_contract_stays_above_thrice_the_legal_rate(self):
        france = self.env.ref("base.fr")
        self.company.sudo().partner_id.country_id = france
        self.company.write({"o2c_late_scheme": "contract", "o2c_late_points": 5})
        self.assertEqual(self.company._o2c_late_series_used(), {"fr_legal"})
        self.late_invoice(10000, due="2026-04-30")
        self.refresh()
        self.propose()
        self.assertFalse(self.found)
        self.assertEqual(self.missing, {("fr_legal", self.day("2026-01-01"))})
        rate = {"series": "fr_legal", "date_from": "2026-01-01", "source": "Test"}
        self.rates.create({**rate, "rate": 2.62})
        charge = self.propose()
        self.assertRecordValues(
            charge,
            [
                {
                    "points": 5,
                    "floor_series": "fr_legal",
                    "rates_text": "7.86 %",
                    "amount_interest": 66.76,
                }
            ],
        )
        self.approve(charge)
        # What was charged goes on by its rule, and nothing is corrected.
        self.company.sudo().partner_id.country_id = self.env.ref("base.us")
        later = self.propose("2026-06-10")
        self.assertEqual(later.amount_correction, 0)
        self.assertEqual(later.rates_text, "7.86 %")

    def test_a_higher_contract_stands_and_no_interest_needs_no_floor(self):
        self.company.sudo().partner_id.country_id = self.env.ref("base.fr")
        self.company.write({"o2c_late_scheme": "contract", "o2c_late_points": 9})
        rate = {"series": "fr_legal", "date_from": "2026-01-01", "source": "Test"}
        self.rates.create({**rate, "rate": 2.62})
        self.late_invoice(10000, due="2026-04-30")
        self.refresh()
        self.assertEqual(self.propose().rates_text, "9 %")
        self.assertFalse(self.company._o2c_contract_rule(0, "", 40).floor)
