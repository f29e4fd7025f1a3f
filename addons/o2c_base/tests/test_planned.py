from datetime import date, datetime
from unittest.mock import patch

from odoo.tests import TransactionCase, tagged
from odoo.tools import SQL

from ..tools import planned
from ..tools.planned import PLANNED, PREFIX, execute_planned


@tagged("post_install", "-at_install")
class TestPlanned(TransactionCase):
    """A statement that is planned once says what it says when it is not."""

    def setUp(self):
        super().setUp()
        # whatever the connection has been used for before
        self.patch(planned, "PLANS_MAX", 10**6)

    def query(self, number):
        return SQL(
            "SELECT %s + 1 AS number, %s::text AS text, %s AS truth, %s::date AS day,"
            " %s::timestamp AS moment, %s::numeric AS amount, %s AS ids,"
            " %s::text AS nothing, '%%' AS percent",
            number,
            "it's",
            True,
            date(2026, 2, 28),
            datetime(2026, 2, 28, 23, 59, 58),
            1.25,
            [1, 2],
            None,
        )

    def names(self):
        self.env.cr.execute(
            "SELECT name FROM pg_prepared_statements WHERE name LIKE %s",
            [f"{PREFIX}%"],
        )
        return {name for (name,) in self.env.cr.fetchall()}

    def test_it_says_the_same(self):
        for number in (1, 41):
            query = self.query(number)
            self.assertEqual(
                execute_planned(self.env.cr, query), self.env.execute_query_dict(query)
            )

    def test_one_text_is_planned_once_whatever_its_parameters(self):
        before = self.names()
        for number in range(3):
            query = SQL("SELECT %s AS number, %s AS once", number, f"mark {number}")
            execute_planned(self.env.cr, query)
        self.assertEqual(len(self.names() - before), 1)

    def test_what_the_connection_knows_from_elsewhere_is_not_planned_again(self):
        execute_planned(self.env.cr, self.query(1))
        before = self.names()
        self.env.cr.precommit.data.pop(PLANNED)  # as in the next transaction
        self.assertTrue(execute_planned(self.env.cr, self.query(2)))
        self.env.cr.precommit.data[PLANNED].clear()
        self.assertTrue(execute_planned(self.env.cr, self.query(3)))
        self.assertEqual(self.names(), before)

    def test_a_connection_keeps_a_bounded_number(self):
        before = self.names()
        with patch.object(planned, "PLANS_MAX", 0):
            query = SQL("SELECT %s AS never_planned", 7)
            rows = execute_planned(self.env.cr, query)
        self.assertEqual(rows, [{"never_planned": 7}])
        self.assertEqual(self.names(), before)
