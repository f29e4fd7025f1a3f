from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

from .promise_common import PromiseCommon


@tagged("post_install", "-at_install")
class TestPaymentReturn(PromiseCommon):
    """One gesture when the bank takes a payment back."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.paid = cls.late(100, days=9)
        cls.expense = cls.company_data["default_account_expense"]

    def setUp(self):
        super().setUp()
        self.money = self.paid_in(100, -1, self.paid)

    def take_back(self, user=None, **values):
        payment = self.money.with_user(user or self.env.user)
        context = payment.action_o2c_return()["context"]
        model = self.env["o2c.payment.return"].with_user(user or self.env.user)
        wizard = model.with_context(**context).create(values)
        wizard.action_return()
        return wizard

    def test_its_invoices_are_open_again_at_their_true_age(self):
        self.assertFalse(self.open_items())
        self.assertIn(self.reason(), ("paid", "not_due"))
        self.take_back(reason="No <b>funds</b>")
        [item] = self.open_items()
        self.assertEqual((item.amount_residual, item.days_overdue), (100, 9))
        self.assertEqual(self.reason(), "due")
        debtor = self.debtor().with_env(self.engine)
        self.assertEqual(debtor.chase_reason, "due")
        self.assertIn("Payment returned", debtor.activity_ids.summary)
        self.assertIn("No &lt;b&gt;funds", debtor.message_ids[0].body)
        self.assert_resting_is_right()

    def test_the_fee_is_booked_and_charged_on(self):
        with Form(
            self.env["o2c.payment.return"].with_context(
                default_payment_id=self.money.id
            )
        ) as form:
            form.fee = 7.5
            form.fee_account_id = self.expense
            form.is_charged_on = True
        form.record.action_return()
        booked = self.env["account.move.line"].search(
            [("account_id", "=", self.expense.id), ("balance", "=", 7.5)]
        )
        self.assertEqual(booked.move_id.state, "posted")
        self.assertEqual(sorted(self.residuals()), [7.5, 100])
        self.assert_resting_is_right()

    def test_a_promise_that_it_had_kept_waits_for_money_again(self):
        invoice = self.late(50, days=5)
        promise = self.promise((7, 50), moves=[invoice])
        self.money = self.paid_in(50, 0, invoice)
        self.refresh()
        self.assertEqual(promise.amount_paid, 50)
        self.take_back()
        self.refresh()
        self.assertEqual(promise.amount_paid, 0)
        self.assertEqual(self.rested(), [(50, 0)])
        self.assert_resting_is_right()

    def test_what_makes_no_sense_is_refused(self):
        for values in (
            {"date": self.on(-5)},
            {"fee": -1},
            {"fee": 5},
        ):
            with self.subTest(values), self.assertRaises(UserError):
                self.take_back(**values)
        self.take_back()
        with self.assertRaises(UserError):
            self.take_back()

    def test_a_payment_of_nobody_comes_back_too(self):
        self.money = self.payment(10, partner_id=False)
        self.take_back()
        self.assertEqual(self.money.move_id.reversal_move_ids.state, "posted")

    def test_it_takes_the_right_to_post(self):
        with self.assertRaises(AccessError):
            self.take_back(user=self.collector)
        self.assertFalse(self.open_items())
