from datetime import timedelta

from odoo.exceptions import AccessError
from odoo.tests import tagged

from .chase_common import TODAY_DATE
from .worklist_common import WorklistCommon


@tagged("post_install", "-at_install")
class TestWorklist(WorklistCommon):
    # ------------------------------------------------------------------
    # Who is on it, and why
    # ------------------------------------------------------------------

    def test_a_late_customer_is_to_do_with_the_reasons_in_words(self):
        row = self.row()
        self.assertEqual((row.status, row.amount, row.days_late), ("open", 1000, 45))
        self.assertEqual(row.why, "45 days late, no payment in a year; never contacted")
        # 10 for everybody, 22 for days, 10 for no payment, 20 for silence
        self.assertEqual((row.points, row.worth), (62, 620))

    def test_a_payment_takes_the_row_away(self):
        self.assertTrue(self.row())
        self.settle()
        self.assertFalse(self.row())

    def test_what_the_plan_asked_for_waits_no_longer_once_it_is_paid(self):
        self.plan.step_ids[0].channel = "call"
        self.run_chase()
        self.assertEqual(self.row().waits, "call")
        self.settle()
        self.assertFalse(self.row())
        self.call_due()
        self.assertEqual(self.row().waits, "call")

    def test_credit_that_covers_leaves_nothing_to_ask_for(self):
        self.credit_note(1000)
        self.assertEqual(self.status(), "resting")
        self.assertEqual(self.row().amount, 0)

    def test_who_was_called_rests_unless_something_waits(self):
        self.refresh()
        debtor = self.debtor()
        debtor.message_post(body="Called", subtype_xmlid="o2c_base.mt_call")
        row = self.row()
        self.assertEqual((row.status, row.worked_today), ("recent", 1))
        self.assertIn("in touch today", row.why)
        self.call_due()
        row = self.row()
        self.assertEqual((row.status, row.waits), ("open", "call"))
        self.assertTrue(row.why.startswith("a call is due; "), row.why)

    def test_after_three_days_without_a_word_he_is_back(self):
        self.refresh()
        self.debtor().message_post(body="Called", subtype_xmlid="o2c_base.mt_call")
        with self.on_day(2):
            self.assertEqual(self.status(), "recent")
        with self.on_day(3):
            self.assertEqual(self.status(), "open")
            self.assertIn("no contact for 3 days", self.row().why)

    def test_a_call_agreed_for_later_waits_for_its_day(self):
        self.refresh()
        self.call_due(TODAY_DATE + timedelta(days=4))
        row = self.row()
        self.assertEqual(row.status, "later")
        self.assertIn("agreed for 06/19/2026", row.why)
        with self.on_day(4):
            self.assertEqual((self.status(), self.row().waits), ("open", "call"))

    def test_notes_among_colleagues_are_no_contact(self):
        self.refresh()
        debtor = self.debtor()
        debtor.message_post(body="Careful", subtype_xmlid="mail.mt_note")
        self.assertFalse(debtor.contact_date)
        debtor.message_post(
            body="We pay", message_type="email", author_id=self.customer.id
        )
        self.assertEqual(debtor.contact_date, TODAY_DATE)

    def test_a_paused_customer_is_off_the_list_with_the_reason(self):
        self.refresh()
        self.debtor()._pause(TODAY_DATE + timedelta(days=5), "New bank details")
        row = self.row()
        self.assertEqual(row.status, "paused")
        self.assertIn("paused until 06/20/2026", row.why)

    def test_what_the_last_decision_calls_resting_rests(self):
        self.run_chase()
        debtor = self.debtor().sudo()
        for reason in ("disputed", "promised", "in_transit", "before_chase_from"):
            debtor.chase_reason = reason
            self.assertEqual(self.status(), "resting", reason)
        debtor.chase_reason = "contact_cap"
        debtor.level_date = False
        self.assertEqual(self.status(), "recent")

    def test_steps_that_need_a_person_wait_above_calls(self):
        self.run_chase()
        self.actions()._set_failed("smtp_gave_up")
        self.call_due()
        row = self.row()
        self.assertEqual(row.waits, "decide")
        self.assertIn("a step needs your decision", row.why)

    # ------------------------------------------------------------------
    # Rights
    # ------------------------------------------------------------------

    def test_who_has_no_role_or_another_company_sees_nothing(self):
        other = self.setup_other_company()["company"]
        outsider = self.person("outsider", "o2c_base.group_manager", other)
        plain = self.person("plain", "base.group_user")
        self.assertTrue(self.row(user=self.collector))
        self.assertTrue(self.row(user=self.auditor))
        self.assertFalse(self.row(user=outsider))
        with self.assertRaises(AccessError):
            self.row(user=plain)
        debtor = self.debtor()
        for user in (outsider, plain):
            rows = self.env["o2c.worklist"].with_user(user)
            with self.assertRaises(AccessError):
                rows.call_card(debtor.id)
            with self.assertRaises(AccessError):
                rows.log_call(debtor.id, {"outcome": "reached"})
            with self.assertRaises(AccessError):
                rows.snooze(debtor.id, str(TODAY_DATE + timedelta(days=2)))

    def test_an_auditor_reads_and_does_nothing(self):
        row = self.row(user=self.auditor)
        card = row.call_card(row.id)
        self.assertFalse(card["may_write"])
        for act in (
            lambda: row.log_call(row.id, {"outcome": "reached"}),
            lambda: row.snooze(row.id, str(TODAY_DATE + timedelta(days=2))),
            row.action_snooze,
            row.action_wake,
            row.action_pause,
            row.action_approve,
            row.action_assign,
        ):
            with self.assertRaises(AccessError):
                act()

    def test_a_salesperson_of_a_branch_sees_the_root_s_customers(self):
        branch = self.env["res.company"].create(
            {"name": "Branch", "parent_id": self.company.id}
        )
        self.cr.precommit.run()
        user = self.person("branch", "o2c_base.group_collector", branch)
        self.assertEqual(self.row(user=user).amount, 1000)
        self.assertTrue(self.row(user=user).call_card(self.debtor().id)["name"])

    # ------------------------------------------------------------------
    # Size
    # ------------------------------------------------------------------

    def test_a_page_costs_the_same_with_few_and_with_many_customers(self):
        self.refresh()
        self._queries()  # warms the caches
        few = self._queries()
        for number in range(12):
            partner = self.new_debtor(f"More {number}")
            self.late(100 + number, days=10 + number, partner=partner)
        self.refresh()
        self.assertEqual(self._queries(), few)

    def _queries(self):
        """Queries of a page as the list asks for it, its names included."""
        self.env.flush_all()
        self.env.invalidate_all()
        start = self.env.cr.sql_log_count
        self.env["o2c.worklist"].web_search_read(
            [("is_mine", "=", True), ("status", "=", "open")],
            {
                "partner_id": {"fields": {"display_name": {}}},
                "worth": {},
                "why": {},
                "collector_id": {"fields": {"display_name": {}}},
            },
            limit=80,
        )
        return self.env.cr.sql_log_count - start
