from odoo import Command
from odoo.tests import new_test_user, tagged

from .common import ReceivablesCommon


@tagged("post_install", "-at_install", "o2c_boundary")
class TestGoodGuest(ReceivablesCommon):
    """Users without a receivables role can do everything they could before."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.user = new_test_user(
            cls.env,
            login="guest_invoicing",
            groups="account.group_account_invoice,base.group_partner_manager",
            company_id=cls.company.id,
        )
        assert not cls.user.has_group("o2c_base.group_collector")
        cls.contact = cls.new_customer("Contact", parent_id=cls.customer.id)
        # from here on everything is done by that user
        cls.env = cls.env(user=cls.user)
        cls.customer = cls.customer.with_env(cls.env)
        cls.contact = cls.contact.with_env(cls.env)

    def setUp(self):
        super().setUp()
        self.env.invalidate_all()

    def test_he_posts_pays_unmatches_and_resets(self):
        invoice = self.invoice(100)
        self._register_payment(invoice)
        self.assertEqual(invoice.amount_residual, 0)
        self.receivable_lines(invoice).remove_move_reconcile()
        invoice.button_draft()
        invoice.button_cancel()
        self.assertEqual(invoice.state, "cancel")
        self.assertIn((self.customer.id, self.company.id), self.marks())

    def test_he_reverses_an_invoice(self):
        invoice = self.invoice(100)
        credit_note = self._reverse_invoice(invoice, post=True)
        self.assertEqual(credit_note.state, "posted")

    def test_he_changes_and_deletes_a_draft(self):
        draft = self.invoice(100, post=False)
        draft.invoice_line_ids.price_unit = 200
        draft.partner_id = self.contact
        draft.unlink()
        self.assertFalse(draft.exists())

    def test_he_changes_the_due_date_of_a_posted_invoice(self):
        invoice = self.invoice(100)
        invoice.invoice_date_due = "2026-08-01"
        self.assertEqual(
            self.receivable_lines(invoice).date_maturity, self.day("2026-08-01")
        )

    def test_he_moves_a_contact_to_another_company(self):
        parent = self.env["res.partner"].create({"name": "Parent", "is_company": True})
        self.contact.parent_id = parent
        self.contact.write({"is_company": True, "parent_id": False})
        parent.child_ids = [Command.link(self.contact.id)]
        self.assertEqual(self.contact.parent_id, parent)

    def test_he_merges_contacts_that_have_customer_accounts(self):
        double = self.env["res.partner"].create({"name": "Double"})
        for partner in (self.customer, double):
            self.invoice(100, partner=partner)
        self.debtor_model.sudo()._ensure(
            [(self.customer, self.company), (double, self.company)]
        )
        wizard = self.env["base.partner.merge.automatic.wizard"].create({})
        wizard._merge((double + self.customer).ids, self.customer)
        self.env.invalidate_all()
        self.assertFalse(double.exists())
        account = self.debtor_model.sudo().search(
            [("partner_id", "=", self.customer.id)]
        )
        self.assertEqual(len(account), 1)

    def test_he_deletes_a_contact_that_has_a_customer_account(self):
        partner = self.env["res.partner"].create({"name": "Short-lived"})
        account = self.debtor_model.sudo()._ensure([(partner, self.company)])
        partner.unlink()
        self.assertFalse(account.exists())

    def test_he_opens_and_lists_what_he_could(self):
        invoice = self.invoice(100)
        self.assertTrue(invoice.read(["name"]))
        self.assertTrue(invoice.get_views([(False, "form")]))
        self.assertTrue(self.customer.get_views([(False, "form")]))
        self.assertTrue(self.receivable_lines(invoice).read(["amount_residual"]))
