from odoo.fields import Domain
from odoo.tests import tagged

from ..models.o2c_open_item_source import CUSTOMERS_ONE_BY_ONE
from .common import ReceivablesCommon


@tagged("post_install", "-at_install")
class TestOpenItemNarrow(ReceivablesCommon):
    """Items of named customers are read without looking at everybody's."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.second = cls.new_customer("Second")
        cls.invoice(100)
        cls.credit_note(30)
        cls.invoice(200, partner=cls.second)
        cls.opening_entry(5, partner=False)
        cls.env.flush_all()

    def narrowed_to(self, *domain):
        return self.items_model._partners_of_domain(Domain(list(domain)))

    def test_a_domain_that_names_customers_narrows_to_them(self):
        ids = [self.customer.id, self.second.id]
        self.assertEqual(self.narrowed_to(("partner_id", "=", ids[0])), ids[:1])
        self.assertEqual(self.narrowed_to(("partner_id", "in", ids)), ids)
        items = self.open_items()
        self.assertEqual(self.narrowed_to(("id", "in", items.ids)), ids[:1])

    def test_other_domains_do_not(self):
        customer = ("partner_id", "=", self.customer.id)
        late = ("days_overdue", ">", 0)
        for domain in (
            [],
            [late],
            ["|", customer, late],
            ["!", customer],
            [("partner_id", "!=", self.customer.id)],
            [("partner_id", "=", False)],
            [("partner_id", "ilike", "Customer")],
            [("id", "in", self.items_model.search([]).ids)],  # one has no customer
        ):
            with self.subTest(domain=domain):
                self.assertIsNone(self.narrowed_to(*domain))

    def test_the_answer_is_the_same(self):
        for as_of in (None, "2026-06-14", "2026-06-30"):
            everything = self.items_model.with_context(o2c_as_of=as_of)
            whole = everything.search_read([], order="id")
            for name, partner in (("one", self.customer), ("two", self.second)):
                with self.subTest(as_of=as_of, customer=name):
                    expected = [
                        row
                        for row in whole
                        if row["partner_id"] and row["partner_id"][0] == partner.id
                    ]
                    everything.invalidate_model()
                    found = everything.search_read(
                        [("partner_id", "=", partner.id)], order="id"
                    )
                    self.assertEqual(found, expected)
                    everything.invalidate_model()
                    ids = [row["id"] for row in expected]
                    self.assertEqual(everything.browse(ids).read(), expected)

    def test_for_few_and_for_many_customers_the_answer_is_the_same(self):
        few = [self.customer.id, self.second.id]
        strangers = range(10**9, 10**9 + CUSTOMERS_ONE_BY_ONE)
        queries = [
            self.items_model._items_sql(partner_ids=ids)
            for ids in (few, [*few, *strangers])
        ]
        texts = [" ".join(query.code.split()) for query in queries]
        # In an array PostgreSQL expects ten: with all customers it took minutes.
        self.assertEqual(["= ANY(ARRAY (" in text for text in texts], [True, False])
        answers = [sorted(self.env.execute_query(query)) for query in queries]
        self.assertEqual(len(answers[0]), 3)
        self.assertEqual(*answers)

    def test_a_hostile_context_is_ignored(self):
        count = len(self.items_model.search([]))
        for value in ("1", [True], [None], [[1]], {"a": 1}, 7, ["1"]):
            with self.subTest(value=value):
                items = self.items_model.with_context(o2c_partner_ids=value)
                self.assertEqual(len(items.search([])), count)
