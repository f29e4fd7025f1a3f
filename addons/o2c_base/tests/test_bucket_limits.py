from datetime import timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from odoo.exceptions import ValidationError
from odoo.tests import tagged
from odoo.tools import SQL

from ..domain import ageing
from .common import TODAY, ReceivablesCommon

REFUSED = (
    "",
    False,
    "0, 30",
    "-1, 30",
    "30, 30",
    "60, 30",
    "1, 2, 3, 4, 5, 6, 7",
    "thirty",
    "30; 60",
    "30, ",
    "1.5, 3",
    "３０, 60",
    "99999999999999999999",
    "30'); DROP TABLE o2c_debtor; --",
)


@tagged("post_install", "-at_install")
class TestBucketLimits(ReceivablesCommon):
    """Ageing buckets follow the limits of the company through which one looks."""

    def test_a_company_starts_with_the_usual_buckets(self):
        self.assertEqual(self.company._o2c_bucket_limits(), (30, 60, 90))
        self.assertEqual(
            self.labels(),
            ["Not due", "1-30 days", "31-60 days", "61-90 days", "91+ days"],
        )

    def test_limits_that_make_no_buckets_are_refused_with_a_reason(self):
        for text in REFUSED:
            with self.assertRaisesRegex(ValidationError, "one to six"):
                self.company.o2c_bucket_limits = text

    def test_items_and_labels_follow_the_limits(self):
        self.company.o2c_bucket_limits = "7, 14"
        for days in (0, 7, 8, 15):
            self.invoice(days + 1, date="2026-01-01", due=self.days_ago(days))
        self.assertEqual(
            self.labels(), ["Not due", "1-7 days", "8-14 days", "15+ days"]
        )
        items = self.open_items().sorted("amount_residual")
        self.assertEqual(items.mapped("bucket"), ["not_due", "b1", "b2", "b3"])
        self.assertEqual(len(self.open_items(("bucket", "=", "b2"))), 1)

    def test_one_limit_makes_two_overdue_buckets_and_six_make_seven(self):
        self.company.o2c_bucket_limits = "30"
        self.assertEqual(self.labels(), ["Not due", "1-30 days", "31+ days"])
        self.company.o2c_bucket_limits = "1, 2, 3, 4, 5, 6"
        self.assertEqual(self.labels()[-1], "7+ days")
        self.assertEqual(self.labels()[1], "1-1 days")
        self.assertEqual(len(self.labels()), 8)

    def test_groups_stand_in_the_order_of_age(self):
        for days in (100, 0, 40, 10):
            self.invoice(days + 1, date="2026-01-01", due=self.days_ago(days))
        domain = [("partner_id", "=", self.customer.id)]
        groups = self.items_model.formatted_read_group(
            domain, ["bucket"], ["amount_residual:sum"]
        )
        self.assertEqual(
            [(group["bucket"], group["amount_residual:sum"]) for group in groups],
            [("not_due", 1.0), ("b1", 11.0), ("b2", 41.0), ("b4", 101.0)],
        )
        groups = self.items_model._read_group(
            domain, ["bucket", "currency_id"], order="bucket DESC"
        )
        self.assertEqual([group[0] for group in groups], ["b4", "b2", "b1", "not_due"])

    def test_the_root_of_the_company_looked_through_decides(self):
        other = self.setup_other_company(name="Other root")["company"]
        branch = self.env["res.company"].create(
            {"name": "Branch", "parent_id": self.company.id}
        )
        self.company.o2c_bucket_limits = "10, 20"
        other.o2c_bucket_limits = "5"
        self.invoice(100, date="2026-01-01", due=self.days_ago(15))
        for company, limits, bucket in (
            (self.company, (10, 20), "b2"),
            (branch, (10, 20), "b2"),
            (other, (5,), "b2"),
        ):
            self.assertEqual(company._o2c_bucket_limits(), limits)
            self.env.user.company_ids += company
            item = self.open_items().with_context(
                allowed_company_ids=(company | self.company).ids
            )
            self.assertEqual(item.bucket, bucket, company.name)
            labels = dict(item._fields["bucket"]._description_selection(item.env))
            self.assertEqual(
                labels["b2"], "11-20 days" if len(limits) == 2 else "6+ days"
            )

    def test_one_item_read_through_two_companies_keeps_apart(self):
        other = self.setup_other_company(name="Other root")["company"]
        other.o2c_bucket_limits = "5, 10, 15, 20"
        self.invoice(100, date="2026-01-01", due=self.days_ago(15))
        [item] = self.open_items()
        self.assertEqual(item.bucket, "b1")
        through = item.with_context(allowed_company_ids=(other + self.company).ids)
        self.assertEqual(through.bucket, "b3")
        self.assertEqual(item.bucket, "b1")

    @settings(
        max_examples=30,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(
        st.lists(st.integers(1, 400), min_size=1, max_size=6, unique=True).map(sorted),
        st.lists(st.integers(-500, 500), min_size=1, max_size=20),
    )
    def test_sql_and_python_put_an_item_into_the_same_bucket(self, limits, ages):
        self.company.o2c_bucket_limits = ", ".join(map(str, limits))
        rows = SQL(", ").join(
            SQL("(%s::date, %s::date)", TODAY, self.days_ago(age)) for age in ages
        )
        query = SQL(
            "SELECT %s FROM (VALUES %s) v(today, date_maturity)"
            " CROSS JOIN LATERAL (SELECT v.today) calendar(today)"
            " CROSS JOIN LATERAL (SELECT v.date_maturity) due(date_maturity)",
            self.items_model._bucket_sql(),
            rows,
        )
        found = [bucket for (bucket,) in self.env.execute_query(query)]
        today = self.day(TODAY)
        expected = [
            ageing.bucket(ageing.days_overdue(self.days_ago(age), today), limits)
            for age in ages
        ]
        self.assertEqual(found, expected)

    # ------------------------------------------------------------------
    # Helpers
    # ------------------------------------------------------------------

    def labels(self):
        field = self.items_model.fields_get(["bucket"])["bucket"]
        return [label for _key, label in field["selection"]]

    def days_ago(self, days):
        return self.day(TODAY) - timedelta(days=days)
