from psycopg2 import IntegrityError

from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .late_charge_common import LateChargeCommon


@tagged("post_install", "-at_install", "o2c_late_charge")
class TestLateChargePropose(LateChargeCommon):
    """What is proposed, from the ledger."""

    def setUp(self):
        super().setUp()
        self.refresh()

    def one(self, **options):
        self.refresh()
        charge = self.propose(**options)
        self.assertEqual(len(charge), 1, charge)
        return charge

    def test_interest_and_fixed_sum_of_an_open_invoice(self):
        invoice = self.late_invoice()
        charge = self.one()
        # 10,000 x 10.15% x 61 / 365; EUR 40 are 80 of the company's
        self.assertEqual(charge.amount_interest, 169.63)
        self.assertEqual((charge.amount_fixed, charge.amount_correction), (80, 0))
        self.assertEqual(charge.amount_total, 249.63)
        self.assertEqual(charge.move_id, invoice)
        self.assertEqual(str(charge.date_from), "2026-04-01")
        self.assertEqual(str(charge.date_to), "2026-05-31")
        self.assertEqual(charge.line_ids.days, 61)
        self.assertEqual(charge.state, "proposed")
        self.assertFalse(charge.invoice_id)

    def test_published_example_over_half_years(self):
        """345.56 + 40: paid on 30 September 2026, in euro."""
        self.rates.create(
            {
                "series": "ecb",
                "date_from": "2026-07-01",
                "rate": 2.40,
                "source": "Test",
            }
        )
        invoice = self.late_invoice(
            due="2026-05-31", date="2026-05-01", currency_id=self.euro.id
        )
        self.match(
            invoice,
            self.payment(10000, date="2026-09-30", currency_id=self.euro.id),
        )
        charge = self.one(until="2026-10-31")
        self.assertEqual(charge.currency_id, self.euro)
        self.assertEqual(charge.line_ids.mapped("amount"), [83.42, 262.14])
        self.assertEqual((charge.amount_interest, charge.amount_fixed), (345.56, 40))
        self.assertEqual(charge.amount_company, 2 * 385.56)

    def test_partial_payments_count_from_their_value_date(self):
        invoice = self.late_invoice()
        self.paid(invoice, 4000, "2026-04-10")
        self.paid(invoice, 6000, "2026-04-20")
        charge = self.one()
        self.assertEqual(
            [(l.days, l.principal) for l in charge.line_ids], [(10, 10000), (10, 6000)]
        )
        self.assertEqual(charge.amount_interest, 44.49)

    def test_paid_in_time_owes_nothing(self):
        invoice = self.late_invoice()
        self.paid(invoice, 10000, "2026-03-31")
        self.refresh()
        self.assertFalse(self.propose())

    def test_credit_note_says_it_was_never_owed(self):
        invoice = self.late_invoice()
        self.match(invoice, self.credit_note(4000, date="2026-05-20"))
        charge = self.one()
        self.assertEqual(charge.line_ids.mapped("principal"), [6000])

    def test_money_not_matched_yet_is_not_charged_for(self):
        self.late_invoice()
        self.payment(10000, date="2026-03-30")
        self.refresh()
        self.assertFalse(self.propose())

    def disputed(self, invoice, amount):
        """A dispute of this invoice, and April charged while it is undecided."""
        dispute = self.env["o2c.dispute"].create(
            {
                "move_id": invoice.id,
                "reason_id": self.env.ref("o2c_collections.reason_price").id,
                "amount": amount,
            }
        )
        charge = self.propose(until="2026-04-30")
        self.assertEqual(charge.line_ids.principal, 6000)
        self.assertEqual(charge.amount_interest, 50.05)
        self.approve(charge)
        return dispute

    def test_disputed_part_is_left_out_and_caught_up_when_rejected(self):
        invoice = self.late_invoice()
        self.refresh()
        dispute = self.disputed(invoice, 4000)
        still = self.propose(until="2026-05-10")
        self.assertEqual((still.amount_correction, still.line_ids.principal), (0, 6000))
        dispute._decide("rejected")
        charge = self.propose()
        # 4,000 x 10.15% x 30 / 365
        self.assertEqual(charge.amount_correction, 33.37)
        self.assertEqual(charge.line_ids.principal, 10000)

    def test_disputed_part_was_never_owed_when_credited(self):
        invoice = self.late_invoice()
        self.refresh()
        dispute = self.disputed(invoice, 4000)
        dispute._decide("credit")
        dispute.credit_move_id.action_post()
        self.assertEqual(dispute.state, "accepted")
        charge = self.propose()
        self.assertEqual(
            (charge.amount_correction, charge.line_ids.principal), (0, 6000)
        )

    def test_disputed_part_was_never_owed_when_written_off(self):
        invoice = self.late_invoice()
        self.refresh()
        dispute = self.disputed(invoice, 4000)
        entry = self.opening_entry(-4000, date="2026-05-20")
        self.match(invoice, entry)
        dispute.sudo().write({"credit_move_id": entry.id, "state": "accepted"})
        charge = self.propose()
        self.assertEqual(
            (charge.amount_correction, charge.line_ids.principal), (0, 6000)
        )

    def test_excluded_items_and_customers(self):
        self.receivable_lines(self.late_invoice()).no_followup = True
        never = self.new_customer("Never", is_company=True)
        self.late_invoice(partner=never)
        private = self.new_customer("Private", is_company=False)
        self.late_invoice(partner=private)
        self.late_invoice(due="2026-05-31")  # not late by the end of the period
        early = self.new_customer("Early", is_company=True)
        self.late_invoice(partner=early, due="2024-12-31", date="2024-12-01")
        self.refresh()
        self.debtor(never).late_scheme = "none"
        self.assertFalse(self.propose())

    def test_before_chase_from_unless_included(self):
        invoice = self.late_invoice()
        self.refresh()
        self.company.o2c_chase_from = "2026-04-01"
        self.assertFalse(self.propose())
        self.receivable_lines(invoice).sudo()._o2c_decide_clean_up(True)
        self.assertTrue(self.propose())

    def test_consumers_only_at_their_own_rate_and_only_if_wanted(self):
        self.customer.is_company = False
        self.company.o2c_late_scheme = "de"
        self.late_invoice()
        self.refresh()
        self.assertFalse(self.propose())
        self.company.o2c_late_consumers = True
        charge = self.one()
        self.assertEqual(charge.line_ids.rate, 6.27)
        self.assertEqual(charge.amount_fixed, 0)
        self.charges.sudo().search([]).unlink()
        self.company.o2c_late_scheme = "eu"  # no rate for consumers
        self.assertFalse(self.propose())

    def test_consumer_is_not_charged_by_an_agreement_either(self):
        self.customer.is_company = False
        self.late_invoice()
        self.refresh()
        self.debtor().write({"late_scheme": "contract", "late_points": 12})
        self.assertFalse(self.propose())

    def test_agreement_of_the_customer(self):
        self.late_invoice()
        self.refresh()
        self.debtor().write(
            {
                "late_scheme": "contract",
                "late_points": 5,
                "late_series": "ecb",
                "late_fixed": 15,
            }
        )
        charge = self.one()
        self.assertEqual(charge.line_ids.rate, 7.15)
        self.assertEqual((charge.scheme, charge.amount_fixed), ("contract", 15))
        with self.assertRaises(ValidationError):
            self.debtor().late_points = 101

    def test_item_keeps_the_rule_of_its_first_charge(self):
        self.late_invoice()
        self.approve(self.one(until="2026-04-30"))
        self.debtor().write({"late_scheme": "contract", "late_points": 5})
        charge = self.one()
        self.assertEqual((charge.scheme, charge.amount_correction), ("eu", 0))
        self.assertEqual(charge.line_ids.rate, 10.15)

    def test_british_fixed_sums_and_locked_rate(self):
        self.company.o2c_late_scheme = "uk"
        pound = self.env.ref("base.GBP")
        pound.active = True
        self.late_invoice(999.99, currency_id=pound.id)
        self.late_invoice(1000, currency_id=pound.id)
        self.refresh()
        charges = self.propose()
        self.assertEqual(charges.mapped("amount_fixed"), [40, 70])
        self.assertEqual(set(charges.line_ids.mapped("rate")), {11.75})

    def test_no_fixed_sum_without_an_exchange_rate_or_if_not_wanted(self):
        self.euro.rate_ids.unlink()
        self.late_invoice()
        self.assertEqual(self.one().amount_fixed, 0)

    def test_no_fixed_sum_if_not_wanted(self):
        self.company.o2c_late_fixed = False
        self.late_invoice()
        self.assertEqual(self.one().amount_fixed, 0)

    def test_fixed_sum_once_for_an_invoice_of_instalments(self):
        term = self.env["account.payment.term"].create(
            {
                "name": "Halves",
                "line_ids": [
                    (0, 0, {"value": "percent", "value_amount": 50, "nb_days": days})
                    for days in (10, 30)
                ],
            }
        )
        invoice = self.late_invoice(
            invoice_payment_term_id=term.id, invoice_date_due=False
        )
        self.refresh()
        charges = self.propose()
        self.assertEqual(charges.move_id, invoice)
        self.assertEqual(sorted(charges.mapped("amount_fixed")), [0, 80])

    def test_minimum_adds_up(self):
        self.company.o2c_late_minimum = 200
        self.company.o2c_late_fixed = False
        self.late_invoice()
        self.refresh()
        self.assertFalse(self.propose(until="2026-04-30"))
        charge = self.propose(until="2026-06-14")
        self.assertEqual(str(charge.date_from), "2026-04-01")

    def test_missing_rate_is_said_and_nothing_proposed(self):
        self.rates.search([("date_from", "=", "2026-01-01")]).unlink()
        self.late_invoice()
        self.refresh()
        self.assertFalse(self.propose())
        self.assertEqual(self.missing, {("ecb", self.day("2026-01-01"))})

    def test_zero_decimal_currency(self):
        yen = self.env.ref("base.JPY")
        yen.active = True
        self.late_invoice(1000000, currency_id=yen.id)
        charge = self.one()
        self.assertEqual(charge.currency_id, yen)
        self.assertEqual(charge.amount_interest, 16963)
        self.assertEqual(charge.amount_fixed % 1, 0)

    def test_proposing_again_changes_nothing_but_the_end(self):
        self.late_invoice()
        first = self.one(until="2026-04-30")
        again = self.one(until="2026-04-30")
        self.assertEqual(first, again)
        later = self.one()
        self.assertEqual(first, later)
        self.assertEqual(later.amount_interest, 169.63)
        self.assertEqual(len(later.line_ids), 1)

    def test_proposal_that_does_not_hold_any_more_is_cancelled(self):
        invoice = self.late_invoice()
        charge = self.one()
        self.paid(invoice, 10000, "2026-03-31")
        self.refresh()
        self.assertFalse(self.propose())
        self.assertEqual(charge.state, "cancelled")

    def test_proposal_of_an_item_that_is_excluded_later(self):
        invoice = self.late_invoice()
        charge = self.one()
        self.receivable_lines(invoice).no_followup = True
        self.propose()
        self.assertEqual(charge.state, "cancelled")

    @mute_logger("odoo.sql_db")
    def test_a_day_of_an_item_is_charged_once(self):
        self.late_invoice()
        charge = self.approve(self.one()) and self.found
        with self.assertRaises(IntegrityError), self.env.cr.savepoint():
            charge.copy({"state": "proposed"})
            self.env.flush_all()


