from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.service.model import call_kw
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from .late_charge_common import LateChargeCommon


class LateChargeUsers(LateChargeCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.manager = cls.new_user("late_manager", "o2c_base.group_manager")
        cls.collector = cls.new_user("late_collector", "o2c_base.group_collector")
        cls.auditor = cls.new_user("late_auditor", "o2c_base.group_auditor")
        cls.late = cls.late_invoice()

    @classmethod
    def new_user(cls, login, groups, company=None):
        company = company or cls.company
        return new_test_user(
            cls.env,
            login=login,
            groups=groups,
            company_id=company.id,
            company_ids=[Command.set(company.ids)],
        )

    def setUp(self):
        super().setUp()
        self.refresh()

    def seen_by(self, user, charges):
        self.env.flush_all()
        self.env.invalidate_all()
        return charges.with_user(user).with_context(
            allowed_company_ids=user.company_ids.ids
        )


@tagged("post_install", "-at_install", "o2c_late_charge")
class TestLateChargeApprove(LateChargeUsers):
    """From a proposal to an invoice, once."""

    def test_manager_without_posting_rights_invoices_without_tax(self):
        self.assertFalse(self.manager.has_group("account.group_account_invoice"))
        charge = self.propose()
        self.seen_by(self.manager, charge).action_approve()
        self.env.invalidate_all()
        self.assertEqual((charge.state, charge.user_id), ("invoiced", self.manager))
        invoice = charge.invoice_id
        self.assertEqual((invoice.state, invoice.move_type), ("posted", "out_invoice"))
        self.assertEqual(invoice.amount_total, 249.63)
        lines = invoice.invoice_line_ids
        self.assertEqual(lines.mapped("price_total"), [169.63, 80])
        self.assertEqual(lines.account_id, self.account)
        self.assertFalse(lines.tax_ids)
        self.assertIn(self.late.name, lines[0].name)
        self.assertIn("10.15 %", lines[0].name)
        self.assertEqual(invoice.partner_id, self.customer)
        self.assert_ledger_truth()

    def test_twice_approved_is_invoiced_once(self):
        charge = self.propose()
        self.approve(charge)
        with self.assertRaises(UserError):
            charge.sudo().action_approve()
        bills = self.env["account.move"].search(
            [
                ("partner_id", "=", self.customer.id),
                ("invoice_origin", "=", "Late charges"),
            ]
        )
        self.assertEqual(len(bills), 1)

    def test_one_invoice_per_customer_and_currency(self):
        other = self.new_customer("Other", is_company=True)
        self.late_invoice(500)
        self.late_invoice(600, currency_id=self.euro.id)
        self.late_invoice(700, partner=other)
        self.refresh()
        charges = self.propose()
        bills = self.approve(charges)
        self.assertEqual(len(charges), 4)
        self.assertEqual(
            sorted((b.partner_id.name, b.currency_id.name) for b in bills),
            [
                ("Customer", "EUR"),
                ("Customer", self.company.currency_id.name),
                ("Other", self.company.currency_id.name),
            ],
        )

    def test_what_has_changed_waits_for_another_look(self):
        charge = self.propose()
        self.paid(self.late, 10000, "2026-04-10")
        result = charge.sudo().action_approve()
        self.assertEqual(result["params"]["type"], "warning")
        self.assertEqual((charge.state, charge.amount_interest), ("proposed", 27.81))
        self.assertEqual(self.approve(charge).amount_total, 107.81)

    def test_what_is_not_owed_any_more_is_not_invoiced(self):
        charge = self.propose()
        self.paid(self.late, 10000, "2026-03-31")
        charge.sudo().action_approve()
        self.assertEqual((charge.state, len(charge.invoice_id)), ("cancelled", 0))

    def test_what_a_missing_rate_makes_unsure_is_not_invoiced(self):
        charge = self.propose()
        self.rates.search([("date_from", "=", "2026-01-01")]).unlink()
        charge.sudo().action_approve()
        self.assertEqual((charge.state, len(charge.invoice_id)), ("cancelled", 0))

    def test_without_an_account_nothing_is_booked(self):
        self.company.o2c_late_account_id = False
        charge = self.propose()
        with self.assertRaisesRegex(UserError, "account"):
            charge.sudo().action_approve()

    def test_only_managers_decide(self):
        charge = self.propose()
        for user in (self.collector, self.auditor):
            mine = self.seen_by(user, charge)
            for action in (mine.action_approve, mine.action_waive, mine.action_cancel):
                with self.assertRaises(AccessError):
                    action()
            with self.assertRaises(AccessError):
                mine.write({"amount_interest": 1})
        with self.assertRaises(AccessError):
            self.seen_by(self.manager, charge).write({"amount_interest": 1})
        self.assertEqual(charge.state, "proposed")

    def test_waived_with_a_reason(self):
        charge = self.propose()
        waive = self.env["o2c.late.charge.waive"].with_user(self.manager)
        wizard = waive.create({"charge_ids": charge.ids, "reason": "  "})
        with self.assertRaises(UserError):
            wizard.action_waive()
        wizard.reason = "Agreed on the phone"
        wizard.action_waive()
        self.env.invalidate_all()
        self.assertEqual(charge.state, "waived")
        event = self.env["o2c.event"].search([("kind", "=", "late_charge_waived")])
        self.assertEqual(event[:1].payload["reason"], "Agreed on the phone")
        self.assertEqual(event[:1].user_number, self.manager.id)

    def test_approval_is_part_of_the_history(self):
        self.approve(self.propose())
        event = self.env["o2c.event"].search(
            [("kind", "=", "late_charge_invoiced")], limit=1
        )
        self.assertEqual(event.payload["interest"], 169.63)
        self.assertEqual(event.debtor_id, self.debtor())

    def test_collector_proposes(self):
        charges = self.seen_by(self.collector, self.charges)
        with self.assertRaises(AccessError):
            charges.with_user(self.auditor).action_propose()
        call_kw(charges, "action_propose", [[]], {})  # as the list's button does
        charge = self.charges.search([("debtor_id", "=", self.debtor().id)])
        self.assertEqual(str(charge.date_to), "2026-05-31")
        self.assertEqual(self.debtor().late_charge_count, 1)

    def test_off_until_a_manager_switches_it_on(self):
        self.company.o2c_late_charges = False
        with self.assertRaises(UserError):
            self.seen_by(self.collector, self.charges).action_propose()
        self.run_job()
        self.assertFalse(self.charges.search([("move_id", "=", self.late.id)]))

    def test_only_managers_write_an_agreement_down(self):
        account = self.seen_by(self.collector, self.debtor())
        with self.assertRaises(AccessError):
            account.late_scheme = "none"
        self.seen_by(self.manager, self.debtor()).late_scheme = "none"

    # The job

    def run_job(self):
        with self.enter_registry_test_mode(), self.registry.cursor() as cr:
            self.env(cr=cr)["o2c.late.charge"].sudo()._cron_propose()
        self.env.invalidate_all()

    def test_job_proposes_last_month_once(self):
        self.run_job()
        charge = self.charges.search([("move_id", "=", self.late.id)])
        self.assertEqual(str(charge.date_to), "2026-05-31")
        self.assertEqual(str(self.company.o2c_late_proposed_until), "2026-05-31")
        self.assertEqual(self.company.o2c_late_position, 0)
        charge.sudo()._waive("Goodwill")
        self.run_job()
        self.assertEqual(self.charges.search_count([("move_id", "=", self.late.id)]), 1)

    def test_one_bad_customer_stops_no_other(self):
        other = self.new_customer("Other", is_company=True)
        self.late_invoice(700, partner=other)
        self.refresh()
        model = type(self.charges)
        reckon, bad = model._reckon, self.late.id

        def breaks(self, run, row, *args):
            if row["move_id"] == bad:
                raise ValueError("Bad data")
            return reckon(self, run, row, *args)

        self.patch(model, "_reckon", breaks)
        with mute_logger("odoo.addons.o2c_base.tools.transaction"):
            self.run_job()
        self.assertTrue(self.charges.search([("debtor_id.partner_id", "=", other.id)]))
        self.assertFalse(self.charges.search([("move_id", "=", bad)]))


@tagged("post_install", "-at_install", "o2c_late_charge")
class TestLateChargeAround(LateChargeUsers):
    """Companies, statement, merge, rates."""

    def test_another_company_sees_nothing(self):
        charge = self.propose()
        other = self.setup_other_company()["company"]
        for groups in ("o2c_base.group_manager", "base.group_user"):
            user = self.new_user(f"late_{groups[-4:]}", groups, other)
            with self.assertRaises(AccessError):
                self.seen_by(user, charge).read(["amount_total"])
            with self.assertRaises(AccessError):
                self.seen_by(user, charge).action_approve()

    def test_branch_is_charged_by_itself(self):
        branch = self.env["res.company"].create(
            {"name": "Branch", "parent_id": self.company.id}
        )
        self.env.user.company_ids += branch
        self.cr.precommit.run()
        self.late_invoice(1000, company=branch)
        self.refresh()
        charges = self.propose()
        self.assertEqual(charges.company_id, self.company | branch)
        bills = self.approve(charges)
        self.assertEqual(bills.company_id, self.company | branch)
        self.assertEqual(bills.invoice_line_ids.account_id, self.account)

    def test_statement_shows_late_charges_apart(self):
        self.approve(self.propose())
        debtor = self.debtor()
        section = debtor._statement()[debtor.id]["currencies"][0]
        self.assertEqual(section["late_charges"], 249.63)
        self.assertEqual(
            [line["kind"] for line in section["lines"]], ["invoice", "late_charge"]
        )
        report = self.env["report.o2c_base.report_statement"]
        values = report._get_report_values(debtor.ids)
        shown = values["documents"][0]["sections"][0]
        self.assertEqual(
            (shown["principal"], shown["late_charges"], shown["closing"]),
            ("10,000.00", "249.63", "10,249.63"),
        )
        page = self.env["ir.qweb"]._render("o2c_base.report_statement_page", values)
        self.assertIn("Without late charges", str(page))
        self.assert_statement_truth()

    def test_charges_go_with_a_merged_customer(self):
        other = self.new_customer("Other", is_company=True)
        charge = self.propose()
        target = self.debtor_model._ensure([(other, self.company)])
        self.debtor()._merge_into(target)
        self.assertEqual(charge.debtor_id, target)

    def test_a_late_charge_is_chased_like_any_item(self):
        bill = self.approve(self.propose())
        self.refresh()
        self.assertIn(bill, self.open_items().move_id)

    def test_rates_have_a_source_and_begin_with_a_half_year(self):
        values = {
            "series": "ecb",
            "date_from": "2026-07-01",
            "rate": 2.4,
            "source": "Official Journal",
        }
        with self.assertRaises(ValidationError):
            self.rates.create({**values, "source": " "})
        with self.assertRaises(ValidationError):
            self.rates.create({**values, "date_from": "2026-07-02"})
        with self.assertRaises(AccessError):
            self.rates.with_user(self.collector).create(values)
        rate = self.rates.with_user(self.manager).create(values)
        rate.rate = 2.5
        kinds = self.env["o2c.event"].search(
            [("res_model", "=", "o2c.reference.rate"), ("res_id", "=", rate.id)]
        )
        self.assertEqual(set(kinds.mapped("kind")), {"rate_added", "rate_changed"})

    def test_missing_half_year_alarms(self):
        self.company.sudo().o2c_owner_id = self.manager
        checks = self.env["o2c.self.check"].sudo()
        checks._check(self.company.id, "rates")
        mine = [("kind", "=", "rates"), ("company_id", "=", self.company.id)]
        self.assertEqual(checks.search(mine).state, "good")
        rates = self.rates.with_user(self.manager).with_company(self.company)
        self.assertEqual(rates.missing_text(), "")
        self.rates.search([("date_from", "=", "2026-01-01")]).unlink()
        checks._check(self.company.id, "rates")
        result = checks.search(mine)
        self.assertEqual((result.state, result.count), ("bad", 1))
        self.assertIn("01/01/2026", result.words)
        self.assertEqual(result.activity_ids.user_id, self.manager)
        self.assertIn("01/01/2026", rates.missing_text())

    def test_books_of_another_company_are_refused(self):
        other = self.setup_other_company()
        with self.assertRaises(ValidationError):
            self.company.o2c_late_account_id = other["default_account_revenue"]
        with self.assertRaises(ValidationError):
            self.company.o2c_late_journal_id = other["default_journal_sale"]

    def test_scheme_by_country(self):
        companies = self.env["res.company"]
        for code, scheme in (
            ("DE", "de"),
            ("GB", "uk"),
            ("FR", "fr"),
            ("ES", "eu"),
            ("US", "contract"),
        ):
            country = self.env["res.country"].search([("code", "=", code)])
            company = companies.create({"name": code, "country_id": country.id})
            self.assertEqual(company.o2c_late_scheme, scheme)

    def test_queries_do_not_grow_with_the_items(self):
        few = self.queries_with(3)
        many = self.queries_with(30)
        self.assertGreaterEqual(few, many)
        self.assertLess(many, 20)

    def queries_with(self, count):
        """Queries to read and reckon so many items more."""
        for number in range(count):
            self.late_invoice(100 + number)
        self.refresh()
        root, debtor = self.company.sudo(), self.debtor().sudo()
        charges = self.charges.sudo()
        until = self.day("2026-05-31")
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.cr.sql_log_count
        run = charges._new_run(root, until)
        for row in charges._facts(root, until, debtor):
            charges._reckon(run, row, charges.browse(), True)
        return self.cr.sql_log_count - before
