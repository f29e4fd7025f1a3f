import doctest
import random
from datetime import date, timedelta

from odoo import SUPERUSER_ID, Command, fields
from odoo.exceptions import AccessError
from odoo.tests import BaseCase, new_test_user, tagged

from ..domain import forecast
from ..domain.forecast import WEEKS
from .common import TODAY, ReceivablesCommon

TODAY_DATE = fields.Date.to_date(TODAY)


def weeks(*amounts):
    """Amounts of the first weeks, nothing in the others."""
    return [*amounts, *[0.0] * (WEEKS - len(amounts))]


@tagged("post_install", "-at_install")
class TestForecastRules(BaseCase):
    """The rules on plain values, worked out by hand."""

    def test_examples_in_the_rules_hold(self):
        result = doctest.testmod(forecast)
        self.assertGreater(result.attempted, 0)
        self.assertEqual(result.failed, 0)

    def test_an_item_is_expected_by_habit_or_as_much_later_again(self):
        today = date(2026, 6, 15)
        for due, delay, expected in (
            ("2026-06-15", 0, "2026-06-15"),  # due today, pays on time
            ("2026-06-25", -5, "2026-06-20"),  # pays early
            ("2026-06-16", -5, "2026-06-19"),  # should have come four days ago
            ("2026-06-10", 5, "2026-06-15"),  # its day is today
            ("2026-06-09", 5, "2026-06-16"),  # a day beyond: a day from now
            ("2026-03-07", 0, "2026-09-23"),  # 100 days beyond: in 100 days
        ):
            with self.subTest(due=due, delay=delay):
                found = forecast.expected_date(date.fromisoformat(due), delay, today)
                self.assertEqual(found, date.fromisoformat(expected))

    def test_delays_are_rounded_to_days_halves_away_from_zero(self):
        for median, days in ((2.5, 3), (-2.5, -3), (2.4, 2), (-0.4, 0)):
            self.assertEqual(forecast.usual_delay(median, 3, 99), days)

    def test_errors_by_hand(self):
        # forecast 100, 0, 50; came 60, 30, 60: off by 40 + 30 + 10 = 80 of 150
        pairs = [(100, 60), (0, 30), (50, 60)]
        self.assertAlmostEqual(forecast.error_share(pairs), 100 * 80 / 150)
        # in all as much as came: no bias although weeks were wrong
        self.assertEqual(forecast.bias_share(pairs), 0.0)

    def test_no_money_came_so_there_is_no_error_to_tell(self):
        for pairs in ([], [(100, 0)], [(0, 0)]):
            self.assertIsNone(forecast.error_share(pairs))
            self.assertIsNone(forecast.bias_share(pairs))

    def test_nine_past_errors_give_their_ends_as_the_range(self):
        tests = [(1000, weeks(100), weeks(100 + 10 * n)) for n in range(9)]
        self.assertEqual(forecast.spread(tests)[0], (0.0, 0.08))
        self.assertEqual(forecast.spread(tests)[1], (0.0, 0.0))
        [first, *_rest] = forecast.with_range(2000, weeks(500), forecast.spread(tests))
        self.assertEqual(first, (500.0, 660.0))

    def test_days_on_which_nothing_was_open_say_nothing(self):
        tests = [(1000, weeks(100), weeks(90))] * 7 + [(0, weeks(), weeks())] * 5
        self.assertIsNone(forecast.spread(tests))
        self.assertIsNone(forecast.coverage(tests))