@tagged("post_install", "-at_install", "o2c_late_charge")
class TestLateChargeChange(LateChargeCommon):
    """What changes after it was charged."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.late = cls.late_invoice()

    def setUp(self):
        super().setUp()
        self.refresh()
        self.first = self.propose(until="2026-04-30")
        self.bill = self.approve(self.first)

    def test_periods_follow_each_other(self):
        charge = self.propose()
        self.assertEqual(str(charge.date_from), "2026-05-01")
        self.assertEqual(charge.amount_fixed, 0)
        self.assertEqual(
            round(self.first.amount_interest + charge.amount_interest, 2), 169.63
        )

    def test_payment_backdated(self):
        self.paid(self.late, 10000, "2026-04-15")
        charge = self.propose()
        # 15 days less
        self.assertEqual(charge.amount_correction, -41.71)
        self.assertEqual((charge.amount_interest, charge.amount_fixed), (0, 0))
        credit = self.approve(charge)
        self.assertEqual((credit.move_type, credit.amount_total), ("out_refund", 41.71))
        with self.assertRaises(UserError):
            charge._waive("Why not")

    def test_payment_in_time_after_all_gives_everything_back(self):
        self.paid(self.late, 10000, "2026-03-31")
        charge = self.propose()
        self.assertEqual(charge.amount_total, -self.first.amount_total)
        with self.assertRaises(UserError):
            charge.sudo()._waive("Keep it")

    def test_unreconciled(self):
        payment = self.paid(self.late, 10000, "2026-04-15")
        self.match(self.bill, self.approve(self.propose()))
        self.receivable_lines(payment).remove_move_reconcile()
        payment.action_draft()
        charge = self.propose(until="2026-06-14")
        self.assertEqual(charge.amount_correction, round(41.71 + 86.21, 2))

    def test_rate_corrected(self):
        self.rates.search(
            [("series", "=", "ecb"), ("date_from", "=", "2026-01-01")]
        ).rate = 1.15
        charge = self.propose()
        self.assertEqual(charge.amount_correction, -8.21)  # 83.42 - 75.21
        self.assertEqual(charge.line_ids.rate, 9.15)

    def test_invoice_cancelled_afterwards(self):
        self.late.button_draft()
        self.late.button_cancel()
        charge = self.propose()
        self.assertEqual(charge.amount_total, -self.first.amount_total)

    def test_never_interest_on_interest(self):
        self.bill.line_ids.filtered(
            lambda l: l.account_id == self.receivable
        ).date_maturity = "2026-04-02"
        self.refresh()
        self.assertEqual(self.propose().move_id, self.late)

    def test_waived_days_are_not_proposed_again(self):
        charge = self.propose()
        charge.sudo()._waive("Goodwill")
        self.assertEqual((charge.state, charge.reason), ("waived", "Goodwill"))
        later = self.propose(until="2026-06-14")
        self.assertEqual(str(later.date_from), "2026-06-01")
        self.assertEqual((later.amount_correction, later.amount_fixed), (0, 0))

    def test_taken_back_with_its_invoice(self):
        with self.assertRaises(UserError):
            self.first.sudo().action_cancel()
        self.bill.button_draft()
        with self.assertRaises(UserError):
            self.first.sudo().action_cancel()
        self.bill.button_cancel()
        self.first.sudo().action_cancel()
        charge = self.propose()
        self.assertEqual(str(charge.date_from), "2026-04-01")
        self.assertEqual(charge.amount_fixed, 80)

    def test_the_rule_follows_the_country_until_it_is_charged_by(self):
        company = self.env["res.company"].sudo().create({"name": "Wanders"})
        for code, scheme in (("DE", "de"), ("FR", "fr")):
            company.country_id = self.env.ref(f"base.{code.lower()}")
            self.assertEqual(company.o2c_late_scheme, scheme)
        company.o2c_late_charges = True
        company.country_id = self.env.ref("base.de")
        self.assertEqual(company.o2c_late_scheme, "fr")
