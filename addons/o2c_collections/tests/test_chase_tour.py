from odoo import Command
from odoo.tests import HttpCase, new_test_user, tagged

from .message_common import MessageCase


@tagged("post_install", "-at_install")
class TestChaseTour(MessageCase, HttpCase):
    """A manager starts chasing in the browser, on the clock of today."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.o2c_sending = False
        cls.manager = new_test_user(
            cls.root_env,
            login="tour_manager",
            groups="o2c_base.group_manager",
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
        )
        cls._invoice(1200.0, days_late=5)

    def test_a_manager_previews_starts_and_runs_the_chase(self):
        self.root_env["o2c.debtor"]._refresh_now()
        self.start_tour(
            "/odoo", "o2c_collections.start_chasing", login=self.manager.login
        )
        self.assertTrue(self.company.o2c_sending)
        self.assertEqual(self.company.o2c_preview_seen_by, self.manager)
        [run] = self.root_env["o2c.chase.run"].search(
            [("company_id", "=", self.company.id)]
        )
        self.assertEqual((run.kind, run.state), ("manual", "requested"))
        with self.registry.cursor() as cr:
            self.root_env(cr=cr)["o2c.chase.run"]._cron_run()
        self.env.invalidate_all()
        self.assertEqual((run.state, run.planned_count), ("done", 1))
        debtor = self._debtor()
        self.assertEqual(debtor.action_ids.state, "queued")
        self.start_tour(
            f"/odoo/customer-accounts/{debtor.id}",
            "o2c_collections.read_why",
            login=self.manager.login,
        )

    def test_the_checklist_leads_a_new_company_to_its_first_reminder(self):
        self.root_env["o2c.debtor"]._refresh_now()
        self.start_tour(
            "/odoo/receivables", "o2c_first_reminder", login=self.manager.login
        )
        self.assertTrue(self.company.o2c_sending)
        with self.registry.cursor() as cr:
            self.root_env(cr=cr)["o2c.chase.run"]._cron_run()
        self.env.invalidate_all()
        [message] = self.root_env["o2c.chase.message"].search(
            [("company_id", "=", self.company.id)]
        )
        self.assertEqual(message.state, "outgoing")
        self.assertEqual(message.figures["items"][0]["amount_open"], 1200.0)
        items = {
            item["code"]: item["state"]
            for item in self._frame_of(self.manager)["checklist"]["items"]
        }
        for code in ("invoice", "preview", "sending", "run"):
            self.assertEqual(items[code], "done", code)

    def _frame_of(self, user):
        return self.env["o2c.overview"].with_user(user).get_frame()
