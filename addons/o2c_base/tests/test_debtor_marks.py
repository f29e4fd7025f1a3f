from odoo import Command
from odoo.tests import tagged

from .common import ReceivablesCommon


@tagged("post_install", "-at_install")
class TestDebtorMarks(ReceivablesCommon):
    """Whatever changes what a customer owes leaves a mark, and nothing else does."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.mark = (cls.customer.id, cls.company.id)

    def assert_marks(self, action, *expected):
        self.assertLessEqual(set(expected), self.marks_of(action))

    def test_posting_marks(self):
        move = self.invoice(100, post=False)
        self.assert_marks(move.action_post, self.mark)

    def test_work_on_drafts_leaves_no_mark(self):
        def draft():
            move = self.invoice(100, post=False)
            move.invoice_line_ids.price_unit = 120
            move.partner_id = self.new_customer("Somebody else")
            move.unlink()

        self.assertEqual(self.marks_of(draft), set())

    def test_reset_to_draft_marks(self):
        self.assert_marks(self.invoice(100).button_draft, self.mark)

    def test_cancelling_marks(self):
        self.assert_marks(self.invoice(100).button_cancel, self.mark)

    def test_deleting_a_posted_bank_entry_marks(self):
        line, _invoice = self._matched_bank_line()
        self.assert_marks(line.unlink, self.mark)

    def test_matching_marks_both_customers(self):
        other = self.new_customer("Pays for the customer")
        invoice, payment = self.invoice(100), self.payment(100, partner=other)
        self.assert_marks(
            lambda: self.match(invoice, payment),
            self.mark,
            (other.id, self.company.id),
        )

    def test_unmatching_marks(self):
        invoice = self.invoice(100)
        self.match(invoice, self.payment(100))
        line = self.receivable_lines(invoice)
        self.assert_marks(line.remove_move_reconcile, self.mark)

    def test_resetting_the_counterpart_marks_the_matched_customer(self):
        """The payer's payment goes to draft; the invoice's customer owes again."""
        other = self.new_customer("Pays for the customer")
        payment = self.payment(100, partner=other)
        self.match(self.invoice(100), payment)
        self.assert_marks(payment.action_draft, self.mark, (other.id, self.company.id))

    def test_a_new_due_date_marks(self):
        line = self.receivable_lines(self.invoice(100))
        self.assert_marks(
            lambda: line.write({"date_maturity": "2026-01-01"}), self.mark
        )

    def test_a_new_due_date_on_the_posted_invoice_marks(self):
        move = self.invoice(100)
        self.assert_marks(
            lambda: move.write({"invoice_date_due": "2026-07-01"}), self.mark
        )
        self.assertEqual(self.open_items().date_maturity, self.day("2026-07-01"))

    def test_excluding_from_follow_up_marks(self):
        line = self.receivable_lines(self.invoice(100))
        self.assert_marks(lambda: line.write({"no_followup": True}), self.mark)

    def test_excluding_the_invoice_from_follow_up_marks(self):
        move = self.invoice(100)
        self.assert_marks(lambda: move.write({"no_followup": True}), self.mark)

    def test_giving_an_item_to_another_customer_marks_both(self):
        other = self.new_customer("Other")
        line = self.receivable_lines(self.opening_entry(100))
        self.assert_marks(
            lambda: line.write({"partner_id": other.id}),
            self.mark,
            (other.id, self.company.id),
        )

    def test_moving_a_contact_marks_both_companies(self):
        contact = self.new_customer("Contact", parent_id=self.customer.id)
        parent = self.new_customer("New parent")
        self.assert_marks(
            lambda: contact.write({"parent_id": parent.id}),
            (self.customer.id, 0),
            (parent.id, 0),
        )

    def test_making_a_contact_a_company_marks_both(self):
        contact = self.new_customer("Contact", parent_id=self.customer.id)
        self.assert_marks(
            lambda: contact.write({"is_company": True}),
            (self.customer.id, 0),
            (contact.id, 0),
        )

    def test_other_changes_of_a_contact_leave_no_mark(self):
        self.assertEqual(
            self.marks_of(lambda: self.customer.write({"phone": "123"})), set()
        )

    def test_making_an_account_non_trade_marks_its_customers(self):
        self.invoice(100)
        self.assert_marks(lambda: self.receivable.write({"non_trade": True}), self.mark)

    def test_matching_a_bank_line_marks(self):
        """Core rewrites the posted bank entry: its suspense line turns receivable."""
        line = self._bank_line(100)
        suspense = self._suspense(line)
        self.assert_marks(
            lambda: suspense.write(
                {"account_id": self.receivable.id, "partner_id": self.customer.id}
            ),
            self.mark,
        )
        self.assertEqual(self.residuals(), [-100.0])

    def test_replacing_the_lines_of_a_posted_bank_entry_marks(self):
        line = self._bank_line(100)
        owed = {"account_id": self.receivable.id, "partner_id": self.customer.id}
        commands = [
            Command.delete(self._suspense(line).id),
            Command.create({**owed, "balance": -100, "name": "Found"}),
        ]
        entry = line.move_id.with_context(
            skip_account_move_synchronization=True,
            skip_readonly_check=True,
            force_delete=True,
        )
        self.assert_marks(lambda: entry.write({"line_ids": commands}), self.mark)

    def test_undoing_a_bank_match_marks(self):
        line, _invoice = self._matched_bank_line()
        self.assert_marks(line.action_undo_reconciliation, self.mark)

    def test_a_new_amount_on_a_posted_bank_entry_marks(self):
        line = self._bank_line(100, partner_id=self.customer.id)
        self._suspense(line).account_id = self.receivable
        credit = self.receivable_lines(line.move_id)
        bank = line.move_id.line_ids - credit
        commands = [
            Command.update(credit.id, {"balance": -70, "amount_currency": -70}),
            Command.update(bank.id, {"balance": 70, "amount_currency": 70}),
        ]
        entry = line.move_id.with_context(
            skip_account_move_synchronization=True, skip_readonly_check=True
        )
        self.assert_marks(lambda: entry.write({"line_ids": commands}), self.mark)
        self.assertEqual(self.residuals(), [-70.0])

    def test_suppliers_leave_no_mark(self):
        supplier = self.new_customer("Supplier")
        bill = self.invoice(100, partner=supplier, move_type="in_invoice", post=False)
        self.assertEqual(self.marks_of(bill.action_post), set())

    def test_every_mark_ends_in_fresh_figures(self):
        """From each source through the refresher to the stored figures."""
        contact = self.new_customer("Contact", parent_id=self.customer.id)
        parent = self.new_customer("New parent")
        entry = self.opening_entry(100, partner=contact, date_maturity="2026-06-01")
        self.refresh()
        self.assertEqual(self.debtor().amount_overdue, 100.0)
        self.receivable_lines(entry).date_maturity = "2026-07-01"
        self.refresh()
        self.assertEqual(self.debtor().amount_overdue, 0.0)
        contact.parent_id = parent
        self.refresh()
        self.assertEqual(self.debtor().amount_outstanding, 0.0)
        self.assertEqual(self.debtor(parent).amount_outstanding, 100.0)
        self.receivable.non_trade = True
        self.refresh()
        self.assertEqual(self.debtor(parent).amount_outstanding, 0.0)

    # ------------------------------------------------------------------
    # Bank
    # ------------------------------------------------------------------

    def _bank_line(self, amount, **values):
        return self.env["account.bank.statement.line"].create(
            {
                "payment_ref": "money",
                "journal_id": self.company_data["default_journal_bank"].id,
                "amount": amount,
                "date": "2026-06-10",
                **values,
            }
        )

    def _suspense(self, line):
        line = line.with_context(skip_account_move_synchronization=True)
        _liquidity, suspense, _other = line._seek_for_lines()
        return suspense

    def _matched_bank_line(self):
        invoice = self.invoice(100)
        line = self._bank_line(100, partner_id=self.customer.id)
        suspense = self._suspense(line)
        suspense.account_id = self.receivable
        (suspense + self.receivable_lines(invoice)).reconcile()
        self.assertFalse(self.open_items())
        return line, invoice
