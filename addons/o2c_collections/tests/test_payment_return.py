from psycopg2 import IntegrityError

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

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
                **self.money.action_o2c_return()["context"]
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

    def bank_line(self, amount, days, *moves, partner=None):
        """Money on a bank transaction alone, matched with invoices."""
        partner = partner or self.customer
        line = self.env["account.bank.statement.line"].create(
            {
                "payment_ref": "money",
                "journal_id": self.company_data["default_journal_bank"].id,
                "amount": amount,
                "date": self.on(days),
                "partner_id": partner.id,
            }
        )
        quiet = line.with_context(skip_account_move_synchronization=True)
        _liquidity, taken, _other = quiet._seek_for_lines()
        taken.account_id = self.receivable
        for move in moves:
            (taken + self.receivable_lines(move)).reconcile()
        return line

    def from_account(self, partner=None, **values):
        """The dialog as opened from the customer account."""
        self.refresh()
        context = self.debtor(partner).action_payment_return()["context"]
        model = self.env["o2c.payment.return"].with_context(**context)
        return model.create(values)

    def test_from_the_account_it_offers_what_came_in_and_was_not_returned(self):
        bank = self.bank_line(30, 0)
        self.payment(5, partner=self.new_debtor("Other"))
        wizard = self.from_account()
        self.assertEqual(wizard.offered_ids, bank.move_id | self.money.move_id)
        self.assertEqual((wizard.move_id, wizard.amount), (bank.move_id, 30))
        wizard.action_return()
        wizard = self.from_account()
        self.assertEqual(wizard.offered_ids, self.money.move_id)

    def test_money_that_only_the_bank_line_knows_comes_back(self):
        invoice = self.late(40, days=8)
        bank = self.bank_line(40, -1, invoice)
        self.assertFalse(self.open_items())
        wizard = self.from_account(
            move_id=bank.move_id.id, fee=3, fee_account_id=self.expense.id
        )
        wizard.action_return()
        [item] = self.open_items()
        self.assertEqual((item.move_id, item.amount_residual), (invoice, 40))
        self.assertTrue(bank.is_reconciled, "the bank's line stays as it was matched")
        entry = bank.move_id.reversal_move_ids
        self.assertEqual(
            (entry.state, entry.commercial_partner_id.name), ("posted", "Bolt")
        )
        awaited = entry.line_ids.filtered(lambda x: x.account_id != self.receivable)
        self.assertEqual(awaited.balance, -40)
        self.assertTrue(awaited.account_id.reconcile, "it waits for the bank's line")
        fee = self.env["account.move.line"].search(
            [("account_id", "=", awaited.account_id.id), ("balance", "=", -3)]
        )
        self.assertEqual(fee.parent_state, "posted")
        self.assertIn("Payment returned", self.debtor().activity_ids.summary)
        with self.assertRaises(UserError):
            self.from_account(move_id=bank.move_id.id).action_return()
        self.assert_resting_is_right()

    def test_of_a_bank_line_of_many_only_his_part_comes_back(self):
        other = self.new_debtor("Other")
        mine, his = self.late(40, days=8), self.late(60, days=8, partner=other)
        bank = self.bank_line(100, -1)
        quiet = bank.move_id.with_context(skip_account_move_synchronization=True)
        [both] = quiet.line_ids.filtered(lambda x: x.account_id == self.receivable)
        quiet.button_draft()
        part = both.copy_data()[0] | {"balance": -60, "amount_currency": -60}
        part |= {"partner_id": other.id, "move_id": quiet.id}
        less = {"balance": -40, "amount_currency": -40}
        quiet.line_ids = [Command.update(both.id, less), Command.create(part)]
        quiet.action_post()
        [taken] = quiet.line_ids.filtered(lambda x: x.balance == -40)
        (taken + self.receivable_lines(mine)).reconcile()
        self.from_account(move_id=bank.move_id.id).action_return()
        self.assertEqual(self.residuals(), [40])
        # What the other paid with it is not matched with the return of the first.
        self.assertEqual(sorted(self.residuals(partner=other)), [-60, 60])
        [part] = quiet.line_ids.filtered(lambda x: x.balance == -60)
        (part + self.receivable_lines(his)).reconcile()
        self.from_account(other, move_id=bank.move_id.id).action_return()
        self.assertEqual(self.residuals(partner=other), [60])
        self.assert_resting_is_right()

    def test_the_match_with_the_bank_stays(self):
        outstanding = self.money.outstanding_account_id
        [seen] = self.money.move_id.line_ids.filtered(
            lambda line: line.account_id == outstanding
        )
        bank = self.bank_line(100, 0)
        quiet = bank.move_id.with_context(skip_account_move_synchronization=True)
        [other] = quiet.line_ids.filtered(lambda x: x.account_id == self.receivable)
        other.account_id = outstanding
        (other + seen).reconcile()
        self.take_back()
        self.assertTrue(seen.reconciled and other.reconciled)
        self.assertEqual(seen._all_reconciled_lines(), seen + other)
        [awaited] = self.money.move_id.reversal_move_ids.line_ids.filtered(
            lambda line: line.account_id == outstanding
        )
        self.assertEqual(awaited.amount_residual, -100)
        self.assertEqual(self.residuals(), [100])

    def test_what_the_bank_never_saw_is_settled_by_the_return(self):
        self.take_back()
        moves = self.money.move_id + self.money.move_id.reversal_move_ids
        self.assertEqual(set(moves.line_ids.mapped("amount_residual")), {0})
        self.assertEqual(self.residuals(), [100])

    def test_the_plan_goes_on_at_the_level_that_was_reached(self):
        self.take_back()
        self.chase()
        self.assertEqual(self.standing(), (1, 1))
        with self.on_day(1):
            self.money = self.paid_in(100, 1, self.paid)
            self.chase()
            self.assertEqual(self.standing(), (1, 0))
        with self.on_day(5):
            self.take_back()
            self.chase()
            self.assertEqual(self.standing(), (1, 1))
        with self.on_day(8):
            self.chase()
        self.assertEqual(
            [a.level for a in self.actions(("state", "=", "done"))], [1, 2]
        )

    def test_what_was_not_late_then_begins_at_the_first_level(self):
        self.take_back()
        self.chase()
        with self.on_day(1):
            self.paid_in(100, 1, self.paid)
            fresh = self.late(50, days=-3)
            self.money = self.paid_in(50, 1, fresh)
            self.chase()
        with self.on_day(10):
            self.take_back()
            self.chase()
            self.assertEqual(self.standing(), (2, 1))

    def test_a_second_return_is_refused_by_the_key(self):
        self.take_back()
        entry = self.money.move_id.reversal_move_ids
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError):
            entry.copy({"o2c_returned_move_id": self.money.move_id.id})

    def test_it_takes_the_right_to_post(self):
        with self.assertRaises(AccessError):
            self.take_back(user=self.collector)
        self.assertFalse(self.open_items())
