import smtplib
from datetime import timedelta
from unittest.mock import Mock, patch

from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import tagged

from .chase_common import ChaseCommon

JOBS = (
    "o2c_base.ir_cron_refresh_facts",
    "o2c_collections.ir_cron_chase_run",
    "o2c_collections.ir_cron_chase_message_send",
    "o2c_collections.ir_cron_self_check",
)


@tagged("post_install", "-at_install")
class TestChaseOverview(ChaseCommon):
    """The overview says whether chasing works, and what is still to be set up."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.manager = cls.new_user("overview_manager", "o2c_base.group_manager")
        cls.collector = cls.new_user("overview_collector", "o2c_base.group_collector")
        cls.overview = cls.env["o2c.overview"].with_user(cls.manager)
        for xmlid in JOBS:
            cls.engine.ref(xmlid).write(
                {"active": True, "nextcall": fields.Datetime.now()}
            )

    def health(self):
        self.env.flush_all()
        self.env.invalidate_all()
        return self.overview.get_panel("health")

    def counts(self):
        return {step["code"]: step["count"] for step in self.health()["steps"]}

    def items(self, user=None):
        self.env.flush_all()
        self.env.invalidate_all()
        overview = self.overview.with_user(user or self.manager)
        found = overview.get_frame()["checklist"]["items"]
        return {item["code"]: item for item in found}

    def states(self):
        return {code: item["state"] for code, item in self.items().items()}

    # ------------------------------------------------------------------
    # Health
    # ------------------------------------------------------------------

    def test_without_a_run_it_says_so(self):
        health = self.health()
        self.assertIsNone(health["run"])
        self.assertEqual(health["alarms"], [])
        self.assertIn("06/15/2026", health["next_run"])

    def test_it_tells_what_the_last_run_did_and_each_figure_is_its_list(self):
        self.late(100, 5)
        resting = self.new_debtor("Resting")
        self.late(100, 1, partner=resting)
        self.run_chase()
        self.assertEqual(
            self.counts(), {"sent": 0, "waiting": 1, "failed": 0, "unknown": 0}
        )
        self.deliver()
        self.assertEqual(
            self.counts(), {"sent": 1, "waiting": 0, "failed": 0, "unknown": 0}
        )
        health = self.health()
        self.assertEqual(health["run"]["evaluated"], 2)
        self.assertEqual(
            [(r["code"], r["count"]) for r in health["skipped"]],
            [("waiting_level", 1)],
        )
        for step in health["steps"]:
            model = self.env.ref(step["link"]["action"]).sudo().res_model
            records = self.overview.env[model].search(step["link"]["domain"])
            self.assertEqual(len(records), step["count"], step["code"])

    def test_steps_that_need_somebody_are_counted(self):
        self.late(100, 5)
        self.run_chase()
        [message] = self.engine["o2c.chase.message"].search(
            [("company_id", "=", self.company.id)]
        )
        message._set_sending()
        message._set_unknown()
        self.assertEqual(self.counts()["unknown"], 1)

    def test_a_failed_run_is_an_alarm(self):
        self.run_chase().state = "failed"
        [alarm] = self.health()["alarms"]
        self.assertIn("failed", alarm)

    def test_a_run_that_does_not_end_is_an_alarm_after_an_hour(self):
        run = self.run_chase()
        run.state = "running"
        run.started_at = fields.Datetime.now() - timedelta(minutes=59)
        self.assertEqual(self.health()["alarms"], [])
        run.started_at = fields.Datetime.now() - timedelta(minutes=61)
        self.assertEqual(len(self.health()["alarms"]), 1)

    def test_a_night_without_a_run_is_an_alarm_while_chasing_is_on(self):
        run = self.run_chase()
        run.finished_at = fields.Datetime.now() - timedelta(hours=31)
        self.assertEqual(len(self.health()["alarms"]), 1)
        self.company.sudo().o2c_sending = False
        self.assertEqual(self.health()["alarms"], [])

    def test_a_job_that_is_off_is_an_alarm(self):
        self.engine.ref(JOBS[2]).active = False
        [alarm] = self.health()["alarms"]
        self.assertIn("send chase messages", alarm)

    # ------------------------------------------------------------------
    # Checklist
    # ------------------------------------------------------------------

    def test_the_list_goes_green_as_the_company_is_set_up(self):
        company = self.company.sudo()
        company.write({"o2c_sending": False, "email": False})
        self.assertEqual(self.states()["sender"], "todo")
        self.assertEqual(self.states()["sending"], "todo")
        self.late(100, 5)
        company.email = "billing@kessler.example"
        runs = self.env["o2c.chase.run"].with_user(self.manager)
        runs.with_company(self.company).action_preview()
        self.assertEqual(self.states()["preview"], "done")
        runs.with_company(self.company).action_switch_on()
        self.assertEqual(self.states()["sending"], "done")
        self.assertEqual(self.states()["run"], "todo")
        self.assertTrue(self.overview.get_frame()["checklist"]["is_open"])
        self.chase()
        states = self.states()
        for code in ("invoice", "mail", "sender", "preview", "sending", "run"):
            self.assertEqual(states[code], "done", code)
        self.assertFalse(self.overview.get_frame()["checklist"]["is_open"])

    def test_a_local_address_is_warned_of(self):
        parameters = self.engine["ir.config_parameter"]
        for url, state in (
            ("http://localhost:8069", "warning"),
            ("http://127.0.0.1", "warning"),
            ("http://odoo:8069", "warning"),
            ("https://erp.kessler.example", "done"),
        ):
            parameters.set_param("web.base.url", url)
            self.assertEqual(self.states()["url"], state, url)

    def test_customers_without_an_address_are_counted_and_listed(self):
        self.late(100, 5)
        silent = self.new_debtor("Silent", email=False)
        self.late(100, 5, partner=silent)
        reached = self.new_debtor("Reached", email=False)
        self.late(100, 5, partner=reached)
        self.new_customer("Pays", parent_id=reached.id, email="pay@reached.example")
        owes_nothing = self.new_debtor("Owes nothing", email=False)
        self.pay(self.late(100, 5, partner=owes_nothing))
        self.refresh()
        item = self.items()["addresses"]
        self.assertEqual(item["state"], "warning")
        listed = self.overview.env["o2c.debtor"].search(item["link"]["domain"])
        self.assertEqual(listed.partner_id, silent)

    def test_a_person_ticks_that_old_items_were_looked_at(self):
        self.company.sudo().o2c_sending = False
        self.assertEqual(self.states()["chase_from"], "todo")
        self.overview.action_tick("chase_from")
        self.assertEqual(self.states()["chase_from"], "done")

    def test_the_mail_test_notes_what_the_server_says(self):
        servers = self.env.registry["ir.mail_server"]
        accepts = Mock(mail=lambda _sender: (250, b"ok"))
        refuses = Mock(mail=lambda _sender: (550, b"not from you"))
        for answer, kind, state in (
            (accepts, "success", "done"),
            (refuses, "danger", "todo"),
            (smtplib.SMTPServerDisconnected("gone"), "danger", "todo"),
            (OSError("no route"), "danger", "todo"),
        ):
            connect = Mock(side_effect=[answer])
            with patch.object(servers, "_connect__", connect):
                action = self.overview.action_test_mail()
            self.assertEqual(action["params"]["type"], kind)
            self.assertEqual(self.states()["mail"], state)

    def test_collectors_see_the_list_and_cannot_test_the_mail(self):
        item = self.items(self.collector)["mail"]
        self.assertNotIn("call", item)
        with self.assertRaises(AccessError):
            self.overview.with_user(self.collector).action_test_mail()
