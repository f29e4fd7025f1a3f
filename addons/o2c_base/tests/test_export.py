import json
from datetime import datetime, timedelta
from io import BytesIO
from unittest.mock import patch

import openpyxl

from odoo.exceptions import AccessError, UserError
from odoo.http import Request
from odoo.tests import HttpCase, new_test_user, tagged
from odoo.tools import mute_logger

from ..models import o2c_export, o2c_export_write
from .common import TODAY, ReceivablesCommon

HOSTILE = '=HYPERLINK("http://x","y")'
LOGGER = "odoo.addons.o2c_base.models.o2c_export"


@tagged("post_install", "-at_install", "o2c_boundary")
class TestExport(ReceivablesCommon, HttpCase):
    """Excel files: what is in them, who gets them, and what interrupts them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.yen = cls.setup_other_currency("JPY", rates=[("2016-01-01", 100.0)])
        cls.other = cls.setup_other_company(name="Other root")["company"]
        cls.collector = cls.new_user("collector", cls.company)
        cls.colleague = cls.new_user("colleague", cls.company)
        cls.stranger = cls.new_user("stranger", cls.other)
        cls.customer.name = HOSTILE
        cls.invoice(100, date="2026-05-01", due="2026-05-31", ref="+1")
        cls.invoice(5000, due="2026-07-01", currency_id=cls.yen.id)
        cls.credit_note(10, due="2026-06-01")
        cls.env.flush_all()

    @classmethod
    def new_user(cls, login, company, groups="o2c_base.group_collector"):
        return new_test_user(
            cls.env,
            login=f"export_{login}",
            groups=groups,
            company_id=company.id,
            company_ids=[(6, 0, company.ids)],
        )

    def exports(self, user=None, **context):
        user = user or self.collector
        context = {"allowed_company_ids": user.company_id.ids, **context}
        return self.env(user=user.id, context=context)["o2c.export"]

    def start(self, model, domain=(), user=None, order=None, **context):
        """Ask for a file, as the client does."""
        exports = self.exports(user, **context)
        return exports.browse(exports.start(model, list(domain), order)["id"])

    def mine(self):
        """Only this test's customer."""
        return [("partner_id", "=", self.customer.id)]

    def sheet(self, export):
        content = export.sudo().attachment_id.raw
        return openpyxl.load_workbook(BytesIO(content)).worksheets[0]

    def large(self):
        """From here on every file is a large one, in small batches."""
        self.patch(o2c_export, "SMALL_ROWS", 0)
        self.patch(o2c_export_write, "BATCH_ROWS", 2)
        self.patch(o2c_export_write, "NOTE_SECONDS", -1)

    def work(self):
        """What the job does."""
        with self.enter_registry_test_mode():
            self.env.ref("o2c_base.ir_cron_export").method_direct_trigger()
        self.env.invalidate_all()

    # ------------------------------------------------------------------
    # What is in it
    # ------------------------------------------------------------------

    def test_open_items_have_types_formats_and_totals_by_currency(self):
        export = self.start("o2c.open.item", self.mine())
        self.assertEqual((export.state, export.row_count), ("done", 3))
        page = self.sheet(export)
        self.assertEqual(page["B2"].value, datetime.fromisoformat(TODAY))
        self.assertEqual(page.freeze_panes, "A4")
        header = [cell.value for cell in page[3]]
        place = {label: number for number, label in enumerate(header)}
        first, credit, yen = list(page.iter_rows(min_row=4, max_row=6))
        self.assertEqual(first[0].value, HOSTILE)
        self.assertEqual(first[0].data_type, "s")
        self.assertEqual(first[place["Customer's reference"]].value, "+1")
        due = first[place["Due date"]]
        self.assertTrue(due.is_date)
        self.assertEqual(due.value, datetime(2026, 5, 31))
        self.assertEqual(first[place["Days late"]].value, 15)
        self.assertEqual(first[place["Bucket"]].value, "1-30 days")
        self.assertEqual(credit[place["Open amount"]].value, -10)
        own = yen[place["Open in currency"]]
        self.assertEqual(own.value, 5000)
        self.assertEqual(own.number_format.split(";")[0], '#,##0 "JPY"')
        totals = list(page.iter_rows(min_row=7))
        self.assertEqual(totals[0][place["Open amount"]].value, 140)
        sums = {row[place["Open in currency"]].value for row in totals}
        self.assertEqual(sums, {5000, 90})

    def test_what_is_no_search_is_refused_with_a_reason(self):
        for domain, order in (
            ("nonsense", None),
            ([("no_such_field", "=", 1)], None),
            ([], ["id"]),
            ([], "no_such_field"),
        ):
            with self.assertRaises(UserError):
                self.exports().start("o2c.open.item", domain, order)
        self.assertFalse(self.exports().search([]))

    def test_more_rows_than_a_worker_can_write_are_refused_with_a_way_out(self):
        self.patch(o2c_export, "FILE_ROWS_MAX", 2)
        with self.assertRaisesRegex(UserError, "3 rows"):
            self.exports().start("o2c.open.item", self.mine())
        self.start("o2c.open.item", [*self.mine(), ("amount_residual", ">", 0)])

    def test_a_file_of_a_past_day_says_so_and_has_its_figures(self):
        export = self.start("o2c.open.item", self.mine(), o2c_as_of="2026-05-31")
        page = self.sheet(export)
        self.assertEqual(page["B2"].value, datetime(2026, 5, 31))
        self.assertEqual(export.row_count, 1)
        self.assertIn("2026-05-31", export.name)
        self.assertEqual(page.cell(4, 7).value, "Not due")

    def test_ageing_has_the_companys_buckets(self):
        self.company.o2c_bucket_limits = "10, 20"
        self.env.flush_all()
        page = self.sheet(self.start("o2c.ageing", self.mine()))
        header = [cell.value for cell in page[3]]
        self.assertIn("11-20 days", header)
        self.assertNotIn("31-60 days", header)
        rows = {row[0].value for row in page.iter_rows(min_row=4, max_row=5)}
        self.assertEqual(rows, {HOSTILE})

    def test_ageing_can_be_written_in_the_currency_of_the_items(self):
        page = self.sheet(self.start("o2c.ageing", self.mine(), o2c_in_currency=True))
        formats = {cell.number_format for cell in page[4] if cell.data_type == "n"}
        self.assertTrue(any("JPY" in code for code in formats))

    def test_customer_accounts_and_a_selection_in_the_order_asked_for(self):
        second = self.new_customer("Second")
        self.invoice(7, partner=second)
        self.env.flush_all()
        self.refresh()
        accounts = self.debtor() + self.debtor(second)
        self.assertEqual(len(accounts), 2)
        export = self.start(
            "o2c.debtor", [("id", "in", accounts.ids)], order="amount_outstanding"
        )
        page = self.sheet(export)
        names = [row[0].value for row in page.iter_rows(min_row=4, max_row=5)]
        self.assertEqual(names, ["Second", HOSTILE])
        self.assertEqual(page.cell(6, 1).value, "Total")

    def test_nothing_found_makes_an_empty_sheet(self):
        export = self.start("o2c.open.item", [("id", "=", 0)])
        self.assertEqual((export.state, self.sheet(export).max_row), ("done", 3))

    def test_one_bad_record_costs_its_cell_only(self):
        broken = self.new_customer("Broken")
        self.invoice(7, partner=broken)
        self.env.cr.execute(
            "UPDATE account_move_line SET date_maturity = '20000-01-01'"
            " WHERE partner_id = %s AND debit = 7",
            [broken.id],
        )
        self.env.invalidate_all()
        partners = type(self.env["res.partner"])
        original = partners._compute_display_name

        def compute(records):
            if broken in records:
                raise RuntimeError("cannot be told")
            original(records)

        with patch.object(partners, "_compute_display_name", compute):
            export = self.start(
                "o2c.open.item", [("partner_id", "in", (broken + self.customer).ids)]
            )
        rows = list(self.sheet(export).iter_rows(min_row=4, max_row=7))
        told = {row[0].value: row[4].value for row in rows}
        self.assertEqual(told[f"#{broken.id}"], "20000-01-01")
        self.assertIn(HOSTILE, told)

    # ------------------------------------------------------------------
    # Large files
    # ------------------------------------------------------------------

    def test_a_large_file_is_written_by_the_job_with_progress(self):
        self.large()
        export = self.start("o2c.open.item", self.mine())
        self.assertEqual(export.state, "waiting")
        self.assertEqual(export.status()["url"], "")
        seen = []
        original = type(export)._set_progress

        def note(record, done):
            original(record, done)
            seen.append(record.progress)

        with patch.object(type(export), "_set_progress", note):
            self.work()
        self.assertEqual(export.state, "done")
        self.assertEqual(export.status()["progress"], 100.0)
        self.assertEqual([round(share) for share in seen], [0, 67])
        self.assertEqual(self.sheet(export).cell(4, 1).value, HOSTILE)

    def test_a_file_whose_worker_died_is_begun_again(self):
        self.large()
        export = self.start("o2c.open.item", self.mine())
        export.sudo().write({"state": "running", "tries": 1, "done_count": 2})
        self.work()
        self.assertEqual((export.state, export.tries), ("done", 2))

    def test_what_kills_every_worker_ends_as_failed(self):
        self.large()
        export = self.start("o2c.open.item", self.mine())
        export.sudo().write({"state": "running", "tries": o2c_export.TRIES_MAX})
        self.work()
        self.assertEqual(export.state, "failed")
        self.assertIn("three times", export.error)

    def test_a_failure_is_told_and_the_next_file_is_written(self):
        self.large()
        bad = self.start("o2c.open.item", self.mine(), order="id")
        bad.sudo().query = {**bad.query, "order": "no_such_field"}
        good = self.start("o2c.open.item", self.mine())
        with mute_logger(LOGGER):
            self.work()
        self.assertEqual((bad.state, good.state), ("failed", "done"))
        self.assertEqual(bad.error, "The file could not be written.")

    def test_rights_lost_since_then_count(self):
        self.large()
        export = self.start("o2c.open.item", self.mine())
        self.collector.group_ids -= self.env.ref("o2c_base.group_collector")
        self.work()
        self.assertEqual(export.sudo().state, "failed")
        self.assertFalse(export.sudo().attachment_id)

    # ------------------------------------------------------------------
    # Who gets it
    # ------------------------------------------------------------------

    def test_a_file_has_only_what_its_user_may_see(self):
        for large in (False, True):
            if large:
                self.large()
            export = self.start("o2c.open.item", self.mine(), user=self.stranger)
            self.work()
            self.assertEqual((export.state, export.row_count), ("done", 0))
            self.assertEqual(self.sheet(export).max_row, 3)

    def test_nobody_else_reads_downloads_or_changes_a_file(self):
        export = self.start("o2c.open.item", self.mine())
        for user in (self.colleague, self.stranger):
            other = export.with_env(self.exports(user).env)
            self.assertFalse(other.search([("id", "=", export.id)]))
            for call in (other.status, other.action_download, other.read):
                with self.assertRaises(AccessError):
                    call()
            with self.assertRaises(AccessError):
                export.sudo().attachment_id.with_user(user).read(["raw"])
        for values in ({"state": "waiting"}, {"user_id": self.colleague.id}):
            with self.assertRaises(AccessError):
                export.write(values)
        with self.assertRaises(AccessError):
            self.exports().create({"model_name": "res.users", "user_id": 1})

    def test_the_link_serves_its_user_only(self):
        export = self.start("o2c.open.item", self.mine())
        url = export.status()["url"]
        self.authenticate("export_collector", "export_collector")
        answer = self.url_open(url)
        self.assertEqual(answer.content, export.sudo().attachment_id.raw)
        self.assertIn("attachment", answer.headers["Content-Disposition"])
        for login in ("export_colleague", "export_stranger", None):
            self.authenticate(login, login)
            answer = self.url_open(url)
            self.assertNotIn(b"xl/worksheets", answer.content, login)

    def test_other_models_and_people_without_a_role_are_refused(self):
        for name in (
            "res.users",
            "ir.attachment",
            "no.such.model",
            7,
            None,
            "o2c.event",
        ):
            with self.assertRaises(UserError, msg=name):
                self.exports().start(name, [])
        plain = self.new_user("plain", self.company, "base.group_user")
        with self.assertRaises(AccessError):
            self.exports(plain).start("o2c.debtor", [])

    def test_lists_that_core_exports_hold_no_formula(self):
        self.collector.group_ids += self.env.ref("base.group_allow_export")
        self.authenticate("export_collector", "export_collector")
        column = {"name": "partner_id", "label": "Customer", "type": "many2one"}
        for groupby in ([], ["partner_id"]):
            data = {
                "model": "o2c.open.item",
                "fields": [column],
                "ids": False,
                "domain": self.mine(),
                "groupby": groupby,
                "import_compat": False,
            }
            values = {"data": json.dumps(data), "csrf_token": Request.csrf_token(self)}
            answer = self.url_open("/web/export/xlsx", data=values)
            sheet = openpyxl.load_workbook(BytesIO(answer.content)).active
            cells = [cell for row in sheet.iter_rows() for cell in row]
            with self.subTest(groupby):
                self.assertIn(f"'{HOSTILE}", [cell.value for cell in cells])
                self.assertNotIn("f", [cell.data_type for cell in cells])

    def test_old_files_are_removed_with_their_content(self):
        export = self.start("o2c.open.item", self.mine())
        file = export.sudo().attachment_id
        young = self.start("o2c.open.item", self.mine())
        old = datetime.fromisoformat(TODAY) - timedelta(days=8)
        self.env.cr.execute(
            "UPDATE o2c_export SET create_date = %s WHERE id = %s", [old, export.id]
        )
        self.env.invalidate_all()
        export.sudo()._gc_files()
        self.assertFalse(export.exists() or file.exists())
        self.assertTrue(young.exists())
