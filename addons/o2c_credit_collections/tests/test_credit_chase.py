from odoo.exceptions import ValidationError
from odoo.tests import tagged

from odoo.addons.o2c_base.tests.common import TODAY
from odoo.addons.o2c_collections.tests.promise_common import PromiseCommon
from odoo.addons.o2c_credit_risk.tests.common import CreditCommon


@tagged("post_install", "-at_install")
class TestCreditChase(CreditCommon, PromiseCommon):
    """What the chase finds out counts for credit, and the class for the chase."""

    # ------------------------------------------------------------------
    # A level stops orders
    # ------------------------------------------------------------------

    def stop_from(self, level):
        self.plan.step_ids.filtered(lambda s: s.level == level).stops_orders = True

    def confirm(self, amount=10.0):
        """An order confirmed by a salesperson, and its hold."""
        order = self.order(amount, user=self.salesman)
        order.with_user(self.salesman).action_confirm()
        holds = self.env["o2c.credit.hold"].sudo()
        return order, holds.search([("sale_order_id", "=", order.id)])

    def test_orders_wait_from_the_level_on_that_stops_them(self):
        self.stop_from(2)
        invoice = self.late(100, days=20)
        self.chase()
        order, _hold = self.confirm()
        self.assertEqual(order.state, "sale", "level 1 stops nothing")
        with self.on_day(8):
            self.chase()
            self.assertEqual(self.debtor().level, 2)
            self.assertTrue(self.debtor().is_order_stopped)
            order, hold = self.confirm()
        self.assertEqual((order.state, hold.state), ("draft", "held"))
        self.assertIn("Level 2 of the chase was passed", hold.reason)
        self.assertIn("100.00", hold.reason)
        with self.on_day(9):
            self.pay(invoice)
            self.recheck()
            self.env.invalidate_all()
            self.assertEqual(order.state, "sale", "freed by the money")

    def test_an_order_of_who_is_not_stopped_costs_one_query_more(self):
        self.give_limit(1000.0)
        self.late(100, days=5)
        order = self.order(10)
        self.env.flush_all()
        check = self.env["o2c.credit.check"].sudo()
        terms = check._terms_for({order: None})[order]
        debtor, policy = terms["debtor"], terms["policy"]
        debtor.level, policy.overdue_active  # noqa: B018 read before
        with self.assertQueryCount(1):
            facts = check._rule_facts(debtor, {debtor: policy})
        self.assertFalse(facts["chased"])

    def test_a_part_payment_down_to_the_tolerance_frees(self):
        self.stop_from(1)
        invoice = self.late(100, days=5)
        self.chase()
        order, hold = self.confirm()
        self.assertEqual(hold.check_id.rules[0]["cure"], 95, "the tolerance is 5")
        self.match(invoice, self.payment(95, date=TODAY))
        order.with_user(self.salesman).action_confirm()
        self.assertEqual(order.state, "sale")

    def test_who_is_paid_up_and_other_customers_order_as_ever(self):
        self.stop_from(1)
        invoice = self.late(100, days=5)
        self.chase()
        other = self.order(10, partner_id=self.partner_b.id)
        other.action_confirm()
        self.assertEqual(other.state, "sale")
        self.pay(invoice)
        order, _hold = self.confirm()
        self.assertEqual(order.state, "sale")

    def test_a_company_that_observes_only_notes_what_would_wait(self):
        self.company.sudo().o2c_credit_enforce = False
        self.stop_from(1)
        self.late(100, days=5)
        self.chase()
        order, hold = self.confirm()
        self.assertEqual((order.state, len(hold)), ("sale", 0))
        check = self.env["o2c.credit.check"].sudo().search([], limit=1)
        self.assertEqual(check.outcome, "observed")
        self.assertEqual([rule["rule"] for rule in check.rules], ["chased"])

    # ------------------------------------------------------------------
    # Lines for a risk class
    # ------------------------------------------------------------------

    def test_a_line_for_risky_customers_comes_before_the_line_for_all(self):
        first = self.plan.step_ids.filtered(lambda s: s.level == 1)
        for letter, channel in (("C", "todo"), ("E", "call")):
            first.copy(
                {
                    "plan_id": self.plan.id,
                    "risk_class_from": letter,
                    "channel": channel,
                }
            )
        self.late(100, days=5)
        debtor_sudo = self.account().sudo()  # sudo: as the job that judges
        for letter, channel in (
            (False, "email"),
            ("B", "email"),
            ("D", "todo"),
            ("E", "call"),
        ):
            debtor_sudo.risk_class = letter
            found = self.decide()["channel"]
            self.assertEqual(found, channel, letter)

    def test_two_lines_for_the_same_class_are_refused(self):
        first = self.plan.step_ids.filtered(lambda s: s.level == 1)
        first.copy({"plan_id": self.plan.id, "risk_class_from": "C"})
        with self.assertRaises(ValidationError):
            first.copy({"plan_id": self.plan.id, "risk_class_from": "C"})

    # ------------------------------------------------------------------
    # The score
    # ------------------------------------------------------------------

    def facts(self):
        debtor = self.debtor().sudo()
        [row] = debtor._risk_rows(self.company, debtor.ids)
        return row["broken_promises"], row["rejected_disputes"]

    def test_broken_promises_of_a_year_count(self):
        self.late(100, days=9)
        self.promise((3, 50))
        self.assertEqual(self.facts(), (0, 0))
        self.judge(days=5)
        with self.on_day(5):
            self.assertEqual(self.facts(), (1, 0))
        with self.on_day(3 + 366):
            self.assertEqual(self.facts(), (0, 0))

    def test_rejected_disputes_of_a_year_count(self):
        dispute = self.env["o2c.dispute"].create(
            {
                "move_id": self.late(100, days=9).id,
                "reason_id": self.env.ref("o2c_collections.reason_price").id,
            }
        )
        self.assertEqual(self.facts(), (0, 0))
        dispute._decide("rejected", answer="It was agreed.")
        self.assertEqual(self.facts(), (0, 1))
        with self.on_day(366):
            self.assertEqual(self.facts(), (0, 0))

    def test_a_returned_payment_lowers_the_class_at_once(self):
        for month in ("02", "03", "04"):
            invoice = self.invoice(100, date=f"2026-{month}-01", due=f"2026-{month}-28")
            money = self.payment(100, date=f"2026-{month}-20")
            self.match(invoice, money)
        self.refresh()
        debtor_sudo = self.account().sudo()
        debtor_sudo._judge_now()
        before = debtor_sudo.risk_points
        wizard = (
            self.env["o2c.payment.return"]
            .with_context(**money.action_o2c_return()["context"])
            .create({})
        )
        wizard.action_return()
        self.assertGreater(debtor_sudo.risk_points, before)
        self.assertIn("returned", debtor_sudo.risk_text)
