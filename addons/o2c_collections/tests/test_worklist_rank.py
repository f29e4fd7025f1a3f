import doctest
import random

from odoo.tests import tagged
from odoo.tools import SQL

from ..domain import worklist
from .chase_common import TODAY_DATE, ChaseCommon

#: Seed of the made-up customers; any number would do.
SEED = 20260615
MADE_UP = 60


@tagged("post_install", "-at_install")
class TestWorklistRank(ChaseCommon):
    """The query ranks as the rules in plain Python say."""

    def test_doctests(self):
        self.assertEqual(doctest.testmod(worklist).failed, 0)

    def test_the_query_and_the_rules_agree_on_made_up_customers(self):
        rng = random.Random(SEED)  # noqa: S311 made-up customers, no secret
        partners = self.env["res.partner"].create(
            [{"name": f"Made up {number}"} for number in range(MADE_UP)]
        )
        debtors = self.debtor_model._ensure([(p, self.company) for p in partners])
        for debtor in debtors:
            self._store(debtor, self._make_up(rng))
        rows = self.env["o2c.worklist"].search([("debtor_id", "in", debtors.ids)])
        owing = debtors.filtered(
            lambda debtor: (
                debtor.amount_overdue > 0 or debtor.contact_date == TODAY_DATE
            )  # worked today, as the team page says
        )
        self.assertEqual(set(rows.debtor_id.ids), set(owing.ids))
        for row in rows:
            self._assert_agrees(row)
        order = [(-row.worth, row.id) for row in rows]
        self.assertEqual(order, sorted(order))

    def _make_up(self, rng):
        def day(furthest):
            return rng.choice(
                [
                    None,
                    TODAY_DATE.fromordinal(
                        TODAY_DATE.toordinal() - rng.randint(0, furthest)
                    ),
                ]
            )

        paid = rng.random() < 0.7
        return {
            "amount_overdue": rng.choice([0, rng.randint(1, 90000) / 100]),
            "amount_unapplied": rng.choice([0, 0, rng.randint(1, 50000) / 100]),
            "amount_collectable": rng.randint(0, 90000) / 100,
            "date_oldest_due": day(200) or TODAY_DATE,
            "payment_count": 3 if paid else 0,
            "days_late_average": rng.randint(-50, 600) / 10 if paid else None,
            "days_late_trend": rng.choice([None, -3, 2, 2.1, 9]) if paid else None,
            "contact_date": day(40),
            "level_date": day(40),
        }

    def _store(self, debtor, facts):
        """As the refresher does, which is not asked here."""
        columns = SQL(", ").join(
            SQL("%s = %s", SQL.identifier(name), value) for name, value in facts.items()
        )
        self.env.cr.execute(
            SQL("UPDATE o2c_debtor SET %s WHERE id = %s", columns, debtor.id)
        )
        debtor.invalidate_recordset()

    def _assert_agrees(self, row):
        debtor = row.debtor_id
        contact = max(
            filter(None, [debtor.contact_date, debtor.level_date]), default=None
        )
        points = worklist.points(
            max(0, (TODAY_DATE - debtor.date_oldest_due).days),
            debtor.days_late_average if debtor.payment_count else None,
            debtor.days_late_trend or None,
            (TODAY_DATE - contact).days if contact else None,
            False,
        )
        amount = worklist.askable(
            debtor.amount_overdue, debtor.amount_unapplied, debtor.amount_collectable
        )
        found = (
            row.points_lateness,
            row.points_behaviour,
            row.points_silence,
            row.points_waiting,
        )
        self.assertEqual(found, tuple(points))
        self.assertEqual(row.points, points.total)
        self.assertAlmostEqual(row.amount, amount, 2)
        self.assertAlmostEqual(row.worth, worklist.worth(amount, points), 1)

    def test_a_company_without_cents_has_no_cents_in_the_worth(self):
        yen = self.env.ref("base.JPY")
        yen.sudo().active = True
        other = self.setup_other_company()["company"]
        other.sudo().currency_id = yen
        debtor = self.debtor_model._ensure([(self.customer, other)])
        self._store(
            debtor,
            {
                "amount_overdue": 101,
                "amount_collectable": 101,
                "date_oldest_due": TODAY_DATE,
            },
        )
        row = self.engine["o2c.worklist"].search([("debtor_id", "=", debtor.id)])
        self.assertEqual(row.currency_id, yen)
        # 10 for everybody, 10 for no payment in a year, 20 for silence: 40.4
        self.assertEqual((row.points, row.worth), (40, 40))
