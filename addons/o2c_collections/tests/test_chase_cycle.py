from odoo.tests import tagged

from .chase_common import ChaseCommon


@tagged("post_install", "-at_install")
class TestChaseCycle(ChaseCommon):
    """How a customer goes through the plan, over days and weeks."""

    def live(self, first, last, every=1, on_day=None):
        """Run and deliver daily; give (day, level) of each step that was done."""
        for day in range(first, last, every):
            with self.on_day(day):
                if on_day:
                    on_day(day)
                self.chase()
        return self.done()

    def done(self):
        start = self.day("2026-06-15")
        return [
            ((a.date_done - start).days, a.level)
            for a in self.actions(("state", "=", "done"))
        ]

    # Opening and closing

    def test_a_cycle_opens_above_the_tolerance_only(self):
        self.late(5, days=10)
        self.chase()
        self.assertEqual(self.standing(), (0, 0))
        self.assertFalse(self.debtor().cycle_date)
        self.late(1, days=10)
        self.chase()
        self.assertEqual(self.standing(), (1, 1))
        self.assertEqual(self.debtor().cycle_date, self.day("2026-06-15"))

    def test_a_cycle_goes_on_until_nothing_overdue_is_left(self):
        large, small = self.late(100, days=20), self.late(1, days=20)
        self.chase()
        self.pay(large)
        with self.on_day(10):
            self.chase()
        self.assertEqual(self.debtor().chase_reason, "below_tolerance")
        self.assertEqual(self.standing(), (1, 1))
        self.pay(small)
        with self.on_day(11):
            self.chase()
        self.assertEqual(self.standing(), (1, 0))
        self.assertFalse(self.debtor().cycle_date)
        self.assertEqual(self.debtor().chase_reason, "paid")
        self.assertFalse(self.debtor().next_action_date)

    def test_the_next_debt_begins_at_level_one_again(self):
        first = self.late(100, days=20)
        self.chase()
        with self.on_day(8):
            self.chase()
            self.pay(first)
        with self.on_day(9):
            self.chase()
        with self.on_day(40):
            self.late(70, days=20)
            self.chase()
        self.assertEqual(
            [(a.cycle, a.level, a.state) for a in self.actions()],
            [(1, 1, "done"), (1, 2, "done"), (2, 1, "done")],
        )

    def test_a_dispute_a_promise_and_a_transit_pause_and_do_not_restart(self):
        late = self.receivable_lines(self.late(100, days=15))
        self.chase()
        for day, column in ((7, "disputed"), (8, "promised"), (9, "in_transit")):
            with self.on_day(day), self.taken(late, **{column: 100}):
                self.chase()
                self.assertEqual(self.debtor().chase_reason, column)
                self.assertEqual(self.standing(), (1, 1))
        with self.on_day(10):
            self.chase()
        self.assertEqual(self.done(), [(0, 1), (10, 2)])
        self.assertEqual(self.standing(), (1, 2))

    def test_after_a_contact_the_account_says_when_the_next_one_is(self):
        self.late(100, days=20)
        self.chase()
        debtor = self.debtor()
        self.assertEqual(debtor.chase_reason, "too_soon")
        self.assertEqual(debtor.next_action_date, self.day("2026-06-22"))

    # Pace

    def test_a_backlog_begins_at_level_one_and_keeps_the_gap(self):
        self.late(100, days=200)
        self.assertEqual(self.live(0, 60), [(0, 1), (7, 2), (14, 3)])
        self.assertEqual(self.story()[-1], (4, "todo", "queued"))
        self.assertEqual(self.standing(), (1, 3))

    def test_120_daily_runs_give_each_level_once_at_its_day(self):
        """Levels at 3, 14 and 28 days late; then a person is asked after 30 days."""
        self.late(100, days=0)
        self.assertEqual(self.live(0, 121), [(3, 1), (14, 2), (28, 3)])
        [task] = self.actions(("channel", "=", "todo"))
        self.assertEqual(task.date_due, self.day("2026-08-12"))  # 28 + 30 days
        self.assertEqual(task.state, "queued")
        self.assertEqual(len(self.actions()), 4)

    def test_an_outage_of_three_weeks_loses_nothing_and_sends_one(self):
        self.late(100, days=0)
        self.assertEqual(self.live(0, 5), [(3, 1)])
        self.assertEqual(self.live(26, 50), [(3, 1), (26, 2), (33, 3)])

    def test_two_runs_on_one_day_send_one_letter(self):
        self.late(100, days=100)
        self.chase()
        self.chase()
        self.run_chase(kind="nightly")
        self.assertEqual(self.story(), [(1, "email", "done")])

    # Younger than the level

    def test_what_is_left_younger_than_the_level_begins_a_new_cycle_after_the_gap(self):
        old = self.late(100, days=30)
        self.late(50, days=2)
        self.assertEqual(self.live(0, 8), [(0, 1), (7, 2)])
        self.pay(old)
        self.assertEqual(self.live(8, 14), [(0, 1), (7, 2)])
        self.assertEqual(self.standing(), (2, 0))
        self.assertEqual(self.debtor().chase_reason, "too_soon")
        self.live(14, 16)
        self.assertEqual(self.done(), [(0, 1), (7, 2), (14, 1)])
        self.assertEqual(self.standing(), (2, 1))

    def test_lines_of_one_level_with_other_days_do_not_restart_the_cycle(self):
        """Small amounts pass level 2 at 14 days, large ones only at 30."""
        template = self.plan.step_ids[0].template_id
        self.plan.step_ids.unlink()
        self.plan.write(
            {
                "step_ids": [
                    (0, 0, {"level": level, "days": days, **band, "channel": "email",
                            "template_id": template.id})
                    for level, days, band in (
                        (1, 3, {}),
                        (2, 14, {"amount_max": 1000}),
                        (2, 30, {"amount_min": 1000}),
                    )
                ]
            }
        )  # fmt: skip
        self.late(100, days=3)
        self.assertEqual(self.live(0, 20), [(0, 1), (11, 2)])
        self.assertEqual(self.standing(), (1, 2))

    def test_a_pending_call_of_an_ended_cycle_is_taken_back(self):
        self.plan.step_ids[1].channel = "call"
        old = self.late(100, days=30)
        self.live(0, 8)
        self.assertEqual(self.story()[-1], (2, "call", "queued"))
        activity = self.actions()[-1].activity_id
        self.pay(old)
        with self.on_day(9):
            self.late(50, days=5)
            self.chase()
        self.assertFalse(activity.exists())
        self.assertEqual(
            [(a.level, a.state, a.reason) for a in self.actions()][1:2],
            [(2, "skipped", "waiting_level")],
        )

    # The end of the plan

    def _at_the_end(self):
        self.late(100, days=100)
        self.live(0, 15, every=7)
        self.assertEqual(self.standing(), (1, 3))

    def test_in_the_end_a_person_is_asked_again_and_again(self):
        self._at_the_end()
        self.live(43, 44)
        self.assertEqual(self.debtor().chase_reason, "plan_finished")
        self.live(44, 46)
        task = self.actions()[-1]
        self.assertEqual((task.level, task.channel, task.state), (4, "todo", "queued"))
        with self.on_day(50):
            task.activity_id._action_done()
        self.live(79, 81)
        self.assertEqual(
            self.story()[-2:], [(4, "todo", "done"), (5, "todo", "queued")]
        )
        self.assertEqual(self.actions()[-1].date_due, self.day("2026-09-03"))

    def test_in_the_end_the_last_level_is_repeated(self):
        self.plan.write({"final_action": "repeat", "repeat_days": 20})
        self._at_the_end()
        done = self.live(15, 80)
        self.assertEqual(done[2:], [(14, 3), (34, 4), (54, 5), (74, 6)])
        self.assertEqual(self.actions()[-1].step_id, self.plan.step_ids[2])

    def test_what_is_repeated_is_the_last_level_for_the_amount(self):
        self.plan.write({"final_action": "repeat", "repeat_days": 20})
        self.plan.step_ids[2].write({"amount_min": 1000, "channel": "call"})
        self.late(100, days=100)
        self.live(0, 30, every=7)
        last = self.actions()[-1]
        self.assertEqual((last.level, last.channel), (3, "email"))
        self.assertEqual(last.step_id, self.plan.step_ids[1])

    # The plan changes

    def test_a_level_added_later_is_the_next_one(self):
        self._at_the_end()
        self.plan.step_ids = [
            (0, 0, {"level": 4, "days": 60, "channel": "call", "script": "Ask."})
        ]
        with self.on_day(21):
            self.chase()
        self.assertEqual(self.story()[-1], (4, "call", "queued"))

    def test_a_level_removed_is_passed_over(self):
        self.late(100, days=100)
        self.chase()
        self.plan.step_ids[1].unlink()
        self.assertEqual(self.live(7, 8), [(0, 1), (7, 3)])

    def test_another_plan_goes_on_from_the_level_that_was_reached(self):
        other = self.new_plan([(1, 3), (2, 14), (3, 21)], name="Other")
        self.late(100, days=30)
        self.chase()
        self.give_plan(other)
        with self.on_day(7):
            self.chase()
        self.assertEqual(self.done(), [(0, 1), (7, 2)])
        self.assertEqual(self.actions()[-1].plan_id, other)

    def test_an_archived_plan_gives_way_to_the_company_s_first(self):
        other = self.new_plan([(1, 50)], name="Other", sequence=99)
        self.late(100, days=30)
        self.refresh()
        self.give_plan(other)
        self.assertEqual(self.reason(), "waiting_level")
        other.active = False
        self.assertEqual(self.reason(), "due")
