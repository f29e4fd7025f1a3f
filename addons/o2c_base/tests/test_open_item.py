from odoo import Command
from odoo.tests import tagged

from .common import TODAY, ReceivablesCommon


@tagged("post_install", "-at_install")
class TestOpenItem(ReceivablesCommon):
    """What counts as an open item today, in which amount, whose and how old."""

    def test_a_posted_invoice_is_one_item_with_its_number_and_reference(self):
        move = self.invoice(100, date="2026-05-01", due="2026-05-31", ref="PO 7")
        [item] = self.open_items()
        self.assertRecordValues(
            item,
            [
                {
                    "move_line_id": self.receivable_lines(move).id,
                    "move_id": move.id,
                    "partner_id": self.customer.id,
                    "company_id": self.company.id,
                    "root_company_id": self.company.id,
                    "name": move.name,
                    "reference": "PO 7",
                    "date": self.day("2026-05-01"),
                    "date_maturity": self.day("2026-05-31"),
                    "days_overdue": 15,
                    "bucket": "b1",
                    "amount_residual": 100.0,
                    "amount_collectable": 100.0,
                    "no_followup": False,
                    "is_before_chase_from": False,
                    "needs_clean_up": False,
                }
            ],
        )

    def test_drafts_and_cancelled_invoices_are_no_items(self):
        self.invoice(100, post=False)
        self.invoice(50).button_cancel()
        self.assertFalse(self.open_items())

    def test_a_fully_paid_invoice_is_no_item(self):
        self.match(self.invoice(100), self.payment(100))
        self.assertFalse(self.open_items())

    def test_a_partly_paid_invoice_keeps_its_rest(self):
        self.match(self.invoice(100), self.payment(30.01))
        self.assertEqual(self.residuals(), [69.99])

    def test_credit_notes_and_unmatched_payments_are_negative(self):
        self.invoice(100, due="2026-06-01")
        self.credit_note(20, due="2026-06-02")
        self.payment(30, date="2026-06-03")
        items = self.open_items()
        self.assertEqual(items.mapped("amount_residual"), [100.0, -20.0, -30.0])
        self.assertEqual(items.mapped("amount_collectable"), [50.0, 0.0, 0.0])

    def test_instalments_are_aged_each_by_its_own_due_date(self):
        term = self.env["account.payment.term"].create(
            {
                "name": "30 now, 70 in 60 days",
                "line_ids": [
                    Command.create(
                        {"value": "percent", "value_amount": 30, "nb_days": 0}
                    ),
                    Command.create(
                        {"value": "percent", "value_amount": 70, "nb_days": 60}
                    ),
                ],
            }
        )
        self.invoice(100, date="2026-04-01", invoice_payment_term_id=term.id)
        self.assertRecordValues(
            self.open_items(),
            [
                {
                    "date_maturity": self.day("2026-04-01"),
                    "days_overdue": 75,
                    "amount_residual": 30.0,
                },
                {
                    "date_maturity": self.day("2026-05-31"),
                    "days_overdue": 15,
                    "amount_residual": 70.0,
                },
            ],
        )

    def test_the_due_date_on_the_item_counts_not_the_one_on_the_invoice(self):
        move = self.invoice(100, date="2026-05-01", due="2026-05-31")
        self.receivable_lines(move).date_maturity = "2026-06-05"
        self.assertEqual(self.open_items().days_overdue, 10)

    def test_items_without_a_customer_say_so(self):
        self.opening_entry(40, partner=False, date_maturity="2026-06-01")
        item = self.open_items(partner=self.env["res.partner"])
        self.assertEqual(item.mapped("amount_residual"), [40.0])
        self.assertEqual(item.customer_name, "No customer")
        self.assertFalse(item.debtor_id)

    def test_non_trade_accounts_are_left_out(self):
        self.invoice(100)
        self.receivable.non_trade = True
        self.assertFalse(self.open_items())

    def test_items_of_a_contact_belong_to_its_company(self):
        contact = self.new_customer("Contact", parent_id=self.customer.id)
        self.invoice(100, partner=contact)
        self.opening_entry(40, partner=contact)
        self.assertEqual(self.residuals(), [100.0, 40.0])

    def test_pending_changes_of_the_ledger_are_seen(self):
        """The query flushes what it reads, and nobody has to know."""
        move = self.invoice(100)
        self.receivable_lines(move).no_followup = True
        self.assertTrue(
            self.items_model.search([("move_id", "=", move.id)]).no_followup
        )


