import ast
from datetime import timedelta

from lxml import etree

from odoo import Command
from odoo.tests import tagged

from ..domain.reasons import DUE_REASONS, NOT_DUE_REASONS
from .chase_common import TODAY_DATE, ChaseCommon
from .reasons_pinned import PINNED


@tagged("post_install", "-at_install")
class TestChaseReasons(ChaseCommon):
    def test_every_reason_is_pinned_by_a_test(self):
        from .test_chase_channels import TestChaseChannels
        from .test_chase_contact import TestChaseContact
        from .test_contact_budget import TestContactBudget
        from .test_plan_choice import TestPlanChoice
        from .test_plan_soon import TestPlanSoon

        cases = (
            type(self),
            TestChaseChannels,
            TestChaseContact,
            TestContactBudget,
            TestPlanChoice,
            TestPlanSoon,
        )
        self.assertEqual(PINNED.keys(), {*NOT_DUE_REASONS, *DUE_REASONS})
        for test in PINNED.values():
            self.assertTrue(any(hasattr(case, test) for case in cases), test)

    def assert_decision(self, decision, **expected):
        self.assertEqual({name: decision[name] for name in expected}, expected)

    # Due

    def test_every_reason_of_who_is_overdue_has_a_filter(self):
        view = self.env.ref("o2c_base.o2c_debtor_view_search")
        arch = etree.fromstring(self.env["o2c.debtor"].get_view(view.id)["arch"])
        found = set()
        for node in arch.xpath("//filter[starts-with(@name, 'why_')]"):
            for name, operator, value in ast.literal_eval(node.get("domain")):
                if name == "chase_reason":
                    found |= set(value) if operator == "in" else {value}
        reasons = {*NOT_DUE_REASONS, *DUE_REASONS} - {"paid", "not_due"}
        self.assertFalse(reasons - found)

    def test_a_late_customer_is_due(self):
        self.late(200, days=5)
        self.late(100, days=3)
        self.assert_decision(
            self.decide(),
            outcome="due",
            reason="due",
            level=1,
            channel="email",
            amount_overdue=300,
            amount_due=300,
            days_oldest=5,
            recipient_email="pay@bolt.example",
            date_next=TODAY_DATE,
            cycle=1,
        )

    def test_who_is_not_invited_is_in_shadow(self):
        """With all that would be done, so that the list shows it."""
        self.company.sudo().o2c_pilot = True
        self.late(200, days=5)
        self.assert_decision(
            self.decide(),
            outcome="shadow",
            reason="not_in_pilot",
            level=1,
            channel="email",
            recipient_email="pay@bolt.example",
            amount_due=200,
            date_next=TODAY_DATE + timedelta(days=1),
        )
        self.debtor().is_pilot = True
        self.assert_decision(self.decide(), outcome="due", reason="due")

    def test_a_level_is_due_on_its_very_day(self):
        self.late(100, days=3)
        self.assertEqual(self.reason(), "due")

    def test_a_currency_without_rate_is_mentioned(self):
        crowns = self.env["res.currency"].create({"name": "XTS", "symbol": "X"})
        self.late(100, days=5, currency_id=crowns.id)
        self.assert_decision(self.decide(), outcome="due", reason="no_rate", level=1)
        crowns.rate_ids = [
            Command.create(
                {"name": "2026-01-01", "rate": 2, "company_id": self.company.id}
            )
        ]
        self.assertEqual(self.reason(), "due")

    def test_a_rate_of_another_company_does_not_count(self):
        other = self.setup_other_company()["company"]
        crowns = self.env["res.currency"].create({"name": "XTS", "symbol": "X"})
        self.late(100, days=5, currency_id=crowns.id)
        crowns.sudo().rate_ids = [
            Command.create({"name": "2026-01-01", "rate": 2, "company_id": other.id})
        ]
        self.assertEqual(self.reason(), "no_rate")

    # Nothing overdue

    def test_due_today_is_not_overdue(self):
        self.late(100, days=0)
        self.assert_decision(
            self.decide(),
            outcome="none",
            reason="not_due",
            amount_overdue=0,
            date_next=TODAY_DATE + timedelta(days=1),
        )

    def test_a_customer_who_paid_everything_is_paid(self):
        invoice = self.late(100, days=5)
        self.refresh()
        self.pay(invoice)
        self.assert_decision(
            self.decide(), outcome="none", reason="paid", date_next=None
        )

    # What rests

    def test_a_pause_counts_up_to_and_including_its_day(self):
        self.late(100, days=5)
        self.refresh()
        self.debtor().sudo().paused_until = TODAY_DATE
        self.assert_decision(
            self.decide(),
            outcome="none",
            reason="paused_until",
            date_next=TODAY_DATE + timedelta(days=1),
        )
        with self.on_day(1):
            self.assertEqual(self.reason(), "due")

    def test_a_long_pause_is_looked_at_again_after_90_days(self):
        self.late(100, days=5)
        self.refresh()
        self.debtor().sudo().paused_until = TODAY_DATE + timedelta(days=1000)
        self.assertEqual(self.decide()["date_next"], TODAY_DATE + timedelta(days=90))

    def test_an_archived_customer_is_not_written_to(self):
        self.late(100, days=5)
        self.refresh()
        self.customer.active = False
        self.assert_decision(
            self.decide(),
            outcome="none",
            reason="archived",
            date_next=TODAY_DATE + timedelta(days=90),
        )

    def test_items_excluded_from_follow_up_are_not_asked_for(self):
        excluded = self.late(100, days=50)
        self.receivable_lines(excluded).no_followup = True
        self.assert_decision(
            self.decide(), reason="no_followup", amount_overdue=100, amount_due=0
        )
        self.late(40, days=5)
        self.assert_decision(
            self.decide(), reason="due", amount_due=40, level=1, days_oldest=5
        )

    def test_items_due_before_chase_from_wait_for_the_clean_up(self):
        self.company.o2c_chase_from = TODAY_DATE - timedelta(days=10)
        old = self.late(100, days=11)
        self.assert_decision(
            self.decide(), reason="before_chase_from", amount_overdue=100, amount_due=0
        )
        self.receivable_lines(old).sudo()._o2c_decide_clean_up(include=True)
        self.assert_decision(self.decide(), reason="due", amount_due=100)

    def _assert_taken(self, column, reason):
        late = self.receivable_lines(self.late(100, days=5))
        with self.taken(late, **{column: 99.99}):
            self.assertEqual(self.reason(), "below_tolerance")
        with self.taken(late, **{column: 100}):
            self.assert_decision(
                self.decide(),
                outcome="none",
                reason=reason,
                amount_overdue=100,
                amount_due=0,
                date_next=TODAY_DATE + timedelta(days=1),
            )

    def test_what_is_disputed_is_not_asked_for(self):
        self._assert_taken("disputed", "disputed")

    def test_what_is_promised_is_not_asked_for(self):
        self._assert_taken("promised", "promised")

    def test_what_is_under_way_is_not_asked_for(self):
        self._assert_taken("in_transit", "in_transit")

    def test_of_several_causes_the_largest_is_named(self):
        late = self.receivable_lines(self.late(100, days=5))
        for disputed, promised, in_transit, reason in (
            (50, 30, 20, "disputed"),
            (30, 50, 20, "promised"),
            (30, 20, 50, "in_transit"),
        ):
            with self.taken(
                late, disputed=disputed, promised=promised, in_transit=in_transit
            ):
                self.assertEqual(self.reason(), reason)
        self.payment(90)
        with self.taken(late, disputed=10):
            self.assertEqual(self.reason(), "covered_by_credit")

    def test_open_credit_covers_the_oldest_items_first(self):
        self.late(100, days=20)
        self.late(60, days=4)
        self.payment(100)
        self.assert_decision(
            self.decide(), reason="due", amount_due=60, days_collectable=4, level=1
        )
        self.payment(60)
        self.assert_decision(
            self.decide(),
            outcome="none",
            reason="covered_by_credit",
            amount_overdue=160,
            amount_due=0,
        )

    def test_the_tolerance_itself_is_tolerated(self):
        self.late(5, days=5)
        self.assert_decision(
            self.decide(), outcome="none", reason="below_tolerance", amount_due=5
        )
        self.late(0.01, days=5)
        self.assert_decision(self.decide(), reason="due")

    # The plan

    def test_without_a_plan_nobody_is_chased(self):
        self.late(100, days=5)
        self.plan.active = False
        self.assert_decision(self.decide(), outcome="none", reason="no_plan", level=1)

    def test_a_plan_without_levels_says_so(self):
        self.late(100, days=5)
        self.plan.step_ids.unlink()
        self.assert_decision(self.decide(), outcome="none", reason="no_levels")

    def test_an_amount_without_any_level_is_told(self):
        self.plan.step_ids.amount_min = 1000
        self.late(100, days=50)
        for final_action in ("person", "repeat"):
            self.plan.final_action = final_action
            self.assert_decision(
                self.decide(),
                outcome="none",
                reason="no_level_for_amount",
                date_next=TODAY_DATE + timedelta(days=90),
            )

    def test_a_level_by_e_mail_without_template_says_so(self):
        self.late(100, days=5)
        self.plan.step_ids[0].template_id = False
        self.assert_decision(self.decide(), outcome="none", reason="no_template")

    def test_a_call_needs_no_template(self):
        self.late(100, days=5)
        self.plan.step_ids[0].write({"template_id": False, "channel": "call"})
        self.assert_decision(self.decide(), reason="due", channel="call")

    def test_a_company_without_address_cannot_send(self):
        self.late(100, days=5)
        self.company.email = False
        self.assert_decision(self.decide(), outcome="none", reason="no_sender")

    # Time

    def test_a_level_waits_for_its_days(self):
        self.late(100, days=2)
        self.assert_decision(
            self.decide(),
            outcome="none",
            reason="waiting_level",
            level=1,
            date_next=TODAY_DATE + timedelta(days=1),
        )

    def test_the_next_level_keeps_its_distance(self):
        self.late(100, days=40)
        self.chase()
        with self.on_day(6):
            self.assert_decision(
                self.decide(),
                outcome="none",
                reason="too_soon",
                level=2,
                date_next=TODAY_DATE + timedelta(days=7),
            )
        with self.on_day(7):
            self.assert_decision(self.decide(), reason="due", level=2)

    def test_after_the_last_level_the_next_look_is_planned(self):
        self.late(100, days=40)
        self.refresh()
        self.debtor().sudo().write(
            {
                "cycle": 1,
                "cycle_date": TODAY_DATE,
                "level_own": 3,
                "level_date": TODAY_DATE,
            }
        )
        self.assert_decision(
            self.decide(),
            outcome="none",
            reason="plan_finished",
            level=4,
            date_next=TODAY_DATE + timedelta(days=30),
        )

    # Steps

    def test_a_pending_step_is_in_progress(self):
        self.late(100, days=5)
        self.run_chase()
        self.assert_decision(
            self.decide(), outcome="none", reason="in_progress", level=1
        )

    def test_a_failed_step_waits_for_a_person(self):
        self.late(100, days=5)
        self.run_chase()
        self.actions()._set_failed("smtp_gave_up")
        self.assert_decision(self.decide(), outcome="none", reason="failed")

    def test_an_unknown_step_waits_for_a_person(self):
        self.late(100, days=5)
        self.run_chase()
        self.actions()._set_unknown()
        self.assert_decision(self.decide(), outcome="none", reason="unknown")

    # Order

    def test_of_several_reasons_the_one_that_ends_last_in_line_is_named(self):
        """Take the reasons away one by one: the next one comes to light."""
        late = self.receivable_lines(self.late(4, days=2))
        late.no_followup = True
        self.refresh()
        self.debtor().sudo().paused_until = TODAY_DATE
        self.customer.active = False
        self.plan.active = False
        steps = self.plan.step_ids
        seen = [self.reason()]
        self.debtor().sudo().paused_until = False
        seen.append(self.reason())
        self.customer.active = True
        seen.append(self.reason())
        late.no_followup = False
        with self.taken(late, disputed=4):
            seen.append(self.reason())
        seen.append(self.reason())
        self.plan.active = True
        seen.append(self.reason())
        self.plan.tolerance = 0
        steps.template_id = False
        seen.append(self.reason())
        steps[0].days = 1
        seen.append(self.reason())
        self.assertEqual(
            seen,
            [
                "paused_until",
                "archived",
                "no_followup",
                "disputed",
                "no_plan",
                "below_tolerance",
                "waiting_level",
                "no_template",
            ],
        )
