from unittest.mock import patch

from odoo.tests import tagged
from odoo.tools import mute_logger

from .wire_common import WireCommon


@tagged("post_install", "-at_install", "o2c_boundary")
class TestWireMatch(WireCommon):
    """Money that names a reference of ours pays what was chosen, and once."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.one, cls.two = cls.invoice(100), cls.invoice(50)

    def setUp(self):
        super().setUp()
        self.remittance = self.choose({self.one: 40, self.two: None})
        self.attempt = self.begin(self.remittance)
        self.reference = self.remittance._payment_reference_text()

    def bank_line(self, text=None, amount=90, **values):
        return self.env["account.bank.statement.line"].create(
            {
                "payment_ref": self.reference if text is None else text,
                "journal_id": self.dollars.id,
                "amount": amount,
                "date": "2026-06-14",
                **values,
            }
        )

    def match(self):
        """The job, at once."""
        self.env.flush_all()
        with self.enter_registry_test_mode():
            self.env.ref("o2c_portal.ir_cron_references").method_direct_trigger()
        self.env.invalidate_all()

    def tasks(self):
        return (
            self.account()
            .activity_ids.filtered(lambda a: a.summary == "Match a transfer by hand")
            .mapped("note")
        )

    def assert_left(self, line, why, money=False):
        self.match()
        self.assertEqual(line.o2c_reference_state, "left")
        self.assertFalse(line.is_reconciled or line.partner_id)
        self.assertIn(why, self.tasks()[-1])
        self.assertEqual(bool(self.attempt.payment_id), money)

    def test_it_pays_exactly_what_was_chosen(self):
        line = self.bank_line(f"SVWZ+{self.reference.lower()}/2026-06-14 thanks")
        self.assertEqual(line.o2c_reference_state, "waiting")
        self.match()
        self.assertEqual(line.o2c_reference_state, "matched")
        self.assertTrue(line.is_reconciled)
        self.assertEqual(line.partner_id, self.customer)
        self.assertEqual((self.one.amount_residual, self.two.amount_residual), (60, 0))
        payment = self.attempt.payment_id
        self.assertEqual((self.attempt.state, payment.amount), ("done", 90))
        self.assertEqual(str(payment.date), "2026-06-14", "the day of the bank")
        self.assertTrue(payment.is_matched)
        self.assertIn(payment.name, self.account().message_ids[0].body)
        self.assertFalse(self.tasks())
        self.match()
        self.assertEqual(self.one.amount_residual, 60)

    def test_the_text_is_found_in_the_details_of_the_bank_too(self):
        details = {"remittance": {"structured": self.reference}}
        line = self.bank_line("Transfer", transaction_details=details)
        self.match()
        self.assertEqual(line.o2c_reference_state, "matched")

    def test_nothing_is_recognised_in_other_words(self):
        wrong = self.reference[:2] + "00" + self.reference[4:]
        for text in ("", "INV/2026/00001", wrong, "RF18 5390 0754 7034"):
            self.assertFalse(self.bank_line(text).o2c_reference_state, text)
        back = self.bank_line(amount=-90)
        self.assertFalse(back.o2c_reference_state, "money that went back")

    def test_another_amount_is_left(self):
        self.assert_left(self.bank_line(amount=80), "80.00")
        self.assertEqual(self.attempt.state, "pending")

    def test_who_looks_after_the_customer_reads_it_in_his_language(self):
        self.env["res.lang"]._activate_lang("de_DE")
        reader = self.bank_line(amount=80)._o2c_reader()
        reader.lang = "de_DE"
        self.match()
        summaries = self.account().activity_ids.mapped("summary")
        self.assertIn("Eine Überweisung von Hand zuordnen", summaries)

    def test_another_currency_is_left(self):
        line = self.bank_line(journal_id=self.euros.id)
        self.assert_left(line, "came in, chosen was")

    def test_another_company_s_money_is_left(self):
        other = self.setup_other_company()
        line = self.bank_line(journal_id=other["default_journal_bank"].id)
        self.assertEqual(line.company_id, other["company"])
        self.assert_left(line, "another company")
        self.assertNotIn(line.move_id.name, self.tasks()[-1])

    def test_a_second_transfer_with_the_reference_is_left(self):
        first, second = self.bank_line(), self.bank_line()
        self.assert_left(second, "came in before", money=True)
        self.assertEqual(first.o2c_reference_state, "matched")
        self.assertEqual(self.one.amount_residual, 60)

    def test_what_a_person_has_confirmed_is_matched_and_not_booked_twice(self):
        self.attempt._set_done()
        self.attempt._post_process()
        payment = self.attempt.payment_id
        line = self.bank_line()
        self.match()
        self.assertTrue(line.is_reconciled and payment.is_matched)
        self.assertEqual(self.attempt.payment_id, payment)
        self.assertEqual(self.one.amount_residual, 60)
        payments = self.env["account.payment"]
        found = payments.search_count([("partner_id", "=", self.customer.id)])
        self.assertEqual(found, 1)

    def test_confirming_it_afterwards_books_nothing(self):
        self.bank_line()
        self.match()
        payment = self.attempt.payment_id
        self.attempt._set_done()
        self.attempt._post_process()
        self.assertEqual(self.attempt.payment_id, payment)
        self.assertEqual(self.one.amount_residual, 60)

    def test_what_was_called_off_or_paid_otherwise_is_left(self):
        self.attempt._set_canceled()
        self.assert_left(self.bank_line(), "No transfer is awaited")
        self.pay(self.remittance)
        self.assert_left(self.bank_line(), "in another way")

    def test_a_line_that_is_taken_away_is_matched_anew(self):
        line = self.bank_line()
        self.match()
        line.action_undo_reconciliation()
        self.match()
        self.assertFalse(line.is_reconciled, "a person has undone it")
        line.unlink()
        payment = self.attempt.payment_id
        self.assertEqual((payment.is_matched, self.two.amount_residual), (False, 0))
        again = self.bank_line()
        self.match()
        self.assertTrue(again.is_reconciled)
        self.assertEqual(self.attempt.payment_id, payment)

    def test_what_a_person_works_on_is_left_alone(self):
        line = self.bank_line()
        quiet = line.with_context(skip_account_move_synchronization=True)
        quiet._seek_for_lines()[1].account_id = self.receivable
        self.match()
        self.assertEqual(line.o2c_reference_state, "left")
        self.assertEqual(self.attempt.state, "pending")

    def test_money_in_a_foreign_currency_pays_in_it(self):
        invoice = self.invoice(30, currency_id=self.euro.id)
        remittance = self.choose({invoice: None}, key="key2")
        attempt = self.begin(remittance)
        reference = remittance._payment_reference_text()
        line = self.bank_line(reference, amount=30, journal_id=self.euros.id)
        self.match()
        self.assertTrue(line.is_reconciled and attempt.payment_id.is_matched)
        self.assertEqual(invoice.amount_residual, 0)

    def test_without_an_outstanding_account_nothing_is_booked(self):
        ways = self.dollars.inbound_payment_method_line_ids
        ways.payment_account_id = self.dollars.default_account_id
        self.assert_left(self.bank_line(), "where nothing can be matched")
        self.assertEqual(
            (self.attempt.state, self.one.amount_residual), ("pending", 100)
        )

    def test_what_fails_stops_nothing_else(self):
        broken, fine = self.bank_line("x" + self.reference), self.bank_line()
        lines = type(fine)
        match = lines._o2c_match

        def failing(line):
            if line.id == broken.id:
                raise ZeroDivisionError
            return match(line)

        with (
            patch.object(lines, "_o2c_match", failing),
            mute_logger("odoo.addons.o2c_base.tools.transaction"),
        ):
            self.match()
        self.assertEqual(broken.o2c_reference_state, "left")
        self.assertEqual(fine.o2c_reference_state, "matched")

    def test_money_without_references_costs_no_query_more(self):
        lines = self.env["account.bank.statement.line"]
        found = self.bank_line("Rent")
        with self.assertQueryCount(0):
            found._o2c_recognise()
        self.assertFalse(lines.search([("o2c_reference_state", "!=", False)]))
