from datetime import timedelta

from odoo import Command
from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged

from .chase_common import TODAY_DATE, ChaseCommon


@tagged("post_install", "-at_install")
class TestPlanChoice(ChaseCommon):
    """Which plan applies: the customer's own, else the first whose rule fits."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.segment = cls.engine["o2c.segment"].create(
            {"name": "Slow", "code": "slow", "company_id": cls.company.id}
        )
        cls.germany = cls.env.ref("base.de")

    def rule(self, **values):
        """A plan that comes before the one for everybody."""
        return self.new_plan([(1, 1)], **{"sequence": 1, "name": "By rule"} | values)

    def plan_now(self, partner=None):
        return self.engine["o2c.chase.plan"].browse(self.decide(partner)["plan_id"])

    # By rule

    def test_a_segment_chooses_the_plan(self):
        plan = self.rule(segment_ids=[Command.set(self.segment.ids)])
        self.late(100, days=2)
        self.assertEqual(self.plan_now(), self.plan)
        self.assertEqual(self.reason(), "waiting_level")
        self.debtor().sudo().segment_id = self.segment
        self.assertEqual(self.plan_now(), plan)
        self.assertEqual(self.reason(), "due")

    def test_a_country_chooses_the_plan(self):
        plan = self.rule(country_ids=[Command.set(self.germany.ids)])
        self.late(100, days=2)
        self.assertEqual(self.plan_now(), self.plan)
        self.customer.country_id = self.germany
        self.assertEqual(self.plan_now(), plan)

    def test_what_a_customer_owes_chooses_the_plan_from_the_very_amount_on(self):
        plan = self.rule(amount_min=1000)
        self.late(999.99, days=2)
        self.assertEqual(self.plan_now(), self.plan)
        self.late(0.01, days=-20)
        self.assertEqual(self.plan_now(), plan, "not due counts too")

    def test_all_conditions_must_hold_and_the_first_plan_that_fits_wins(self):
        both = self.rule(
            segment_ids=[Command.set(self.segment.ids)],
            country_ids=[Command.set(self.germany.ids)],
        )
        second = self.rule(country_ids=[Command.set(self.germany.ids)])
        self.late(100, days=2)
        self.customer.country_id = self.germany
        self.assertEqual(self.plan_now(), second)
        self.debtor().sudo().segment_id = self.segment
        self.assertEqual(self.plan_now(), both)

    def test_without_a_plan_for_everybody_the_rest_has_none(self):
        self.plan.amount_min = 1000
        self.late(100, days=5)
        self.assertEqual(self.reason(), "no_plan")

    def test_a_rule_of_another_company_does_not_apply(self):
        other = self.setup_other_company()["company"]
        self.new_plan([(1, 1)], sequence=0, company_id=other.id)
        self.late(100, days=2)
        self.assertEqual(self.plan_now(), self.plan)

    def test_the_account_says_which_plan_applies_and_why(self):
        self.rule(name="Big", amount_min=1000)
        self.late(2000, days=2)
        self.refresh()
        text = self.debtor().with_context(lang="en_US").plan_text
        self.assertEqual(text, "Big, by rule: outstanding from 1,000.00")

    # His own

    def test_an_own_plan_ends_after_its_last_day(self):
        own = self.new_plan([(1, 1)], sequence=99, name="Own")
        self.late(100, days=2)
        self.refresh()
        self.debtor().write(
            {"plan_id": own.id, "plan_reason": "Agreed", "plan_until": TODAY_DATE}
        )
        self.assertEqual(self.plan_now(), own)
        self.assertIn("Own, chosen for this customer until", self.debtor().plan_text)
        with self.on_day(1):
            self.assertEqual(self.plan_now(), self.plan)

    def test_an_own_plan_that_ended_is_said_to_come_by_rule(self):
        self.late(100, days=2)
        self.refresh()
        self.debtor().write(
            {"plan_id": self.plan.id, "plan_reason": "Why", "plan_until": TODAY_DATE}
        )
        with self.on_day(1):
            self.env.invalidate_all()
            self.assertEqual(self.plan_now(), self.plan)
            self.assertIn(", by rule: ", self.debtor().plan_text)

    def test_an_own_plan_has_a_reason_and_an_end(self):
        self.late(100, days=2)
        self.refresh()
        collector = self.new_user("plan_owner", "o2c_base.group_collector")
        debtor = self.debtor().with_user(collector)
        whole = {
            "plan_id": self.plan.id,
            "plan_reason": "Agreed",
            "plan_until": TODAY_DATE,
        }
        for wrong in (
            {"plan_reason": False},
            {"plan_reason": "  "},
            {"plan_until": False},
            {"plan_until": TODAY_DATE - timedelta(days=1)},
        ):
            with self.assertRaises(ValidationError) as caught:
                debtor.write({**whole, **wrong})
            self.assertIn("Bolt", str(caught.exception))
        debtor.write(whole)
        for name in ("plan_reason", "plan_until"):
            with self.assertRaises(ValidationError):
                debtor.write({name: False})
        debtor.plan_id = False
        self.assertFalse(debtor.plan_reason or debtor.plan_until)
        partner = self.new_debtor("Made")
        values = {"partner_id": partner.id, "company_id": self.company.id}
        with self.assertRaises(ValidationError):
            self.engine["o2c.debtor"].create({**values, "plan_id": self.plan.id})

    def test_many_customers_get_a_plan_with_its_reason_and_end(self):
        other = self.setup_other_company()["company"]
        theirs = self.new_debtor("Theirs")
        self.late(100, days=2)
        self.refresh()
        debtors = self.debtor() + self.engine["o2c.debtor"]._ensure([(theirs, other)])
        collector = self.new_user("plan_mover", "o2c_base.group_collector")
        collector.sudo().company_ids += other
        opened = (
            debtors.with_user(collector)
            .with_context(allowed_company_ids=[self.company.id, other.id])
            .action_choose_plan()
        )
        batch = self.env["o2c.worklist.batch"].with_user(collector)
        batch = batch.browse(opened["res_id"])
        batch.plan_id = self.plan
        with self.assertRaises(ValidationError):
            batch.action_do()
        batch.write({"note": "Agreed", "date": TODAY_DATE + timedelta(days=9)})
        batch.action_do()
        self.assertEqual(
            batch.result,
            "Plan chosen: 1.\n1 skipped, of another company than the plan: "
            + debtors[1].display_name,
        )
        self.assertEqual(self.debtor().plan_reason, "Agreed")
        batch.plan_id = False
        batch.action_do()
        self.assertFalse(self.debtor().plan_id)
        self.assertEqual(
            batch.result,
            "By rule again: 1.\n1 skipped, without a plan of their own: "
            + debtors[1].display_name,
        )

    def test_a_collector_gives_a_plan_and_an_auditor_does_not(self):
        self.late(100, days=2)
        self.refresh()
        values = {"plan_reason": "Agreed", "plan_until": "2026-07-01"}
        for group, allowed in (("collector", True), ("auditor", False)):
            user = self.new_user(f"plan_{group}", f"o2c_base.group_{group}")
            debtor = self.debtor().with_user(user)
            if allowed:
                debtor.write(values)
                continue
            with self.assertRaises(UserError):
                debtor.write(values)
            with self.assertRaises(UserError):
                debtor.action_choose_plan()

    # Lines for segments

    def test_a_line_for_a_segment_comes_before_the_line_for_all(self):
        self.plan.step_ids = [
            Command.create(
                {
                    "level": 1,
                    "days": 3,
                    "channel": "call",
                    "segment_ids": [Command.set(self.segment.ids)],
                }
            )
        ]
        self.late(100, days=5)
        self.assertEqual(self.decide()["channel"], "email")
        self.debtor().sudo().segment_id = self.segment
        self.assertEqual(self.decide()["channel"], "call")

    def test_a_segment_of_another_company_is_refused(self):
        other = self.setup_other_company()["company"]
        theirs = self.engine["o2c.segment"].create(
            {"name": "Theirs", "code": "theirs", "company_id": other.id}
        )
        with self.assertRaises(ValidationError):
            self.plan.step_ids[0].segment_ids = theirs
        with self.assertRaises(UserError):
            self.plan.segment_ids = theirs

    # Only what was sent

    def test_invoices_that_were_not_sent_are_not_asked_for(self):
        self.plan.only_sent = True
        unsent, sent = self.late(100, days=30), self.late(40, days=5)
        decision = self.decide()
        self.assertEqual(decision["reason"], "invoice_not_sent")
        self.assertEqual(decision["date_next"], TODAY_DATE + timedelta(days=90))
        self.assertEqual(decision["amount_due"], 0)
        sent.is_move_sent = True
        decision = self.decide()
        self.assertEqual((decision["reason"], decision["amount_due"]), ("due", 40))
        self.chase()
        [message] = self.actions().message_id
        numbers = [item["number"] for item in message.figures["items"]]
        self.assertEqual(numbers, [sent.name])
        unsent.is_move_sent = True
        self.assertEqual(self.decide()["amount_due"], 140)

    def test_an_entry_that_is_no_invoice_needs_no_sending(self):
        self.plan.only_sent = True
        self.late(100, days=5).is_move_sent = True
        entry = self.opening_entry(50, date=TODAY_DATE - timedelta(days=5))
        self.receivable_lines(entry).no_followup = False
        self.assertEqual(self.decide()["amount_due"], 150)

    # Cost

    def test_deciding_is_one_statement_whatever_the_plans_want(self):
        """As many queries for thirty customers as for ten, with every kind of plan."""
        self.rule(amount_min=5000, basis="invoice", only_sent=True)
        self.new_plan([(1, -5), (2, 9)], sequence=2, amount_min=3000)
        counts = []
        for size in (10, 30):
            for number in range(size):
                partner = self.new_debtor(f"Counted {size} {number}")
                self.late(1000 * number % 7000 + 50, days=number % 9, partner=partner)
            self.refresh()
            decisions = self.engine["o2c.chase.decision"]
            debtors = self.engine["o2c.debtor"].search(
                [("company_id", "=", self.company.id)]
            )
            decisions._decide(debtors)
            before = self.env.cr.sql_log_count
            self.assertEqual(len(decisions._decide(debtors)), len(debtors))
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(counts[0], counts[1])