@tagged("post_install", "-at_install")
class TestDraftCounterpart(ReceivablesCommon):
    """Core keeps counting a match whose other side was reset to draft; we do not."""

    def test_a_payment_reset_to_draft_opens_the_invoice_again(self):
        invoice, payment = self.invoice(100), self.payment(60)
        self.match(invoice, payment)
        payment.action_draft()
        line = self.receivable_lines(invoice)
        self.assertEqual(line.amount_residual, 40.0, "core counts the draft")
        self.assertEqual(self.residuals(), [100.0])
        self.assertEqual(self.residuals(as_of=TODAY), [100.0])
        self.assert_ledger_truth()
        self.assert_ledger_truth(as_of=TODAY)

    def test_an_invoice_that_looked_fully_paid_comes_back(self):
        invoice, payment = self.invoice(100), self.payment(100)
        self.match(invoice, payment)
        payment.action_draft()
        self.assertTrue(self.receivable_lines(invoice).reconciled)
        self.assertEqual(self.residuals(), [100.0])
        self.assertEqual(self.residuals(as_of=TODAY), [100.0])

    def test_an_invoice_reset_to_draft_leaves_its_payment_unapplied(self):
        invoice, payment = self.invoice(100), self.payment(100)
        self.match(invoice, payment)
        invoice.button_draft()
        self.assertEqual(self.residuals(), [-100.0])
        self.assertEqual(self.residuals(as_of=TODAY), [-100.0])
        self.assert_ledger_truth()
        self.assert_ledger_truth(as_of=TODAY)

    def test_posting_the_counterpart_again_settles_the_item(self):
        invoice, payment = self.invoice(100), self.payment(100)
        self.match(invoice, payment)
        payment.action_draft()
        payment.action_post()
        self.assertFalse(self.open_items())
        self.assertFalse(self.open_items(as_of=TODAY))

    def test_only_the_draft_counterpart_of_several_is_taken_back(self):
        invoice = self.invoice(100)
        kept, withdrawn = self.payment(30), self.payment(50)
        self.match(invoice, kept)
        self.match(invoice, withdrawn)
        withdrawn.action_draft()
        self.assertEqual(self.residuals(), [70.0])
        self.assertEqual(self.residuals(as_of=TODAY), [70.0])


