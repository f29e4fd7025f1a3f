from datetime import timedelta

from odoo import Command, fields
from odoo.tests import HttpCase, new_test_user, tagged

from odoo.addons.o2c_base.tests.prepared_common import PreparedCommon


@tagged("post_install", "-at_install")
class TestAccountTour(PreparedCommon, HttpCase):
    """The tour that teaches a customer's account, as a collector takes it."""

    def test_a_collector_works_on_a_customers_account(self):
        company = self.company_data["company"]
        customer = self.env["res.partner"].create({"name": "Late & Sons"})
        due = fields.Date.today() - timedelta(days=20)
        move = self.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": customer.id,
                "invoice_date": due,
                "invoice_date_due": due,
                "invoice_payment_term_id": False,
                "invoice_line_ids": [
                    Command.create({"name": "Work", "price_unit": 900, "tax_ids": []})
                ],
            }
        )
        move.action_post()
        self.env.flush_all()
        self.env["o2c.debtor"].sudo()._refresh_now()
        account = self.env["o2c.debtor"].search([("partner_id", "=", customer.id)])
        account.sudo().message_post(body="A note", subtype_xmlid="mail.mt_note")
        new_test_user(
            self.env,
            login="tour_account",
            groups="o2c_base.group_collector",
            company_id=company.id,
            company_ids=[Command.set(company.ids)],
        )
        self.start_tour("/odoo", "o2c_customer_account", login="tour_account")
        account.invalidate_recordset()
        self.assertFalse(account.paused_until)
        self.assertEqual(account.last_contact_channel, "call")
        kinds = self.env["o2c.event"].search([("debtor_id", "=", account.id)])
        self.assertEqual(
            set(kinds.mapped("kind")),
            {"call_logged", "debtor_paused", "debtor_resumed"},
        )
