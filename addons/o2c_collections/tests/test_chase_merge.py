from datetime import timedelta

from odoo.tests import tagged

from .chase_common import TODAY_DATE, ChaseCommon


@tagged("post_install", "-at_install")
class TestChaseMerge(ChaseCommon):
    """Two contacts turn out to be one customer."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.double = cls.new_debtor("Bolt Ltd")

    def merge(self, source, target):
        self.engine.flush_all()
        self.engine["base.partner.merge.automatic.wizard"].create({})._merge(
            (source + target).ids, target
        )
        self.engine.invalidate_all()
        self.refresh()

    def reach(self, partner, level, day=0):
        """Bring a customer to a level, by runs and gates."""
        for number in range(level):
            with self.on_day(day - 7 * (level - 1 - number)):
                self.chase()
        self.assertEqual(self.standing(partner)[1], level)

    def _one_at_two_the_other_at_none(self):
        self.late(100, days=60, partner=self.double)
        self.reach(self.double, 2)
        self.late(50, days=5)
        self.refresh()

    def test_the_higher_level_goes_on_from_either_side(self):
        for target in ("customer", "double"):
            with self.subTest(target=target), self.env.cr.savepoint() as savepoint:
                self._one_at_two_the_other_at_none()
                steps = self.actions(partner=self.double)
                kept = getattr(self, target)
                self.merge((self.customer + self.double) - kept, kept)
                self.assertEqual(self.debtor(kept).level, 2)
                self.assertEqual(self.debtor(kept).level_date, TODAY_DATE)
                self.assertEqual(steps.debtor_id, self.debtor(kept))
                self.assertEqual(self.reason(kept), "too_soon")
                with self.on_day(7):
                    self.chase()
                self.assertEqual(self.actions(partner=kept)[-1].level, 3)
                savepoint.rollback()
                self.env.invalidate_all()

    def test_the_longer_pause_holds(self):
        self._one_at_two_the_other_at_none()
        soon, late = TODAY_DATE + timedelta(days=3), TODAY_DATE + timedelta(days=30)
        self.debtor().sudo().paused_until = soon
        self.debtor(self.double).sudo().paused_until = late
        self.merge(self.double, self.customer)
        self.assertEqual(self.debtor().paused_until, late)

    def test_history_stays_and_no_key_is_violated_with_equal_cycles(self):
        """Both have had cycle 1 with level 1: the steps stay, told apart."""
        self.late(100, days=60, partner=self.double)
        self.late(50, days=60)
        self.chase()
        with self.on_day(7):
            self.chase()
        messages = self.engine["o2c.chase.message"].search([])
        self.assertEqual(len(messages), 4)
        with self.on_day(8):
            self.merge(self.double, self.customer)
        actions = self.actions()
        self.assertEqual(len(actions), 4)
        self.assertEqual(len({(a.cycle, a.level) for a in actions}), 4)
        self.assertEqual(messages.debtor_id, self.debtor())
        self.assertEqual(self.standing(), (2, 2))
        with self.on_day(14):
            self.chase()
        last = self.actions()[-1]
        self.assertEqual((last.cycle, last.level, last.state), (2, 3, "done"))

    def test_what_the_other_one_had_pending_is_taken_back(self):
        self.plan.step_ids[0].write({"channel": "call"})
        self.late(50, days=5)
        self._one_at_two_the_other_at_none_by_call()
        pending = self.actions()
        self.assertEqual(pending.state, "queued")
        activity = pending.activity_id
        self.merge(self.customer, self.double)
        self.assertEqual((pending.state, pending.reason), ("skipped", "merged"))
        self.assertFalse(activity.exists())

    def _one_at_two_the_other_at_none_by_call(self):
        self.late(100, days=60, partner=self.double)
        self.run_chase()
        double = self.actions(partner=self.double)
        double.activity_id._action_done()
        self.assertEqual(self.standing(self.double)[1], 1)

    def test_an_unknown_step_of_the_other_one_stays_for_a_person(self):
        self._one_at_two_the_other_at_none()
        self.run_chase()
        unknown = self.actions()
        unknown._set_unknown()
        self.merge(self.customer, self.double)
        self.assertEqual(unknown.state, "unknown")
        unknown.action_close()
        self.assertEqual(self.debtor(self.double).level, 2)

    def test_a_merge_in_mid_run_sends_one_letter_about_everything(self):
        """Both are planned; before anything is carried out they are merged."""
        self.late(100, days=5, partner=self.double)
        self.late(50, days=9)
        self.refresh()
        runs = self.engine["o2c.chase.run"]
        run = runs.browse(runs._evaluate_and_plan(self.company.id, "manual"))
        self.assertEqual(len(run.action_ids), 2)
        self.merge(self.double, self.customer)
        with self.enter_registry_test_mode():
            run._perform_batch()
        [message] = self.engine["o2c.chase.message"].search([])
        amounts = sorted(item["amount_open"] for item in message.figures["items"])
        self.assertEqual(amounts, [50, 100])
        self.assertEqual(sorted(self.actions().mapped("state")), ["queued", "skipped"])
        self.deliver()
        self.chase()
        self.assertEqual(len(self.engine["o2c.chase.message"].search([])), 1)

    def test_a_contact_merged_into_a_customer_without_account_keeps_its_standing(self):
        self.late(100, days=60, partner=self.double)
        self.reach(self.double, 2)
        self.merge(self.double, self.customer)
        self.assertEqual(self.debtor().level, 2)
        self.assertEqual(self.reason(), "too_soon")

    def test_a_letter_being_sent_during_the_merge_is_the_one_of_the_day(self):
        self.late(100, days=60, partner=self.double)
        self.late(50, days=9)
        self.run_chase()
        doubles = self.actions(partner=self.double)
        doubles.message_id._set_sending()
        self.merge(self.double, self.customer)
        self.assertEqual(doubles.state, "queued")
        doubles.message_id._set_sent()
        self.assertEqual(doubles.state, "done")
        self.assertEqual(self.debtor().level_date, TODAY_DATE)
        others = self.engine["o2c.chase.message"].search([]) - doubles.message_id
        for message in others.filtered(lambda m: m.state == "outgoing"):
            self.assertTrue(message._stale_reason())
        self.assertEqual(self.reason(), "too_soon")

    def test_a_letter_that_left_after_its_step_was_closed_keeps_the_distance(self):
        self.late(50, days=9)
        self.run_chase()
        action = self.actions()
        action.message_id._set_sending()
        action._set_skipped("merged")
        action.message_id._set_sent()
        self.assertEqual(self.debtor().level_date, TODAY_DATE)
        self.assertEqual(self.reason(), "too_soon")
