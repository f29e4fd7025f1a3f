from odoo.tests import tagged

from .common import CreditCommon


@tagged("post_install", "-at_install")
class TestGuardRules(CreditCommon):
    """What a policy may hold orders for, beside the limit."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.give_limit(1000.0)

    def policy(self, **values):
        policies = self.env["o2c.credit.policy"].sudo()
        policy = policies._for_debtors(self.account())[self.account()]
        policy.write(values)
        return policy

    def test_tolerance(self):
        self.policy(over_limit_percent=10.0)
        order = self.order(1100.0)
        order.action_confirm()
        self.assertEqual(order.state, "sale")

    def test_old_overdue_items(self):
        self.policy(overdue_active=True, overdue_days=30, overdue_amount=100.0)
        self.invoice(150.0, "2026-01-01", "2026-05-15")
        order = self.order(10.0)
        order.action_confirm()
        hold = order.o2c_hold_id
        self.assertIn("overdue for more than 30 days", hold.reason)
        self.assertEqual(hold.amount_to_pay, 50.0)

    def test_the_first_order(self):
        self.policy(first_order_active=True)
        order = self.order(10.0)
        order.action_confirm()
        hold = order.o2c_hold_id
        self.assertEqual(hold.reason, "First order of a new customer.")
        self.assertFalse(hold.amount_to_pay, "money does not help")
        hold.with_user(self.credit_manager).action_release()
        self.assertEqual(order.state, "sale")
        second = self.order(10.0)
        second.action_confirm()
        self.assertEqual(second.state, "sale")

    def test_the_rules_read_all_customers_at_once(self):
        self.policy(overdue_active=True, overdue_days=30, first_order_active=True)
        orders = self.env["sale.order"]
        for number in range(13):
            partner = self.new_customer(f"Many {number}")
            self.invoice(50.0, "2026-01-01", "2026-05-01", partner=partner)
            orders |= self.order(10.0, partner=partner)
        checks = self.env["o2c.credit.check"].sudo()
        needs = orders._o2c_needs()

        def count(asked):
            asked = {order: needs[order] for order in asked}
            self.env.flush_all()
            before = self.env.cr.sql_log_count
            results = checks._evaluate(asked, gated=False)
            for result in results:
                rules = [rule["rule"] for rule in result["rules"]]
                self.assertEqual(rules, ["overdue", "first_order"])
            return self.env.cr.sql_log_count - before

        count(orders)
        self.assertEqual(count(orders[:3]), count(orders))
