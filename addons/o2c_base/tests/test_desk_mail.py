from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

from .desk_common import DeskCommon


@tagged("post_install", "-at_install")
class TestDeskMail(DeskCommon):
    """A free mail goes to who pays, with the invoices it speaks of."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer.write({"email": "info@customer.example", "lang": "en_US"})
        cls.overdue = cls.invoice(70, due="2026-05-01")
        report = cls.env.registry["ir.actions.report"]
        cls.classPatch(report, "get_wkhtmltopdf_state", lambda report: "ok")

    def composer(self, user=None):
        account = self.seen_by(user or self.collector)
        return self.open_composer(account, account.action_send_mail())

    def open_composer(self, account, action):
        model = account.env[action["res_model"]].with_context(**action["context"])
        return Form(model).save()

    def test_it_goes_to_accounts_payable_then_invoice_address_then_company(self):
        composer = self.composer()
        self.assertEqual(composer.partner_ids, self.customer)
        address = self.new_customer(
            "Address", parent_id=self.customer.id, type="invoice", email="a@c.example"
        )
        self.assertEqual(self.composer().partner_ids, address)
        clerk = self.new_customer(
            "Clerk",
            parent_id=self.customer.id,
            o2c_contact_role="accounts_payable",
        )
        self.assertEqual(self.composer().partner_ids, address)  # cannot be reached
        clerk.email = "clerk@customer.example"
        self.assertEqual(self.composer().partner_ids, clerk)

    def test_a_server_that_makes_no_pdf_still_opens_the_mail_and_says_so(self):
        report = self.env.registry["ir.actions.report"]
        self.patch(report, "get_wkhtmltopdf_state", lambda report: "install")
        account = self.seen_by(self.collector)
        action = account.action_send_mail()
        self.assertIn("not attached: 2.", action["params"]["message"])
        composer = self.open_composer(account, action["params"]["next"])
        self.assertFalse(composer.attachment_ids)
        self.assertNotIn(self.overdue.name, composer.body)

    def test_nobody_to_write_to_is_left_to_the_user(self):
        self.customer.email = False
        self.assertFalse(self.composer().partner_ids)

    def test_overdue_invoices_are_attached_and_nothing_else(self):
        self.payment(5)
        self.credit_note(5)
        composer = self.composer()
        names = composer.attachment_ids.mapped("name")
        self.assertEqual(len(names), 2)
        for invoice in self.account.open_item_ids.move_id:
            found = any(invoice.name.replace("/", "_") in name for name in names)
            overdue = invoice.move_type == "out_invoice" and (
                invoice.invoice_date_due < self.day("2026-06-15")
            )
            self.assertEqual(found, overdue, invoice.name)

    def test_who_looks_at_a_past_day_does_not_dun_what_was_paid_since(self):
        paid = self.invoice(30, date="2026-04-01", due="2026-05-02")
        self.match(paid, self.payment(30, date="2026-06-10"))
        account = self.seen_by(self.collector).with_context(o2c_as_of="2026-06-01")
        items = account.env["o2c.open.item"].search(account._overdue_domain())
        self.assertIn(paid, items.move_id)
        body = account.action_send_mail()["context"]["default_body"]
        self.assertIn(self.overdue.name, body)
        self.assertNotIn(paid.name, body)
        with self.assertRaises(UserError):
            items.action_send_mail()
        open_still = self.invoice(40, date="2026-04-01", due="2026-05-02")
        self.env.flush_all()
        items = items.search(account._overdue_domain())
        self.assertEqual(items.move_id, paid | open_still)
        body = items.action_send_mail()["context"]["default_body"]
        self.assertIn(open_still.name, body)
        self.assertNotIn(paid.name, body)

    def test_the_pdf_that_was_sent_is_used_as_it_is(self):
        legal = self.env["ir.attachment"].create(
            {
                "name": "legal.pdf",
                "raw": b"%PDF legal",
                "mimetype": "application/pdf",
                "res_model": "account.move",
                "res_id": self.overdue.id,
                "res_field": "invoice_pdf_report_file",
            }
        )
        self.overdue.invalidate_recordset()
        self.assertIn(legal, self.composer().attachment_ids.sudo())

    def test_making_a_copy_leaves_the_invoice_as_it_is(self):
        self.composer()
        self.assertFalse(self.overdue.is_move_sent)
        self.assertFalse(self.overdue.invoice_pdf_report_id)

    def test_the_mail_is_on_the_timeline(self):
        composer = self.composer()
        count = len(composer.attachment_ids)
        composer.action_send_mail()
        message = self.account.message_ids[0]
        self.assertEqual(message.partner_ids, self.customer)
        self.assertEqual(len(message.sudo().attachment_ids), count)
        self.assertIn(self.overdue.name, message.body)

    def test_it_is_written_in_the_customers_language(self):
        self.env["res.lang"]._activate_lang("de_DE")
        self.customer.lang = "de_DE"
        account = self.seen_by(self.collector)
        self.assertEqual(account._mail_recipient().lang, "de_DE")

    def test_a_customers_name_is_text(self):
        self.customer.name = "<b>Bold</b> & Sons"
        body = self.composer().body
        self.assertIn("&lt;b&gt;Bold&lt;/b&gt; &amp; Sons", body)

    def test_chosen_items_are_attached(self):
        account = self.seen_by(self.collector)
        items = account.open_item_ids
        not_due = items.filtered(lambda item: not item.days_overdue)
        composer = self.open_composer(account, not_due.action_send_mail())
        self.assertEqual(len(composer.attachment_ids), len(not_due))

    def test_items_of_two_customers_are_refused(self):
        other = self.new_customer("Other")
        self.invoice(9, partner=other)
        self.debtor_model._ensure([(other, self.company)])
        items = self.seen_by(self.collector).env["o2c.open.item"].search([])
        with self.assertRaises(UserError):
            items.action_send_mail()

    def test_too_much_for_one_mail_is_told(self):
        parameters = self.env["ir.config_parameter"].sudo()
        parameters.set_param("base.default_max_email_size", "0.0001")
        with self.assertRaisesRegex(UserError, "too much for one mail"):
            self.seen_by(self.collector).action_send_mail()

    def test_only_who_works_on_accounts_writes(self):
        for user in (self.auditor, self.plain, self.portal, self.stranger):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                self.seen_by(user).action_send_mail()
        for user in (self.auditor, self.plain, self.portal, self.stranger):
            items = self.account.open_item_ids.with_user(user)
            with self.subTest(items=user.login), self.assertRaises(AccessError):
                items.action_send_mail()
