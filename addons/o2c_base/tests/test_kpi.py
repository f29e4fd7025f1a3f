from datetime import date

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from ..domain.kpi import METRICS
from .common import TODAY, ReceivablesCommon


@tagged("post_install", "-at_install")
class TestKpi(ReceivablesCommon):
    """Figures from a ledger, worked by hand."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.kpi = cls.env["o2c.kpi"]

    def figures(self, day=None, company=None, **scope):
        found = self.kpi._figures(company or self.company, day, **scope)
        return {code: figure.value for code, figure in found.items()}

    def reasons(self, day=None, company=None):
        found = self.kpi._figures(company or self.company, day)
        return {code: figure.reason for code, figure in found.items()}

    def assert_figures(self, expected, **options):
        found = self.figures(**options)
        self.assertEqual({code: found[code] for code in expected}, expected)

    def story(self, partner=None):
        """Four invoices and what was paid of them, as seen on 15 June 2026.

        ========== ========== ====== =====================================
        date       due        amount
        ========== ========== ====== =====================================
        2026-02-01 2026-03-03  1,000 open, 104 days late
        2026-04-01 2026-05-01  2,000 1,500 paid on 11 May, rest 45 days late
        2026-05-10 2026-06-09    500 paid on 9 June
        2026-06-05 2026-07-05  1,200 open, not due
        ========== ========== ====== =====================================
        """
        values = {"partner": partner} if partner else {}
        self.invoice(1000, date="2026-02-01", due="2026-03-03", **values)
        part = self.invoice(2000, date="2026-04-01", due="2026-05-01", **values)
        self.match(part, self.payment(1500, date="2026-05-11", **values))
        full = self.invoice(500, date="2026-05-10", due="2026-06-09", **values)
        self.match(full, self.payment(500, date="2026-06-09", **values))
        self.invoice(1200, date="2026-06-05", due="2026-07-05", **values)

    #: Worked by hand from the table above.
    STORY = {
        "outstanding": 2700.0,  # 1,000 + 500 + 1,200
        "overdue": 1500.0,  # 1,000 + 500
        "due_7": 0.0,
        "due_30": 1200.0,  # 5 July is 20 days away
        "unapplied": 0.0,
        "disputed": 0.0,
        "promised": 0.0,
        # sales since 18 March: 2,000 + 500 + 1,200 = 3,700; 2,700 / 3,700 x 90
        "dso": 65.7,
        # 1,200 / 3,700 x 90 = 29.19
        "best_possible_dso": 29.2,
        # 65.7 - 29.2
        "add": 36.5,
        # June 1,200 in 15 days, rest 1,500; May 500 in 31, rest 1,000; April 2,000:
        # half of 30 days: 15 + 31 + 15
        "dso_countback": 61.0,
        # opening (17 March) 1,000: (1,000 + 3,700 - 2,700) / (4,700 - 1,200)
        # = 2,000 / 3,500
        "cei": 57.1,
        # fell due 1,000 + 2,000 + 500 = 3,500, in time 500
        "paid_before_due": 14.3,
        "paid_before_due_count": 33.3,
        # 1,500 / 2,700; 1,000 / 2,700
        "overdue_share": 55.6,
        "at_risk_share": 37.0,
        # (1,500 x 40 + 500 x 30) / 2,000
        "days_to_pay": 37.5,
        # (1,500 x 10 + 500 x 0) / 2,000
        "days_late": 7.5,
        "days_late_floored": 7.5,
        "unapplied_share": 0.0,
    }

    def test_all_figures_of_a_story(self):
        self.story()
        self.assertEqual(self.STORY.keys(), METRICS.keys())
        self.assert_figures(self.STORY)

    def test_figures_of_a_past_day(self):
        """On 10 May: 1,000 is 68 days late, 2,000 nine days, 500 is new."""
        self.story()
        self.assert_figures(
            {
                "outstanding": 3500.0,
                "overdue": 3000.0,
                # sales since 10 February: 2,000 + 500; 3,500 / 2,500 x 90, where the
                # first sale is 99 days old
                "dso": 126.0,
                # May 500 in 10 days, April 2,000 in 30, March none: stop
                "dso_countback": 40.0,
                "at_risk_share": 0.0,
                # opening 1,000: (1,000 + 2,500 - 3,500) / (3,500 - 500)
                "cei": 0.0,
                "paid_before_due": 0.0,
                "days_late": None,
            },
            day=date(2026, 5, 10),
        )
        self.assertEqual(self.reasons(date(2026, 5, 10))["dso_countback"], "sales_stop")

    def test_facts_of_the_account_agree_with_its_figures(self):
        self.story()
        self.refresh()
        debtor = self.debtor()
        found = self.figures()
        for fact, code in (
            ("amount_outstanding", "outstanding"),
            ("amount_overdue", "overdue"),
            ("amount_unapplied", "unapplied"),
            ("amount_due_7", "due_7"),
            ("amount_due_30", "due_30"),
            ("days_late_average", "days_late"),
            ("on_time_share", "paid_before_due"),
        ):
            self.assertEqual(debtor[fact], found[code], fact)

    # ------------------------------------------------------------------
    # Scopes
    # ------------------------------------------------------------------

    def test_segments_and_collectors_are_parts_of_the_company(self):
        collector = new_test_user(
            self.env, "kpi_collector", groups="o2c_base.group_collector"
        )
        segment = self.env["o2c.segment"].create({"name": "Key", "code": "key"})
        other = self.new_customer("Other")
        self.story()
        self.invoice(300, partner=other, due="2026-06-01", date="2026-05-15")
        self.opening_entry(50, partner=False)
        self.refresh()
        self.debtor().sudo().write(
            {"segment_id": segment.id, "collector_id": collector.id}
        )
        self.assert_figures(self.STORY, segment=segment)
        self.assert_figures(self.STORY, collector=collector)
        self.assert_figures(self.STORY, collector=collector, segment=segment)
        scopes = self.kpi._figures_by_scope(self.company)
        self.assertEqual(
            scopes.keys(), {(None, None), (segment.id, None), (None, collector.id)}
        )
        self.assertEqual(
            scopes[segment.id, None], self.kpi._figures(self.company, segment=segment)
        )
        self.assertEqual(scopes[None, None], self.kpi._figures(self.company))
        self.assertEqual(scopes[None, None]["outstanding"].value, 3050.0)

    def test_on_a_past_day_customers_count_in_the_segment_they_were_in(self):
        first, second = self.env["o2c.segment"].create(
            [{"name": name, "code": name} for name in ("first", "second")]
        )
        self.invoice(100, date="2026-02-01", due="2026-02-10")
        self.refresh()
        memberships = self.env["o2c.segment.membership"].sudo()
        for day, segment in (
            ("2026-04-01", first.id),
            ("2026-05-01", None),
            ("2026-06-01", second.id),
        ):
            memberships._move([(self.debtor().id, segment)], self.day(day))
        for day, expected in (
            ("2026-03-01", first),  # before it was kept: the first that is known
            ("2026-04-30", first),
            ("2026-05-31", None),
            ("2026-06-10", second),
            (None, second),
        ):
            day = day and self.day(day)
            found = {
                segment
                for segment in (first, second)
                if self.figures(day, segment=segment)["overdue"]
            }
            self.assertEqual(found, {expected} if expected else set(), day)

    def test_a_branch_counts_in_its_root(self):
        branch = self.env["res.company"].create(
            {"name": "Branch", "parent_id": self.company.id}
        )
        self.env.user.company_ids += branch
        self.story()
        self.assertEqual(self.figures(company=branch), self.figures())

    def test_the_number_of_statements_does_not_grow(self):
        self.story()
        self.figures()
        before = self.env.cr.sql_log_count
        self.figures()
        few = self.env.cr.sql_log_count - before
        for number in range(5):
            self.story(self.new_customer(f"Customer {number}"))
        self.env.flush_all()
        before = self.env.cr.sql_log_count
        self.kpi._figures_by_scope(self.company)
        self.assertLessEqual(self.env.cr.sql_log_count - before, few)

    # ------------------------------------------------------------------
    # Edges
    # ------------------------------------------------------------------

    def test_without_any_history_nothing_is_told_as_zero(self):
        for company in (
            self.company,
            self.env["res.company"].create({"name": "No chart of accounts"}),
        ):
            for code, value in self.figures(company=company).items():
                expected = 0.0 if METRICS[code].unit == "currency" else None
                self.assertEqual(value, expected, code)

    def test_one_invoice_only(self):
        self.invoice(100, date=TODAY, due="2026-07-15")
        # sold and owed today: one day of sales
        self.assert_figures(
            {"dso": 1.0, "dso_countback": 15.0, "add": 0.0, "cei": None, "due_30": 100}
        )
        self.assertEqual(self.reasons()["cei"], "nothing_collectable")

    def test_only_credit_notes(self):
        self.credit_note(100, date="2026-06-01")
        self.assert_figures(
            {
                "outstanding": -100.0,
                "unapplied": 100.0,
                "overdue": 0.0,
                "dso": None,
                "dso_countback": None,
                "cei": None,
                "overdue_share": None,
                "unapplied_share": None,
            }
        )
        self.assertEqual(self.reasons()["dso"], "no_sales")

    def test_a_negative_balance(self):
        self.invoice(100, date="2026-06-01", due="2026-06-10")
        self.payment(150, date="2026-06-12")
        # more paid than owed, not matched: 150 / 100
        self.assert_figures(
            {
                "outstanding": -50.0,
                "dso": None,
                "overdue_share": 100.0,
                "unapplied_share": 150.0,
                # credit covers all of it: (0 + 100 - 0) / (0 + 100 - 0)
                "cei": 100.0,
                "best_possible_dso": 0.0,
            }
        )
        self.assertEqual(self.reasons()["dso"], "credit_balance")

    def test_credits_above_what_is_overdue_make_no_negative_lateness(self):
        self.invoice(1000, date="2026-06-01", due="2026-07-10")
        self.invoice(100, date="2026-05-01", due="2026-05-31")
        self.payment(150, date="2026-06-12")
        self.assert_figures({"add": 0.0})
        self.assertEqual(self.reasons()["add"], "credits_exceed")

    def test_very_large_amounts(self):
        self.invoice(10**9, date="2026-05-16", due="2026-06-14")
        self.invoice(0.01, date="2026-05-16", due="2026-06-14")
        self.assert_figures(
            # first sale 30 days ago with today: 31 days
            {"outstanding": 1000000000.01, "overdue": 1000000000.01, "dso": 31.0}
        )

    def test_zero_and_three_decimals(self):
        for code, digits, amount in (("JPY", 1.0, 1001.0), ("KWD", 0.001, 10.005)):
            currency = self.env["res.currency"].search(
                [("name", "=", code), ("active", "in", (True, False))]
            )
            currency.write({"active": True, "rounding": digits})
            data = self.setup_other_company(name=code, currency_id=currency.id)
            company = data["company"]
            self.env.user.company_ids += company
            kpi = self.kpi.with_company(company)
            self.invoice(amount, company=company, date="2026-06-01", due="2026-06-10")
            found = kpi._figures(company)
            self.assertEqual(found["overdue"].value, amount)
            self.assertEqual(found["dso"].value, 15.0)

    def test_before_the_first_entry_there_is_nothing(self):
        self.story()
        found = self.figures(date(2020, 1, 31))
        self.assertEqual(found["outstanding"], 0.0)
        self.assertIsNone(found["dso"])

    def test_of_the_future_there_are_no_figures(self):
        with self.assertRaises(UserError):
            self.figures(date(2026, 6, 16))

    def test_opening_entries_are_no_sales_and_lower_no_effectiveness(self):
        self.opening_entry(1000, date="2026-06-01", date_maturity="2026-06-10")
        self.invoice(100, date="2026-06-01", due="2026-06-10")
        # 1,100 / 100 x 15 days since the first sale
        self.assert_figures({"dso": 165.0, "cei": 0.0})
        self.assertEqual(self.reasons()["dso_countback"], "history_ends")

    def test_sales_are_gross_of_tax_as_the_balance_is(self):
        tax = self.company_data["default_tax_sale"]
        line = {"name": "Work", "price_unit": 100, "tax_ids": [Command.set(tax.ids)]}
        invoice = self.invoice(
            0, date="2026-06-01", invoice_line_ids=[Command.create(line)]
        )
        self.assertGreater(invoice.amount_total, 100)
        self.assert_figures({"outstanding": invoice.amount_total, "dso": 15.0})

    def test_today_is_the_companys_day(self):
        self.invoice(100, date="2026-06-15", due="2026-06-15")
        self.assert_figures({"overdue": 0.0})
        self.company.partner_id.tz = "Pacific/Kiritimati"  # it is the 16th there
        self.assert_figures({"overdue": 100.0, "dso": 2.0})

    # ------------------------------------------------------------------
    # One click away
    # ------------------------------------------------------------------

    def explain(self, user, metric="dso", **options):
        company_id = options.pop("company_id", self.company.id)
        kpi = self.kpi.with_user(user).with_context(
            allowed_company_ids=user.company_ids.ids
        )
        return kpi.explain(metric, company_id, **options)

    def reader(self, groups, company=None):
        company = company or self.company
        return new_test_user(
            self.env,
            f"kpi_{groups.replace('.', '_')}_{company.id}",
            groups=groups,
            company_id=company.id,
            company_ids=[Command.set(company.ids)],
        )

    def test_a_figure_is_explained_with_what_went_in(self):
        self.story()
        told = self.explain(self.reader("o2c_base.group_auditor"))
        self.assertEqual(told["value"], 65.7)
        self.assertEqual(told["text"], "65.7 days")
        self.assertIn("90", told["formula"])
        self.assertEqual(
            [row["text"] for row in told["inputs"]],
            ["$\xa02,700.00", "$\xa03,700.00", "90"],
        )
        told = self.explain(
            self.reader("o2c_base.group_collector"),
            "dso_countback",
            date="2026-05-10",
        )
        self.assertEqual(told["text"], "≥ 40.0 days")
        self.assertIn("without", told["formula"])
        self.assertTrue(told["reason"])

    def test_who_may_not_look_is_told_nothing(self):
        self.story()
        other = self.setup_other_company(name="Other")["company"]
        with self.assertRaises(AccessError):
            self.explain(self.reader("base.group_user"))
        with self.assertRaises(AccessError):
            self.explain(self.reader("o2c_base.group_collector", other))
        with self.assertRaises(AccessError):
            self.explain(self.reader("o2c_base.group_auditor"), company_id=10**8)

    def test_what_is_no_question_gets_a_plain_answer(self):
        user = self.reader("o2c_base.group_auditor")
        for options in (
            {"metric": "nonsense"},
            {"metric": ["dso"]},
            {"date": "31.12."},
            {"date": "0001-01-01"},
            {"date": "2027-01-01"},
            {"company_id": "x"},
            {"segment_id": [1]},
            {"collector_id": "1 OR 1"},
        ):
            with self.assertRaises(UserError):
                self.explain(user, **options)
