from datetime import date
from unittest.mock import patch

from freezegun import freeze_time
from psycopg2 import IntegrityError

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from ..domain.kpi import METRICS
from .common import ReceivablesCommon


@tagged("post_install", "-at_install")
class TestKpiSnapshot(ReceivablesCommon):
    """Figures of each day, as they were known then."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.snapshots = cls.env["o2c.kpi.snapshot"].sudo()
        cls.kpi = cls.env["o2c.kpi"]

    def row(self, metric="overdue", day="2026-06-15", **scope):
        domain = [
            ("metric", "=", metric),
            ("company_id", "=", self.company.id),
            ("date", "=", day),
            ("segment_id", "=", scope.get("segment", False)),
            ("collector_id", "=", scope.get("collector", False)),
        ]
        return self.snapshots.search(domain)

    def run_job(self, xmlid):
        with self.enter_registry_test_mode():
            self.env.ref(xmlid).method_direct_trigger()
        self.env.invalidate_all()

    def take_all(self):
        self.run_job("o2c_base.ir_cron_take_kpi")

    def build_history(self):
        # the accounts are built
        self.env.ref("o2c_base.ir_cron_build_debtors").sudo().active = False
        self.run_job("o2c_base.ir_cron_build_kpi_history")

    # ------------------------------------------------------------------
    # Today
    # ------------------------------------------------------------------

    def test_every_metric_is_stored_as_it_is_computed(self):
        self.invoice(100, date="2026-05-01", due="2026-05-31")
        self.take_all()
        expected = self.kpi._figures(self.company)
        stored = self.snapshots._figures_at(self.company, date(2026, 6, 15))
        self.assertEqual(stored, expected)
        self.assertEqual(stored.keys(), METRICS.keys())

    def test_what_is_undefined_is_stored_as_such(self):
        self.take_all()
        row = self.row("dso")
        self.assertFalse(row.has_value)
        self.assertEqual((row.text, row.reason), ("n/a", "no_sales"))
        self.env.cr.execute("SELECT value FROM o2c_kpi_snapshot WHERE id = %s", row.ids)
        self.assertEqual(self.env.cr.fetchone(), (None,))

    def test_todays_row_is_brought_up_to_date_each_hour(self):
        self.invoice(100, date="2026-05-01", due="2026-05-31")
        self.take_all()
        first = self.row()
        self.invoice(50, date="2026-05-01", due="2026-05-31")
        self.take_all()
        self.assertEqual(self.row(), first)
        self.assertEqual(first.value, 150.0)
        self.assertEqual(first.inputs, {"overdue": 150.0})

    def test_a_company_that_fails_stops_no_other(self):
        other = self.setup_other_company(name="Other root")["company"]
        broken = min(self.company, other, key=lambda company: company.id)
        take = type(self.snapshots)._take

        def fail(model, company, date=None):
            if company == broken:
                raise ValueError("broken")
            return take(model, company, date)

        with (
            patch.object(type(self.snapshots), "_take", fail),
            mute_logger("odoo.addons.o2c_base.tools.transaction"),
        ):
            self.take_all()
        found = self.snapshots.search([("date", "=", "2026-06-15")]).company_id
        self.assertNotIn(broken, found)
        self.assertIn((self.company | other) - broken, found)

    def test_a_new_day_begins_at_the_companys_midnight(self):
        self.company.partner_id.tz = "Europe/Berlin"
        self.invoice(100, date="2026-06-01", due="2026-06-15")
        for instant, day, value in (
            ("2026-06-15 21:59:00", "2026-06-15", 0.0),
            ("2026-06-15 22:01:00", "2026-06-16", 100.0),
        ):
            with freeze_time(instant):
                self.take_all()
                self.assertEqual(self.row(day=day).value, value)
        self.assertEqual(self.row(day="2026-06-15").value, 0.0)

    def test_the_night_in_which_the_clocks_change(self):
        self.company.partner_id.tz = "Africa/Cairo"  # springs from 00:00 to 01:00
        for instant, day in (
            ("2026-04-23 21:59:00", "2026-04-23"),
            ("2026-04-23 22:01:00", "2026-04-24"),
        ):
            with freeze_time(instant):
                self.take_all()
                self.assertTrue(self.row(day=day))

    def test_segments_and_collectors_have_rows_of_their_own(self):
        segment = self.env["o2c.segment"].create({"name": "Key", "code": "key"})
        self.invoice(100, date="2026-05-01", due="2026-05-31")
        self.invoice(
            30, date="2026-05-01", due="2026-05-31", partner=self.new_customer("Other")
        )
        self.refresh()
        debtor = self.debtor().sudo()
        debtor.write({"segment_id": segment.id, "collector_id": self.env.user.id})
        self.take_all()
        self.assertEqual(self.row().value, 130.0)
        self.assertEqual(self.row(segment=segment.id).value, 100.0)
        self.assertEqual(self.row(collector=self.env.user.id).value, 100.0)
        self.assertEqual(self.row(segment=segment.id).scope, "segment")
        debtor.segment_id = False
        self.take_all()
        self.assertFalse(self.row(segment=segment.id))  # has no customers any more

    def test_there_is_one_row_per_metric_scope_and_day(self):
        self.take_all()
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError):
            self.row().copy()

    # ------------------------------------------------------------------
    # Past days
    # ------------------------------------------------------------------

    def test_a_past_day_recomputed_is_what_was_stored(self):
        invoice = self.invoice(1000, date="2026-03-01", due="2026-03-31")
        with freeze_time("2026-05-31 12:00:00"):
            self.match(invoice, self.payment(400, date="2026-05-20"))
            self.take_all()
        self.match(invoice, self.payment(600, date="2026-06-10"))
        self.invoice(70, date="2026-06-12")
        stored = self.snapshots._figures_at(self.company, date(2026, 5, 31))
        self.assertEqual(stored["overdue"].value, 600.0)
        again = self.kpi._figures(self.company, date(2026, 5, 31))
        for code in ("disputed", "promised"):
            self.assertEqual(stored.pop(code).value, 0.0)
            self.assertEqual(again.pop(code).reason, "not_kept")
        self.assertEqual(again, stored)

    def test_what_was_known_that_day_stays_and_what_is_rebuilt_is_marked(self):
        with freeze_time("2026-05-31 12:00:00"):
            self.take_all()
        self.invoice(100, date="2026-03-01", due="2026-03-31")  # entered too late
        self.build_history()
        self.assertEqual(self.row(day="2026-05-31").value, 0.0)
        self.assertFalse(self.row(day="2026-05-31").is_rebuilt)
        self.assertEqual(self.row(day="2026-04-30").value, 100.0)
        self.assertTrue(self.row(day="2026-04-30").is_rebuilt)

    def test_history_reaches_back_to_the_first_entry(self):
        self.invoice(100, date="2026-01-31", due="2026-02-10")
        self.build_history()
        days = set(self.snapshots.search([("metric", "=", "dso")]).mapped("date"))
        mine = {
            row.date
            for row in self.snapshots.search([("company_id", "=", self.company.id)])
        }
        self.assertTrue(days)
        self.assertEqual(
            sorted(mine)[:4],
            [self.day(f"2026-{text}") for text in ("01-31", "02-28", "03-31", "04-16")],
        )
        self.assertEqual(max(mine), self.day("2026-06-14"))
        self.assertEqual(self.row(day="2026-02-28").value, 100.0)

    def test_history_waits_for_the_accounts_and_then_ends(self):
        self.invoice(100, date="2026-05-31", due="2026-06-10")
        job = self.env.ref("o2c_base.ir_cron_build_kpi_history").sudo()
        job.active = True
        self.env.ref("o2c_base.ir_cron_build_debtors").sudo().active = True
        self.run_job("o2c_base.ir_cron_build_kpi_history")
        self.assertFalse(self.row(day="2026-06-14"))
        self.build_history()
        self.assertTrue(self.row(day="2026-06-14"))
        self.assertFalse(job.active)

    def test_history_goes_on_where_it_was_interrupted(self):
        self.invoice(100, date="2026-06-10", due="2026-06-12")
        missing = self._missing()
        self.assertEqual([day.day for day in missing], [14, 13, 12, 11, 10])
        self.snapshots._take(self.company, missing[0])
        self.assertEqual(self._missing(), missing[1:])

    def _missing(self):
        return [
            day
            for company, day in self.snapshots._missing_days()
            if company == self.company.id
        ]

    def test_old_days_make_room_but_month_ends_stay(self):
        self.invoice(10, date="2020-01-01", due="2020-01-01")
        for day in ("2020-01-30", "2020-01-31", "2020-02-28", "2020-02-29"):
            self.snapshots._take(self.company, self.day(day))
        self.snapshots._gc_old_days()
        found = self.snapshots.search([("company_id", "=", self.company.id)])
        self.assertEqual(
            set(found.mapped("date")), {self.day("2020-01-31"), self.day("2020-02-29")}
        )

    # ------------------------------------------------------------------
    # Who sees what
    # ------------------------------------------------------------------

    def test_users_read_their_companys_rows_and_write_none(self):
        other = self.setup_other_company(name="Other")["company"]
        self.take_all()
        auditor, stranger = (
            new_test_user(
                self.env,
                f"snapshot_{company.id}",
                groups="o2c_base.group_manager",
                company_id=company.id,
                company_ids=[Command.set(company.ids)],
            )
            for company in (self.company, other)
        )
        row = self.row()
        self.assertTrue(row.with_user(auditor).text)
        mine = row.with_user(stranger).search([])
        self.assertEqual(mine.company_id, other)
        with self.assertRaises(AccessError):
            row.with_user(stranger).read(["value"])
        with self.assertRaises(AccessError):
            row.with_user(auditor).write({"value": 1})
        with self.assertRaises(AccessError):
            row.with_user(auditor).unlink()
        nobody = new_test_user(self.env, "snapshot_nobody", groups="base.group_user")
        with self.assertRaises(AccessError):
            row.with_user(nobody).search([])
