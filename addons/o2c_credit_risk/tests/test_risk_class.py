import doctest

from odoo.exceptions import AccessError, ValidationError
from odoo.tests import tagged

from ..domain import credit_limit, own_money, recommended_limit, scorecard
from .limit_common import LimitCommon


@tagged("post_install", "-at_install")
class TestRiskClass(LimitCommon):
    def judge(self):
        """Judge as the job does."""
        self.refresh()
        with self.enter_registry_test_mode():
            self.company.o2c_risk_day = False
            self.env.ref("o2c_credit_risk.ir_cron_risk").method_direct_trigger()
        self.env.invalidate_all()
        return self.account()

    def pay(self, amount, date, due, paid):
        invoice = self.invoice(amount, date=date, due=due)
        self.match(invoice, self.payment(amount, date=paid))

    def test_the_domain_does_what_its_examples_say(self):
        for module in (credit_limit, own_money, recommended_limit, scorecard):
            self.assertFalse(doctest.testmod(module).failed, module.__name__)

    def test_who_pays_late_falls_and_the_account_says_why(self):
        for month in ("02", "03", "04"):
            self.pay(100, f"2026-{month}-01", f"2026-{month}-01", "2026-06-10")
        self.invoice(500, date="2026-02-01", due="2026-02-15")
        debtor = self.judge()
        self.assertEqual(debtor.risk_class, "E")
        self.assertTrue(debtor.risk_confident)
        self.assertIn("days late on average", debtor.risk_text)
        self.assertIn("+25: 120 days that the oldest item is overdue", debtor.risk_text)
        score = debtor.risk_score_ids
        self.assertEqual((score.class_before, score.risk_class), (False, "E"))
        self.assertEqual(self.customer.trust, "bad")

    def test_who_pays_in_time_is_good_and_nothing_is_written_twice(self):
        for month in ("02", "03", "04"):
            self.pay(100, f"2024-{month}-01", f"2024-{month}-01", f"2024-{month}-01")
            self.pay(100, f"2026-{month}-01", f"2026-{month}-28", f"2026-{month}-02")
        debtor = self.judge()
        self.assertEqual((debtor.risk_class, debtor.risk_points), ("A", 0))
        self.assertEqual(debtor.risk_text, "Nothing speaks against this customer.")
        self.assertEqual(self.customer.trust, "good")
        self.judge()
        self.assertEqual(len(debtor.risk_score_ids), 1)

    def test_who_is_new_is_fair_and_odoo_s_trust_is_left_alone(self):
        self.customer.trust = "bad"
        self.invoice(100)
        debtor = self.judge()
        self.assertEqual(debtor.risk_class, "C")
        self.assertFalse(debtor.risk_confident)
        self.assertIn("Too few payments", debtor.risk_text)
        self.assertEqual(self.customer.trust, "bad")

    def test_until_credit_is_enforced_trust_is_left_alone(self):
        self.company.o2c_credit_enforce = False
        for month in ("02", "03", "04"):
            self.pay(100, f"2026-{month}-01", f"2026-{month}-01", "2026-06-10")
        self.invoice(100, date="2026-05-20")
        self.assertEqual(self.judge().risk_class, "D")
        self.assertEqual(self.customer.trust, "normal")

    def test_a_returned_payment_and_an_order_spike_give_points(self):
        self.payment(100).action_reject()
        self.env.user.group_ids += self.env.ref(
            "sales_team.group_sale_salesman_all_leads"
        )
        usual = self.order(100)
        usual.action_confirm()
        usual.date_order = "2026-01-10"
        self.order(2000).action_confirm()
        debtor = self.judge()
        found = {reason[0]: reason[2] for reason in debtor.risk_facts}
        self.assertEqual(found["returned_payments"], 10)
        self.assertEqual(found["order_spike"], 10)

    def test_a_person_may_decide_with_a_reason_and_an_end(self):
        self.invoice(100)
        debtor = self.judge().with_user(self.credit_manager)
        with self.assertRaises(ValidationError), self.env.cr.savepoint():
            debtor.risk_override = "A"
        with self.assertRaises(ValidationError), self.env.cr.savepoint():
            debtor.write(
                {
                    "risk_override": "A",
                    "risk_override_reason": "State owned",
                    "risk_override_until": "2028-06-15",
                }
            )
        debtor.invalidate_recordset()
        debtor.write(
            {
                "risk_override": "A",
                "risk_override_reason": "State owned",
                "risk_override_until": "2026-06-20",
            }
        )
        self.assertEqual((debtor.risk_class, debtor.risk_computed), ("A", "C"))
        self.assertTrue(debtor.risk_score_ids[0].is_override)
        self.assertEqual(self.customer.trust, "good")
        self.startPatcher(self.freeze("2026-06-21"))
        self.judge()
        self.assertEqual(debtor.risk_class, "C")

    def test_others_may_not_decide(self):
        collector = self.new_user("collector", "o2c_base.group_collector")
        debtor = self.account().with_user(collector)
        with self.assertRaises(AccessError):
            debtor.risk_override = "A"
        with self.assertRaises(AccessError):
            self.account().with_user(self.credit_manager).risk_class = "A"
        with self.assertRaises(AccessError):
            self.env["o2c.risk.score"].with_user(self.salesman).search([])

    def test_a_policy_may_be_for_a_class(self):
        self.env["o2c.credit.policy"].create(
            {
                "name": "Fair",
                "code": "fair",
                "company_id": self.company.id,
                "risk_class": "C",
                "default_limit": 900,
                "sequence": 1,
            }
        )
        self.invoice(100)
        self.assertEqual(self.now(), (0, False))
        self.judge()
        self.assertEqual(self.now(), (900, True))

    def test_a_natural_person_is_flagged(self):
        self.assertTrue(self.account().is_natural_person)
        company = self.new_customer("Works", is_company=True)
        self.assertFalse(self.account(company).is_natural_person)

    def test_as_many_statements_for_many_customers_as_for_few(self):
        def count(names):
            partners = self.env["res.partner"].create([{"name": n} for n in names])
            for partner in partners:
                self.invoice(10, partner=partner)
            self.refresh()
            debtors = self.debtor_model.sudo().search(
                [("partner_id", "in", partners.ids)]
            )
            before = self.env.cr.sql_log_count
            debtors._judge_now()
            return self.env.cr.sql_log_count - before

        count(["warm up"])
        self.assertEqual(count("ab"), count("cdefghijkl"))
