from odoo import Command
from odoo.tests import HttpCase, new_test_user, tagged

from .message_common import MessageCase


@tagged("post_install", "-at_install")
class TestPlanTour(MessageCase, HttpCase):
    def test_a_manager_reads_and_changes_a_plan_in_its_picture(self):
        manager = new_test_user(
            self.root_env,
            login="plan_manager",
            groups="o2c_base.group_manager",
            company_id=self.company.id,
            company_ids=[Command.set(self.company.ids)],
        )
        self._invoice(1200.0, days_late=20)
        self.root_env.flush_all()
        self.root_env["o2c.debtor"]._refresh_now()
        self.start_tour(
            f"/odoo/chase-plans/{self.plan.id}",
            "o2c_collections.plan_picture",
            login=manager.login,
        )
        self.assertEqual(self.plan.step_ids.mapped("days"), [1, 16, 30])
        self.assertFalse(self.root_env["o2c.chase.message"].search([], limit=1))
