from datetime import timedelta

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .chase_common import TODAY_DATE
from .worklist_common import WorklistCommon


@tagged("post_install", "-at_install")
class TestSnooze(WorklistCommon):
    def test_a_snoozed_customer_is_off_the_list_until_his_day(self):
        self.refresh()
        debtor = self.debtor().with_user(self.collector)
        debtor._snooze(TODAY_DATE + timedelta(days=10), "On holiday")
        row = self.row()
        self.assertEqual(row.status, "snoozed")
        self.assertTrue(row.why.startswith("snoozed until 06/25/2026"), row.why)
        self.assertEqual(debtor.snoozed_by_id, self.collector)
        self.assertIn("On holiday", debtor.message_ids[:1].body)
        with self.on_day(10):
            self.assertEqual(self.status(), "open")

    def test_the_plan_goes_on_while_a_customer_is_snoozed(self):
        self.refresh()
        self.debtor()._snooze(TODAY_DATE + timedelta(days=10))
        self.chase()
        self.assertEqual(self.story(), [(1, "email", "done")])

    def test_what_went_wrong_shows_while_a_customer_is_snoozed(self):
        self.run_chase()
        day = TODAY_DATE + timedelta(days=10)
        self.debtor()._snooze(day)
        action = self.actions()
        for state, waits in (
            ("failed", "decide"),
            ("unknown", "decide"),
            ("to_review", "review"),
        ):
            action.state = state
            row = self.row(user=self.collector)
            self.assertEqual((row.status, row.waits), ("open", waits), state)
            self.assertIn("; snoozed until 06/25/2026", row.why)
            self.assertFalse(row.call_queue(), "he is not to be called")
        action._set_done()
        self.call_due()
        self.assertEqual(self.row().status, "snoozed")
        with self.on_day(10):
            self.assertEqual(self.status(), "open")
            self.assertTrue(self.row(user=self.collector).call_queue())

    def test_a_snooze_has_an_end_within_ninety_days(self):
        self.refresh()
        debtor = self.debtor()
        for days in (-1, 0, 91):
            with self.assertRaises(UserError):
                debtor._snooze(TODAY_DATE + timedelta(days=days))
        debtor._snooze(TODAY_DATE + timedelta(days=90))
        with self.assertRaises(AccessError):
            debtor.with_user(self.collector).write({"snoozed_until": "2030-01-01"})

    def test_a_merge_keeps_the_later_contact_and_wakes(self):
        self.refresh()
        debtor = self.debtor().sudo()
        debtor._snooze(TODAY_DATE + timedelta(days=10))
        partner = self.new_debtor("Twin")
        twin = self.debtor_model._ensure([(partner, self.company)])
        twin.contact_date = TODAY_DATE
        twin._merge_into(debtor)
        self.assertEqual(debtor.contact_date, TODAY_DATE)
        self.assertFalse(debtor.snoozed_until)

    def test_back_on_the_list_at_once(self):
        self.refresh()
        debtor = self.debtor()
        debtor._snooze(TODAY_DATE + timedelta(days=10), "Later")
        debtor.with_user(self.collector).action_wake()
        self.assertEqual(self.status(), "open")
        self.assertFalse(debtor.snooze_note)
        kinds = self.env["o2c.event"].search([("debtor_id", "=", debtor.id)])
        self.assertEqual(set(kinds.mapped("kind")), {"debtor_snoozed", "debtor_woken"})


@tagged("post_install", "-at_install")
class TestWorklistBatch(WorklistCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.second = cls.new_debtor("Second")
        cls.late(500, days=20, partner=cls.second)

    def rows(self):
        self.refresh()
        self.env.invalidate_all()
        return self.env["o2c.worklist"].with_user(self.collector).search([])

    def batch(self, action):
        return (
            self.env[action["res_model"]]
            .with_user(self.collector)
            .browse(action["res_id"])
        )

    def test_snoozing_says_how_many_and_who_was_skipped_and_why(self):
        rows = self.rows()
        day = TODAY_DATE + timedelta(days=5)
        self.debtor(self.second)._snooze(TODAY_DATE + timedelta(days=9))
        batch = self.batch(rows.action_snooze())
        batch.write({"date": day, "note": "Fair"})
        batch.action_do()
        self.assertEqual(
            batch.result,
            "Snoozed: 1.\n1 skipped, already snoozed until that day or longer: Second",
        )
        self.assertEqual(self.debtor().snoozed_until, day)

    def test_waking_happens_at_once_and_tells(self):
        rows = self.rows()
        self.debtor()._snooze(TODAY_DATE + timedelta(days=9))
        batch = self.batch(rows.action_wake())
        self.assertEqual(
            batch.result, "Back on the worklist: 1.\n1 skipped, not snoozed: Second"
        )

    def test_pausing_many_needs_a_reason(self):
        batch = self.batch(self.rows().action_pause())
        with self.assertRaises(UserError):
            batch.action_do()
        batch.note = "Flood"
        batch.action_do()
        self.assertEqual(batch.result, "Paused: 2.")
        self.assertTrue(self.debtor().is_paused)

    def test_a_dialog_without_a_day_or_customers_is_refused(self):
        batch = self.batch(self.rows().action_snooze())
        batch.date = False
        with self.assertRaises(UserError):
            batch.action_do()
        nobody = self.env["o2c.worklist"].with_user(self.collector)
        with self.assertRaises(UserError):
            nobody.action_wake()

    def test_another_user_s_dialog_is_closed(self):
        action = self.rows().action_snooze()
        other = self.person("second", "o2c_base.group_collector")
        with self.assertRaises(AccessError):
            self.env[action["res_model"]].with_user(other).browse(
                action["res_id"]
            ).action_do()

    def test_assigning_opens_the_dialog_that_tells_who_was_skipped(self):
        rows = self.rows()
        action = rows.action_assign()
        wizard = (
            self.env[action["res_model"]]
            .with_user(self.collector)
            .with_context(**action["context"])
            .create({"collector_ids": [Command.set(self.collector.ids)]})
        )
        wizard.action_reassign()
        self.assertIn("2 customers reassigned.", wizard.result)
        self.assertEqual(self.rows().collector_id, self.collector)
