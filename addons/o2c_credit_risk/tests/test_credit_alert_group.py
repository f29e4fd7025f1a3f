from odoo.tests import tagged

from .common import CreditCommon


@tagged("post_install", "-at_install")
class TestCreditAlertGroup(CreditCommon):
    """The limit of a group is used by all of its members together."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.give_limit(1000.0)
        cls.account(cls.partner_b).sudo().group_id = cls.account()

    def alerts(self, kind="utilisation"):
        alerts = self.env["o2c.credit.alert"]
        alerts.sudo()._evaluate(self.company)
        found = alerts.search([("kind", "=", kind), ("over_on", "=", False)])
        return [(alert.partner_id, alert.case_key) for alert in found]

    def test_members_use_the_limit_of_the_head(self):
        self.invoice(500.0)
        self.assertEqual(self.alerts(), [])
        self.invoice(450.0, partner=self.partner_b)
        self.assertEqual(self.alerts(), [(self.customer, "threshold")])
        self.invoice(51.0, partner=self.partner_b)
        self.assertEqual(self.alerts(), [(self.customer, "over")])

    def test_a_limit_of_a_members_own_is_used_by_it_alone(self):
        self.give_limit(100.0, self.partner_b)
        self.invoice(500.0)
        self.invoice(80.0, partner=self.partner_b)
        self.assertEqual(self.alerts(), [])
        self.invoice(15.0, partner=self.partner_b)
        self.assertEqual(self.alerts(), [(self.partner_b, "threshold")])

    def test_an_invoice_without_an_order_beyond_the_limit_of_the_group_is_told(self):
        self.invoice(900.0)
        self.assertEqual(self.alerts("invoice_over"), [])
        invoice = self.invoice(200.0, partner=self.partner_b)
        found = self.alerts("invoice_over")
        self.assertIn((self.partner_b, str(invoice.id)), found)
        self.assertEqual(len(found), 2, "the head's invoice as well, each one once")
