from odoo import Command
from odoo.tests import HttpCase, new_test_user, tagged

from odoo.addons.account.tests.common import AccountTestInvoicingCommon


@tagged("post_install", "-at_install")
class TestTour(AccountTestInvoicingCommon, HttpCase):
    """A collector's first minutes, in a browser."""

    def test_a_collector_opens_the_app_and_looks_at_a_customer(self):
        customer = self.env["res.partner"].create({"name": "Tour Customer"})
        self._invoice(customer, 100)
        self.env["o2c.debtor"].sudo()._refresh_now()
        self._invoice(customer, 50)
        new_test_user(
            self.env,
            login="tour_collector",
            groups="o2c_base.group_collector",
            company_id=self.company_data["company"].id,
        )
        self.start_tour("/odoo", "o2c_base_receivables", login="tour_collector")

    def _invoice(self, customer, amount):
        line = {"name": "Work", "price_unit": amount, "tax_ids": []}
        move = self.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": customer.id,
                "invoice_date": "2024-01-01",
                "invoice_date_due": "2024-01-31",
                "invoice_payment_term_id": False,
                "invoice_line_ids": [Command.create(line)],
            }
        )
        move.action_post()
        self.env.flush_all()
