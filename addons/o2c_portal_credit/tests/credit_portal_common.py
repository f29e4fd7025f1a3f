from odoo.addons.o2c_credit_risk.tests.common import CreditCommon
from odoo.addons.o2c_portal.tests.portal_common import PortalCommon


class CreditPortalCommon(PortalCommon, CreditCommon):
    """A customer with a page and a limit of 1000, and orders beyond it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.give_limit(1000.0)

    @classmethod
    def account(cls, partner=None, company=None):
        """The customer's account, with all rights, as pages hold it."""
        debtor = cls.env["o2c.debtor"]._ensure(
            [(partner or cls.customer, company or cls.company)]
        )
        return debtor.with_env(cls.env).sudo().with_company(cls.company)

    def held(self, amount=1500.0, **values):
        """An order that waits for credit."""
        order = self.order(amount, **values)
        order.with_user(self.salesman).action_confirm()
        self.assertEqual(order.state, "draft")
        return order

    def told(self, partner=None):
        """What the customer reads of his waiting orders."""
        self.env.flush_all()
        self.env.invalidate_all()
        return self.account(partner)._portal_held_orders()
