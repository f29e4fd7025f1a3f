from odoo.exceptions import UserError
from odoo.tests import tagged

from .dispute_common import DisputeCommon


@tagged("post_install", "-at_install", "o2c_dispute")
class TestDisputeBooks(DisputeCommon):
    """What disputes do to the books, and what the books do to disputes."""

    def assert_collectable(self, *amounts):
        found = [figures[2] for figures in self.figures()]
        self.assertEqual(found, list(amounts))

    # Accepted

    def test_all_of_an_invoice_is_credited_through_the_reversal_wizard(self):
        invoice = self.taxed(100, 50)
        dispute = self.dispute(invoice)
        self.end(dispute, "credit")
        credit = dispute.credit_move_id
        self.assertEqual(credit.reversed_entry_id, invoice)
        self.assertEqual((credit.state, dispute.state), ("draft", "open"))
        self.assertEqual(dispute.outcome, "credit")
        self.assert_collectable(0)
        credit.action_post()
        self.assertEqual(dispute.state, "accepted")
        self.assertEqual(invoice.amount_residual, 0)
        self.assert_collectable()

    def test_a_part_is_credited_with_its_share_of_tax_to_the_cent(self):
        for amount in (0.01, 0.02, 10, 33.33, 77.77, 100.01, 297.49):
            with self.subTest(amount=amount):
                invoice = self.taxed(100, 50)
                self.assertEqual(invoice.amount_total, 297.5)
                dispute = self.dispute(invoice, amount)
                self.end(dispute, "credit")
                credit = dispute.credit_move_id
                self.assertAlmostEqual(credit.amount_total, amount, 2)
                self.assertAlmostEqual(credit.amount_tax, amount * 19 / 119, 1)
                self.assertFalse(credit.invoice_line_ids.product_id)
                credit.action_post()
                self.assertEqual(dispute.state, "accepted")
                self.assertAlmostEqual(invoice.amount_residual, 297.5 - amount, 2)

    def test_a_disputed_line_is_credited_as_it_was_billed(self):
        invoice = self.taxed(100, 50)
        line = invoice.invoice_line_ids[1]
        dispute = self.dispute(
            invoice, line_ids=[(0, 0, {"move_line_id": line.id, "amount": 178.5})]
        )
        self.end(dispute, "credit")
        [credited] = dispute.credit_move_id.invoice_line_ids
        self.assertEqual(credited.name, "Line 1")
        self.assertEqual((credited.quantity, credited.price_unit), (3, 50))
        self.assertEqual(dispute.credit_move_id.amount_total, 178.5)

    def test_a_compromise_chases_the_rest_at_once(self):
        invoice = self.late(1000, days=20)
        dispute = self.dispute(invoice, 400)
        self.end(dispute, "credit", 100)
        self.assertEqual(dispute.outcome, "compromise")
        self.assertEqual(self.figures(), [(1000, 100, 900)])
        dispute.credit_move_id.action_post()
        self.assertEqual(dispute.state, "accepted")
        self.assertEqual(self.figures(), [(900, 0, 900)])

    def test_an_edited_credit_note_says_what_was_accepted(self):
        invoice = self.late(1000, days=20)
        dispute = self.dispute(invoice, 400)
        for amount, accepted, outcome in (
            (100, 100, "compromise"),
            (250, 250, "compromise"),
            (400, 400, "credit"),
            (500, 400, "credit"),
        ):
            with self.subTest(amount):
                if not dispute.outcome:
                    self.end(dispute, "credit", 300)
                credit = dispute.credit_move_id
                credit.invoice_line_ids.price_unit = amount
                credit.action_post()
                self.assertRecordValues(
                    dispute,
                    [
                        {
                            "state": "accepted",
                            "amount_accepted": accepted,
                            "outcome": outcome,
                        }
                    ],
                )
                self.assert_collectable(1000 - amount)
                credit.button_draft()
                self.assertEqual(dispute.state, "open")
        credit.action_post()

    def test_nothing_and_too_much_cannot_be_accepted(self):
        dispute = self.dispute(self.late(100, days=20), 50)
        for amount in (-1, 0, 0.001, 51):
            with self.subTest(amount=amount), self.assertRaises(UserError):
                self.end(dispute, "credit", amount)
        self.assertFalse(dispute.outcome)

    def test_a_collector_decides_and_an_accountant_makes_the_entry(self):
        accountant = self.new_user("disp_clerk", "account.group_account_invoice")
        dispute = self.dispute(self.late(100, days=20), 50, user=self.collector)
        self.end(dispute, "credit")
        self.assertFalse(dispute.credit_move_id)
        self.assertTrue(dispute.needs_entry)
        users = dispute.sudo().activity_ids.user_id
        self.assertTrue(users.has_group("account.group_account_invoice"))
        with self.assertRaises(UserError):
            dispute.action_settle()
        dispute.with_user(accountant).action_settle()
        dispute.credit_move_id.with_user(accountant).action_post()
        self.assertEqual(dispute.state, "accepted")
        self.assertFalse(dispute.sudo().activity_ids)

    def test_a_double_click_makes_one_credit_note(self):
        invoice = self.late(100, days=20)
        dispute = self.dispute(invoice, 50)
        self.end(dispute, "credit")
        with self.assertRaises(UserError):
            self.end(dispute, "credit")
        with self.assertRaises(UserError):
            self.end(dispute, "rejected", answer="No")
        with self.assertRaises(UserError):
            dispute.action_settle()
        credits = self.env["account.move"].search(
            [("reversed_entry_id", "=", invoice.id)]
        )
        self.assertEqual(len(credits), 1)

    def test_an_invoice_is_replaced(self):
        invoice = self.taxed(100, 50)
        dispute = self.dispute(invoice, 100)
        self.end(dispute, "replacement")
        self.assertEqual(dispute.state, "accepted")
        new = dispute.replacement_move_id
        self.assertEqual((new.state, new.amount_total), ("draft", 297.5))
        self.assertEqual(invoice.payment_state, "reversed")
        self.assertEqual(dispute.credit_move_id.reversed_entry_id, invoice)
        self.assert_collectable()

    # What happens meanwhile

    def test_an_invoice_credited_by_hand_closes_the_dispute(self):
        invoice = self.late(100, days=20)
        dispute = self.dispute(invoice, 30)
        self._reverse_invoice(invoice, post=True)
        self.assertEqual((dispute.state, dispute.outcome), ("accepted", "credit"))

    def test_a_partial_credit_note_by_hand_leaves_it_open(self):
        invoice = self.late(100, days=20)
        dispute = self.dispute(invoice, 30)
        self.match(invoice, self.credit_note(20))
        self.assertEqual(dispute.state, "open")
        self.assertEqual(self.figures(), [(80, 30, 50)])

    def test_an_invoice_paid_in_full_closes_the_dispute_within_the_hour(self):
        invoice = self.late(100, days=20)
        dispute = self.dispute(invoice, 30)
        self.pay(invoice)
        self.assert_collectable()
        self.look_after()
        self.assertEqual((dispute.state, dispute.outcome), ("withdrawn", "paid"))
        self.assertFalse(dispute.activity_ids)

    def test_an_invoice_reset_to_draft_waits_and_one_cancelled_closes(self):
        invoice = self.late(100, days=20)
        dispute = self.dispute(invoice, 100)
        invoice.button_draft()
        self.assertEqual(dispute.state, "open")
        self.assertIn("reset to draft", dispute.message_ids[0].body)
        self.assert_collectable()
        invoice.invoice_line_ids.price_unit = 60
        invoice.action_post()
        self.assertEqual(dispute.amount, 60)
        self.assertEqual(self.figures(), [(60, 60, 0)])
        invoice.button_draft()
        invoice.button_cancel()
        self.assertEqual((dispute.state, dispute.outcome), ("accepted", "cancelled"))

    def test_a_credit_note_taken_back_lets_it_rest_again(self):
        dispute = self.dispute(self.late(100, days=20), 30)
        self.end(dispute, "credit")
        credit = dispute.credit_move_id
        credit.action_post()
        self.assertEqual(self.figures(), [(70, 0, 70)])
        credit.button_draft()
        self.assertEqual(dispute.state, "open")
        self.assertEqual(self.figures(), [(100, 30, 70)])
        credit.button_cancel()
        self.assertTrue(dispute.needs_entry)
        dispute.action_settle()
        dispute.credit_move_id.action_post()
        self.assertEqual(dispute.state, "accepted")
        self.assertEqual(self.figures(), [(70, 0, 70)])

    def test_a_deleted_draft_can_be_made_again(self):
        dispute = self.dispute(self.late(100, days=20), 30)
        self.end(dispute, "credit")
        dispute.credit_move_id.unlink()
        self.assertTrue(dispute.needs_entry)
        self.assert_collectable(70)

    def test_a_payment_taken_back_keeps_the_dispute_where_it_was(self):
        invoice = self.late(100, days=20)
        dispute = self.dispute(invoice, 30)
        payment = self.payment(100)
        self.match(invoice, payment)
        self.receivable_lines(invoice).remove_move_reconcile()
        self.look_after()
        self.assertEqual(dispute.state, "open")

    def test_reopened_it_keeps_the_day_it_was_raised(self):
        dispute = self.dispute(self.late(100, days=20), 30)
        raised = dispute.date_raised
        with self.on_day(3):
            self.end(dispute, "rejected", answer="It is right.")
            self.assertAlmostEqual(dispute.cycle_days, 3)
            self.assertEqual(dispute.invalid_rate, 100)
            self.assert_collectable(100)
            dispute.action_reopen()
            self.assertEqual(dispute.date_raised, raised)
            self.assertEqual(self.figures(), [(100, 30, 70)])
        with self.assertRaises(UserError):
            dispute.action_reopen()

    # By others

    def test_who_has_no_role_posts_resets_and_pays_disputed_invoices(self):
        clerk = self.new_user("disp_guest", "account.group_account_invoice")
        invoice = self.late(100, days=20)
        dispute = self.dispute(invoice, 30)
        mine = invoice.with_user(clerk)
        mine.button_draft()
        mine.action_post()
        self.assertEqual(dispute.state, "open")
        self.env["account.payment.register"].with_user(clerk).with_context(
            active_model="account.move", active_ids=invoice.ids
        ).create({})._create_payments()
        self.assertEqual(invoice.amount_residual, 0)

    def test_the_invoice_says_what_is_disputed(self):
        invoice = self.late(100, days=20)
        self.dispute(invoice, 30)
        self.assertEqual(invoice.o2c_dispute_count, 1)
        self.assertIn("30", invoice.o2c_dispute_text)
        action = invoice.with_user(self.collector).action_o2c_dispute()
        self.assertEqual(action["context"], {"default_move_id": invoice.id})

    def test_posting_costs_the_same_with_many_disputes(self):
        """Only those of what is posted are looked for, in one query."""
        invoice = self.late(100, days=20)
        for amount in (1, 2, 3):
            self.dispute(invoice, amount)
        other = self.late(50, days=3)
        self.env.flush_all()
        with self.assertQueryCount(1):
            self.disputes._on_posted(other)
