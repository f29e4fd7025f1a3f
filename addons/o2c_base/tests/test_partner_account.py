from odoo.exceptions import AccessError
from odoo.tests import tagged

from .desk_common import DeskCommon

FIELDS = [
    "o2c_is_account_visible",
    "o2c_amount_outstanding",
    "o2c_amount_overdue",
    "o2c_oldest_due",
    "o2c_days_late",
    "o2c_standing",
    "o2c_collector",
]


@tagged("post_install", "-at_install")
class TestPartnerAccount(DeskCommon):
    """Salespeople see how their customers stand; nobody else does."""

    def seen(self, user, partner=None, names=FIELDS):
        self.env.flush_all()
        self.env.invalidate_all()
        partner = (partner or self.customer).with_user(user)
        partner = partner.with_context(allowed_company_ids=user.company_ids.ids)
        return partner.read(names)[0]

    def assert_sees(self, user, partner=None):
        found = self.seen(user, partner)
        self.assertTrue(found["o2c_is_account_visible"])
        self.assertEqual(found["o2c_amount_outstanding"], 150)
        self.assertEqual(found["o2c_amount_overdue"], 100)
        self.assertEqual(found["o2c_oldest_due"], "45 days late")
        self.assertEqual(found["o2c_days_late"], "n/a")
        self.assertEqual(found["o2c_standing"], "Overdue")

    def assert_sees_nothing(self, user, partner=None):
        found = self.seen(user, partner)
        found.pop("id")
        self.assertEqual(set(map(bool, found.values())), {False}, found)

    def test_the_customers_salesperson_sees_it_without_a_role(self):
        self.assert_sees_nothing(self.plain)
        self.customer.user_id = self.plain
        self.assert_sees(self.plain)

    def test_so_on_the_customers_contacts(self):
        contact = self.new_customer("Contact", parent_id=self.customer.id)
        self.customer.user_id = self.plain
        contact.user_id = False
        self.assert_sees(self.plain, contact)

    def test_who_invoices_sees_it(self):
        self.assert_sees(self.new_user("billing", "account.group_account_invoice"))
        self.assert_sees(self.collector)
        self.assert_sees(self.auditor)

    def test_a_salesperson_also_sees_customers_of_nobody(self):
        """What the groups of sales_team, if it is there, come to."""
        for seller, sells, sees in (
            (self.env["res.users"], True, True),
            (self.env["res.users"], False, False),
            (self.stranger, True, False),
            (self.plain, False, True),
        ):
            self.customer.user_id = seller
            with self.subTest(seller=seller.login, sells=sells):
                self.assertEqual(self.customer._o2c_sold_by(self.plain, sells), sees)

    def test_another_company_sees_nothing(self):
        self.customer.user_id = self.stranger
        self.assert_sees_nothing(self.stranger)

    def test_portal_users_have_no_such_fields(self):
        own = self.portal.partner_id
        for name in FIELDS:
            with self.subTest(field=name), self.assertRaises(AccessError):
                self.seen(self.portal, own, [name])

    def test_the_account_itself_is_for_roles(self):
        self.customer.user_id = self.plain
        with self.assertRaises(AccessError):
            self.seen(self.plain, names=["o2c_account_id"])
        with self.assertRaises(AccessError):
            self.customer.with_user(self.plain).action_o2c_open_account()
        action = self.customer.with_user(self.collector).action_o2c_open_account()
        self.assertEqual(action["res_id"], self.account.id)

    def test_what_is_seen_cannot_be_searched(self):
        with self.assertRaises(ValueError):
            self.customer.with_user(self.plain).search([("o2c_amount_overdue", ">", 0)])

    def test_without_an_account_there_is_nothing(self):
        self.assert_sees_nothing(self.collector, self.new_customer("New"))

    def test_the_cost_is_the_same_for_many(self):
        counts = []
        for size in (3, 12):
            partners = self.env["res.partner"]
            for number in range(size):
                partner = self.new_customer(f"P{number}", user_id=self.plain.id)
                self.invoice(5, partner=partner)
                partners |= partner
            self.debtor_model._ensure([(p, self.company) for p in partners])
            self.env.flush_all()
            for _turn in range(2):
                self.env.invalidate_all()
                before = self.env.cr.sql_log_count
                partners.with_user(self.plain).read(FIELDS)
                count = self.env.cr.sql_log_count - before
            counts.append(count)
        self.assertEqual(*counts)
