from datetime import timedelta

from odoo import Command, fields
from odoo.tests import HttpCase, new_test_user, tagged

from .prepared_common import PreparedCommon


@tagged("post_install", "-at_install", "o2c_boundary")
class TestTour(PreparedCommon, HttpCase):
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

    def test_a_controller_closes_the_month_with_the_ageing(self):
        """The tour that teaches it, run to its end; a file is there afterwards."""
        customer = self.env["res.partner"].create({"name": "Tour Customer"})
        month_end = fields.Date.today().replace(day=1) - timedelta(days=1)
        self._invoice(customer, 100)
        self._invoice(customer, 50, invoice_date=month_end + timedelta(days=1))
        self.env["o2c.debtor"].sudo()._refresh_now()
        user = new_test_user(
            self.env,
            login="tour_controller",
            groups="o2c_base.group_collector",
            company_id=self.company_data["company"].id,
        )
        self.start_tour("/odoo", "o2c_month_end_ageing", login="tour_controller")
        export = self.env["o2c.export"].sudo().search([("user_id", "=", user.id)])
        self.assertEqual((export.state, export.row_count), ("done", 1))
        self.assertEqual(export.query["context"]["o2c_as_of"], str(month_end))

    def _invoice(self, customer, amount, **values):
        line = {"name": "Work", "price_unit": amount, "tax_ids": []}
        move = self.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": customer.id,
                "invoice_date": "2024-01-01",
                "invoice_date_due": "2024-01-31",
                "invoice_payment_term_id": False,
                "invoice_line_ids": [Command.create(line)],
                **values,
            }
        )
        move.action_post()
        self.env.flush_all()