@tagged("post_install", "-at_install")
class TestOpenItemCurrency(ReceivablesCommon):
    """Amounts in the item's currency and in the company's, never mixed."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.euro = cls.setup_other_currency("EUR", rates=[("2016-01-01", 2.0)])
        cls.yen = cls.setup_other_currency("JPY", rates=[("2016-01-01", 100.0)])

    def test_a_foreign_invoice_shows_both_amounts(self):
        self.invoice(100, currency_id=self.euro.id)
        self.assertRecordValues(
            self.open_items(),
            [
                {
                    "amount_residual": 50.0,
                    "amount_residual_currency": 100.0,
                    "currency_id": self.euro.id,
                    "company_currency_id": self.company.currency_id.id,
                }
            ],
        )

    def test_three_currencies_add_up_in_company_currency(self):
        self.invoice(100, currency_id=self.euro.id)
        self.invoice(1000, currency_id=self.yen.id)
        self.invoice(7)
        self.assertEqual(sorted(self.residuals()), [7.0, 10.0, 50.0])
        self.refresh()
        self.assertEqual(self.debtor().amount_outstanding, 67.0)
        self.assert_ledger_truth()

    def test_an_exchange_difference_closes_the_item_as_the_ledger_does(self):
        """Paid at another rate: the difference entry belongs to the same match."""
        self.env["res.currency.rate"].create(
            {
                "name": "2026-06-10",
                "rate": 4.0,
                "currency_id": self.euro.id,
                "company_id": self.company.id,
            }
        )
        invoice = self.invoice(100, date="2026-06-01", currency_id=self.euro.id)
        payment = self.payment(100, date="2026-06-12", currency_id=self.euro.id)
        self.match(invoice, payment)
        self.assertFalse(self.open_items())
        self.assertEqual(self.residuals(as_of="2026-06-05"), [50.0])
        for as_of in ("2026-06-05", "2026-06-12", "2026-06-30", "2026-07-31", None):
            self.assert_ledger_truth(as_of=as_of)


@tagged("post_install", "-at_install")
class TestOpenItemCompanies(ReceivablesCommon):
    """Two root companies and a branch."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other_data = cls.setup_other_company(name="Other root")
        cls.other = cls.other_data["company"]
        cls.branch = cls.env["res.company"].create(
            {"name": "Branch", "parent_id": cls.company.id}
        )
        cls.cr.precommit.run()  # the branch gets its root's chart of accounts
        cls.env.user.company_ids += cls.branch
        companies = cls.company + cls.other + cls.branch
        cls.env = cls.env(
            context=dict(cls.env.context, allowed_company_ids=companies.ids)
        )
        cls.items_model = cls.items_model.with_env(cls.env)
        cls.debtor_model = cls.debtor_model.with_env(cls.env)

    def test_each_root_company_has_its_own_account_for_a_customer(self):
        self.invoice(100)
        self.invoice(7, company=self.other)
        self.refresh()
        self.assertEqual(self.debtor().amount_outstanding, 100.0)
        self.assertEqual(self.debtor(company=self.other).amount_outstanding, 7.0)
        self.assert_ledger_truth(self.company)
        self.assert_ledger_truth(self.other)

    def test_a_branch_item_keeps_its_company_and_counts_at_the_root(self):
        self.invoice(100, company=self.branch)
        self.refresh()
        [item] = self.open_items()
        self.assertEqual(item.company_id, self.branch)
        self.assertEqual(item.root_company_id, self.company)
        self.assertEqual(item.debtor_id, self.debtor())
        self.assertEqual(self.debtor().amount_outstanding, 100.0)
        self.assertFalse(self.debtor(company=self.branch))
        self.assert_ledger_truth(self.company)

    def test_what_an_archived_branch_is_owed_still_counts(self):
        self.invoice(100, company=self.branch)
        self.branch.active = False
        remaining = (self.company + self.other).ids
        keeper = self.debtor_model.with_context(allowed_company_ids=remaining)
        self.debtor_model = keeper
        self.items_model = self.items_model.with_env(keeper.env)
        self.refresh()
        self.assertEqual(self.debtor().amount_outstanding, 100.0)
        self.assert_ledger_truth(self.company)

    def test_credit_in_one_root_company_covers_nothing_in_another(self):
        self.invoice(100)
        self.credit_note(60, company=self.other)
        self.assertEqual(
            self.open_items(("company_id", "=", self.company.id)).amount_collectable,
            100.0,
        )

    def test_narrowing_to_customers_and_root_changes_no_figure(self):
        self.invoice(100)
        self.credit_note(30, company=self.branch)
        self.invoice(5, partner=self.new_customer("Somebody else"))
        self.env.flush_all()
        query = self.items_model._items_sql(
            root=self.company, partner_ids=self.customer.ids
        )
        rows = self.env.execute_query_dict(query)
        narrowed = {row["id"]: float(row["amount_collectable"]) for row in rows}
        whole = {item.id: item.amount_collectable for item in self.open_items()}
        self.assertEqual(narrowed, whole)
