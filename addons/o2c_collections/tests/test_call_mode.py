from datetime import timedelta

from odoo.exceptions import UserError
from odoo.tests import tagged

from .chase_common import TODAY_DATE
from .worklist_common import WorklistCommon


@tagged("post_install", "-at_install")
class TestCallMode(WorklistCommon):
    def mode(self, user=None):
        self.refresh()
        self.env.invalidate_all()
        return self.env["o2c.worklist"].with_user(user or self.collector)

    def test_the_queue_is_ranked_and_one_s_own(self):
        second = self.new_debtor("Second")
        self.late(9000, days=45, partner=second)
        third = self.new_debtor("Third")
        self.late(90, days=45, partner=third)
        self.refresh()
        self.debtor(third).collector_id = self.person(
            "second", "o2c_base.group_collector"
        )
        mode = self.mode()
        ours = [self.debtor(second).id, self.debtor().id]
        self.assertEqual(mode.call_queue(), ours)
        chosen = [self.debtor(third).id, self.debtor().id]
        self.assertEqual(set(mode.call_queue(chosen)), set(chosen))

    def test_a_card_has_what_a_call_needs(self):
        person = self.new_customer(
            "Ann Payer",
            parent_id=self.customer.id,
            phone="+49 30 1",
            o2c_contact_role="accounts_payable",
        )
        self.plan.step_ids[0].write({"channel": "call", "script": "Ask for a date."})
        self.run_chase()
        card = self.mode().call_card(self.debtor().id)
        self.assertEqual(card["people"][0]["id"], person.id)
        self.assertEqual(card["people"][0]["phone"], "+49 30 1")
        self.assertEqual(card["script"], "Ask for a date.")
        self.assertEqual([item["days_late"] for item in card["items"]], [45])
        self.assertEqual(
            [outcome["code"] for outcome in card["outcomes"]],
            ["reached", "voicemail", "not_reached", "wrong_number", "promised"]
            + ["paid", "disputed", "wrong_person", "wrong_address"],
        )
        self.assertIn("a call is due", card["why"])
        self.assertTrue(card["planned"])

    def test_a_logged_call_passes_the_level_and_leaves_the_list(self):
        self.plan.step_ids[0].channel = "call"
        self.run_chase()
        self.mode().log_call(
            self.debtor().id, {"outcome": "reached", "note": "Pays <b>Friday</b>"}
        )
        self.assertEqual(self.story(), [(1, "call", "done")])
        self.assertEqual(self.status(), "recent")
        card = self.mode().call_card(self.debtor().id)
        self.assertIn("Pays <b>Friday</b>", card["history"][0]["text"])

    def test_nobody_answers_and_the_call_moves_to_another_day(self):
        self.plan.step_ids[0].channel = "call"
        self.run_chase()
        day = TODAY_DATE + timedelta(days=1)
        self.mode().log_call(
            self.debtor().id, {"outcome": "not_reached", "date_next": str(day)}
        )
        self.assertEqual(self.story(), [(1, "call", "queued")])
        self.assertEqual(self.debtor()._planned_calls().date_deadline, day)
        self.assertEqual(self.status(), "later")

    def test_a_wrong_number_becomes_somebody_s_task(self):
        self.plan.step_ids[0].channel = "call"
        self.run_chase()
        self.mode().log_call(self.debtor().id, {"outcome": "wrong_number"})
        self.assertEqual(self.story(), [(1, "call", "queued")])
        tasks = self.debtor().activity_ids - self.debtor()._planned_calls()
        self.assertEqual(tasks.summary, "Find the right telephone number")

    def test_bad_input_is_answered_plainly(self):
        mode, number = self.mode(), self.debtor().id
        stranger = self.new_customer("Stranger")
        for values in (
            {},
            {"outcome": "promised"},
            *(
                {"outcome": "promised", "promise_amount": amount, "promise_date": day}
                for amount, day in (
                    ("x", "2026-07-01"),
                    ("inf", "2026-07-01"),
                    ("nan", "2026-07-01"),
                    (-5, "2026-07-01"),
                    (5, "soon"),
                    (5, "2000-01-01"),
                )
            ),
            {"outcome": "nonsense"},
            {"outcome": "reached", "date_next": "soon"},
            {"outcome": "reached", "date_next": "2000-01-01"},
            {"outcome": "reached", "partner_id": stranger.id},
        ):
            with self.subTest(values=values), self.assertRaises(UserError):
                mode.log_call(number, values)
        for day in ("", "soon", None, "2000-01-01"):
            with self.subTest(day=day), self.assertRaises(UserError):
                mode.snooze(number, day)
        with self.assertRaises(UserError):
            mode.call_card(999999999)
        self.assertFalse(self.debtor().contact_date)

    def test_the_card_costs_the_same_with_few_and_with_many_items(self):
        few = self._queries()
        for _number in range(8):
            self.late(10, days=12)
        self.assertEqual(self._queries(), few)

    def _queries(self):
        mode, number = self.mode(), self.debtor().id
        self.env.flush_all()
        mode.call_card(number)  # warms the caches
        self.env.invalidate_all()
        start = self.env.cr.sql_log_count
        mode.call_card(number)
        return self.env.cr.sql_log_count - start
