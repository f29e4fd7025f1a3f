from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import tagged

from ..hooks import post_init_hook
from .limit_common import LimitCommon


@tagged("post_install", "-at_install")
class TestCoreLimit(LimitCommon):
    """Odoo's own credit limit on the contact and ours are one."""

    def limits(self, partner=None):
        return (
            self.env["o2c.credit.limit"]
            .search([("partner_id", "=", (partner or self.customer).id)], order="id")
            .mapped(lambda limit: (limit.kind, limit.amount, limit.state))
        )

    def stored(self, partner=None):
        """What the contact's column holds, per company."""
        self.env.flush_all()
        self.env.cr.execute(
            "SELECT credit_limit FROM res_partner WHERE id = %s",
            [(partner or self.customer).id],
        )
        return self.env.cr.fetchone()[0]

    def test_a_positive_amount_becomes_the_active_base_limit(self):
        self.customer.credit_limit = 5000
        self.assertEqual(self.limits(), [("base", 5000, "active")])
        self.assertEqual(self.now(), (5000, True))
        self.customer.credit_limit = 6000
        self.assertEqual(
            self.limits(), [("base", 5000, "superseded"), ("base", 6000, "active")]
        )
        self.assertEqual(self.customer.credit_limit, 6000)

    def test_zero_removes_the_own_limit(self):
        self.customer.credit_limit = 5000
        self.customer.credit_limit = 0
        self.assertEqual(self.limits(), [("base", 5000, "expired")])
        self.assertEqual(self.now(), (0, False))
        self.assertEqual(self.customer.credit_limit, 0)

    def test_reading_gives_the_active_limit_back(self):
        self.active_limit(7000)
        self.assertEqual(self.customer.credit_limit, 7000)
        self.active_limit(500, kind="temporary", date_to="2026-06-30")
        self.assertEqual(self.customer.credit_limit, 7000)
        self.active_limit(9000).with_user(self.credit_manager).action_end()
        self.assertEqual(self.customer.credit_limit, 0)
        self.assertEqual(self.stored(), None)

    def test_saving_unchanged_decides_nothing(self):
        self.active_limit(7000)
        self.customer.write({"credit_limit": 7000, "name": "Same"})
        self.assertEqual(self.limits(), [("base", 7000, "active")])

    def test_a_new_contact_may_come_with_a_limit(self):
        partner = self.new_customer("New", credit_limit=400)
        self.assertEqual(self.limits(partner), [("base", 400, "active")])

    def test_contacts_follow_their_company(self):
        contact = self.new_customer("Person", parent_id=self.customer.id)
        self.customer.credit_limit = 5000
        self.assertEqual(contact.credit_limit, 5000)
        contact.credit_limit = 9
        self.assertEqual(self.now(), (5000, True))
        later = self.new_customer("Later", parent_id=self.customer.id)
        self.assertEqual(later.credit_limit, 5000)
        later.parent_id = False
        self.assertEqual(later.credit_limit, 0)

    def test_a_branch_writes_for_its_root_and_reads_it_back(self):
        branch = self.env["res.company"].create(
            {"name": "Branch", "parent_id": self.company.id}
        )
        self.env.user.company_ids += branch
        self.customer.with_company(branch).credit_limit = 5000
        self.assertEqual(self.now(), (5000, True))
        for company in (branch, self.company):
            self.assertEqual(self.customer.with_company(company).credit_limit, 5000)
        self.customer.with_company(self.company).credit_limit = 0
        self.assertEqual(self.customer.with_company(branch).credit_limit, 0)

    def test_companies_keep_their_limits_apart(self):
        other = self.setup_other_company()["company"]
        self.env.user.company_ids += other
        self.customer.credit_limit = 5000
        self.customer.with_company(other).credit_limit = 80
        self.assertEqual(self.customer.credit_limit, 5000)
        self.assertEqual(self.customer.with_company(other).credit_limit, 80)
        self.assertEqual(self.account(company=other).amount_credit_limit, 80)

    def test_going_back_to_the_default_of_the_settings_removes_the_own_limit(self):
        self.company.account_use_credit_limit = True
        self.env["ir.default"].set(
            "res.partner", "credit_limit", 300, company_id=self.company.id
        )
        self.customer.credit_limit = 5000
        self.customer.use_partner_credit_limit = False
        self.assertEqual(self.limits(), [("base", 5000, "expired")])
        self.assertEqual(self.customer.credit_limit, 300)
        self.assertEqual(self.now(), (300, True))

    def test_once_enforced_only_who_may_decide_writes_it(self):
        clerk = self.new_user(
            "clerk", "account.group_account_invoice,base.group_partner_manager"
        )
        with self.assertRaisesRegex(AccessError, "may not decide"):
            self.customer.with_user(clerk).credit_limit = 5000
        self.company.o2c_credit_enforce = False
        self.customer.with_user(clerk).credit_limit = 5000
        self.assertEqual(self.now(), (5000, True))

    def levels(self, **values):
        """Credit managers decide up to 10 000, managers on anything."""
        policy = self.env.ref("o2c_credit_risk.policy_standard")
        policy.write(
            {
                "level_ids": [
                    Command.create({"role": "credit_manager", "amount": 10000}),
                    Command.create({"role": "manager", "amount": 0}),
                ],
                **values,
            }
        )
        junior = self.new_user(
            "junior", "o2c_base.group_credit_manager,base.group_partner_manager"
        )
        senior = self.new_user(
            "senior", "o2c_base.group_manager,base.group_partner_manager"
        )
        return junior, senior

    def test_removing_a_limit_asks_for_authority_over_what_holds_without(self):
        junior, senior = self.levels()
        limit = self.active_limit(5000)
        for amount in (0, False):
            with self.assertRaises(AccessError):
                self.customer.with_user(junior).credit_limit = amount
        with self.assertRaisesRegex(AccessError, "more credit than you may approve"):
            limit.with_user(junior).action_end()
        self.assertEqual(self.now(), (5000, True))
        self.customer.with_user(junior).credit_limit = 4000
        self.assertEqual(self.now(), (4000, True))
        self.customer.with_user(senior).credit_limit = 0
        self.assertEqual(self.now(), (0, False))

    def test_writing_the_default_of_the_settings_asks_for_the_same(self):
        junior, _senior = self.levels()
        self.env["ir.default"].set(
            "res.partner", "credit_limit", 300, company_id=self.company.id
        )
        self.active_limit(5000)
        with self.assertRaises(AccessError):
            self.customer.with_user(junior).credit_limit = 300
        self.company.account_use_credit_limit = True
        self.customer.with_user(junior).credit_limit = 300
        self.assertEqual(self.now(), (300, True))

    def test_the_default_of_the_policy_is_what_holds_without(self):
        junior, senior = self.levels(default_limit=20000)
        self.active_limit(5000)
        with self.assertRaises(AccessError):
            self.customer.with_user(junior).credit_limit = 0
        self.customer.with_user(senior).credit_limit = 50000
        self.customer.with_user(junior).credit_limit = 0
        self.assertEqual(self.now(), (20000, True), "less than before")

    def test_who_becomes_a_customer_in_the_same_breath_is_checked(self):
        junior, senior = self.levels()
        for move in ({"is_company": True}, {"parent_id": False}):
            child = self.new_customer(
                "Child", parent_id=self.customer.id, is_company=False
            )
            with self.assertRaises(AccessError):
                child.with_user(junior).write({**move, "credit_limit": 1e6})
            child.with_user(senior).write({**move, "credit_limit": 1e6})
            self.assertEqual(self.now(child), (1e6, True))

    def test_installing_takes_over_what_the_contacts_have(self):
        other = self.new_customer("Other")
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE res_partner SET credit_limit = jsonb_build_object(%s, 1234.5)"
            " WHERE id = %s",
            [str(self.company.id), self.customer.id],
        )
        self.env.invalidate_all()
        post_init_hook(self.env)
        self.assertEqual(self.limits(), [("base", 1234.5, "active")])
        self.assertFalse(self.limits(other))
        post_init_hook(self.env)
        self.assertEqual(self.limits(), [("base", 1234.5, "active")])

    def test_many_customers_cost_no_more_statements_each(self):
        def count(partners):
            self.env.flush_all()
            with self.assertQueryCount(200):
                before = self.env.cr.sql_log_count
                partners.write({"credit_limit": 5000})
                self.env.flush_all()
                return self.env.cr.sql_log_count - before

        few = self.env["res.partner"].create([{"name": f"F{n}"} for n in range(3)])
        many = self.env["res.partner"].create([{"name": f"M{n}"} for n in range(23)])
        self.new_customer("Warm up", credit_limit=1)
        first, second = count(few), count(many)
        self.assertLessEqual(second - first, 20 * 4)
