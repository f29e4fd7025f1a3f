from odoo.exceptions import AccessError
from odoo.tests import tagged

from .limit_common import LimitCommon


@tagged("post_install", "-at_install")
class TestCreditLimitAccess(LimitCommon):
    """Who sees and does what with limits."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.colleague = cls.new_user("colleague", "sales_team.group_sale_salesman")
        cls.customer.user_id = cls.salesman

    def search(self, user):
        limits = self.env["o2c.credit.limit"].with_user(user)
        return limits.search([("partner_id", "=", self.customer.id)])

    def test_a_salesperson_sees_limits_of_his_customers_only(self):
        limit = self.active_limit(5000)
        self.assertEqual(self.search(self.salesman), limit)
        self.assertFalse(self.search(self.colleague))
        with self.assertRaises(AccessError):
            self.limit(100, user=self.colleague)

    def test_a_salesperson_changes_nothing_but_his_drafts(self):
        limit = self.active_limit(5000).with_user(self.salesman)
        for action in ("action_end", "action_approve", "action_refuse"):
            with self.assertRaises(AccessError):
                getattr(limit, action)()
        draft = self.limit(1, user=self.salesman)
        draft.amount = 2
        draft.action_request()
        with self.assertRaises(AccessError):
            draft.amount = 3
        draft.action_draft()
        self.assertEqual(draft.state, "draft")
        draft.unlink()
        with self.assertRaises(AccessError):
            self.env["o2c.credit.policy"].with_user(self.salesman).search([])
        with self.assertRaises(AccessError):
            self.env["o2c.credit.cover"].with_user(self.salesman).search([])

    def test_a_salesperson_reads_no_advice(self):
        limit = self.limit(1, user=self.salesman)
        for name in ("amount_recommended", "held_text", "risk_class"):
            with self.assertRaises(AccessError):
                limit.read([name])

    def test_documents_are_seen_by_who_sees_the_limit(self):
        document = (
            self.env["ir.attachment"]
            .with_user(self.salesman)
            .create({"name": "Balance sheet", "raw": b"figures"})
        )
        limit = self.limit(1, user=self.salesman, document_ids=[(4, document.id)])
        seen = limit.with_user(self.credit_manager).document_ids
        self.assertEqual(seen.raw, b"figures")
        with self.assertRaises(AccessError):
            document.with_user(self.colleague).read(["raw"])

    def test_users_of_another_company_see_nothing(self):
        self.active_limit(5000)
        other = self.setup_other_company()["company"]
        theirs = self.new_user("theirs", "o2c_base.group_manager", company=other)
        self.assertFalse(self.search(theirs))
        limit = self.search(self.env.ref("base.user_root"))
        with self.assertRaises(AccessError):
            limit.with_user(theirs).action_end()

    def test_auditors_and_collectors_read_only(self):
        limit = self.active_limit(5000)
        for role in ("auditor", "collector"):
            user = self.new_user(f"{role}_x", f"o2c_base.group_{role}")
            self.assertEqual(limit.with_user(user).amount, 5000)
            with self.assertRaises(AccessError):
                limit.with_user(user).action_end()
            with self.assertRaises(AccessError):
                self.limit(1, user=user)

    def test_deciding_by_remote_call_meets_the_same_gate(self):
        limit = self.limit(1, user=self.salesman)
        limit.action_request()
        hostile = limit.with_user(self.salesman).with_context(
            bypass=True, o2c_limit_sync=True, import_file=True, install_mode=True
        )
        with self.assertRaises(AccessError):
            hostile.write({"state": "active"})
        with self.assertRaises(AccessError):
            hostile.action_approve()
