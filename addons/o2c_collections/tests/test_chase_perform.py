from datetime import timedelta
from unittest.mock import patch

from odoo.tests import new_test_user, tagged

from .chase_common import TODAY_DATE, ChaseCommon


@tagged("post_install", "-at_install")
class TestChasePerform(ChaseCommon):
    """What may happen between planning a step and carrying it out, and after."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.collector = cls.new_user(
            "colt_collector", "o2c_base.group_collector", email="c@kessler.example"
        )
        cls.call = {
            "channel": "call",
            "template_id": False,
            "script": "Ask for <b>the cheque</b> & thank them.",
        }

    def plan_only(self):
        """Decide and plan, as a run that is cut off before it performs."""
        self.refresh()
        runs = self.engine["o2c.chase.run"]
        run = runs.browse(runs._evaluate_and_plan(self.company.id, "manual"))
        self.assertEqual([a.state for a in run.action_ids], ["planned"])
        return run.action_ids

    def assert_skipped(self, action, reason):
        self.assertEqual(action._perform(), [])
        self.assertEqual((action.state, action.reason), ("skipped", reason))
        self.assertFalse(self.engine["o2c.chase.message"].search([]))
        self.assertEqual(self.standing()[1], 0)

    # Between planning and carrying out

    def test_a_payment_in_between_stops_the_step(self):
        invoice = self.late(100, days=5)
        action = self.plan_only()
        self.pay(invoice)
        self.assert_skipped(action, "paid")

    def test_a_payment_not_yet_matched_stops_the_step_as_well(self):
        self.late(100, days=5)
        action = self.plan_only()
        self.payment(100)
        self.assert_skipped(action, "covered_by_credit")

    def test_a_pause_in_between_stops_the_step(self):
        self.late(100, days=5)
        action = self.plan_only()
        self.debtor().sudo().paused_until = TODAY_DATE + timedelta(days=3)
        self.assert_skipped(action, "paused_until")

    def test_an_exclusion_in_between_stops_the_step(self):
        invoice = self.late(100, days=5)
        action = self.plan_only()
        self.receivable_lines(invoice).no_followup = True
        self.assert_skipped(action, "no_followup")

    def test_a_dispute_in_between_stops_the_step(self):
        invoice = self.late(100, days=5)
        action = self.plan_only()
        with self.taken(self.receivable_lines(invoice), disputed=100):
            self.assert_skipped(action, "disputed")

    def test_an_archived_customer_in_between_stops_the_step(self):
        self.late(100, days=5)
        action = self.plan_only()
        self.customer.active = False
        self.assert_skipped(action, "archived")

    def test_another_line_of_the_plan_by_now_is_planned_anew(self):
        """1,500 wanted a call; of 500 left a letter asks, on the next run."""
        line = {"level": 1, "days": 3, "amount_min": 1000, **self.call}
        self.plan.step_ids = [(0, 0, line)]
        large = self.late(1000, days=5)
        self.late(500, days=5)
        action = self.plan_only()
        self.assertEqual(action.channel, "call")
        self.pay(large)
        self.assert_skipped(action, "step_changed")
        self.run_chase()  # ends the one that was cut off
        self.run_chase()
        self.assertEqual(self.story()[-1], (1, "email", "queued"))

    def test_a_step_of_a_cycle_that_ended_is_not_carried_out(self):
        self.late(100, days=5)
        action = self.plan_only()
        self.debtor().sudo().write({"cycle": 2, "cycle_date": TODAY_DATE})
        self.assert_skipped(action, "step_changed")

    def test_a_line_deleted_in_between_is_planned_anew(self):
        self.late(100, days=50)
        action = self.plan_only()
        self.plan.step_ids[0].unlink()
        self.assert_skipped(action, "step_changed")

    def test_a_step_skipped_is_planned_again_when_its_cause_is_gone(self):
        invoice = self.late(100, days=5)
        action = self.plan_only()
        with self.taken(self.receivable_lines(invoice), promised=100):
            self.assert_skipped(action, "promised")
        self.run_chase()  # ends the one that was cut off
        self.run_chase()
        self.assertEqual(
            self.story(), [(1, "email", "skipped"), (1, "email", "queued")]
        )

    def test_a_step_whose_message_of_the_day_left_waits_for_tomorrow(self):
        self.late(100, days=5)
        action = self.plan_only()
        writer = self.env.registry["o2c.chase.message"]
        with patch.object(writer, "_write_for", lambda self, *a: self.browse()):
            self.assertEqual(action._perform(), [])
        self.assertRecordValues(
            action,
            [
                {
                    "state": "planned",
                    "reason": "already_today",
                    "date_due": TODAY_DATE + timedelta(days=1),
                }
            ],
        )
        self.run_chase()
        self.assertEqual(self.story(), [(1, "email", "planned")])
        with self.on_day(1):
            self.run_chase()
        self.assertEqual(self.story(), [(1, "email", "queued")])

    # Calls

    def _call_due(self, **values):
        self.plan.step_ids[0].write({**self.call, **values})
        self.late(1234.5, days=5)
        self.refresh()
        self.debtor().collector_id = self.collector
        run = self.run_chase()
        self.assertFalse(run.problems)
        action = self.actions()
        self.assertEqual(self.story(), [(1, "call", "queued")])
        return action

    def test_a_call_lands_with_the_collector_script_and_items_escaped(self):
        self.customer.name = "Bolt <script>alert(1)</script>"
        action = self._call_due()
        activity = action.activity_id
        self.assertRecordValues(
            activity,
            [
                {
                    "user_id": self.collector.id,
                    "res_model": "o2c.debtor",
                    "res_id": self.debtor().id,
                    "date_deadline": TODAY_DATE,
                    "activity_type_id": self.env.ref("mail.mail_activity_data_call").id,
                    "summary": "Call about overdue invoices, level 1",
                }
            ],
        )
        note = str(activity.note)
        self.assertIn("&lt;b&gt;the cheque&lt;/b&gt; &amp; thank them", note)
        self.assertIn("1,234.50", note)
        self.assertIn("INV/2026", note)
        self.assertNotIn("<b>", note)

    def test_a_call_speaks_the_collector_s_language(self):
        self.env["res.lang"].sudo()._activate_lang("de_DE")
        self.collector.sudo().lang = "de_DE"
        self.plan.step_ids[0].write(self.call)
        self.plan.step_ids[0].with_context(lang="de_DE").script = "Bitte anrufen"
        self.late(1234.5, days=5)
        self.refresh()
        self.debtor().collector_id = self.collector
        self.run_chase()
        note = str(self.actions().activity_id.note)
        self.assertIn("Bitte anrufen", note)
        self.assertIn("1.234,50", note)
        self.assertIn("10.06.2026", note)

    def test_a_call_without_a_collector_belongs_to_nobody_and_is_listed(self):
        self.plan.step_ids[0].write(self.call)
        self.late(100, days=5)
        self.run_chase()
        action = self.actions().with_user(self.collector)
        self.assertFalse(action.activity_id.user_id)
        self.assertEqual(action.state, "queued")
        action.activity_id._action_done()
        self.assertEqual(self.story(), [(1, "call", "done")])

    def test_a_call_goes_to_who_acts_for_an_absent_collector(self):
        substitute = new_test_user(
            self.env(su=True),
            login="substitute",
            groups="o2c_base.group_collector",
            company_id=self.company.id,
            company_ids=[(6, 0, self.company.ids)],
        )
        self.env["o2c.collector.absence"].sudo().create(
            {
                "user_id": self.collector.id,
                "substitute_id": substitute.id,
                "company_id": self.company.id,
                "date_from": TODAY_DATE,
                "date_to": TODAY_DATE,
            }
        )
        action = self._call_due()
        self.assertEqual(action.activity_id.user_id, substitute)
        mine = self.env["o2c.chase.action"].with_user(substitute)
        self.assertEqual(
            mine.search([("debtor_id.is_mine", "=", True)]).ids, action.ids
        )

    def test_a_collector_who_left_gets_no_call(self):
        self.plan.step_ids[0].write(self.call)
        self.late(100, days=5)
        self.refresh()
        self.debtor().collector_id = self.collector
        self.collector.sudo().active = False
        self.run_chase()
        self.assertFalse(self.actions().activity_id.user_id)

    def test_a_call_done_passes_its_level(self):
        action = self._call_due()
        with self.on_day(2):
            action.activity_id.with_user(self.collector).action_feedback("Will pay")
        self.assertRecordValues(
            action, [{"state": "done", "date_done": self.day("2026-06-17")}]
        )
        self.assertEqual(self.standing(), (1, 1))
        self.assertEqual(self.debtor().level_date, self.day("2026-06-17"))

    def test_a_call_deleted_is_skipped_and_comes_again(self):
        action = self._call_due()
        action.activity_id.with_user(self.collector).unlink()
        self.assertEqual((action.state, action.reason), ("skipped", "activity_removed"))
        self.assertEqual(self.standing(), (1, 0))
        with self.on_day(1):
            self.run_chase()
        self.assertEqual(self.story()[-1], (1, "call", "queued"))

    def test_a_call_disappears_when_the_customer_has_paid(self):
        action = self._call_due()
        activity = action.activity_id
        invoices = [("partner_id", "=", self.customer.id), ("amount_residual", ">", 0)]
        self.pay(self.env["account.move"].search(invoices))
        with self.on_day(1):
            self.run_chase()
        self.assertFalse(activity.exists())
        self.assertEqual((action.state, action.reason), ("skipped", "paid"))
        self.assertFalse(self.debtor().activity_ids)

    def test_a_call_whose_activity_vanished_in_the_database_comes_again(self):
        """As when its user is deleted: the database takes the activity along."""
        action = self._call_due()
        self.env.flush_all()
        self.env.cr.execute(
            "DELETE FROM mail_activity WHERE id = %s", [action.activity_id.id]
        )
        self.env.invalidate_all()
        self.run_chase()
        self.assertEqual(action.reason, "activity_removed")
        with self.on_day(1):
            self.run_chase()
        self.assertEqual(self.story()[-1], (1, "call", "queued"))

    def test_a_call_archived_counts_as_done(self):
        action = self._call_due()
        action.activity_id.active = False
        self.run_chase()
        self.assertEqual(action.state, "done")
        self.assertEqual(self.standing(), (1, 1))

    def test_a_call_reassigned_to_anybody_passes_its_level_when_done(self):
        action = self._call_due()
        seller = self.new_user("colt_seller", "base.group_user")
        action.activity_id.user_id = seller
        action.activity_id.with_user(seller).action_done()
        self.assertEqual(action.state, "done")
        self.assertEqual(self.standing(), (1, 1))

    def test_other_activities_on_the_account_concern_no_step(self):
        action = self._call_due()
        other = self.debtor().activity_schedule(
            "mail.mail_activity_data_todo", user_id=self.collector.id
        )
        other.unlink()
        self.assertEqual(action.state, "queued")

    # A person decides

    def test_a_failed_step_can_be_planned_anew(self):
        self.late(100, days=5)
        self.run_chase()
        action = self.actions()
        action._set_failed("smtp_gave_up", "timeout")
        action.with_user(self.collector).action_retry()
        self.assertEqual((action.state, action.reason), ("skipped", "planned_anew"))
        with self.on_day(1):
            self.run_chase()
        self.assertEqual(self.story()[-1], (1, "email", "queued"))

    def test_a_failed_or_unknown_step_can_be_counted_as_done(self):
        self.late(100, days=5)
        self.run_chase()
        action = self.actions()
        action._set_unknown()
        action.with_user(self.collector).action_close()
        self.assertEqual(action.state, "done")
        self.assertEqual(self.standing(), (1, 1))

    def test_the_buttons_leave_steps_alone_that_need_no_decision(self):
        self.late(100, days=5)
        self.run_chase()
        action = self.actions().with_user(self.collector)
        action.action_retry()
        action.action_close()
        self.assertEqual(action.state, "queued")
        self.deliver()
        action.action_retry()
        self.assertEqual(action.state, "done")

    def test_what_happened_is_in_the_history_with_its_reason(self):
        invoice = self.late(100, days=5)
        action = self.plan_only()
        self.pay(invoice)
        action._perform()
        event = self.engine["o2c.event"].search([("kind", "=", "step_skipped")])
        self.assertEqual(event.res_id, action.id)
        self.assertEqual(event.payload["reason"], "paid")
        self.assertEqual(event.debtor_id, self.debtor())
