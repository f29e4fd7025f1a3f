import doctest

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from ..domain import paging, statement
from .common import TODAY, ReceivablesCommon


@tagged("post_install", "-at_install")
class TestStatement(ReceivablesCommon):
    """What a statement says of one customer or of many."""

    def statement(self, partner=None, **options):
        self.refresh()
        debtor = self.debtor(partner)
        return debtor._statement(**options)[debtor.id]

    def section(self, **options):
        [section] = self.statement(**options)["currencies"]
        return section

    def amounts(self, **options):
        return [line["amount"] for line in self.section(**options)["lines"]]

    def test_the_doctests_of_the_rules(self):
        for rules in (statement, paging):
            self.assertEqual(doctest.testmod(rules).failed, 0)

    # ------------------------------------------------------------------
    # Open items
    # ------------------------------------------------------------------

    def test_open_items_come_first_and_unmatched_money_after_them(self):
        self.payment(30, date="2026-01-01", memo="transfer 4711")
        self.invoice(100, date="2026-05-01", ref="PO 12")
        section = self.section()
        self.assertEqual(
            [(li["kind"], li["reference"], li["amount"]) for li in section["lines"]],
            [("invoice", "PO 12", 100.0), ("payment", "transfer 4711", -30.0)],
        )
        self.assertEqual(
            (section["closing"], section["overdue"], section["credit"]),
            (70.0, 100.0, 30.0),
        )
        self.assertEqual(section["ageing"]["b2"], 100.0)

    def test_each_instalment_has_its_line_and_its_number(self):
        self.invoice(
            100,
            invoice_payment_term_id=self.pay_terms_b.id,
            invoice_date_due=False,
        )
        lines = self.section()["lines"]
        self.assertEqual(len(lines), 2)
        self.assertEqual(
            [(li["instalment"], li["instalments"]) for li in lines], [(1, 2), (2, 2)]
        )
        self.assertEqual(sum(li["amount"] for li in lines), 100.0)

    def test_what_was_paid_in_part_shows_both_amounts(self):
        invoice = self.invoice(100)
        self.match(invoice, self.payment(40))
        [line] = self.section()["lines"]
        self.assertEqual((line["original"], line["amount"]), (100.0, 60.0))

    def test_a_past_day_knows_nothing_of_what_came_later(self):
        invoice = self.invoice(100, date="2026-01-10")
        self.match(invoice, self.payment(100, date="2026-03-01"))
        self.assertEqual(self.amounts(as_of="2026-02-01"), [100.0])
        self.assertEqual(self.statement(as_of="2026-03-01")["currencies"], [])

    # ------------------------------------------------------------------
    # Activity
    # ------------------------------------------------------------------

    def test_activity_opens_moves_and_closes(self):
        invoice = self.invoice(100, date="2026-01-10")
        self.match(invoice, self.payment(60, date="2026-03-01"))
        self.credit_note(5, date="2026-03-02")
        self.opening_entry(7, date="2026-03-03")
        section = self.section(form="activity", date_from="2026-02-01")
        self.assertEqual(section["opening"], 100.0)
        self.assertEqual(
            [(li["kind"], li["amount"], li["balance"]) for li in section["lines"]],
            [
                ("payment", -60.0, 40.0),
                ("credit_note", -5.0, 35.0),
                ("entry", 7.0, 42.0),
            ],
        )
        self.assertEqual(section["closing"], 42.0)
        self.assertEqual([li["amount"] for li in section["items"]], [40.0, 7.0, -5.0])

    def test_a_quiet_time_shows_its_opening_balance_alone(self):
        self.invoice(100, date="2026-01-10")
        section = self.section(form="activity", date_from="2026-06-01")
        self.assertEqual((section["opening"], section["closing"]), (100.0, 100.0))
        self.assertEqual(section["lines"], [])

    def test_a_draft_moves_nothing_and_settles_nothing(self):
        invoice = self.invoice(100)
        payment = self.payment(100)
        self.match(invoice, payment)
        payment.move_id.write({"state": "draft"})
        self.assertEqual(self.amounts(), [100.0])
        self.assertEqual(self.amounts(form="activity"), [100.0])

    def test_currencies_stand_apart_and_a_match_across_them_is_told(self):
        euro = self.setup_other_currency("EUR", rates=[("2016-01-01", 2.0)])
        invoice = self.invoice(100, currency_id=euro.id)
        self.invoice(11)
        self.match(invoice, self.payment(50))
        [only] = self.statement()["currencies"]
        self.assertEqual((only["currency"], only["closing"]), ("USD", 11.0))
        eur, usd = self.statement(form="activity")["currencies"]
        self.assertEqual(
            [(li["kind"], li["amount"]) for li in eur["lines"]],
            [("invoice", 100.0), ("transfer", -100.0)],
        )
        self.assertEqual(
            [(li["kind"], li["amount"]) for li in usd["lines"]],
            [("invoice", 11.0), ("payment", -50.0), ("transfer", 50.0)],
        )
        self.assertEqual((eur["closing"], usd["closing"]), (0.0, 11.0))
        self.assert_statement_truth()

    def test_money_of_another_customer_settles_here_and_counts_there(self):
        second = self.new_customer("Second")
        self.match(self.invoice(100), self.payment(100, partner=second))
        self.assertEqual(self.statement()["currencies"], [])
        for partner in (self.customer, second):
            lines = self.statement(partner, form="activity")["currencies"][0]["lines"]
            self.assertEqual(sum(li["amount"] for li in lines), 0.0)
            self.assertEqual(lines[-1]["kind"], "transfer")
        self.assert_statement_truth()

    def test_branches_count_in(self):
        branch = self.env["res.company"].create(
            {"name": "Branch", "parent_id": self.company.id}
        )
        self.cr.precommit.run()  # the branch gets its root's chart of accounts
        self.env.user.company_ids += branch
        self.invoice(100)
        self.invoice(20, company=branch)
        self.assertEqual(self.section(form="activity")["closing"], 120.0)
        self.assertEqual(sorted(self.amounts()), [20.0, 100.0])
        self.assert_statement_truth()

    # ------------------------------------------------------------------
    # Bad and rare input
    # ------------------------------------------------------------------

    def test_before_the_first_entry_there_is_nothing(self):
        self.invoice(100)
        for form in ("open_item", "activity"):
            self.assertEqual(
                self.statement(as_of="1999-12-31", form=form)["currencies"], []
            )

    def test_a_day_to_come_includes_what_is_booked_for_it(self):
        self.opening_entry(100, date="2026-07-01")
        self.assertEqual(self.statement()["currencies"], [])
        self.assertEqual(self.amounts(as_of="2026-12-31"), [100.0])
        self.assertEqual(self.amounts(as_of="9999-12-31", form="activity"), [100.0])

    def test_wrong_dates_and_forms_are_refused(self):
        self.invoice(100)
        for options in (
            {"as_of": "yesterday"},
            {"as_of": "'; DROP TABLE o2c_debtor; --"},
            {"date_from": "2026-13-01", "form": "activity"},
            {"date_from": "2026-06-16", "as_of": TODAY, "form": "activity"},
            {"form": "everything"},
        ):
            with self.subTest(options), self.assertRaises(UserError):
                self.statement(**options)

    def test_a_negative_balance_large_sums_and_yen(self):
        yen = self.setup_other_currency("JPY", rates=[("2016-01-01", 123.0)])
        self.credit_note(1_000_000_000.01)
        self.invoice(999_999_999, currency_id=yen.id)
        jpy, usd = self.statement()["currencies"]
        self.assertEqual((jpy["currency"], jpy["closing"]), ("JPY", 999_999_999.0))
        self.assertEqual((usd["closing"], usd["overdue"]), (-1_000_000_000.01, 0.0))
        self.assert_statement_truth()

    def test_a_language_that_is_not_in_use_falls_back(self):
        self.invoice(100)
        for value in (False, "en_US"):
            self.customer.lang = value
            self.assertEqual(self.statement()["language"], "en_US")
        self.env["res.lang"]._activate_lang("fr_FR")
        self.customer.lang = "fr_FR"
        self.assertEqual(self.statement()["language"], "fr_FR")
        self.env.cr.execute("UPDATE res_lang SET active = FALSE WHERE code = 'fr_FR'")
        self.env.registry.clear_cache("stable")
        self.env.invalidate_all()
        self.assertEqual(self.statement()["language"], "en_US")

    # ------------------------------------------------------------------
    # Who may see it, and what it costs
    # ------------------------------------------------------------------

    def _debtor_for(self, login, group, companies):
        self.invoice(100)
        self.refresh()
        user = new_test_user(
            self.env,
            login=login,
            groups=group,
            company_id=companies[0].id,
            company_ids=[fields.Command.set(companies.ids)],
        )
        return self.debtor().with_user(user)

    def test_who_reads_the_account_reads_its_statement(self):
        for group in ("collector", "credit_manager", "auditor"):
            debtor = self._debtor_for(group, f"o2c_base.group_{group}", self.company)
            self.assertTrue(debtor._statement()[debtor.id]["currencies"])

    def test_nobody_else_does(self):
        other = self.setup_other_company(name="Other")["company"]
        branch = self.env["res.company"].create(
            {"name": "Branch", "parent_id": self.company.id}
        )
        for login, group, company in (
            ("clerk", "base.group_user", self.company),
            ("stranger", "o2c_base.group_collector", other),
            ("branch", "o2c_base.group_collector", branch),
        ):
            debtor = self._debtor_for(login, group, company)
            with self.subTest(login), self.assertRaises(AccessError):
                debtor._statement()

    def test_the_number_of_queries_does_not_grow_with_the_customers(self):
        partners = [self.new_customer(f"Customer {n}") for n in range(12)]
        for partner in partners:
            self.invoice(100, partner=partner)
        self.refresh()
        counts = []
        self.debtor_model.search([])._statement(form="activity")
        for few in (partners[:2], partners):
            ids = [partner.id for partner in few]
            debtors = self.debtor_model.search([("partner_id", "in", ids)])
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            debtors._statement(form="activity")
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(counts[0], counts[1])
