from odoo.tests import tagged

from ..hooks import post_init_hook
from .common import ReceivablesCommon


@tagged("post_install", "-at_install", "o2c_boundary")
class TestInstall(ReceivablesCommon):
    """Installing sets a start date and wakes the builder, whatever the ledger."""

    def install(self):
        self.env.flush_all()
        self.env.cr.execute("UPDATE res_company SET o2c_chase_from = NULL")
        self.env.invalidate_all()
        start = self.env.cr.sql_log_count
        post_init_hook(self.env(su=True))
        self.env.flush_all()
        return self.env.cr.sql_log_count - start

    def test_every_company_gets_its_start_date(self):
        self.install()
        companies = self.env["res.company"].sudo().search([])
        for company in companies:
            days = company._o2c_today() - company.o2c_chase_from
            self.assertEqual(days.days, 90)

    def test_a_start_date_that_is_set_stays(self):
        self.company.o2c_chase_from = "2026-01-31"
        post_init_hook(self.env(su=True))
        self.assertEqual(self.company.o2c_chase_from, self.day("2026-01-31"))

    def test_a_new_company_starts_ninety_days_ago(self):
        company = self.env["res.company"].create({"name": "New"})
        self.assertEqual(company.o2c_chase_from, self.day("2026-03-17"))

    def test_installing_does_the_same_work_for_any_ledger(self):
        self.install()
        empty = self.install()
        for number in range(5):
            self.invoice(10, partner=self.new_customer(f"Customer {number}"))
        self.clear_marks()
        self.assertEqual(self.install(), empty)
        self.assertFalse(
            self.debtor_model.search([("company_id", "=", self.company.id)])
        )

    def test_installing_wakes_the_builder(self):
        job = self.env.ref("o2c_base.ir_cron_build_debtors").sudo()
        triggers = self.env["ir.cron.trigger"].sudo()
        before = triggers.search_count([("cron_id", "=", job.id)])
        self.install()
        after = triggers.search_count([("cron_id", "=", job.id)])
        self.assertEqual(after, before + 1)
