from odoo.tests import Form, tagged

from .common import CreditCommon


@tagged("post_install", "-at_install")
class TestInvoiceBanner(CreditCommon):
    """An invoice without an order beyond the limit is told, never blocked."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.give_limit(1000.0)

    def banner(self, move):
        self.env.flush_all()
        move.invalidate_recordset()
        return (move.alerts or {}).get("o2c_credit", {}).get("message", "")

    def test_beyond_the_limit_it_is_told_and_posted(self):
        within = self.invoice(1000.0)
        self.assertFalse(self.banner(within))
        beyond = self.invoice(200.0)
        self.assertEqual(beyond.state, "posted", "never a block")
        text = self.banner(beyond)
        self.assertIn("200.00 beyond the credit", text.replace("\xa0", ""))
        self.assertIn(self.customer.name, text)

    def test_a_draft_counts_once(self):
        self.invoice(900.0)
        draft = self.invoice(200.0, post=False)
        self.assertIn("100.00 beyond", self.banner(draft))

    def test_while_it_is_typed(self):
        self.invoice(900.0)
        with Form(
            self.env["account.move"].with_context(default_move_type="out_invoice")
        ) as form:
            form.partner_id = self.customer
            with form.invoice_line_ids.new() as line:
                line.name = "Work"
                line.price_unit = 300.0
                line.tax_ids.clear()
            self.assertIn("200.00 beyond", form.alerts["o2c_credit"]["message"])

    def test_what_was_ordered_and_who_only_observes_is_left_alone(self):
        order = self.order(1000.0)
        order.action_confirm()
        invoice = order._create_invoices()
        invoice.action_post()
        self.env["o2c.credit.limit"].sudo().search([]).amount = 10.0
        self.account().sudo()._refresh_credit_limit()
        self.assertFalse(self.banner(invoice))
        other = self.invoice(50.0)
        self.assertTrue(self.banner(other))
        self.company.o2c_credit_enforce = False
        self.assertFalse(self.banner(other))

    def test_who_may_not_know_is_not_told(self):
        self.invoice(2000.0)
        move = self.env["account.move"].search([("partner_id", "=", self.customer.id)])
        user = self.new_user("clerk", "sales_team.group_sale_salesman_all_leads")
        self.assertNotIn(
            "o2c_credit_warning", self.env["account.move"].with_user(user).fields_get()
        )
        self.assertNotIn("o2c_credit", move.with_user(user)._get_alerts())

    def test_paid_and_not_limited_ones_are_left_alone(self):
        invoice = self.invoice(2000.0)
        self.match(invoice, self.payment(2000.0))
        self.assertFalse(self.banner(invoice))
        self.assertFalse(self.banner(self.invoice(10**6, partner=self.partner_b)))
