from odoo.tests import tagged

from .common import ReceivablesCommon


@tagged("post_install", "-at_install")
class TestPartnerMerge(ReceivablesCommon):
    """Merging contacts through core's wizard keeps what their accounts knew."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other = cls.setup_other_company(name="Other root")["company"]
        companies = cls.company + cls.other
        cls.env = cls.env(
            context=dict(cls.env.context, allowed_company_ids=companies.ids)
        )
        cls.items_model = cls.items_model.with_env(cls.env)
        cls.debtor_model = cls.debtor_model.with_env(cls.env)
        cls.double = cls.new_customer("Customer, once more")
        cls.collector = cls.env["res.users"].create(
            {
                "name": "Collector",
                "login": "merge_collector",
                "group_ids": [(4, cls.env.ref("o2c_base.group_collector").id)],
            }
        )

    def merge(self, source, target):
        wizard = self.env["base.partner.merge.automatic.wizard"].create({})
        wizard._merge((source + target).ids, target)
        self.env.invalidate_all()
        self.assertFalse(source.exists())
        self.refresh()

    def account(self, partner, company=None):
        return self.debtor_model._ensure([(partner, company or self.company)])

    def test_figures_of_both_add_up_in_each_company(self):
        self.invoice(100)
        self.invoice(10, partner=self.double)
        self.invoice(7, company=self.other)
        self.invoice(70, partner=self.double, company=self.other)
        self.refresh()
        self.merge(self.double, self.customer)
        self.assertEqual(self.debtor().amount_outstanding, 110.0)
        self.assertEqual(self.debtor(company=self.other).amount_outstanding, 77.0)
        accounts = self.debtor_model.search([("partner_id", "=", self.customer.id)])
        self.assertEqual(len(accounts), 2)

    def test_messages_activities_files_followers_and_events_are_kept(self):
        source, target = self.account(self.double), self.account(self.customer)
        message = source.message_post(body="He promised to pay")
        activity = source.activity_schedule("mail.mail_activity_data_todo")
        file = self.env["ir.attachment"].create(
            {"name": "letter.txt", "res_model": "o2c.debtor", "res_id": source.id}
        )
        later = self.env["mail.scheduled.message"].create(
            {
                "model": "o2c.debtor",
                "res_id": source.id,
                "author_id": self.env.user.partner_id.id,
                "body": "Later",
                "scheduled_date": "2026-07-01",
            }
        )
        source.message_subscribe(self.partner_a.ids)
        source.sudo().collector_id = self.collector
        self.env["o2c.event"]._record("tested", source)
        event = self.env["o2c.event"].search([("debtor_id", "=", source.id)])
        self.merge(self.double, self.customer)
        self.assertTrue(target.exists())
        self.assertIn(message, target.message_ids)
        self.assertIn(activity, target.activity_ids)
        self.assertEqual(later.res_id, target.id)
        self.assertEqual(file.res_id, target.id)
        self.assertIn(self.partner_a, target.message_partner_ids)
        self.assertEqual(target.collector_id, self.collector)
        self.assertEqual(event.debtor_id, target)
        self.assertIn(
            "debtor_merged",
            self.env["o2c.event"]
            .search([("debtor_id", "=", target.id)])
            .mapped("kind"),
        )
        self.assertTrue(
            any("Customer, once more" in (m.body or "") for m in target.message_ids)
        )

    def test_the_collector_of_the_account_that_stays_stays(self):
        self.account(self.double).sudo().collector_id = self.collector
        target = self.account(self.customer)
        target.sudo().collector_id = self.env.user
        self.merge(self.double, self.customer)
        self.assertEqual(target.collector_id, self.env.user)

    def test_an_account_without_counterpart_is_handed_over(self):
        source = self.account(self.double)
        message = source.message_post(body="Old acquaintance")
        self.merge(self.double, self.customer)
        self.assertEqual(source.partner_id, self.customer)
        self.assertIn(message, source.message_ids)

    def test_a_contact_without_account_merges_as_ever(self):
        target = self.account(self.customer)
        self.merge(self.double, self.customer)
        self.assertEqual(target.partner_id, self.customer)

    def test_contacts_without_any_account_merge_as_ever(self):
        self.merge(self.double, self.customer)
        self.assertFalse(
            self.debtor_model.search([("partner_id", "=", self.customer.id)])
        )

    def test_merging_into_a_contact_hands_over_to_its_company(self):
        contact = self.new_customer("Contact", parent_id=self.customer.id)
        source = self.account(self.double)
        self.opening_entry(30, partner=self.double)
        self.merge(self.double, contact)
        self.assertEqual(source.partner_id, self.customer)
        self.assertEqual(self.debtor().amount_outstanding, 30.0)

    def test_three_contacts_merge_into_one(self):
        third = self.new_customer("Third")
        for partner in (self.customer, self.double, third):
            self.invoice(10, partner=partner)
            self.account(partner).message_post(body=f"About {partner.name}")
        self.merge(self.double + third, self.customer)
        self.assertEqual(self.debtor().amount_outstanding, 30.0)
        bodies = " ".join(self.debtor().message_ids.mapped("body"))
        for name in ("About Customer", "About Customer, once more", "About Third"):
            self.assertIn(name, bodies)

    def test_merging_a_customer_into_its_contacts_company_sums_its_contacts(self):
        """Items on a contact of the source follow the contact to the target."""
        contact = self.new_customer("Contact of the double", parent_id=self.double.id)
        self.opening_entry(30, partner=contact)
        self.opening_entry(5)
        self.refresh()
        self.assertEqual(self.debtor(self.double).amount_outstanding, 30.0)
        self.merge(self.double, self.customer)
        self.assertEqual(contact.commercial_partner_id, self.customer)
        self.assertEqual(self.debtor().amount_outstanding, 35.0)
