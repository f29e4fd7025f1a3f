from datetime import timedelta

from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from .common import TODAY, ReceivablesCommon

BUCKETS = ["amount_not_due", "amount_b1", "amount_b2", "amount_b3", "amount_b4"]


@tagged("post_install", "-at_install")
class TestAgeing(ReceivablesCommon):
    """The ageing report: sums of the open items, by age and by whom."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other = cls.setup_other_company(name="Other root")["company"]
        cls.branch = cls.env["res.company"].create(
            {"name": "Branch", "parent_id": cls.company.id}
        )
        cls.cr.precommit.run()  # the branch gets its root's chart of accounts
        cls.env.user.company_ids += cls.branch
        companies = cls.company + cls.branch + cls.other
        cls.env = cls.env(
            context=dict(cls.env.context, allowed_company_ids=companies.ids)
        )
        cls.items_model = cls.items_model.with_env(cls.env)
        cls.ageing_model = cls.env["o2c.ageing"]
        cls.yen = cls.setup_other_currency("JPY", rates=[("2016-01-01", 100.0)])

    def ageing(self, *domain, partner=None, **context):
        """The rows of a customer, read afresh."""
        self.env.flush_all()
        self.ageing_model.invalidate_model()
        owner = [("partner_id", "=", (partner or self.customer).id)]
        return self.ageing_model.with_context(**context).search([*owner, *domain])

    def days_ago(self, days):
        return self.day(TODAY) - timedelta(days=days)

    def invoices(self, *ages, **values):
        """An invoice per age, its amount the age plus one."""
        for age in ages:
            self.invoice(age + 1, date="2026-01-01", due=self.days_ago(age), **values)

    # ------------------------------------------------------------------
    # Figures
    # ------------------------------------------------------------------

    def test_a_customers_items_stand_in_the_buckets_of_their_age(self):
        self.invoices(0, 1, 30, 31, 60, 61, 90, 91)
        self.credit_note(5, due=self.days_ago(45))
        [row] = self.ageing()
        figures = [row[name] for name in [*BUCKETS, "amount_outstanding"]]
        self.assertEqual(figures, [1.0, 33.0, 88.0, 153.0, 92.0, 367.0])
        self.assertEqual(row.item_count, 9)
        self.assertEqual(row.customer_name, "Customer")

    def test_rows_are_apart_by_branch_and_salesperson_and_currency(self):
        seller = new_test_user(self.env, login="ageing_seller")
        self.invoices(10)
        self.invoices(10, invoice_user_id=seller.id)
        self.invoices(10, company=self.branch)
        self.invoices(999, currency_id=self.yen.id)
        rows = self.ageing()
        self.assertEqual(len(rows), 4)
        self.assertEqual(sum(rows.mapped("amount_outstanding")), 43.0)
        self.assertEqual(rows.root_company_id, self.company)
        groups = self.ageing_model._read_group(
            [("partner_id", "=", self.customer.id)],
            ["salesperson_id"],
            ["amount_b1:sum"],
        )
        self.assertIn((seller, 11.0), groups)

    def test_amounts_can_be_shown_in_the_currency_of_the_items(self):
        self.invoices(999, currency_id=self.yen.id)
        [row] = self.ageing()
        self.assertEqual(row.amount_outstanding, 10.0)
        self.assertEqual(row.amount_outstanding_currency, 1000.0)
        self.assertEqual(row.shown_currency_id, self.company.currency_id)
        [own] = self.ageing(o2c_in_currency=True)
        self.assertEqual((own.amount_b4, own.amount_outstanding), (1000.0, 1000.0))
        self.assertEqual(own.shown_currency_id, self.yen)
        self.assertEqual(row.amount_outstanding, 10.0, "read apart")

    def test_a_past_day_is_the_ageing_of_that_day(self):
        invoice = self.invoice(100, date="2026-01-01", due="2026-01-31")
        self.match(invoice, self.payment(100, date="2026-04-15"))
        self.assertFalse(self.ageing())
        self.assertEqual(self.ageing(o2c_as_of="2026-03-31").amount_b2, 100.0)
        self.assertEqual(self.ageing(o2c_as_of="2026-01-31").amount_not_due, 100.0)
        self.assertFalse(self.ageing(o2c_as_of="2025-12-31"))
        self.assertFalse(self.ageing(o2c_as_of="1900-01-01"))
        self.assertFalse(self.ageing(o2c_as_of="9999-12-31"))

    def test_the_sum_is_the_open_items(self):
        self.invoices(0, 10, 40, 70, 100)
        self.payment(7.77)
        self.opening_entry(40, partner=False, date_maturity="2026-06-01")
        self.invoice(10**9)
        for as_of in (None, "2026-05-31"):
            model = self.ageing_model.with_context(o2c_as_of=as_of)
            groups = ["company_id"]
            rows = model._read_group([], groups, ["amount_outstanding:sum"])
            items = self.items_model.with_context(o2c_as_of=as_of)
            sums = items._read_group([], groups, ["amount_residual:sum"])
            self.assertEqual(rows, sums)

    def test_items_without_a_customer_are_a_row_that_says_so(self):
        self.opening_entry(40, partner=False, date_maturity="2026-06-01")
        self.env.flush_all()
        row = self.ageing_model.search([("partner_id", "=", False)])
        self.assertEqual(row.customer_name, "No customer")
        self.assertEqual(row.amount_b1, 40.0)
        fields_get = self.ageing_model.fields_get(["partner_id"])
        self.assertEqual(fields_get["partner_id"]["falsy_value_label"], "No customer")

    def test_a_hostile_day_is_refused(self):
        for text in ("2026-13-01", "x'; DROP TABLE o2c_debtor; --", [1], {"a": 1}, 7):
            with self.assertRaises(UserError, msg=text):
                self.ageing(o2c_as_of=text)

    def test_queries_do_not_grow_with_the_rows(self):
        counts = []
        for size in (1, 2, 9):  # the first warms the caches
            for number in range(size):
                self.invoices(10, partner=self.new_customer(f"C {number}"))
            self.env.flush_all()
            self.env.invalidate_all()
            start = self.env.cr.sql_log_count
            names = ["customer_name", "company_id", "collector_id", *BUCKETS]
            self.ageing_model.search_read([], names)
            counts.append(self.env.cr.sql_log_count - start)
        self.assertEqual(counts[1], counts[2])

    # ------------------------------------------------------------------
    # Buckets
    # ------------------------------------------------------------------

    def test_columns_and_labels_follow_the_companys_limits(self):
        self.company.o2c_bucket_limits = "7, 14"
        self.invoices(0, 7, 14, 15)
        [row] = self.ageing()
        names = [*BUCKETS, "amount_outstanding"]
        figures = [row[name] for name in names]
        self.assertEqual(figures, [1.0, 8.0, 15.0, 16.0, 0.0, 40.0])
        fields_get = self.ageing_model.fields_get()
        self.assertEqual(fields_get["amount_b3"]["string"], "15+ days")
        self.assertNotIn("amount_b4", fields_get)
        for kind in ("list", "pivot"):
            arch = self.ageing_model.get_view(view_type=kind)["arch"]
            self.assertIn("amount_b3", arch)
            self.assertNotIn("amount_b4", arch)

    def test_a_view_seen_before_shows_the_new_limits(self):
        self.assertIn("amount_b4", self.ageing_model.get_view(view_type="list")["arch"])
        self.company.o2c_bucket_limits = "1, 2, 3, 4, 5, 6"
        arch = self.ageing_model.get_view(view_type="list")["arch"]
        self.assertIn("amount_b7", arch)
        through = self.ageing_model.with_context(allowed_company_ids=self.other.ids)
        self.assertNotIn("amount_b5", through.get_view(view_type="list")["arch"])

    # ------------------------------------------------------------------
    # Drilling
    # ------------------------------------------------------------------

    def drilled(self, action):
        model = self.items_model.with_context(**action["context"])
        return model.search(action["domain"])

    def test_a_row_opens_its_items_as_of_the_same_day(self):
        self.invoices(10, 40)
        self.invoices(20, partner=self.new_customer("Somebody else"))
        [row] = self.ageing(o2c_as_of="2026-06-14")
        action = row.action_open_items()
        self.assertEqual(action["context"], {"o2c_as_of": "2026-06-14"})
        found = self.drilled(action)
        self.assertEqual(sorted(found.mapped("amount_residual")), [11.0, 41.0])
        self.assertEqual(sorted(found.mapped("days_overdue")), [9, 39])
        cell = row.with_context(o2c_measure="amount_b2").action_open_items()
        self.assertEqual(self.drilled(cell).mapped("amount_residual"), [41.0])

    def test_a_group_opens_its_items_whatever_else_was_searched_for(self):
        self.invoices(10, 40)
        domain = [
            ("customer_name", "ilike", "customer"),
            ("company_id", "=", self.company.id),
            ("amount_b1", ">", 0),
        ]
        found = self.drilled(self.ageing_model.items_of(domain, "amount_b1"))
        self.assertEqual(found.mapped("amount_residual"), [11.0])
        whole = self.drilled(self.ageing_model.items_of(domain, "amount_outstanding"))
        self.assertEqual(len(whole), 2)

    # ------------------------------------------------------------------
    # Rights
    # ------------------------------------------------------------------

    def test_other_companies_and_people_without_a_role_see_nothing(self):
        self.invoices(10)
        self.env.flush_all()
        for groups, company in (
            ("o2c_base.group_collector", self.other),
            ("base.group_user", self.company),
        ):
            user = new_test_user(
                self.env,
                login=f"ageing_{company.id}",
                groups=groups,
                company_id=company.id,
                company_ids=[(6, 0, company.ids)],
            )
            model = self.ageing_model.with_user(user).with_context(
                allowed_company_ids=company.ids
            )
            if company == self.other:
                self.assertFalse(model.search([]))
                self.assertEqual(model.ledger_tie()["tie"][0]["ledger"], 0.0)
                self.assertFalse(
                    model.env["o2c.open.item"].search(model.items_of([])["domain"])
                )
            else:
                for call in (model.ledger_tie, lambda m=model: m.items_of([])):
                    with self.assertRaises(AccessError):
                        call()
                with self.assertRaises(AccessError):
                    model.search([])
