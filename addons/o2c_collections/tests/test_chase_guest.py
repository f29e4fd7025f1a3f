from odoo.tests import tagged

from .chase_common import ChaseCommon


@tagged("post_install", "-at_install", "o2c_boundary")
class TestChaseGuest(ChaseCommon):
    """Users without a role in Receivables do what they always did."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.seller = cls.new_user(
            "colt_seller", "base.group_user,base.group_partner_manager"
        )
        cls.clerk = cls.new_user("colt_clerk", "account.group_account_invoice")

    def test_a_clerk_posts_pays_and_unmatches_for_a_customer_under_chase(self):
        invoice = self.late(100, days=20)
        self.run_chase()
        self.assertFalse(self.clerk.has_group("o2c_base.group_collector"))
        draft = self.late(50, days=5, post=False)
        draft.with_user(self.clerk).action_post()
        self.env["account.payment.register"].with_user(self.clerk).with_context(
            active_model="account.move", active_ids=invoice.ids
        ).create({})._create_payments()
        self.assertEqual(invoice.amount_residual, 0)
        line = self.receivable_lines(invoice).with_user(self.clerk)
        line.remove_move_reconcile()
        self.assertEqual(invoice.amount_residual, 100)

    def test_an_employee_schedules_and_does_activities(self):
        partner = self.new_debtor("Somebody").with_user(self.seller)
        activity = partner.activity_schedule(
            "mail.mail_activity_data_todo", user_id=self.seller.id
        )
        activity.with_user(self.seller).action_feedback("Done")
        other = partner.activity_schedule(
            "mail.mail_activity_data_todo", user_id=self.seller.id
        )
        other.with_user(self.seller).unlink()
        self.assertFalse(other.exists())

    def test_activities_of_others_cost_no_query_of_ours(self):
        partner = self.new_debtor("Somebody")
        activity = partner.activity_schedule("mail.mail_activity_data_todo")
        with self.assertQueryCount(0):
            self.assertFalse(activity._o2c_chase_actions())

    def test_companies_are_created_and_renamed_as_before(self):
        admin = self.new_user(
            "colt_erp", "base.group_erp_manager,base.group_partner_manager"
        )
        company = self.env["res.company"].with_user(admin).create({"name": "New"})
        company.name = "Newer"
        self.assertFalse(company.sudo().o2c_sending)

    def test_a_plan_in_use_can_be_deleted(self):
        self.late(100, days=5)
        self.refresh()
        self.give_plan(self.plan)
        self.run_chase()
        self.plan.unlink()
        self.assertFalse(self.debtor().plan_id)
        self.assertEqual(self.story(), [(1, "email", "queued")])
        self.assertEqual(self.reason(), "no_plan")

    def test_a_user_with_calls_can_be_deleted(self):
        self.plan.step_ids[0].write({"channel": "call", "template_id": False})
        leaver = self.new_user("colt_leaver", "o2c_base.group_collector")
        self.late(100, days=5)
        self.refresh()
        self.debtor().collector_id = leaver
        self.run_chase()
        self.assertEqual(self.actions().activity_id.user_id, leaver)
        leaver.sudo().unlink()
        self.env.invalidate_all()
        self.run_chase()
        self.assertEqual(self.actions().reason, "activity_removed")
