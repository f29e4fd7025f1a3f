from odoo import Command
from odoo.tests import HttpCase, new_test_user, tagged

from odoo.addons.account.tests.common import AccountTestInvoicingCommon


@tagged("post_install", "-at_install")
class TestHoldTour(AccountTestInvoicingCommon, HttpCase):
    """The tour that teaches a hold, as a credit manager takes it."""

    def test_a_credit_manager_releases_an_order_on_hold(self):
        env = self.env(su=True)
        company = self.company_data["company"].with_env(env)
        company.o2c_credit_enforce = True
        customer = env["res.partner"].create(
            {"name": "Bolt & Sons", "is_company": True}
        )
        customer.with_company(company).credit_limit = 1000.0
        order = self._order(env, company, customer)
        for login, groups in (
            ("tour_seller", "sales_team.group_sale_salesman_all_leads"),
            ("tour_credit", "o2c_base.group_credit_manager"),
        ):
            new_test_user(
                env,
                login=login,
                groups=groups,
                company_id=company.id,
                company_ids=[Command.set(company.ids)],
            )
        seller = env["res.users"].search([("login", "=", "tour_seller")])
        order.with_user(seller).action_confirm()
        self.assertEqual(order.state, "draft")
        self.start_tour("/odoo", "o2c_order_on_hold", login="tour_credit")
        order.invalidate_recordset()
        self.assertEqual(order.state, "sale")
        hold = order.o2c_hold_ids
        self.assertEqual(
            (hold.state, hold.decided_by_id.login), ("released", "tour_credit")
        )
        self.assertEqual(hold.decision_comment, "Pays on Friday")

    def _order(self, env, company, customer):
        product = env["product.product"].create(
            {"name": "Work", "type": "service", "taxes_id": [Command.clear()]}
        )
        line = {"product_id": product.id, "price_unit": 1500.0, "tax_ids": False}
        return (
            env["sale.order"]
            .with_company(company)
            .create(
                {
                    "partner_id": customer.id,
                    "company_id": company.id,
                    "order_line": [Command.create(line)],
                }
            )
        )
