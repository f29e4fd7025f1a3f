from datetime import timedelta

from psycopg2 import IntegrityError

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.o2c_base.tools.transaction import try_lock

from ..models import o2c_chase_run_phases
from ..models.o2c_chase_run import RunUnderWay
from .chase_common import ChaseCommon


@tagged("post_install", "-at_install")
class TestChaseRun(ChaseCommon):
    """What one run does, and what it never does twice."""

    def test_a_run_says_what_it_did(self):
        self.late(100, days=5)
        self.late(3, days=5, partner=self.new_debtor("Small"))
        self.late(50, days=5, partner=self.new_debtor("Silent", email=False))
        run = self.run_chase()
        self.assertRecordValues(
            run,
            [
                {
                    "company_id": self.company.id,
                    "date": self.day("2026-06-15"),
                    "kind": "manual",
                    "state": "done",
                    "is_dry": False,
                    "evaluated_count": 3,
                    "planned_count": 2,
                    "performed_count": 2,
                    "progress": 100.0,
                    "problems": False,
                }
            ],
        )
        self.assertEqual(
            run.counts,
            {
                "due": {"count": 1, "amount": 100.0, "outcome": "due"},
                "no_address": {"count": 1, "amount": 50.0, "outcome": "due"},
                "below_tolerance": {"count": 1, "amount": 3.0, "outcome": "none"},
            },
        )
        self.assertIn("No e-mail address", run.summary)

    # Sending off

    def test_with_sending_off_a_run_only_counts(self):
        self.company.sudo().o2c_sending = False
        self.late(100, days=5)
        run = self.run_chase()
        self.assertEqual(run.counts["due"]["count"], 1)
        self.assertTrue(run.is_dry)
        self.assertEqual(run.planned_count, 0)
        self.assertFalse(self.actions())
        self.assertFalse(self.engine["o2c.chase.message"].search([]))
        self.assertEqual(self.standing(), (0, 0))

    def test_switched_off_in_between_nothing_more_is_performed(self):
        self.late(100, days=5)
        with self.enter_registry_test_mode():
            runs = self.engine["o2c.chase.run"]
            self.engine["o2c.debtor"]._refresh_now()
            run = runs.browse(runs._evaluate_and_plan(self.company.id, "manual"))
            self.company.sudo().o2c_sending = False
            self.assertEqual(run._perform_batch(), (0, 0))
        self.assertEqual(self.story(), [(1, "email", "planned")])

    def test_chasing_begins_only_after_a_look_at_the_preview(self):
        self.company.sudo().o2c_sending = False
        manager = self.new_user("colt_manager", "o2c_base.group_manager")
        runs = self.env["o2c.chase.run"].with_user(manager)
        with self.assertRaisesRegex(UserError, "preview"):
            runs.action_switch_on()
        self.assertFalse(self.company.o2c_sending)
        action = runs.action_preview()
        self.assertEqual(action["res_model"], "o2c.chase.decision")
        self.assertEqual(self.company.o2c_preview_seen_by, manager)
        runs.action_switch_on()
        self.assertTrue(self.company.o2c_sending)
        runs.action_switch_off()
        self.assertFalse(self.company.o2c_sending)
        kinds = self.engine["o2c.event"].search(
            [("res_model", "=", "res.company"), ("res_id", "=", self.company.id)],
            order="id",
        )
        self.assertEqual(kinds.mapped("kind"), ["sending_on", "sending_off"])

    def test_the_look_of_an_auditor_switches_nothing_on(self):
        self.company.sudo().o2c_sending = False
        auditor = self.new_user("colt_auditor", "o2c_base.group_auditor")
        action = self.env["o2c.chase.run"].with_user(auditor).action_preview()
        self.assertEqual(action["res_model"], "o2c.chase.decision")
        self.assertFalse(self.company.o2c_preview_seen_at)

    def test_the_switch_cannot_be_written_past_its_gate(self):
        self.company.sudo().o2c_sending = False
        admin = self.new_user(
            "colt_admin",
            "base.group_system,o2c_base.group_manager,base.group_erp_manager",
        )
        companies = self.env["res.company"].with_user(admin)
        for values in (
            {"o2c_sending": True},
            {"o2c_preview_seen_at": "2026-01-01 00:00:00"},
            {"o2c_preview_seen_by": admin.id},
        ):
            with self.assertRaises(AccessError):
                companies.browse(self.company.id).write(values)
            with self.assertRaises(AccessError):
                companies.create({"name": "New", **values})
        companies.browse(self.company.id).write({"phone": "1"})
        self.assertFalse(companies.create({"name": "New"}).o2c_sending)

    # Once

    def test_a_second_run_plans_nothing(self):
        self.late(100, days=100)
        first = self.run_chase()
        steps = self.actions()
        second = self.run_chase(kind="nightly")
        self.assertEqual((first.planned_count, second.planned_count), (1, 0))
        self.assertEqual(self.actions(), steps)
        again = self.run_chase()
        self.assertEqual(again, first, "one run by hand a day")
        self.assertEqual(self.actions(), steps)
        self.assertEqual(len(self.engine["o2c.chase.message"].search([])), 1)

    def test_the_database_refuses_a_level_twice_in_a_cycle(self):
        self.late(100, days=5)
        self.chase()
        action = self.actions()
        copy = (
            "INSERT INTO o2c_chase_action (debtor_id, cycle, level,"
            " channel, state) SELECT debtor_id, cycle, level, channel,"
            " %s FROM o2c_chase_action WHERE id = %s"
        )
        for state in ("planned", "queued", "done", "failed", "unknown", "claimed"):
            with (
                self.assertRaises(IntegrityError),
                mute_logger("odoo.sql_db"),
                self.env.cr.savepoint(),
            ):
                self.env.cr.execute(copy, [state, action.id])
        self.env.cr.execute(copy, ["skipped", action.id])

    def test_a_run_is_refused_while_another_one_decides(self):
        """The lock of the one is seen by the other on its own connection."""
        with self.registry.cursor() as other:
            self.assertTrue(try_lock(other, o2c_chase_run_phases.LOCK, self.company.id))
            with self.assertRaisesRegex(RunUnderWay, "under way"):
                self.run_chase()
            self.run_job()  # the job says so in the log and fails nothing
        ours = [("company_id", "=", self.company.id)]
        self.assertFalse(self.engine["o2c.chase.run"].search(ours))
        self.run_chase()

    # Asking for a run

    def test_asking_twice_for_a_run_asks_for_one(self):
        collector = self.new_user("colt_collector", "o2c_base.group_collector")
        runs = self.env["o2c.chase.run"].with_user(collector)
        action = runs.action_run_now()
        self.assertEqual(runs.action_run_now()["res_id"], action["res_id"])
        run = self.engine["o2c.chase.run"].browse(action["res_id"])
        self.assertEqual((run.state, run.progress), ("requested", 0))
        self.late(100, days=5)
        self.run_job()
        self.engine.invalidate_all()
        self.assertEqual((run.state, run.planned_count), ("done", 1))
        runs.action_run_now()
        self.assertEqual(run.state, "requested")

    # Size

    def _late_customers(self, count):
        """So many late customers, in one entry: quicker than invoices."""
        due = fields.Date.today() - timedelta(days=5)
        owed = [
            {
                "account_id": self.receivable.id,
                "partner_id": self.new_debtor(f"Customer {count} {number}").id,
                "balance": 100,
                "date_maturity": due,
            }
            for number in range(count)
        ]
        revenue = self.company_data["default_account_revenue"]
        earned = {"account_id": revenue.id, "balance": -100 * count}
        move = self.env["account.move"].create(
            {
                "move_type": "entry",
                "date": due,
                "journal_id": self.company_data["default_journal_misc"].id,
                "line_ids": [Command.create(line) for line in [*owed, earned]],
            }
        )
        move.action_post()
        self.receivable_lines(move).no_followup = False

    def _queries_of(self, count):
        """Queries of deciding and planning, with so many more customers due."""
        self._late_customers(count)
        self.refresh()
        self.engine.flush_all()
        self.engine.invalidate_all()
        runs = self.engine["o2c.chase.run"]
        before = self.env.cr.sql_log_count
        run = runs.browse(runs._evaluate_and_plan(self.company.id, "manual"))
        self.engine.flush_all()
        return self.env.cr.sql_log_count - before, run

    def test_deciding_and_planning_take_no_query_per_customer(self):
        self._queries_of(1)  # warms the caches
        few, run = self._queries_of(10)
        self.assertEqual(run.planned_count, 11)
        many, run = self._queries_of(100)
        self.assertEqual(run.planned_count, 111)
        self.assertEqual(many, few)
        self.assertLessEqual(many, 30)

    def test_carrying_out_takes_few_queries_per_customer(self):
        """A message is a row, a timeline entry, an e-mail and its envelope."""
        costs = []
        self._queries_of(2)
        self.engine["o2c.chase.action"].search([])._perform()
        for count in (5, 25):
            _queries, run = self._queries_of(count)
            batch = run.action_ids.filtered(lambda a: a.state == "planned")
            self.engine.flush_all()
            self.engine.invalidate_all()
            before = self.env.cr.sql_log_count
            self.assertEqual(batch._perform(), [])
            self.engine.flush_all()
            costs.append(self.env.cr.sql_log_count - before)
        slope = (costs[1] - costs[0]) / 20
        self.assertLess(slope, 30, f"queries: {costs}")
