from odoo import Command
from odoo.tests import HttpCase, new_test_user, tagged

from .message_common import MessageCase


@tagged("post_install", "-at_install")
class TestPlanTour(MessageCase, HttpCase):
    def test_a_manager_reads_changes_and_adds_to_a_plan_in_its_picture(self):
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
        steps = [(step.level, step.days, step.channel) for step in self.plan.step_ids]
        self.assertEqual(steps[-1], (4, 45, "letter"))
        self.assertEqual([days for _level, days, _channel in steps], [1, 16, 30, 45])
        self.assertTrue(self.plan.step_ids[-1].template_id)
        self.assertFalse(self.root_env["o2c.chase.message"].search([], limit=1))