@tagged("post_install", "-at_install")
class TestForecast(ReceivablesCommon):
    """The statement does what the rules say, and its tests know no future."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.collector = cls.new_user("collector", cls.company)
        cls.tests = cls.env["o2c.forecast.test"].sudo()

    @classmethod
    def new_user(cls, login, companies, groups="o2c_base.group_collector"):
        return new_test_user(
            cls.env,
            login=f"forecast_{login}",
            groups=groups,
            company_id=companies[0].id,
            company_ids=[Command.set(companies.ids)],
        )

    def receipts(self, user=None, partner=None):
        self.env.flush_all()
        self.env.invalidate_all()
        model = self.env["o2c.expected.receipt"].with_user(user or self.collector)
        return model.search([("partner_id", "=", partner.id)] if partner else [])

    def paid_late(self, days, times=3, partner=None, due="2026-05-01"):
        """Invoices that were paid so many days late."""
        due = fields.Date.to_date(due)
        partner = partner or self.customer
        for number in range(times):
            move = self.invoice(50 + number, date=due, due=due, partner=partner)
            paid = due + timedelta(days=days)
            payment = self.payment(50 + number, date=paid, partner=partner)
            self.match(move, payment)

    def panel(self, user=None):
        self.env.flush_all()
        self.env.invalidate_all()
        overview = self.env["o2c.overview"].with_user(user or self.collector)
        return overview.get_panel("forecast")

    # ------------------------------------------------------------------
    # When
    # ------------------------------------------------------------------

    def test_an_item_is_expected_at_its_customers_habit(self):
        self.paid_late(10)
        self.invoice(100, due="2026-06-20")
        self.refresh()
        [receipt] = self.receipts()
        self.assertEqual(receipt.days_usual, 10)
        self.assertEqual(receipt.date_expected, date(2026, 6, 30))
        self.assertEqual(receipt.week, 2)
        self.assertEqual(receipt.amount_expected, 100)

    def test_with_few_payments_the_habit_of_all_customers_counts(self):
        self.paid_late(10)
        other = self.new_customer("Other")
        self.paid_late(40, times=2, partner=other)
        self.invoice(100, due="2026-06-20", partner=other)
        self.refresh()
        [receipt] = self.receipts()
        self.assertEqual(receipt.days_usual, 10)

    def test_without_any_payment_the_due_date_counts(self):
        self.invoice(100, due="2026-06-20")
        self.refresh()
        [receipt] = self.receipts()
        self.assertEqual((receipt.days_usual, receipt.week), (0, 0))

    def test_items_without_a_customer_are_expected_too(self):
        self.opening_entry(100, partner=False, date_maturity="2026-06-20")
        [receipt] = self.receipts()
        self.assertEqual(receipt.customer_name, "No customer")

    def test_unapplied_credit_is_not_expected_again(self):
        self.invoice(100, due="2026-06-20")
        self.invoice(100, due="2026-06-25")
        self.payment(130)
        self.refresh()
        self.assertEqual(self.receipts().mapped("amount_expected"), [70])

    def test_statement_and_rule_agree_on_random_items(self):
        dice = random.Random(20260615)  # noqa: S311
        delays = {}
        for number in range(4):
            partner = self.new_customer(f"Customer {number}")
            times = dice.randint(0, 4)
            delays[partner] = dice.randint(-3, 30)
            self.paid_late(delays[partner], times, partner)
            for _item in range(3):
                due = TODAY_DATE + timedelta(days=dice.randint(-120, 120))
                self.invoice(10, date="2026-01-02", due=due, partner=partner)
        self.refresh()
        accounts = {partner: self.debtor(partner) for partner in delays}
        known = [a for a in accounts.values() if a.payment_count >= 3]
        medians = sorted(a.days_late_median for a in known)
        middle = len(medians) // 2
        usual = (medians[middle] + medians[~middle]) / 2 if medians else None
        checked = 0
        for receipt in self.receipts():
            account = accounts[receipt.partner_id]
            delay = forecast.usual_delay(
                account.days_late_median, account.payment_count, usual
            )
            day = forecast.expected_date(receipt.date_maturity, delay, TODAY_DATE)
            self.assertEqual(receipt.days_usual, delay)
            self.assertEqual(receipt.date_expected, day)
            self.assertEqual(receipt.week, forecast.week_of(day, TODAY_DATE))
            checked += 1
        self.assertEqual(checked, 12)

    # ------------------------------------------------------------------
    # Panel
    # ------------------------------------------------------------------

    def test_each_week_is_the_sum_of_the_list_it_opens(self):
        self.paid_late(10)
        for days in (-200, -30, -5, 0, 3, 17, 60, 200):
            due = TODAY_DATE + timedelta(days=days)
            self.invoice(100 + days / 2, date="2026-01-02", due=due)
        self.refresh()
        panel = self.panel()
        parts = [(w["amount"], w["link"]) for w in panel["weeks"]]
        parts += [
            (panel["total"], panel["total_link"]),
            (panel["later"], panel["later_link"]),
        ]
        model = self.env["o2c.expected.receipt"].with_user(self.collector)
        for amount, link in parts:
            listed = model.search(link["domain"])
            self.assertAlmostEqual(amount, sum(listed.mapped("amount_expected")))
        self.assertGreater(panel["later"], 0)
        self.assertEqual(sum(w["amount"] for w in panel["weeks"]), panel["total"])

    def test_without_past_forecasts_there_is_neither_range_nor_verdict(self):
        self.invoice(100, due="2026-06-20")
        panel = self.panel()
        self.assertEqual(panel["verdict"]["tests"], 0)
        self.assertEqual(panel["verdict"]["error"], [None, None])
        self.assertIsNone(panel["verdict"]["coverage"])
        self.assertIsNone(panel["weeks"][0]["low"])

    def test_the_range_comes_from_past_errors(self):
        for number in range(9):
            self.tests.create(
                {
                    "company_id": self.company.id,
                    "date": TODAY_DATE - timedelta(weeks=20 + number),
                    "amount_open": 1000,
                    "forecast": weeks(100),
                    "due_date_alone": weeks(200),
                    "came": weeks(100 + 10 * number),
                }
            )
        self.invoice(500, due="2026-06-16")
        self.refresh()
        panel = self.panel()
        first = panel["weeks"][0]
        self.assertEqual((first["low"], first["high"]), (500, 540))
        # off by 0 + 10 .. + 80 = 360 of 900 + 360; alone by 100 + 90 .. 20 = 540
        self.assertAlmostEqual(panel["verdict"]["error"][0], 100 * 360 / 1260)
        self.assertAlmostEqual(panel["verdict"]["error"][1], 100 * 540 / 1260)
        self.assertAlmostEqual(panel["verdict"]["bias"][0], -100 * 360 / 1260)

    # ------------------------------------------------------------------
    # Testing the past
    # ------------------------------------------------------------------

    def test_a_past_forecast_knows_only_what_was_known_then(self):
        day = date(2026, 3, 2)
        self.paid_late(7, due="2026-01-10")
        paid = self.invoice(100, date="2026-02-01", due="2026-03-05")
        self.match(paid, self.payment(100, date="2026-03-25"))
        self.invoice(40, date="2026-02-01", due="2026-03-10")
        self.invoice(999, date="2026-03-03", due="2026-03-10")  # not known then
        late = self.invoice(70, date="2026-02-01", due="2026-03-05")
        self.match(late, self.payment(70, date="2026-06-01"))  # after the 13 weeks
        test = self.tests._test(self.company, day)
        self.assertEqual(test.amount_open, 210)
        # 100 and 70 expected on the 12th, 40 on the 17th; due on the 5th and 10th
        self.assertEqual(test.forecast, weeks(0, 170, 40))
        self.assertEqual(test.due_date_alone, weeks(170, 40))
        # the 25th is in the fourth week
        self.assertEqual(test.came, weeks(0, 0, 0, 100))

    def test_credit_notes_and_write_offs_are_no_money(self):
        day = date(2026, 3, 2)
        item = self.invoice(100, date="2026-02-01", due="2026-03-05")
        self.match(item, self.credit_note(60, date="2026-03-10"))
        test = self.tests._test(self.company, day)
        self.assertEqual((test.amount_open, test.came), (100, weeks()))

    def test_the_job_writes_each_monday_once_and_goes_on_where_it_stopped(self):
        self.tests.search([]).unlink()
        self.invoice(100, date="2025-06-01", due="2025-07-01")
        self.run_job()
        mine = [("company_id", "=", self.company.id)]
        rows = self.tests.search(mine)
        self.assertEqual(len(rows), 26)
        self.assertEqual(rows[0].date, date(2026, 3, 16))
        self.assertEqual({row.date.weekday() for row in rows}, {0})
        rows[3].unlink()
        self.run_job()
        self.assertEqual(self.tests.search_count(mine), 26)

    def run_job(self):
        """Call the job on a cursor of its own, as the scheduler does."""
        self.env.flush_all()
        with self.enter_registry_test_mode(), self.registry.cursor() as cr:
            self.env(cr=cr, user=SUPERUSER_ID)["o2c.forecast.test"]._cron_test()
        self.env.invalidate_all()

    def test_before_the_first_entry_nothing_was_open_and_nothing_is_judged(self):
        self.tests._test(self.company, date(2020, 1, 6))
        verdict = self.tests._verdict(self.company.id)
        self.assertEqual(verdict["tests"], 0)

    # ------------------------------------------------------------------
    # Whose
    # ------------------------------------------------------------------

    def test_other_companies_and_people_without_a_role_see_nothing(self):
        self.invoice(100)
        self.tests._test(self.company, date(2026, 3, 2))
        second = self.env["res.company"].create({"name": "Second"})
        other = self.new_user("other", second)
        self.assertFalse(self.receipts(other))
        self.assertFalse(self.tests.with_user(other).sudo(False).search([]))
        nobody = self.new_user("nobody", self.company, "base.group_user")
        for name in ("o2c.expected.receipt", "o2c.forecast.test"):
            with self.subTest(model=name), self.assertRaises(AccessError):
                self.env[name].with_user(nobody).search([])

    def test_nobody_writes_tests_by_hand(self):
        with self.assertRaises(AccessError):
            self.env["o2c.forecast.test"].with_user(self.collector).create({})

    def test_an_item_opens_its_invoice(self):
        move = self.invoice(100)
        [receipt] = self.receipts()
        action = receipt.action_open_document()
        self.assertEqual((action["res_model"], action["res_id"]), (move._name, move.id))
