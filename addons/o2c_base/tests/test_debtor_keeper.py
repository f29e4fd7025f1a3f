from unittest.mock import patch

from freezegun import freeze_time
from psycopg2 import IntegrityError

from odoo import fields
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..models import o2c_debtor_refresh
from .common import TODAY, ReceivablesCommon


@tagged("post_install", "-at_install")
class TestDebtorKeeper(ReceivablesCommon):
    """The refresher, the builder and ``_ensure``: who keeps the stored facts."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.keeper = cls.debtor_model.sudo()

    def test_the_refresher_creates_the_account_with_its_figures(self):
        self.invoice(100, date="2026-05-01", due="2026-05-31")
        self.invoice(50, due="2026-06-30")
        self.credit_note(20)
        self.assertFalse(self.debtor())
        self.refresh()
        self.assertRecordValues(
            self.debtor(),
            [
                {
                    "amount_outstanding": 130.0,
                    "amount_overdue": 100.0,
                    "amount_collectable": 130.0,
                    "amount_unapplied": 20.0,
                    "date_oldest_due": self.day("2026-05-31"),
                    "facts_at": fields.Datetime.now(),
                }
            ],
        )
        self.assertEqual(self.marks(), set())

    def test_a_supplier_gets_no_account(self):
        supplier = self.new_customer("Supplier")
        self.invoice(100, partner=supplier, move_type="in_invoice")
        self.refresh()
        self.assertFalse(self.debtor(supplier))

    def test_a_customer_who_paid_everything_stands_at_zero(self):
        invoice = self.invoice(100, due="2026-06-01")
        self.refresh()
        self.match(invoice, self.payment(100))
        self.refresh()
        self.assertRecordValues(
            self.debtor(),
            [
                {
                    "amount_outstanding": 0.0,
                    "amount_overdue": 0.0,
                    "amount_unapplied": 0.0,
                    "date_oldest_due": False,
                }
            ],
        )

    def test_reading_an_account_never_refreshes_it(self):
        self.invoice(100)
        self.refresh()
        self.invoice(50)
        self.assertEqual(self.debtor().amount_outstanding, 100.0)
        self.assertEqual(self.debtor().amount_outstanding_live, 150.0)
        self.assertEqual(self.debtor().open_item_count, 2)

    def test_the_form_of_an_unsaved_account_opens_empty(self):
        draft = self.debtor_model.new({"partner_id": self.customer.id})
        self.assertEqual(draft.amount_outstanding_live, 0.0)
        self.assertEqual(draft.open_item_count, 0)

    def test_the_list_says_how_many_changes_wait_and_brings_them_in(self):
        self.refresh()
        self.clear_marks()
        self.invoice(100)
        self.assertEqual(self.debtor_model.changes_waiting(), len(self.marks_now()))
        with self.enter_registry_test_mode():
            self.assertGreater(self.debtor_model.action_refresh(), 0)
        self.assertEqual(self.debtor_model.changes_waiting(), 0)
        self.assertEqual(self.debtor().amount_outstanding, 100.0)

    def marks_now(self):
        self.env.cr.execute("SELECT id FROM o2c_debtor_mark")
        return self.env.cr.fetchall()

    # ------------------------------------------------------------------
    # Midnight
    # ------------------------------------------------------------------

    def test_what_becomes_overdue_overnight_shows_after_local_midnight(self):
        self.invoice(100, due=TODAY)
        self.refresh()
        self.assertEqual(self.debtor().amount_overdue, 0.0)
        with freeze_time("2026-06-16 00:01:00"):
            self.refresh()
            self.assertEqual(self.debtor().amount_overdue, 100.0)

    def test_accounts_refreshed_since_midnight_are_left_alone(self):
        self.invoice(100)
        self.refresh()
        with freeze_time(f"{TODAY} 23:59:00"):
            self.assertEqual(self.refresh(), 0)

    def test_midnight_is_the_companys_own(self):
        self.company.partner_id.tz = "Pacific/Kiritimati"  # UTC+14: day 16 since 10:00
        self.invoice(100, due=TODAY)
        self.refresh()
        self.assertEqual(self.debtor().amount_overdue, 100.0)
        with freeze_time("2026-06-16 09:59:00"):
            self.assertEqual(self.refresh(), 0)
        with freeze_time("2026-06-16 10:00:00"):
            self.assertGreater(self.refresh(), 0)

    def test_the_night_with_two_midnights_ends(self):
        """Atlantic/Azores falls back from 01:00 to 00:00: the day began once."""
        self.invoice(100)
        self.env["res.company"].search([]).partner_id.tz = "Atlantic/Azores"
        for instant in ("2026-10-25 00:30:00", "2026-10-25 01:30:00"):
            with freeze_time(instant):
                self.assertEqual(
                    self.company._o2c_midnight(), self._at("2026-10-25 00:00:00")
                )
                self.refresh()
                self.assertEqual(self.refresh(), 0)

    def test_the_night_without_midnight_begins_at_one(self):
        """Africa/Cairo springs from 00:00 to 01:00."""
        self.company.partner_id.tz = "Africa/Cairo"
        with freeze_time("2026-04-23 21:59:00"):
            self.assertEqual(self.company._o2c_today(), self.day("2026-04-23"))
        with freeze_time("2026-04-23 22:01:00"):
            self.assertEqual(self.company._o2c_today(), self.day("2026-04-24"))
            self.assertEqual(
                self.company._o2c_midnight(), self._at("2026-04-23 22:00:00")
            )

    def test_today_is_the_companys_local_day_around_the_world(self):
        for zone, instant, today in (
            ("Pacific/Pago_Pago", "2026-06-15 10:59:59", "2026-06-14"),
            ("Pacific/Pago_Pago", "2026-06-15 11:00:00", "2026-06-15"),
            ("Pacific/Kiritimati", "2026-06-15 09:59:59", "2026-06-15"),
            ("Pacific/Kiritimati", "2026-06-15 10:00:00", "2026-06-16"),
            ("Europe/Berlin", "2026-03-28 22:59:59", "2026-03-28"),
            ("Europe/Berlin", "2026-03-28 23:00:00", "2026-03-29"),
            ("Europe/Berlin", "2026-03-29 21:59:59", "2026-03-29"),
            ("Europe/Berlin", "2026-03-29 22:00:00", "2026-03-30"),
            (False, "2026-06-15 23:59:59", "2026-06-15"),
        ):
            self.company.partner_id.tz = zone
            with freeze_time(instant):
                self.assertEqual(self.company._o2c_today(), self.day(today), zone)

    def test_items_age_in_the_local_day_of_their_company(self):
        self.invoice(100, due=TODAY)
        self.assertEqual(self.open_items().days_overdue, 0)
        self.company.partner_id.tz = "Pacific/Kiritimati"
        self.assertEqual(self.open_items().days_overdue, 1)
        self.assertEqual(self.open_items().bucket, "b1")
        self.company.partner_id.tz = "Pacific/Pago_Pago"
        self.assertEqual(self.open_items().days_overdue, 0)

    def _at(self, text):
        return fields.Datetime.to_datetime(text)

    # ------------------------------------------------------------------
    # Batches
    # ------------------------------------------------------------------

    def test_marks_are_worked_off_in_batches(self):
        customers = [self.new_customer(f"Customer {n}") for n in range(5)]
        self.refresh()
        self.clear_marks()
        for customer in customers:
            self.invoice(10, partner=customer)
        self.clear_marks()
        self.env["o2c.debtor.mark"]._mark_partners(
            self.env["res.partner"].union(*customers)
        )
        with patch.object(o2c_debtor_refresh, "MARKS_PER_BATCH", 2):
            self.assertEqual(self.keeper._refresh_batch(), 2)
            self.assertEqual(len(self.marks()), 3)
            self.refresh()
        self.assertEqual(self.marks(), set())
        for customer in customers:
            self.assertEqual(self.debtor(customer).amount_outstanding, 10.0)

    def test_the_job_works_off_everything_and_reports_progress(self):
        self.invoice(100)
        with self.enter_registry_test_mode():
            self.env.ref("o2c_base.ir_cron_refresh_facts").method_direct_trigger()
        self.assertEqual(self.debtor().amount_outstanding, 100.0)
        self.assertEqual(self.keeper._waiting_count(), 0)

    def test_the_builder_goes_on_where_it_was_interrupted(self):
        customers = self.env["res.partner"].union(
            *(self.new_customer(f"Old customer {n}") for n in range(4))
        )
        for customer in customers:
            self.invoice(10, partner=customer)
        self.clear_marks()  # as if the ledger had been there before us
        parameter = o2c_debtor_refresh.BUILD_POSITION
        self.env["ir.config_parameter"].sudo().set_param(
            parameter, min(customers.ids) - 1
        )
        with patch.object(o2c_debtor_refresh, "PARTNERS_PER_BATCH", 2):
            self.assertEqual(self.keeper._build_batch(), (customers.ids[1], 2))
            self.assertEqual(len(self._accounts_of(customers)), 2)
            self.assertEqual(self.keeper._build_batch(), (customers.ids[3], 2))
            self.assertEqual(len(self._accounts_of(customers)), 4)
        self.assertEqual(self.keeper._build_batch()[1], 0)

    def test_the_builder_stops_for_good_when_it_is_done(self):
        self.invoice(100)
        self.clear_marks()
        self.env["ir.config_parameter"].sudo().set_param(
            o2c_debtor_refresh.BUILD_POSITION, 0
        )
        job = self.env.ref("o2c_base.ir_cron_build_debtors").sudo()
        job.active = True
        with self.enter_registry_test_mode():
            job.method_direct_trigger()
        self.assertTrue(self.debtor())
        self.assertFalse(job.active)
        self.refresh()
        self.assertEqual(self.debtor().amount_outstanding, 100.0)

    def _accounts_of(self, partners):
        return self.keeper.search([("partner_id", "in", partners.ids)])

    # ------------------------------------------------------------------
    # Making sure there is an account
    # ------------------------------------------------------------------

    def test_ensure_finds_the_commercial_partner_and_the_root_company(self):
        contact = self.new_customer("Contact", parent_id=self.customer.id)
        branch = self.env["res.company"].create(
            {"name": "Branch", "parent_id": self.company.id}
        )
        first = self.debtor_model._ensure([(contact, branch)])
        again = self.debtor_model._ensure([(self.customer, self.company)])
        self.assertEqual(first, again)
        self.assertEqual(first.partner_id, self.customer)
        self.assertEqual(first.company_id, self.company)

    def test_ensure_returns_what_was_asked_for_and_nothing_else(self):
        other = self.new_customer("Other")
        company = self.setup_other_company(name="Other root")["company"]
        pairs = [(self.customer, self.company), (other, company)]
        accounts = self.debtor_model._ensure(pairs)
        found = {(account.partner_id, account.company_id) for account in accounts}
        self.assertEqual(found, set(pairs))

    def test_a_new_account_without_figures_does_not_sort_first(self):
        """Left empty, its amount would stand above every customer who owes."""
        self.invoice(100, due="2026-06-01")
        self.refresh()
        new = self.debtor_model._ensure([(self.new_customer("New"), self.company)])
        self.env.cr.execute(
            "SELECT amount_overdue FROM o2c_debtor WHERE id=%s", new.ids
        )
        self.assertEqual(self.env.cr.fetchone(), (0,))
        accounts = self.debtor_model.search([("company_id", "=", self.company.id)])
        self.assertEqual(accounts[0], self.debtor())

    def test_there_is_one_account_per_customer_and_company(self):
        values = {"partner_id": self.customer.id, "company_id": self.company.id}
        self.keeper.create(values)
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError):
            self.keeper.create(values)

    def test_deleting_a_customer_takes_account_and_chatter_along(self):
        account = self.debtor_model._ensure([(self.customer, self.company)])
        account.message_post(body="To be forgotten")
        domain = [("model", "=", "o2c.debtor"), ("res_id", "=", account.id)]
        self.customer.unlink()
        self.assertFalse(account.exists())
        self.assertFalse(self.env["mail.message"].sudo().search(domain))
