from contextlib import contextmanager
from datetime import datetime
from unittest.mock import patch

import pytz
from freezegun import freeze_time

from odoo.tests import tagged
from odoo.tools import mute_logger

from ..models import o2c_chase_run, o2c_chase_run_phases
from .chase_common import ChaseCommon

#: (time zone, local time as UTC offset and hour from which the run may begin)
ZONES = (
    "Pacific/Pago_Pago",
    "Pacific/Kiritimati",
    "Asia/Kolkata",
    "Australia/Lord_Howe",
    "America/Santiago",
    "Europe/Brussels",
)


@tagged("post_install", "-at_install")
class TestChaseJob(ChaseCommon):
    """When runs begin by themselves, and how they go on after an interruption."""

    def runs(self, company=None):
        self.engine.invalidate_all()
        return self.engine["o2c.chase.run"].search(
            [("company_id", "=", (company or self.company).id)], order="id"
        )

    def job_at(self, instant):
        with freeze_time(instant):
            self.run_job()

    # The night

    def test_the_nightly_run_comes_once_per_local_day(self):
        self.company.partner_id.tz = "UTC"
        self.job_at("2026-06-15 04:59:00")
        self.assertFalse(self.runs())
        self.job_at("2026-06-15 05:00:00")
        self.assertRecordValues(
            self.runs(),
            [{"kind": "nightly", "state": "done", "date": self.day("2026-06-15")}],
        )
        begun = self.runs().started_at
        self.job_at("2026-06-15 06:00:00")
        self.assertEqual(self.runs().started_at, begun)
        self.job_at("2026-06-16 05:00:00")
        self.assertEqual(len(self.runs()), 2)

    def test_the_hour_is_the_company_s_own(self):
        for zone in ZONES:
            with self.subTest(zone=zone), self.env.cr.savepoint() as savepoint:
                self.company.partner_id.tz = zone
                local = pytz.timezone(zone)
                for hour, expected in ((4, 0), (5, 1), (23, 1)):
                    wall = local.localize(datetime(2026, 9, 6, hour, 30))
                    self.job_at(wall.astimezone(pytz.utc).replace(tzinfo=None))
                    self.assertEqual(len(self.runs()), expected)
                self.assertEqual(self.runs().date, self.day("2026-09-06"))
                savepoint.rollback()
                self.env.invalidate_all()

    def test_a_missed_hour_is_made_up_for(self):
        self.company.partner_id.tz = "UTC"
        self.job_at("2026-06-15 22:10:00")
        self.assertEqual(self.runs().mapped("kind"), ["nightly"])

    def test_each_company_has_its_own_night(self):
        other = self.setup_other_company()["company"]
        self.company.partner_id.tz = "Europe/Berlin"
        other.partner_id.tz = "America/New_York"
        self.job_at("2026-06-15 04:00:00")
        self.assertEqual(len(self.runs()), 1)
        self.assertEqual(len(self.runs(other)), 0)
        self.job_at("2026-06-15 09:00:00")
        self.assertEqual(len(self.runs(other)), 1)
        self.assertEqual(len(self.runs()), 1)

    # Going on

    def _late_customers(self, count):
        partners = [self.new_debtor(f"Customer {n}") for n in range(count)]
        for partner in partners:
            self.late(100, days=5, partner=partner)
        return partners

    def _small_batches(self):
        return patch.object(o2c_chase_run_phases, "ACTIONS_PER_BATCH", 2)

    @contextmanager
    def _cut_off(self, after):
        """Kill the run when it begins a batch beyond so many; what was committed
        stays, other than with ``assertRaises``, which rolls back.
        """
        original = o2c_chase_run_phases.O2cChaseRun._perform_batch
        done = []

        def perform(run):
            if len(done) >= after:
                raise KeyboardInterrupt("killed")
            done.append(run)
            return original(run)

        model = self.env.registry["o2c.chase.run"]
        with patch.object(model, "_perform_batch", perform):
            try:
                yield
            except KeyboardInterrupt:
                return
        self.fail("it was not cut off")

    def test_a_run_that_was_killed_goes_on_where_it_was(self):
        partners = self._late_customers(5)
        with self._small_batches():
            with self._cut_off(after=1):
                self.run_chase(kind="nightly")
            [run] = self.runs()
            self.assertEqual((run.state, run.planned_count), ("running", 5))
            self.assertEqual(run.performed_count, 2)
            self.assertEqual(run.progress, 40)
            self.run_job()
        self.assertEqual(self.runs().state, "done")
        self.assertEqual(run.performed_count, 5)
        messages = self.engine["o2c.chase.message"].search([])
        self.assertEqual(
            sorted(messages.partner_id.ids), sorted(p.id for p in partners)
        )
        self.assertEqual(len(messages), 5)

    def test_a_job_whose_time_is_up_goes_on_in_the_next_call(self):
        self._late_customers(5)
        calls = []

        def progress(cron, processed=0, *, remaining=None, deactivate=False):
            calls.append((processed, remaining))
            return 0

        job = self.engine["o2c.chase.run"].with_context(ir_cron_progress_id=1)
        model = self.env.registry["ir.cron"]
        with (
            self._small_batches(),
            patch.object(model, "_commit_progress", progress),
            patch.object(
                o2c_chase_run.O2cChaseRun, "_nightly_is_due", lambda *a: False
            ),
            self.enter_registry_test_mode(),
        ):
            job.with_company(self.company).action_run_now()
            left = []
            for _call in range(4):
                job._cron_run()
                left.append(self.runs().state)
        self.assertEqual(left, ["running", "running", "running", "done"])
        # What is reported as left keeps the job going until all is done.
        self.assertEqual(calls, [(2, 4), (2, 2), (1, 1), (0, 0)])
        self.assertEqual(len(self.engine["o2c.chase.message"].search([])), 5)

    def test_a_run_of_yesterday_that_was_cut_off_ends_today(self):
        partners = self._late_customers(3)
        with (
            self._small_batches(),
            self._cut_off(after=1),
        ):
            self.run_chase(kind="nightly")
        with freeze_time("2026-06-16 12:00:00"):
            self.run_job()
            self.run_job()
        yesterday, today = self.runs()
        self.assertEqual((yesterday.state, today.state), ("failed", "done"))
        self.assertIn("2026-06-16", yesterday.problems)
        self.assertFalse(today.problems)
        messages = self.engine["o2c.chase.message"].search([])
        self.assertEqual(len(messages), len(partners))

    def test_a_run_asked_for_before_midnight_is_done_after_it_once(self):
        self.company.partner_id.tz = "UTC"
        with freeze_time("2026-06-15 23:59:00"):
            self.engine["o2c.chase.run"].with_company(self.company).action_run_now()
        self.job_at("2026-06-16 00:01:00")
        asked, done = self.runs()
        self.assertEqual((asked.state, done.state), ("failed", "done"))
        self.assertEqual(done.kind, "manual")
        self.job_at("2026-06-16 00:02:00")
        self.assertEqual(self.runs(), asked + done)

    # Trouble

    def test_trouble_in_one_company_stops_no_other(self):
        other = self.setup_other_company()["company"]
        original = o2c_chase_run_phases.O2cChaseRun._evaluate_and_plan

        def evaluate(runs, root_id, kind):
            if root_id == self.company.id:
                raise ValueError("the ledger is on fire")
            return original(runs, root_id, kind)

        model = self.env.registry["o2c.chase.run"]
        with (
            patch.object(model, "_evaluate_and_plan", evaluate),
            self.assertLogs("odoo.addons.o2c_collections", "ERROR") as logs,
        ):
            self.run_job()
        self.assertEqual(len(logs.records), 1)
        self.assertRecordValues(
            self.runs(), [{"state": "failed", "problems": "the ledger is on fire"}]
        )
        self.assertEqual(self.runs(other).state, "done")
        self.run_job()
        self.assertEqual(self.runs().state, "done", "the next job tries again")
        self.assertFalse(self.runs().problems)

    def test_one_bad_customer_is_named_and_the_others_are_served(self):
        good, bad, better = self._late_customers(3)
        writer = self.env.registry["o2c.chase.message"]
        original = writer._fill

        def fill(messages, actions, items=None):
            if actions.debtor_id.partner_id == bad:
                raise ZeroDivisionError("no denominator\nsecond line")
            return original(messages, actions, items)

        with patch.object(writer, "_fill", fill):
            run = self.run_chase()
        self.assertEqual(run.state, "done")
        self.assertEqual(run.problems, "Customer 1: no denominator")
        for partner in (good, better):
            self.assertEqual(self.story(partner), [(1, "email", "queued")])
        [failed] = self.actions(partner=bad)
        self.assertEqual((failed.state, failed.reason), ("skipped", "perform_error"))
        self.assertEqual(failed.error, "no denominator\nsecond line")
        run = self.run_chase()
        self.assertFalse(run.problems)
        self.assertEqual(self.story(bad)[-1], (1, "email", "queued"))

    def test_a_statement_that_fails_for_one_customer_harms_no_other(self):
        good, bad = self._late_customers(2)
        writer = self.env.registry["o2c.chase.message"]
        original = writer._fill

        def fill(messages, actions, items=None):
            if actions.debtor_id.partner_id == bad:
                messages.env.cr.execute("SELECT 1/0")
            return original(messages, actions, items)

        with patch.object(writer, "_fill", fill), mute_logger("odoo.sql_db"):
            run = self.run_chase()
        self.assertEqual(run.problems, "Customer 1: division by zero")
        self.assertEqual(self.story(good), [(1, "email", "queued")])
        self.assertEqual(self.story(bad), [(1, "email", "skipped")])
