import doctest

from freezegun import freeze_time
from psycopg2 import IntegrityError

from odoo import Command
from odoo.exceptions import AccessError, ValidationError
from odoo.tests import Form, new_test_user, tagged
from odoo.tools import mute_logger

from ..domain import kpi_goal
from .common import ReceivablesCommon


@tagged("post_install", "-at_install")
class TestKpiGoal(ReceivablesCommon):
    """Goals: where a figure stood, where it is, where it should be."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.goals = cls.env["o2c.kpi.goal"].with_company(cls.company)

    def goal(self, target=400.0, metric="overdue", **values):
        return self.goals.create(
            {
                "metric": metric,
                "company_id": self.company.id,
                "date_start": "2026-06-15",
                "date": "2026-09-30",
                "target": target,
                **values,
            }
        )

    def take(self):
        self.env["o2c.kpi.snapshot"].sudo()._take(self.company)
        self.env.invalidate_all()

    def test_doctests(self):
        result = doctest.testmod(kpi_goal)
        self.assertGreater(result.attempted, 0)
        self.assertEqual(result.failed, 0)

    # ------------------------------------------------------------------
    # Progress
    # ------------------------------------------------------------------

    def test_the_start_is_frozen_and_the_present_follows(self):
        invoice = self.invoice(1000, date="2026-05-01", due="2026-05-31")
        goal = self.goal()
        self.assertEqual((goal.baseline, goal.value, goal.progress), (1000, 1000, 0))
        self.match(invoice, self.payment(150))
        self.take()
        # from 1,000 to 850 of the way to 400: 150 / 600 = 25 %
        self.assertEqual((goal.baseline, goal.value, goal.progress), (1000, 850, 25))
        self.assertEqual(goal.state, "open")

    def test_a_goal_shows_what_the_other_screens_show(self):
        self.invoice(1000, date="2026-05-01", due="2026-05-31")
        goals = self.env["o2c.kpi.goal"]
        codes = ("overdue", "dso", "cei", "paid_before_due", "overdue_share")
        for code in codes:
            goals += self.goal(metric=code, target=1)
        self.take()
        figures = self.env["o2c.kpi"]._figures(self.company)
        day = self.day("2026-06-15")
        stored = self.env["o2c.kpi.snapshot"]._figures_at(self.company, day, codes)
        for goal in goals:
            self.assertEqual(goal.value, figures[goal.metric].value, goal.metric)
            self.assertEqual(stored[goal.metric], figures[goal.metric])

    def test_a_figure_that_is_not_there_is_not_zero(self):
        goal = self.goal(metric="dso", target=30)
        self.assertFalse(goal.has_value)
        self.assertEqual(goal.value_text, "n/a")
        self.assertEqual(goal.progress, 0)

    def test_a_goal_from_the_past_begins_where_the_ledger_stood(self):
        self.match(
            self.invoice(1000, date="2026-01-01", due="2026-01-31"),
            self.payment(700, date="2026-04-10"),
        )
        goal = self.goal(date_start="2026-03-31")
        # 1,000 then, 300 now: below 400
        self.assertEqual((goal.baseline, goal.value, goal.progress), (1000, 300, 100))

    def test_a_goal_of_the_future_has_its_start_noted_on_its_day(self):
        self.invoice(1000, date="2026-05-01", due="2026-05-31")
        goal = self.goal(date_start="2026-06-20")
        self.assertFalse(goal.has_baseline)
        with freeze_time("2026-06-20 09:00:00"):
            self.take()
        self.assertTrue(goal.has_baseline)
        self.assertEqual(goal.baseline, 1000)

    def test_after_the_deadline_a_goal_is_reached_or_missed(self):
        invoice = self.invoice(1000, date="2026-05-01", due="2026-05-31")
        goals = self.goal(date="2026-06-30") + self.goal(1000, date="2026-06-30")
        with freeze_time("2026-06-30 12:00:00"):
            self.take()
            self.assertEqual(goals.mapped("state"), ["open", "open"])
        with freeze_time("2026-07-01 12:00:00"):
            self.match(invoice, self.payment(900, date="2026-07-01"))
            self.take()
            self.assertEqual(goals.mapped("state"), ["missed", "reached"])
            self.assertEqual(goals.mapped("value"), [1000, 1000])

    def test_another_metric_begins_another_way(self):
        self.invoice(1000, date="2026-05-01", due="2026-05-31")
        goal = self.goal()
        goal.metric = "overdue_share"
        self.assertEqual((goal.baseline, goal.value), (100.0, 100.0))
        goal.target = 100
        self.assertEqual(goal.progress, 100)

    def test_a_segments_goal_measures_its_customers_only(self):
        segment = self.env["o2c.segment"].create({"name": "Key", "code": "key"})
        self.invoice(100, date="2026-05-01", due="2026-05-31")
        self.invoice(
            30, date="2026-05-01", due="2026-05-31", partner=self.new_customer("Other")
        )
        self.refresh()
        self.debtor().sudo().segment_id = segment
        goal = self.goal(segment_id=segment.id)
        self.assertEqual(goal.value, 100)
        self.assertEqual(goal.display_name, "Overdue: Key")
        self.take()
        self.assertEqual(goal.value, 100)

    # ------------------------------------------------------------------
    # Out of reach
    # ------------------------------------------------------------------

    def test_a_dso_target_below_the_best_possible_warns_with_the_arithmetic(self):
        # not due 1,200, sold 3,000 in 90 days: 1,200 / 3,000 x 90 = 36 days
        self.invoice(1800, date="2026-03-18", due="2026-04-17")
        self.invoice(1200, date="2026-06-01", due="2026-07-15")
        form = Form(self.goals)
        form.metric = "dso"
        form.date = self.day("2026-12-31")
        form.target = 30
        for part in ("30.0 days", "36.0 days", "1,200.00", "3,000.00", "90 days"):
            self.assertIn(part, form.warning)
        goal = form.save()
        self.assertIn("36.0 days", goal.warning)
        goal.target = 40
        self.assertFalse(goal.warning)

    def test_other_targets_do_not_warn(self):
        self.invoice(1200, date="2026-06-01", due="2026-07-15")
        self.assertFalse(self.goal(metric="overdue_share", target=1).warning)
        self.assertFalse(self.goal(metric="dso", target=90).warning)

    # ------------------------------------------------------------------
    # What is refused
    # ------------------------------------------------------------------

    def test_what_makes_no_sense_is_refused(self):
        segment = self.env["o2c.segment"].create({"name": "Key", "code": "key"})
        for values in (
            {"date": "2026-06-15"},
            {"segment_id": segment.id, "collector_id": self.env.user.id},
        ):
            with (
                self.subTest(values),
                mute_logger("odoo.sql_db"),
                self.assertRaises(IntegrityError),
                self.env.cr.savepoint(),
            ):
                self.goal(**values)
        branch = self.env["res.company"].create(
            {"name": "Branch", "parent_id": self.company.id}
        )
        with self.assertRaises(ValidationError):
            self.goal(company_id=branch.id)
        other = self.setup_other_company(name="Other")["company"]
        segment.company_id = other
        with self.assertRaises(ValidationError):
            self.goal(segment_id=segment.id)

    def person(self, group, company=None):
        company = company or self.company
        return new_test_user(
            self.env,
            f"goal_{group}_{company.id}",
            groups=f"o2c_base.group_{group}",
            company_id=company.id,
            company_ids=[Command.set(company.ids)],
        )

    def test_managers_set_goals_and_the_others_read_them(self):
        manager = self.person("manager")
        goal = self.goal().with_user(manager)
        goal.target = 300
        with self.assertRaises(AccessError):
            goal.value = 1
        with self.assertRaises(AccessError):
            goal.create({"target": 1, "date": "2027-01-01", "progress": 100})
        for group in ("collector", "credit_manager", "auditor"):
            user = self.person(group)
            self.assertEqual(goal.with_user(user).target, 300)
            with self.assertRaises(AccessError):
                goal.with_user(user).target = 1
        with self.assertRaises(AccessError):
            goal.with_user(new_test_user(self.env, "goal_nobody")).read(["target"])

    def test_another_company_does_not_see_them(self):
        other = self.setup_other_company(name="Other")["company"]
        stranger = self.person("manager", other)
        goal = (
            self.goal().with_user(stranger).with_context(allowed_company_ids=other.ids)
        )
        self.assertFalse(goal.search([]))
        with self.assertRaises(AccessError):
            goal.read(["target"])
        with self.assertRaises(AccessError):
            goal.create(
                {"company_id": self.company.id, "date": "2027-01-01", "target": 1}
            )

    def test_changes_are_tracked_and_the_trend_is_one_click_away(self):
        goal = self.goal().with_context(tracking_disable=False, mail_notrack=False)
        self.flush_tracking()
        goal.target = 300
        self.flush_tracking()
        self.env.invalidate_all()
        values = goal.message_ids.sudo().tracking_value_ids
        self.assertIn("target", values.field_id.mapped("name"))
        self.take()
        action = goal.action_trend()
        rows = self.env["o2c.kpi.snapshot"].search(action["domain"])
        self.assertEqual(rows.mapped("metric"), ["overdue"])

    def flush_tracking(self):
        self.env.flush_all()
        self.env.cr.precommit.run()
