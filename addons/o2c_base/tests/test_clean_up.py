from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from .common import ReceivablesCommon


@tagged("post_install", "-at_install")
class TestCleanUp(ReceivablesCommon):
    """Old items and opening entries wait until a person decides."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.o2c_chase_from = "2026-03-01"
        cls.collector = cls.new_user("collector")

    @classmethod
    def new_user(cls, role):
        return new_test_user(
            cls.env,
            login=f"clean_up_{role}",
            groups=f"o2c_base.group_{role}",
            company_id=cls.company.id,
        )

    def waiting(self):
        return self.open_items(("needs_clean_up", "=", True))

    def test_items_due_before_the_start_wait_and_the_start_day_does_not(self):
        old = self.invoice(100, date="2026-01-01", due="2026-02-28")
        self.invoice(50, date="2026-01-01", due="2026-03-01")
        self.assertEqual(self.waiting().move_id, old)
        self.assertEqual(self.waiting().is_before_chase_from, True)

    def test_credits_are_nothing_to_decide_about(self):
        self.credit_note(100, date="2026-01-01", due="2026-02-01")
        self.assertFalse(self.waiting())

    def test_opening_entries_that_core_excludes_wait_whatever_their_date(self):
        entry = self.opening_entry(100, date="2026-05-01", date_maturity="2026-05-31")
        self.assertTrue(self.receivable_lines(entry).no_followup, "core's default")
        self.assertEqual(self.waiting().move_id, entry)

    def test_an_invoice_somebody_excluded_is_decided_already(self):
        invoice = self.invoice(100, date="2026-05-01")
        self.receivable_lines(invoice).no_followup = True
        self.assertFalse(self.waiting())

    def test_including_makes_an_item_like_any_other(self):
        self.invoice(100, date="2026-01-01", due="2026-02-28")
        self.opening_entry(50, date="2026-05-01", date_maturity="2026-05-31")
        self.waiting().with_user(self.collector).action_include()
        self.assertFalse(self.waiting())
        for item in self.open_items():
            self.assertFalse(item.no_followup)
            self.assertFalse(item.is_before_chase_from)

    def test_leaving_out_excludes_for_good_and_leaves_the_list(self):
        invoice = self.invoice(100, date="2026-01-01", due="2026-02-28")
        self.waiting().with_user(self.collector).action_leave_out()
        self.assertFalse(self.waiting())
        self.assertTrue(self.open_items().no_followup)
        self.assertEqual(self.receivable_lines(invoice).o2c_clean_up, "left_out")

    def test_a_decision_can_be_taken_back(self):
        self.invoice(100, date="2026-01-01", due="2026-02-28")
        item = self.waiting().with_user(self.collector)
        item.action_leave_out()
        item.action_include()
        self.assertFalse(self.open_items().no_followup)
        self.assertFalse(self.open_items().is_before_chase_from)

    def test_the_decision_is_history_with_the_customer(self):
        self.invoice(100, date="2026-01-01", due="2026-02-28")
        self.refresh()
        item = self.waiting()
        item.with_user(self.collector).action_include()
        event = self.env["o2c.event"].search([("debtor_id", "=", self.debtor().id)])
        self.assertEqual(event.kind, "item_included")
        self.assertEqual(event.res_id, item.id)
        self.assertEqual(event.user_number, self.collector.id)

    def test_the_decision_refreshes_the_customer(self):
        self.invoice(100, date="2026-01-01", due="2026-02-28")
        item = self.waiting().with_user(self.collector)
        self.assertIn(
            (self.customer.id, self.company.id), self.marks_of(item.action_include)
        )

    def test_ordinary_items_cannot_be_slipped_in(self):
        """Only the accountant excludes an ordinary invoice, in accounting."""
        self.invoice(100, date="2026-05-01")
        item = self.open_items().with_user(self.collector)
        item.action_leave_out()
        self.assertFalse(self.open_items().no_followup)
        self.receivable_lines(item.sudo().move_id).no_followup = True
        item.action_include()
        self.assertTrue(self.open_items().no_followup)

    def test_only_collectors_decide(self):
        self.invoice(100, date="2026-01-01", due="2026-02-28")
        for role in ("auditor", "credit_manager"):
            item = self.waiting().with_user(self.new_user(role))
            with self.assertRaises(AccessError):
                item.action_include()
            with self.assertRaises(AccessError):
                item.action_leave_out()
        self.assertTrue(self.waiting())

    def test_items_of_a_foreign_company_stay_as_they_are(self):
        self.invoice(100, date="2026-01-01", due="2026-02-28")
        other = self.setup_other_company(name="Other root")["company"]
        stranger = new_test_user(
            self.env,
            login="clean_up_stranger",
            groups="o2c_base.group_collector",
            company_id=other.id,
        )
        self.waiting().with_user(stranger).with_company(other).action_include()
        self.assertTrue(self.waiting())

    def test_without_a_start_date_nothing_is_too_old(self):
        self.company.o2c_chase_from = False
        self.invoice(100, date="2020-01-01")
        self.assertFalse(self.waiting())
        self.assertFalse(self.open_items().is_before_chase_from)
