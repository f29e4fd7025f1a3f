from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import TODAY, ReceivablesCommon


@tagged("post_install", "-at_install")
class TestOpenItemAsOf(ReceivablesCommon):
    """A statement of a past date equals the ledger of that date."""

    def test_an_invoice_is_not_open_before_it_was_booked(self):
        self.invoice(100, date="2026-06-01")
        self.assertEqual(self.residuals(as_of="2026-05-31"), [])
        self.assertEqual(self.residuals(as_of="2026-06-01"), [100.0])

    def test_a_payment_of_a_later_date_had_not_come_yet(self):
        invoice = self.invoice(100, date="2026-05-01")
        self.match(invoice, self.payment(40, date="2026-06-01"))
        self.assertEqual(self.residuals(as_of="2026-05-31"), [100.0])
        self.assertEqual(self.residuals(as_of="2026-06-01"), [60.0])

    def test_a_fully_paid_invoice_was_open_before_its_payment(self):
        invoice = self.invoice(100, date="2026-05-01")
        self.match(invoice, self.payment(100, date="2026-06-01"))
        self.assertEqual(self.residuals(as_of="2026-05-31"), [100.0])
        self.assertEqual(self.residuals(as_of="2026-06-01"), [])

    def test_money_that_came_before_its_invoice_was_unapplied_till_then(self):
        payment = self.payment(100, date="2026-05-01")
        invoice = self.invoice(100, date="2026-06-01")
        self.match(invoice, payment)
        self.assertEqual(self.residuals(as_of="2026-04-30"), [])
        self.assertEqual(self.residuals(as_of="2026-05-15"), [-100.0])
        self.assertEqual(self.residuals(as_of="2026-06-01"), [])

    def test_a_match_that_was_undone_counts_on_no_date(self):
        """The ledger keeps no trace of when it was undone; nor do we."""
        invoice = self.invoice(100, date="2026-05-01")
        payment = self.payment(100, date="2026-05-10")
        self.match(invoice, payment)
        self.receivable_lines(invoice).remove_move_reconcile()
        self.assertEqual(self.residuals(as_of="2026-05-20"), [100.0, -100.0])
        self.assert_ledger_truth(as_of="2026-05-20")

    def test_age_and_bucket_are_those_of_the_date_asked_for(self):
        self.invoice(100, date="2026-01-01", due="2026-01-31")
        for as_of, days, bucket in (
            ("2026-01-31", 0, "not_due"),
            ("2026-02-01", 1, "b1"),
            ("2026-03-02", 30, "b1"),
            ("2026-03-03", 31, "b2"),
            ("2026-04-01", 60, "b2"),
            ("2026-04-02", 61, "b3"),
            ("2026-05-01", 90, "b3"),
            ("2026-05-02", 91, "b4"),
        ):
            item = self.open_items(as_of=as_of)
            self.assertEqual((item.days_overdue, item.bucket), (days, bucket), as_of)

    def test_two_dates_read_in_one_transaction_do_not_mix(self):
        """The same item read as of two dates keeps apart in the cache."""
        invoice = self.invoice(100, date="2026-01-01", due="2026-01-31")
        self.match(invoice, self.payment(40, date="2026-03-01"))
        self.env.flush_all()
        domain = [("partner_id", "=", self.customer.id)]
        figures = []
        for as_of in ("2026-02-10", "2026-03-10", None):
            model = self.items_model.with_context(o2c_as_of=as_of)
            item = model.search(domain)
            figures.append((item.amount_residual, item.days_overdue))
        self.assertEqual(figures, [(100.0, 10), (60.0, 38), (60.0, 135)])

    def test_sums_by_group_follow_the_date(self):
        invoice = self.invoice(100, date="2026-01-01", due="2026-01-31")
        self.match(invoice, self.payment(40, date="2026-03-01"))
        self.env.flush_all()
        model = self.items_model.with_context(o2c_as_of="2026-02-10")
        domain = [("partner_id", "=", self.customer.id)]
        groups = model._read_group(domain, ["bucket"], ["amount_residual:sum"])
        self.assertEqual(groups, [("b1", 100.0)])

    def test_today_as_a_date_equals_live_when_nothing_is_dated_ahead(self):
        self.match(self.invoice(100, date="2026-05-01"), self.payment(30))
        self.credit_note(10)
        live = self.open_items().read(["amount_residual", "amount_collectable"])
        past = self.open_items(as_of=TODAY)
        self.assertEqual(past.read(["amount_residual", "amount_collectable"]), live)

    def test_a_hostile_date_in_the_context_is_refused(self):
        with self.assertRaises(UserError):
            self.open_items(as_of="today'; DROP TABLE o2c_debtor; --")
