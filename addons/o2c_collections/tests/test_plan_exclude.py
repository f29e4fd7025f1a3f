from datetime import timedelta

from odoo.exceptions import AccessError
from odoo.tests import tagged

from .chase_common import TODAY_DATE, ChaseCommon


@tagged("post_install", "-at_install")
class TestPlanExclude(ChaseCommon):
    """Odoo's own "No follow-up" keeps an invoice out, until somebody looks again."""

    def item_of(self, move):
        return self.open_items(("move_id", "=", move.id))

    def test_an_excluded_invoice_has_a_day_of_review(self):
        move = self.late(100, days=5)
        move.no_followup = True
        [line] = self.receivable_lines(move)
        self.assertEqual(line.o2c_review_date, TODAY_DATE + timedelta(days=90))
        self.assertEqual(self.item_of(move).review_date, line.o2c_review_date)
        due = [("move_line_id.o2c_review_date", "<=", TODAY_DATE + timedelta(days=90))]
        self.assertIn(self.item_of(move), self.open_items(*due))
        move.no_followup = False
        self.assertFalse(line.o2c_review_date)

    def test_a_collector_excludes_and_follows_up_again(self):
        collector = self.new_user("plan_collector", "o2c_base.group_collector")
        move = self.late(100, days=5)
        self.item_of(move).with_user(collector).action_exclude()
        self.assertEqual(self.reason(), "no_followup")
        with self.on_day(30):
            self.item_of(move).with_user(collector).action_exclude()
            [line] = self.receivable_lines(move)
            self.assertEqual(line.o2c_review_date, TODAY_DATE + timedelta(days=120))
        self.item_of(move).with_user(collector).action_follow_up()
        self.assertEqual(self.reason(), "due")

    def test_nobody_else_excludes(self):
        move = self.late(100, days=5)
        auditor = self.new_user("plan_auditor", "o2c_base.group_auditor")
        other = self.setup_other_company()["company"]
        outsider = self.new_user("plan_outsider", "o2c_base.group_collector")
        outsider.sudo().write({"company_ids": other.ids, "company_id": other.id})
        item = self.item_of(move)
        for user in (auditor, outsider):
            with self.assertRaises(AccessError):
                item.with_user(user).action_exclude()
        self.assertFalse(move.no_followup)
