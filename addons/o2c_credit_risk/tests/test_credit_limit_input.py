from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged

from .limit_common import LimitCommon


@tagged("post_install", "-at_install")
class TestCreditLimitInput(LimitCommon):
    def test_negative_amounts_are_refused(self):
        with self.assertRaises(ValidationError), self.env.cr.savepoint():
            self.limit(-1)
        with self.assertRaises(ValidationError), self.env.cr.savepoint():
            self.customer.credit_limit = -1
        domain = [("partner_id", "=", self.customer.id)]
        self.assertFalse(self.env["o2c.credit.limit"].search(domain))

    def test_a_currency_without_a_rate_is_refused(self):
        currency = self.env["res.currency"].create(
            {"name": "QQQ", "symbol": "Q", "rounding": 0.01}
        )
        with self.assertRaisesRegex(ValidationError, "no rate of QQQ"):
            self.limit(100, currency_id=currency.id)
        self.env["res.currency.rate"].create(
            {
                "currency_id": currency.id,
                "name": "2026-06-01",
                "rate": 2.0,
                "company_id": self.company.id,
            }
        )
        self.assertEqual(self.limit(100, currency_id=currency.id).amount_company, 50)

    def test_an_archived_partner_is_refused(self):
        self.customer.active = False
        with self.assertRaisesRegex(ValidationError, "archived"):
            self.limit(100)
        with self.assertRaisesRegex(ValidationError, "archived"):
            self.customer.credit_limit = 100

    def test_a_private_partner_is_refused(self):
        with self.assertRaisesRegex(ValidationError, "private contact"):
            self.limit(100, partner=self.salesman.partner_id)
        other = self.setup_other_company()["company"]
        theirs = self.new_customer("Theirs", company_id=other.id)
        root = self.env.ref("base.user_root")
        with self.assertRaisesRegex(ValidationError, "private contact"):
            self.limit(100, partner=theirs, user=root)

    def test_dates_must_make_sense(self):
        with self.assertRaisesRegex(ValidationError, "end before it begins"):
            self.limit(100, date_from="2026-06-15", date_to="2026-06-14")
        with self.assertRaisesRegex(ValidationError, "needs a last day"):
            self.limit(100, kind="temporary")
        late = self.limit(
            100, user=self.salesman, date_from="2026-01-01", date_to="2026-06-14"
        )
        late.action_request()
        with self.assertRaisesRegex(UserError, "last day is over"):
            late.with_user(self.credit_manager).action_approve()

    def test_a_company_without_policy_says_so(self):
        self.env["o2c.credit.policy"].search([]).active = False
        limit = self.limit(100, user=self.salesman)
        with self.assertRaisesRegex(UserError, "No credit policy fits"):
            limit.action_request()
        self.assertEqual(limit.state, "draft")

    def test_a_contact_stands_for_its_company(self):
        contact = self.new_customer("Person", parent_id=self.customer.id)
        self.assertEqual(self.limit(100, partner=contact).partner_id, self.customer)
