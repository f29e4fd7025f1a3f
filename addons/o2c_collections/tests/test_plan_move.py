from odoo import Command
from odoo.tests import tagged

from .chase_common import ChaseCommon


@tagged("post_install", "-at_install")
class TestPlanMove(ChaseCommon):
    """A plan changes, or the customer's plan is another one: nothing comes twice."""

    def live(self, first, last):
        for day in range(first, last):
            with self.on_day(day):
                self.chase()
        start = self.day("2026-06-15")
        return [
            ((action.date_done - start).days, action.plan_id.name, action.level)
            for action in self.actions(("state", "=", "done"))
        ]

    def move_to(self, levels):
        plan = self.new_plan(levels, sequence=99, name="New")
        self.give_plan(plan)
        return plan

    # To another plan

    def test_the_comparable_level_is_the_highest_that_comes_no_later(self):
        """Level 2 at 14 days is level 3 of a plan with 3, 7, 14 and 21."""
        self.late(100, days=14)
        self.live(0, 8)
        self.assertEqual(self.standing(), (1, 2))
        self.move_to([(1, 3), (2, 7), (3, 14), (4, 21)])
        self.assertEqual(self.live(8, 15)[2:], [(14, "New", 4)])
        self.assertEqual(self.standing(), (1, 4))

    def test_a_plan_with_fewer_levels_goes_on_without_a_level_twice(self):
        """Level 3 at 28 days is level 1 of a plan with 20 and 40 days."""
        self.late(100, days=28)
        self.live(0, 15)
        self.assertEqual(self.standing(), (1, 3))
        self.move_to([(1, 20), (2, 40)])
        self.assertEqual(self.live(15, 60)[3:], [(21, "New", 2)])
        self.assertEqual(self.standing(), (2, 2))
        keys = self.actions().mapped(lambda a: (a.cycle, a.level))
        self.assertEqual(len(keys), len(set(keys)))

    def test_moving_there_and_back_sends_nothing_again(self):
        self.late(100, days=14)
        done = self.live(0, 8)
        self.move_to([(1, 30), (2, 60)])
        self.live(8, 10)
        self.debtor().plan_id = False
        self.assertEqual(self.live(10, 14), done)
        self.assertEqual(self.live(14, 15)[2:], [(14, "Test plan", 3)])

    def test_a_rule_that_fits_later_moves_the_customer_too(self):
        self.late(100, days=14)
        self.live(0, 8)
        self.new_plan([(1, 3), (2, 21)], sequence=1, amount_min=500, name="Big")
        self.late(500, days=0)
        self.assertEqual(self.live(8, 15)[2:], [(14, "Big", 2)])

    def test_a_step_that_waits_is_planned_anew_by_the_new_plan(self):
        self.plan.step_ids[0].channel = "call"
        self.late(100, days=20)
        self.run_chase()
        self.actions()._set_failed("perform_error")
        self.move_to([(1, 5)])
        self.actions().action_retry()
        self.run_chase()
        self.assertEqual(self.story()[-1], (1, "email", "queued"))

    def test_a_plan_per_invoice_hands_its_level_on(self):
        self.plan.basis = "invoice"
        self.late(100, days=14)
        self.live(0, 8)
        self.move_to([(1, 3), (2, 7), (3, 14), (4, 21)])
        self.assertEqual(self.live(8, 15)[2:], [(14, "New", 4)])

    # The plan itself

    def test_a_level_put_in_between_is_not_mistaken_for_one_that_was_sent(self):
        self.late(100, days=14)
        self.live(0, 8)
        first, second, third = self.plan.step_ids
        self.plan.step_ids = [
            Command.update(third.id, {"level": 4}),
            Command.update(second.id, {"level": 3}),
            Command.create(
                {"level": 2, "days": 9, "template_id": first.template_id.id}
            ),
        ]
        self.assertEqual(self.live(8, 15)[2:], [(14, "Test plan", 4)])

    def test_a_level_moved_to_later_days_is_not_sent_again(self):
        self.late(100, days=14)
        self.live(0, 8)
        self.plan.step_ids[1].days = 25
        self.assertEqual(self.live(8, 15)[2:], [(14, "Test plan", 3)])

    def test_a_level_that_was_removed_leaves_its_days(self):
        self.late(100, days=14)
        self.live(0, 8)
        self.plan.step_ids[1].unlink()
        self.assertEqual(self.live(8, 15)[2:], [(14, "Test plan", 3)])

    def test_what_was_repeated_is_not_repeated_for_an_edited_plan(self):
        self.plan.write({"final_action": "repeat", "repeat_days": 10})
        self.late(100, days=50)
        done = self.live(0, 30)
        self.assertEqual([level for _day, _plan, level in done], [1, 2, 3, 4])
        self.plan.step_ids[0].days = 4
        self.assertEqual(self.live(30, 34), done)
        self.assertEqual(self.live(34, 35)[4:], [(34, "Test plan", 5)])

    def test_a_merged_customer_keeps_his_own_plan_with_reason_and_end(self):
        other = self.new_debtor("Other")
        self.late(100, days=5)
        self.late(50, days=5, partner=other)
        self.refresh()
        own = self.new_plan([(1, 3)], sequence=99)
        self.debtor(other).write(
            {"plan_id": own.id, "plan_reason": "Agreed", "plan_until": "2026-08-01"}
        )
        source = self.debtor(other).with_env(self.engine)
        target = self.debtor().with_env(self.engine)
        source._merge_into(target)
        self.assertEqual(
            (target.plan_id, target.plan_reason, str(target.plan_until)),
            (own, "Agreed", "2026-08-01"),
        )
