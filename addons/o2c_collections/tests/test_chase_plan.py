from psycopg2 import IntegrityError

from odoo import Command
from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .chase_common import ChaseCommon


@tagged("post_install", "-at_install")
class TestChasePlan(ChaseCommon):
    """Which plan and which of its lines apply to whom."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.call = {"channel": "call", "template_id": False}
        cls.plan.step_ids = [
            Command.create({"level": 1, "days": 3, "amount_min": 1000, **cls.call})
        ]

    def next_step(self):
        decision = self.decide()
        return decision["level"], decision["channel"]

    def test_the_amount_chooses_the_line_of_a_level(self):
        first = self.late(999.99, days=5)
        self.assertEqual(self.next_step(), (1, "email"))
        self.late(0.01, days=5)
        self.assertEqual(self.next_step(), (1, "call"))
        self.pay(first)
        self.late(5000, days=0)  # not overdue: does not count for the band
        self.assertEqual(self.next_step(), (1, "email"))

    def test_a_band_ends_below_its_upper_amount(self):
        self.plan.step_ids.filtered("amount_min").unlink()
        self.plan.step_ids[0].amount_max = 100
        self.late(99.99, days=5)
        self.assertEqual(self.next_step(), (1, "email"))
        self.late(0.01, days=15)
        self.assertEqual(self.next_step(), (2, "email"))

    def test_a_level_without_a_line_for_the_amount_is_passed_over(self):
        self.plan.step_ids.filtered(lambda s: s.level == 2).amount_min = 500
        self.late(100, days=50)
        self.chase()
        with self.on_day(7):
            self.chase()
        self.assertEqual(self.story(), [(1, "email", "done"), (3, "email", "done")])

    def test_crossing_a_band_moves_the_next_step_and_repeats_none(self):
        """Above 1000 level 1 is a call; paying part of it brings no e-mail instead."""
        large = self.late(2000, days=50)
        self.late(100, days=50)
        self.chase()
        self.actions().activity_id._action_done()
        self.pay(large)
        with self.on_day(7):
            self.chase()
        self.assertEqual(self.story(), [(1, "call", "done"), (2, "email", "done")])

    def test_a_call_whose_amount_fell_is_still_one_step(self):
        """The step under way stays; the level is not done a second time."""
        large = self.late(2000, days=50)
        self.late(100, days=50)
        self.chase()
        self.pay(large)
        with self.on_day(1):
            self.chase()
        self.assertEqual(self.story(), [(1, "call", "queued")])

    def test_bands_are_in_the_company_s_currency(self):
        """2,400 of a currency worth a half is 1,200: above the band's 1,000."""
        currency = self.setup_other_currency("EUR", rates=[("2020-01-01", 2.0)])
        invoice = self.late(1998, days=5, currency_id=currency.id)
        self.assertEqual(invoice.amount_residual, 1998)
        decision = self.decide()
        self.assertEqual(decision["amount_due"], 999)
        self.assertEqual((decision["level"], decision["channel"]), (1, "email"))
        self.late(402, days=5, currency_id=currency.id)
        decision = self.decide()
        self.assertEqual(decision["amount_due"], 1200)
        self.assertEqual((decision["level"], decision["channel"]), (1, "call"))

    # Companies

    def test_items_of_a_branch_count_for_the_root(self):
        branch = self.engine["res.company"].create(
            {"name": "Branch", "parent_id": self.company.id}
        )
        self.cr.precommit.run()  # the branch gets its root's chart of accounts
        self.env.user.company_ids += branch
        self.late(800, days=5)
        self.late(300, days=9, company=branch)
        decision = self.decide()
        self.assertEqual(decision["amount_due"], 1100)
        self.assertEqual(decision["days_oldest"], 9)
        self.assertEqual(decision["company_id"], self.company.id)
        self.assertEqual(decision["channel"], "call")

    def test_two_companies_follow_their_own_plans_each(self):
        other = self.setup_other_company()["company"]
        other.sudo().write({"email": "b@other.example", "o2c_chase_from": "2000-01-01"})
        self.new_plan([(1, 10)], company_id=other.id)
        self.late(100, days=9)
        self.late(100, days=9, company=other)
        self.assertEqual(self.reason(), "due")
        self.assertEqual(self.reason(company=other), "waiting_level")
        with self.on_day(1):
            self.chase()
            self.assertEqual(self.decide()["level"], 2)
            self.assertEqual(self.reason(company=other), "due")

    def test_the_company_s_own_plan_comes_before_one_for_all(self):
        plans = self.engine["o2c.chase.plan"]
        shared = self.new_plan([(1, 1)], company_id=False, sequence=1)
        self.assertEqual(plans._default_for(self.company), self.plan)
        self.plan.active = False
        self.assertEqual(plans._default_for(self.company), shared)

    def test_the_customer_s_own_plan_comes_first(self):
        strict = self.new_plan([(1, 1)], name="Strict", sequence=99)
        self.late(100, days=1)
        self.assertEqual(self.reason(), "waiting_level")
        self.give_plan(strict)
        self.assertEqual(self.decide()["plan_id"], strict.id)
        self.assertEqual(self.reason(), "due")

    def test_a_plan_of_another_company_cannot_be_chosen(self):
        other = self.setup_other_company()["company"]
        foreign = self.new_plan([(1, 1)], company_id=other.id)
        self.late(100, days=1)
        self.refresh()
        with self.assertRaises(UserError):
            self.give_plan(foreign)

    # What cannot be entered

    def test_a_plan_belongs_to_a_root_company(self):
        branch = self.engine["res.company"].create(
            {"name": "Branch", "parent_id": self.company.id}
        )
        with self.assertRaises(ValidationError):
            self.plan.company_id = branch

    def test_days_do_not_fall_from_level_to_level(self):
        with self.assertRaises(ValidationError):
            self.new_plan([(1, 10), (2, 5)])
        with self.assertRaises(ValidationError):
            self.plan.step_ids.filtered(lambda s: s.level == 2).days = 2

    def test_lines_of_one_level_may_have_days_of_their_own(self):
        plan = self.new_plan(
            [(1, 3), (2, 10, {"amount_max": 50}), (2, 5, {"amount_min": 50}), (3, 10)]
        )
        self.assertEqual(len(plan.step_ids), 4)

    def test_a_template_for_other_records_cannot_be_chosen(self):
        foreign = self.engine["mail.template"].create(
            {"name": "X", "model_id": self.env["ir.model"]._get_id("res.partner")}
        )
        with self.assertRaises(ValidationError):
            self.plan.step_ids[0].template_id = foreign

    def test_figures_out_of_range_are_refused(self):
        step = self.plan.step_ids[0]
        for record, values in (
            (self.plan, {"gap_days": 0}),
            (self.plan, {"repeat_days": 0}),
            (self.plan, {"repeat_days": 91}),
            (self.plan, {"tolerance": -1}),
            (step, {"level": 0}),
            (step, {"days": -366}),
            (self.plan, {"amount_min": -1}),
            (step, {"amount_min": 100, "amount_max": 100}),
            (step, {"amount_min": -1}),
        ):
            with (
                self.subTest(values=values),
                self.assertRaises(IntegrityError),
                mute_logger("odoo.sql_db"),
                self.env.cr.savepoint(),
            ):
                record.write(values)
                record.flush_recordset()

    def test_a_copy_of_a_plan_has_its_levels(self):
        copy = self.plan.copy()
        self.assertEqual(self._lines(copy), self._lines(self.plan))

    def _lines(self, plan):
        return sorted((s.level, s.days, s.amount_min) for s in plan.step_ids)

    def test_a_level_has_one_line_per_starting_amount(self):
        with self.assertRaises(ValidationError):
            self.plan.step_ids = [Command.create({"level": 2, "days": 14})]
