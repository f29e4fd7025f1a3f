from odoo import Command
from odoo.exceptions import ValidationError
from odoo.tests import tagged

from .chase_common import ChaseCommon


@tagged("post_install", "-at_install")
class TestPlanInvoice(ChaseCommon):
    """Levels per invoice: each passes them by itself, a customer gets one letter."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.plan.basis = "invoice"

    def levels(self, move):
        """(day, level) of what was done about an invoice."""
        start = self.day("2026-06-15")
        return [
            ((action.date_done - start).days, action.level)
            for action in self.actions(
                ("item_id.move_id", "=", move.id), ("state", "=", "done")
            )
        ]

    def live(self, first, last):
        for day in range(first, last):
            with self.on_day(day):
                self.chase()

    def test_each_invoice_passes_the_levels_by_itself(self):
        old, young = self.late(100, days=10), self.late(50, days=0)
        self.live(0, 30)
        self.assertEqual(self.levels(old), [(0, 1), (7, 2), (18, 3)])
        self.assertEqual(self.levels(young), [(3, 1), (14, 2), (28, 3)])

    def test_the_customer_stands_on_the_highest_level_of_his_open_invoices(self):
        old = self.late(100, days=10)
        self.late(50, days=0)
        self.live(0, 8)
        self.assertEqual(self.levels(old), [(0, 1), (7, 2)])
        self.assertEqual(self.standing(), (1, 2))
        with self.on_day(8):
            self.pay(old)
            self.chase()
        self.assertEqual(self.standing(), (1, 1))
        self.live(9, 14)
        self.assertEqual(self.standing(), (1, 1))
        self.live(14, 15)
        self.assertEqual(self.standing(), (1, 2))

    def test_the_level_of_invoices_counts_for_no_other_plan(self):
        """Level 2 at 14 days is level 1 of a plan with 10 and 40 days."""
        self.late(100, days=10)
        self.live(0, 8)
        self.assertEqual(self.standing(), (1, 2))
        by_customer = self.new_plan([(1, 10), (2, 40)], sequence=99, name="After")
        self.give_plan(by_customer)
        with self.on_day(8):
            self.assertEqual(self.reason(), "waiting_level")
            self.chase()
        self.assertEqual(self.standing(), (1, 1))
        self.live(9, 31)
        self.assertEqual(self.standing(), (1, 2))
        self.assertEqual(self.actions()[-1].plan_id, by_customer)

    def test_what_is_due_on_one_day_goes_into_one_message(self):
        first, second = self.late(100, days=40), self.late(50, days=5)
        self.late(30, days=1)
        self.run_chase()
        actions = self.actions()
        self.assertEqual(actions.item_id.move_id, first + second)
        [message] = actions.message_id
        self.assertEqual(
            [item["number"] for item in message.figures["items"]],
            [first.name, second.name],
        )

    def test_a_reminder_of_one_invoice_does_not_silence_the_others(self):
        self.late(100, days=5)
        self.run_chase()
        self.actions()._set_failed("smtp_gave_up")
        self.assertEqual(self.reason(), "failed")
        other = self.late(50, days=5)
        self.assertEqual(self.reason(), "due")
        self.run_chase()
        self.assertEqual(
            [action.state for action in self.actions()], ["failed", "queued"]
        )
        self.assertEqual(self.actions()[-1].item_id.move_id, other)

    def test_a_message_that_waits_survives_the_next_invoice(self):
        self.late(100, days=5)
        self.run_chase()
        [message] = self.actions().message_id
        with self.on_day(1):
            self.late(50, days=5)
            self.refresh()
            self.assertEqual(self.reason(), "due")
            self.assertFalse(message._stale_reason())

    def test_a_paid_invoice_drops_out_of_the_run_and_of_the_message(self):
        paid = self.late(100, days=5)
        self.late(50, days=5)
        self.run_chase()
        [message] = self.actions().message_id
        self.pay(paid)
        self.assertEqual(message._stale_reason(), "figures_changed")
        message._set_cancelled("figures_changed")
        self.run_chase()
        [action] = self.actions(("state", "=", "queued"))
        self.assertEqual(action.amount_due, 50)

    def test_in_the_end_one_task_for_all_invoices_that_ended_together(self):
        self.plan.step_ids[1:].unlink()
        self.late(100, days=50)
        self.late(50, days=50)
        self.chase()
        with self.on_day(30):
            self.chase()
        tasks = self.actions(("channel", "=", "todo"))
        self.assertEqual(tasks.mapped("level"), [2, 2])
        [activity] = tasks.activity_id
        activity._action_done()
        self.assertEqual(set(self.actions().mapped("state")), {"done"})

    def test_the_end_can_be_a_hand_over_to_somebody(self):
        lawyer = self.new_user("plan_lawyer", "o2c_base.group_collector")
        self.plan.write({"final_action": "hand_over", "hand_over_id": lawyer.id})
        self.plan.step_ids[1:].unlink()
        self.late(100, days=50)
        self.chase()
        with self.on_day(30):
            self.chase()
        [activity] = self.actions(("channel", "=", "todo")).activity_id
        self.assertEqual(activity.user_id, lawyer)
        self.assertIn("hand the case over", activity.summary)

    def test_a_band_is_chosen_by_the_invoice_s_amount(self):
        self.plan.step_ids[0].amount_min = 80
        small, large = self.late(50, days=5), self.late(100, days=5)
        self.run_chase()
        self.assertEqual(self.actions().item_id.move_id, large)
        self.assertFalse(self.levels(small))

    def test_below_the_tolerance_nothing_is_sent(self):
        self.late(3, days=50)
        self.assertEqual(self.reason(), "below_tolerance")

    def test_items_of_a_branch_and_of_another_company_are_kept_apart(self):
        branch = self.engine["res.company"].create(
            {"name": "Branch", "parent_id": self.company.id}
        )
        self.cr.precommit.run()  # the branch gets its root's chart of accounts
        self.env.user.company_ids += branch
        other = self.setup_other_company()["company"]
        other.sudo().write({"email": "b@other.example", "o2c_chase_from": "2000-01-01"})
        own, theirs = self.late(80, days=5), self.late(30, days=5, company=branch)
        self.late(300, days=9, company=other)
        self.run_chase()
        self.assertEqual(self.actions().item_id.move_id, own + theirs)

    def test_a_plan_in_use_keeps_its_basis(self):
        self.late(100, days=5)
        self.chase()
        with self.assertRaises(ValidationError):
            self.plan.basis = "customer"

    def test_coming_from_a_plan_per_customer_nothing_is_sent_again(self):
        by_customer = self.new_plan([(1, 3), (2, 14)], sequence=1, name="Before")
        old = self.late(100, days=20)
        self.live(0, 8)
        self.assertEqual(self.standing(), (1, 2))
        self.give_plan(self.plan)
        with self.on_day(8):
            young = self.late(50, days=0)
        self.live(8, 21)
        self.assertEqual(by_customer, self.actions()[0].plan_id)
        self.assertEqual(self.levels(old), [(14, 3)])
        self.assertEqual(self.levels(young), [(11, 1)])
        self.assertEqual(self.standing(), (1, 3))

    def test_a_plan_with_reminders_before_due_and_levels_per_invoice(self):
        self.plan.step_ids = [
            Command.create(
                {
                    "level": 1,
                    "days": -5,
                    "template_id": self.plan.step_ids[0].template_id.id,
                }
            )
        ]
        due = self.day("2026-06-20")
        move = self.invoice(100, date="2026-06-01", due=due)
        self.live(0, 20)
        self.assertEqual(self.levels(move), [(0, 1), (8, 1), (19, 2)])
