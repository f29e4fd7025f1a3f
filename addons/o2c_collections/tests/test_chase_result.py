from datetime import timedelta

from odoo import fields
from odoo.tests import tagged

from .chase_common import TODAY_DATE
from .worklist_common import WorklistCommon


@tagged("post_install", "-at_install")
class TestChaseResult(WorklistCommon):
    """How many contacts there were, and what came in after them."""

    def results(self, user=None):
        self.env.flush_all()
        self.env.invalidate_all()
        rows = self.env["o2c.chase.result"].with_user(user or self.env.user)
        return rows.search([("debtor_id", "=", self.debtor().id)], order="date, id")

    def paid(self, amount, days):
        self.payment(amount, date=TODAY_DATE + timedelta(days=days))

    def test_money_counts_once_for_the_last_contact_before_it(self):
        self.refresh()
        self.debtor().collector_id = self.collector
        self.paid(7, -1)
        self.chase()
        self.paid(100, 7)
        self.paid(20, 8)
        with self.on_day(20):
            self.chase()
        self.paid(3, 19)
        self.paid(5, 20)
        self.paid(50, 50)
        self.paid(900, 51)
        first, second = self.results()
        self.assertEqual((first.level, second.level), (1, 2))
        self.assertEqual(first.collector_id, self.collector)
        self.assertEqual((first.cash_7, first.cash_14, first.cash_30), (100, 120, 123))
        self.assertEqual((second.cash_7, second.cash_14, second.cash_30), (5, 5, 55))

    def test_the_collector_of_then_keeps_his_results(self):
        self.refresh()
        self.debtor().collector_id = self.collector
        self.chase()
        self.debtor().collector_id = self.person("second", "o2c_base.group_collector")
        self.assertEqual(self.results().collector_id, self.collector)

    def test_calls_outside_of_the_plan_are_level_zero(self):
        self.refresh()
        mode = self.env["o2c.worklist"].with_user(self.collector)
        mode.log_call(self.debtor().id, {"outcome": "reached"})
        self.paid(60, 1)
        row = self.results()
        self.assertEqual((row.level, row.channel, row.cash_7), (0, "call", 60))
        self.assertEqual(row.collector_id, self.collector)
        self.assertEqual(row.date, TODAY_DATE)

    def test_a_call_of_the_plan_counts_once(self):
        self.plan.step_ids[0].channel = "call"
        self.run_chase()
        mode = self.env["o2c.worklist"].with_user(self.collector)
        mode.log_call(self.debtor().id, {"outcome": "reached"})
        self.assertEqual(self.results().mapped("level"), [1])

    def test_money_of_others_and_write_offs_are_no_result(self):
        self.chase()
        other = self.new_debtor("Other")
        self.payment(40, partner=other, date=fields.Date.today())
        self.credit_note(30)
        self.assertEqual(self.results().cash_30, 0)

    def test_another_company_sees_nothing(self):
        self.chase()
        other = self.setup_other_company()["company"]
        outsider = self.person("outsider", "o2c_base.group_manager", other)
        self.assertFalse(self.results(outsider))
        self.assertTrue(self.results(self.auditor))

    def test_it_can_be_summed(self):
        self.chase()
        self.paid(100, 3)
        self.env.flush_all()
        [(level, count, cash)] = self.env["o2c.chase.result"]._read_group(
            [("debtor_id", "=", self.debtor().id)],
            ["level"],
            ["contact_count:sum", "cash_7:sum"],
        )
        self.assertEqual((level, count, cash), (1, 1, 100))
