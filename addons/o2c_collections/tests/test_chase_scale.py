from odoo.tests import tagged
from odoo.tools import SQL

from .chase_common import ChaseCommon


@tagged("post_install", "-at_install")
class TestChaseScale(ChaseCommon):
    """The decision must not compare each customer with each.

    PostgreSQL cannot know how many customers pass the rules. Where it takes them for
    one, it joins what is written to them by nested loops: four million comparisons
    at two thousand customers.
    """

    def test_customers_meet_their_addresses_in_a_hash(self):
        self._add_customers(2000)
        sql = self.env["o2c.chase.decision"].sudo()._decision_sql(roots=self.company)
        nodes = list(_nodes(self._plan(sql)))
        self.assertIn("contact", [node.get("CTE Name") for node in nodes])
        self.assertEqual(_looped(nodes), [])

    def _add_customers(self, count):
        self.env.cr.execute(
            """
            WITH partner AS (
                INSERT INTO res_partner (name, active, autopost_bills)
                SELECT 'Customer ' || number, TRUE, 'ask'
                  FROM generate_series(1, %s) number
             RETURNING id)
            INSERT INTO o2c_debtor (partner_id, company_id)
            SELECT id, %s FROM partner
            """,
            [count, self.company.id],
        )
        self.env.cr.execute("ANALYZE res_partner")
        self.env.cr.execute("ANALYZE o2c_debtor")

    def _plan(self, sql):
        self.env.cr.execute("SET LOCAL jit = off")
        rows = self.env.execute_query(SQL("EXPLAIN (FORMAT JSON) %s", sql))
        return rows[0][0][0]["Plan"]


def _nodes(plan):
    """The plan's nodes, each before what it reads."""
    yield plan
    for child in plan.get("Plans", ()):
        yield from _nodes(child)


def _looped(nodes):
    """The joins that compare each customer with each."""
    filters = [
        node.get("Join Filter", "")
        for node in nodes
        if node["Node Type"] == "Nested Loop"
    ]
    return [text for text in filters if text.count("debtor_id") > 1]
