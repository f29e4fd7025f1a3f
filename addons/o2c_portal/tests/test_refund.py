from odoo.tests import tagged

from .portal_common import PortalCommon


@tagged("post_install", "-at_install")
class TestRefund(PortalCommon):
    """What is given back is open again, to the cent; what is not stays settled."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.old = cls.invoice(100, date="2026-05-01")
        cls.new = cls.invoice(50, date="2026-06-01")

    def refund(self, source, amount):
        child = source._create_child_transaction(amount, is_refund=True)
        child._set_done()
        child._post_process()
        return child

    def residuals(self, *moves):
        return [move.amount_residual for move in moves]

    def assert_conserved(self, *transactions, discount=0):
        """Money in less money back is what items and credits took of it."""
        lines = transactions[0].payment_id._o2c_receivable_lines()
        for transaction in transactions[1:]:
            lines |= transaction.payment_id._o2c_receivable_lines()
        self.assertEqual(
            -sum(lines.mapped("amount_currency")),
            sum(transaction.amount for transaction in transactions) + discount,
        )
        back = lines.filtered(lambda line: line.balance > 0)
        self.assertEqual(sum(back.mapped("amount_residual")), 0)

    def test_all_of_it_is_open_again(self):
        paid = self.pay(self.choose({self.old: None, self.new: None}))
        back = self.refund(paid, 150)
        self.assertEqual(self.residuals(self.old, self.new), [100, 50])
        self.assertEqual(self.old.payment_state, "not_paid")
        self.assertTrue(back.payment_id.is_reconciled)
        self.assert_conserved(paid, back)
        [totals] = self.account()._portal_totals()
        self.assertEqual((totals["balance"], totals["unapplied"]), (150, 0))
        note = self.account().message_ids[0].body
        self.assertIn(self.old.name, note)

    def test_a_part_opens_what_fell_due_last(self):
        paid = self.pay(self.choose({self.old: None, self.new: None}))
        first = self.refund(paid, 30.01)
        self.assertEqual(self.residuals(self.old, self.new), [0, 30.01])
        second = self.refund(paid, 40)
        self.assertEqual(self.residuals(self.old, self.new), [20.01, 50])
        third = self.refund(paid, 79.99)
        self.assertEqual(self.residuals(self.old, self.new), [100, 50])
        self.assert_conserved(paid, first, second, third)

    def test_unapplied_money_goes_first(self):
        choice = self.choose({self.old: None, self.new: None})
        self.match(self.old, self.payment(60))
        paid = self.pay(choice)
        self.assertEqual(choice._unapplied_of_payment(), 60)
        back = self.refund(paid, 70)
        self.assertEqual(self.residuals(self.old, self.new), [0, 10])
        self.assertEqual(choice._unapplied_of_payment(), 0)
        self.assert_conserved(paid, back)

    def test_a_discount_that_was_granted_stays(self):
        cut = self.discounted(100)
        paid = self.pay(self.choose({cut: None, self.old: None}))
        self.assertEqual(paid.amount, 198)
        first = self.refund(paid, 48)
        self.assertEqual(self.residuals(cut, self.old), [48, 0])
        second = self.refund(paid, 150)
        self.assertEqual(self.residuals(cut, self.old), [98, 100])
        self.assert_conserved(paid, first, second, discount=2)

    def test_a_foreign_currency_is_given_back_to_the_cent(self):
        money = self.setup_other_currency("CHF", rates=[("2016-01-01", 3.0)])
        first = self.invoice(100, currency_id=money.id)
        second = self.invoice(33.33, currency_id=money.id)
        paid = self.pay(self.choose({first: None, second: 11.11}))
        back = self.refund(paid, 50)
        self.assertEqual(first.amount_residual + second.amount_residual, 72.22)
        self.assert_conserved(paid, back)
        last = self.refund(paid, 61.11)
        self.assertEqual(self.residuals(first, second), [100, 33.33])
        self.assert_conserved(paid, back, last)

    def test_told_of_again_or_first_it_is_booked_once(self):
        choice = self.choose({self.old: None})
        paid = self.transaction(choice)
        paid._set_done()
        back = self.refund(paid, 40)
        self.assertEqual(self.old.amount_residual, 40)
        payments = paid.payment_id | back.payment_id
        for transaction in (paid, back, back):
            transaction._post_process()
        self.assertEqual(paid.payment_id | back.payment_id, payments)
        self.assertEqual((len(payments), self.old.amount_residual), (2, 40))

    def test_what_was_not_paid_on_the_page_is_core_s(self):
        other = self.transaction(self.choose({self.old: None}), o2c_remittance_id=False)
        other._set_done()
        other._post_process()
        back = self.refund(other, 100)
        self.assertFalse(back.payment_id.o2c_transaction_id)
        self.assertFalse(back.payment_id.is_reconciled)
