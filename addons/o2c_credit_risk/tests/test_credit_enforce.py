from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .limit_common import LimitCommon


@tagged("post_install", "-at_install")
class TestCreditEnforce(LimitCommon):
    """A company observes until a manager who has seen the list enforces."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.o2c_credit_enforce = False
        cls.manager = cls.new_user("boss", "o2c_base.group_manager")

    def wizard(self, user=None, **values):
        wizards = self.env["o2c.credit.enforce"].with_user(user or self.manager)
        return wizards.with_company(self.company).create(values)

    def test_the_list_comes_before_the_switch(self):
        self.active_limit(100)
        order = self.order(500).with_user(self.salesman)
        order.action_confirm()
        self.assertEqual(order.state, "sale", "observed, not held")
        wizard = self.wizard()
        self.assertEqual(wizard.check_ids.sale_order_id, order)
        self.assertEqual((wizard.check_count, wizard.amount), (1, 500))
        with self.assertRaisesRegex(UserError, "Look at the list"):
            wizard.action_enforce()
        wizard.has_seen = True
        wizard.action_enforce()
        self.assertTrue(self.company.o2c_credit_enforce)
        event = self.env["o2c.event"].search(
            [("kind", "=", "credit_enforced"), ("company_id", "=", self.company.id)]
        )
        self.assertEqual(event.payload["checks"], 1)
        self.wizard().action_observe()
        self.assertFalse(self.company.o2c_credit_enforce)

    def test_only_managers_switch(self):
        with self.assertRaises(AccessError):
            self.wizard(user=self.credit_manager)
        with self.assertRaises(AccessError):
            self.company.with_user(self.manager).o2c_credit_enforce = True
