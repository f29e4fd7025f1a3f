import doctest

from freezegun import freeze_time
from psycopg2.errors import UniqueViolation

from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..domain import credits as credit_rules
from .portal_common import PortalCommon


@tagged("post_install", "-at_install")
class TestPay(PortalCommon):
    """Money pays what was chosen, to the cent, and is booked once."""

    def residuals(self, *moves):
        return [move.amount_residual for move in moves]

    def test_parts_are_paid_exactly_as_chosen(self):
        first, second = self.invoice(100), self.invoice(300)
        remittance = self.choose({first: 40, second: 110.01})
        self.assertEqual(remittance.amount_total, 150.01)
        payment = self.pay(remittance).payment_id
        self.assertEqual(self.residuals(first, second), [60, 189.99])
        self.assertEqual(payment.amount, 150.01)
        self.assertTrue(payment.is_reconciled)

    def test_a_webhook_that_comes_again_books_nothing_more(self):
        invoice = self.invoice(100)
        transaction = self.pay(self.choose({invoice: None}))
        payment = transaction.payment_id
        transaction._set_done()
        transaction._post_process()
        self.assertEqual(transaction.payment_id, payment)
        payments = self.env["account.payment"].search(
            [("payment_transaction_id", "=", transaction.id)]
        )
        self.assertEqual((payments, invoice.amount_residual), (payment, 0))

    def test_webhooks_out_of_order_change_nothing_that_is_done(self):
        invoice = self.invoice(100)
        transaction = self.pay(self.choose({invoice: None}))
        with mute_logger("odoo.addons.payment.models.payment_transaction"):
            for late in (
                transaction._set_pending,
                lambda: transaction._set_error("Late"),
                transaction._set_canceled,
                transaction._set_done,
            ):
                late()
                transaction._post_process()
        self.assertEqual((transaction.state, invoice.amount_residual), ("done", 0))
        self.assertEqual(self.resting(), 0)
        payments = self.env["account.payment"].search(
            [("payment_transaction_id", "=", transaction.id)]
        )
        self.assertEqual(payments, transaction.payment_id)

    def test_money_that_comes_days_later_is_booked_or_asked_for_again(self):
        invoice = self.invoice(100, date="2026-05-01", due="2026-05-02")
        remittance = self.choose({invoice: 60})
        transaction = self.transaction(remittance)
        transaction._set_pending()
        transaction._post_process()
        self.assertEqual((self.resting(), invoice.amount_residual), (60, 100))
        with freeze_time("2026-06-30 12:00:00"):
            self.assertEqual(self.resting(), 0, "nobody waits for ever")
            transaction._set_error("No cover")
            transaction._post_process()
            self.assertFalse(transaction.payment_id)
            transaction._set_done()  # the bank had one more try
            transaction._post_process()
            self.assertEqual((self.resting(), invoice.amount_residual), (0, 40))

    @mute_logger("odoo.sql_db")
    def test_the_database_itself_refuses_to_book_money_twice(self):
        payment = self.pay(self.choose({self.invoice(100): None})).payment_id
        self.assertEqual(payment.o2c_transaction_id, payment.payment_transaction_id)
        self.assertFalse(payment.copy().o2c_transaction_id)
        with self.assertRaises(UniqueViolation), self.env.cr.savepoint():
            self.payment(100, o2c_transaction_id=payment.o2c_transaction_id.id)

    def test_what_was_paid_meanwhile_stays_as_credit(self):
        first, second = self.invoice(100), self.invoice(50)
        remittance = self.choose({first: None, second: None})
        self.match(first, self.payment(70))
        payment = self.pay(remittance).payment_id
        self.assertEqual(self.residuals(first, second), [0, 0])
        self.assertEqual(payment.amount, 150)
        self.assertEqual(remittance._unapplied_of_payment(), 70)

    def test_two_attempts_that_both_pay_lose_no_money(self):
        invoice = self.invoice(100)
        remittance = self.choose({invoice: None})
        twice = [self.transaction(remittance), self.transaction(remittance)]
        for transaction in twice:
            transaction._set_done()
            transaction._post_process()
        self.assertEqual([t.payment_id.amount for t in twice], [100, 100])
        self.assertEqual(invoice.amount_residual, 0)
        [totals] = self.account()._portal_totals()
        self.assertEqual((totals["balance"], totals["unapplied"]), (-100, 100))

    def test_a_part_that_is_captured_pays_for_what_was_chosen(self):
        invoice = self.invoice(100)
        remittance = self.choose({invoice: None})
        source = self.transaction(remittance)
        source._set_pending()
        part = source._create_child_transaction(60)
        part._set_done()
        part._post_process()
        self.assertEqual(invoice.amount_residual, 40)
        self.assertEqual(part.payment_id.amount, 60)

    def test_own_credits_are_used_for_what_is_paid_in_full(self):
        invoice, other = self.invoice(100), self.invoice(80)
        credit = self.credit_note(30)
        remittance = self.choose({invoice: None, other: 20}, credits=[credit])
        self.assertEqual(remittance.amount_total, 90)
        self.pay(remittance)
        self.assertEqual(self.residuals(invoice, other, credit), [0, 60, 0])

    def test_a_part_is_paid_by_credits_that_it_uses_up(self):
        invoice, small, big = (
            self.invoice(100),
            self.credit_note(30),
            self.credit_note(60),
        )
        with self.assertRaisesRegex(UserError, "worth more"):
            self.choose({invoice: 50}, credits=[big])
        remittance = self.choose({invoice: 50}, credits=[small])
        self.assertEqual(remittance.amount_total, 20)
        self.pay(remittance)
        self.assertEqual(self.residuals(invoice, small, big), [50, 0, 60])

    def test_credits_that_cover_everything_settle_it_once(self):
        first, part = self.invoice(100), self.invoice(80)
        big, small = self.credit_note(100), self.credit_note(20)
        remittance = self.choose({part: 20, first: None}, credits=[big, small])
        self.assertEqual(remittance.amount_total, 0)
        self.assertEqual(remittance._state_of_payment(), "new")
        for _turn in range(2):
            remittance._settle_by_credits(self.user_a.partner_id)
            self.assertEqual(self.residuals(first, part, big, small), [0, 60, 0, 0])
        self.assertEqual(remittance._state_of_payment(), "done")
        note = self.account().message_ids[0]
        self.assertEqual(note.author_id, self.user_a.partner_id)
        self.assertIn(small.name, note.body)

    def test_of_a_credit_that_is_worth_more_the_rest_stays(self):
        invoice, credit = self.invoice(100), self.credit_note(130)
        remittance = self.choose({invoice: None}, credits=[credit])
        remittance._settle_by_credits(self.user_a.partner_id)
        self.assertEqual(self.residuals(invoice, credit), [0, 30])

    def test_credits_settle_nothing_that_changed_or_needs_money(self):
        invoice, credit = self.invoice(100), self.credit_note(100)
        remittance = self.choose({invoice: None}, credits=[credit])
        self.match(invoice, self.payment(1))
        with self.assertRaisesRegex(UserError, "paid meanwhile"):
            remittance._settle_by_credits(self.user_a.partner_id)
        with_money = self.choose({self.invoice(101): None}, credits=[credit])
        with self.assertRaisesRegex(UserError, "paid meanwhile"):
            with_money._settle_by_credits(self.user_a.partner_id)
        self.assertEqual(self.residuals(invoice, credit), [99, 100])

    def test_what_has_a_discount_is_paid_with_money(self):
        invoice, credit = self.discounted(100), self.credit_note(10)
        remittance = self.choose({invoice: 98}, credits=[credit])
        self.assertEqual(remittance.amount_total, 98)
        self.pay(remittance)
        self.assertEqual(self.residuals(invoice, credit), [0, 10])

    def test_the_shares_of_credits(self):
        self.assertEqual(doctest.testmod(credit_rules).failed, 0)

    def test_items_rest_while_money_is_under_way_and_no_longer(self):
        invoice = self.invoice(100, date="2026-05-01", due="2026-05-02")
        remittance = self.choose({invoice: 60})
        self.assertEqual(self.resting(), 0)
        transaction = self.transaction(remittance)
        transaction._set_pending()
        self.assertEqual(self.resting(), 60)
        transaction._set_error("Declined")
        self.assertEqual(self.resting(), 0)
        again = self.transaction(remittance)
        again._set_pending()
        self.assertEqual(self.resting(), 60)
        again._set_done()
        again._post_process()
        self.assertEqual((self.resting(), invoice.amount_residual), (0, 40))

    def resting(self):
        self.env.flush_all()
        return sum(self.account()._portal_items().mapped("amount_in_transit"))

    def test_a_choice_is_checked(self):
        invoice = self.invoice(100)
        stranger = self.invoice(100, partner=self.other_customer)
        for amount in (-1, 0, 100.01):
            with self.subTest(amount), self.assertRaisesRegex(UserError, "at most"):
                self.choose({invoice: amount})
        with self.assertRaisesRegex(UserError, "at least one"):
            self.choose({stranger: None})
        mixed = self.choose({invoice: 1, stranger: 1})
        self.assertEqual(mixed.line_ids.move_line_id.move_id, invoice)

    def test_one_form_is_one_choice(self):
        invoice = self.invoice(100)
        first = self.choose({invoice: 10}, key="same")
        self.assertEqual(self.choose({invoice: 10}, key="same"), first)
        self.assertNotEqual(self.choose({invoice: 10}, key="other"), first)
        changed = self.choose({invoice: 9}, key="same")
        self.assertEqual((first.amount_total, changed.amount_total), (10, 9))

    def test_yen_have_no_decimals(self):
        yen = self.setup_other_currency("JPY", rates=[("2016-01-01", 100.0)])
        invoice = self.invoice(5001, currency_id=yen.id)
        other = self.invoice(10)
        with self.assertRaisesRegex(UserError, "one currency"):
            self.choose({invoice: None, other: None})
        self.provider.available_currency_ids = False
        remittance = self.choose({invoice: 2000.4})
        self.assertEqual(remittance.amount_total, 2000)
        self.pay(remittance)
        self.assertEqual(invoice.amount_residual, 3001)

    def test_what_is_left_out_on_purpose_becomes_a_deduction(self):
        invoice, later = self.invoice(100), self.invoice(50)
        reason = self.env["o2c.dispute.reason"].search(
            [("kind", "!=", "dispute"), ("child_ids", "=", False)], limit=1
        )
        remittance = self.account()._take_payment_choice(
            "key1",
            {self.line(invoice): 97, self.line(later): 20},
            set(),
            self.user_a.partner_id,
            {self.line(invoice): reason.id},
        )
        disputes = self.env["o2c.dispute"]
        domain = [("move_id", "in", (invoice | later).ids)]
        self.assertFalse(disputes.search(domain))
        transaction = self.pay(remittance)
        transaction._post_process()
        [deduction] = disputes.search(domain)
        self.assertEqual((deduction.move_id, deduction.amount), (invoice, 3))
        self.assertEqual((deduction.kind, deduction.reason_id), ("deduction", reason))

    def test_each_invoice_has_its_own_early_discount(self):
        first, second, plain = (
            self.discounted(100),
            self.discounted(50),
            self.invoice(7),
        )
        remittance = self.choose({first: 98, second: None, plain: None})
        self.assertEqual(remittance.amount_total, 98 + 49 + 7)
        payment = self.pay(remittance).payment_id
        self.assertEqual(self.residuals(first, second, plain), [0, 0, 0])
        self.assertEqual(payment.amount, 154)
        lost = payment.move_id.line_ids.filtered(
            lambda line: line.account_id.account_type in ("expense", "income_other")
        )
        self.assertEqual(sum(lost.mapped("balance")), 3)

    def test_a_discount_that_is_over_or_not_whole_is_none(self):
        invoice = self.discounted(100)
        part = self.choose({invoice: 50}, key="part")
        self.assertEqual(part.line_ids.amount_discount, 0)
        whole = self.choose({invoice: 98}, key="whole")
        self.assertEqual(whole.line_ids.amount_discount, 2)
        self.assertTrue(whole._is_still_right())
        with freeze_time("2026-06-26 12:00:00"):
            self.assertFalse(whole._is_still_right())
            late = self.choose({invoice: None}, key="late")
            self.assertEqual(late.amount_total, 100)

    def test_a_choice_that_no_longer_fits_is_known(self):
        invoice = self.invoice(100)
        remittance = self.choose({invoice: None})
        self.assertTrue(remittance._is_still_right())
        self.match(invoice, self.payment(1))
        self.assertFalse(remittance._is_still_right())
