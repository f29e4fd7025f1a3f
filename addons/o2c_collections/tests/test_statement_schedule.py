import doctest
from contextlib import contextmanager
from datetime import date
from unittest.mock import patch

from freezegun import freeze_time

from odoo.tests import tagged

from ..domain import statement_schedule
from .message_common import MessageCase

FIRST_DAYS = "2026-06-02 12:00:00"


@tagged("post_install", "-at_install")
class TestStatementSchedule(MessageCase):
    """Monthly statements of a customer, sent by the engine of the chase.

    Bolt owed 100 in May; a file is what ``_statement_file`` says it is.
    """

    @classmethod
    def setUpClass(cls):
        cls.startClassPatcher(freeze_time(FIRST_DAYS))
        super().setUpClass()
        cls.invoice = cls._invoice(days_late=20, invoice_date_due=date(2026, 7, 1))

    def setUp(self):
        super().setUp()
        model = self.registry["o2c.debtor"]
        self.files = []

        def make(debtor, **options):
            self.files.append(debtor.partner_id.name)
            return "Statement.pdf", b"%PDF-1.4"

        self.patch(model, "_statement_file", make)
        with self.enter_registry_test_mode():
            self.root_env["o2c.debtor"]._refresh_now()
        self.account = self._debtor()
        self.account.statement_frequency = "monthly"
        self._chase()  # today's letters, before any statement

    def job(self):
        """Let the job work, as the scheduler does."""
        with self.enter_registry_test_mode(), self.registry.cursor() as cr:
            self.root_env(cr=cr)["o2c.statement"]._cron_send_scheduled()
        self.root_env.invalidate_all()
        return self.account.statement_ids

    @contextmanager
    def day(self, text):
        with freeze_time(f"{text} 12:00:00"):
            with self.enter_registry_test_mode():
                self.root_env["o2c.chase.run"]._execute(self.company, "nightly")
            yield

    def _chase(self):
        with self.enter_registry_test_mode():
            self.root_env["o2c.chase.run"]._execute(self.company, "nightly")

    def activities(self):
        return self.account.activity_ids.mapped("summary")

    def test_the_doctests_of_the_rules(self):
        self.assertEqual(doctest.testmod(statement_schedule).failed, 0)

    # ------------------------------------------------------------------
    # The good day
    # ------------------------------------------------------------------

    def test_a_statement_is_written_once_and_sent_with_its_file(self):
        statement = self.job()
        self.assertEqual(
            (statement.period, statement.as_of, statement.state),
            ("2026-05", date(2026, 5, 31), "draft"),
        )
        message = statement.message_ids
        self.assertEqual(message.recipient, "pay@bolt.example")
        self.assertIn("05/31/2026", message.subject)
        server = self._send(["ok"])
        self.root_env.invalidate_all()
        self.assertEqual((message.state, statement.state), ("sent", "sent"))
        self.assertEqual(statement.recipient, "pay@bolt.example")
        [mail] = server.accepted
        names = [part.get_filename() for part in mail.iter_attachments()]
        self.assertEqual(names, ["Statement.pdf"])
        self.assertEqual(self._events(statement), ["statement_sent"])
        # once more, and on the days that follow
        for text in ("2026-06-02", "2026-06-03", "2026-06-10"):
            with self.day(text):
                self.assertEqual(self.job(), statement)
                self.assertFalse(self._send(["ok"]).accepted)
        with self.day("2026-07-01"):
            self.assertEqual(len(self.job()), 2)

    def test_a_statement_is_no_contact_of_the_chase(self):
        self.job()
        before = (self.account.level, self.account.level_date)
        self._send(["ok"])
        self.root_env.invalidate_all()
        self.assertEqual((self.account.level, self.account.level_date), before)

    def test_twice_at_once_is_once(self):
        period = statement_schedule.due_periods(date(2026, 6, 2))["monthly"]
        model = self.root_env["o2c.statement"]
        model._begin(self.account, period)
        model._begin(self.account, period)
        self.assertEqual(len(self.job()), 1)

    def test_cut_off_after_planning_the_job_goes_on(self):
        period = statement_schedule.due_periods(date(2026, 6, 2))["monthly"]
        model = self.root_env["o2c.statement"]
        self.assertEqual(model._plan_batch(self.company.id, "monthly", period, 0)[1], 1)
        self.assertFalse(self.account.statement_ids.message_ids)
        self.assertEqual(self.job().message_ids.state, "outgoing")

    # ------------------------------------------------------------------
    # Nothing to send, or not now
    # ------------------------------------------------------------------

    def test_never_and_nothing_to_say_send_nothing(self):
        self._pay(self.invoice)
        quiet = self._create_customer("Quiet", "quiet@bolt.example")
        self._pay(self._invoice(partner=quiet, days_late=200))
        with self.enter_registry_test_mode():
            self.root_env["o2c.debtor"]._refresh_now()
        self._debtor(quiet).statement_frequency = "monthly"
        self.account.statement_frequency = "never"
        self.job()
        with freeze_time("2026-07-02 12:00:00"):
            self._chase()
            self.job()
        self.assertFalse(self.account.statement_ids)
        # the payment is June's movement; July has none, and nothing is open
        periods = self._debtor(quiet).statement_ids.mapped("period")
        self.assertEqual(periods, ["2026-06", "2026-05"])
        with freeze_time("2026-08-02 12:00:00"):
            self._chase()
            self.job()
        self.assertEqual(len(self._debtor(quiet).statement_ids), 2)

    def test_sending_switched_off_begins_nothing(self):
        self.company.o2c_sending = False
        self.assertFalse(self.job())
        self.company.o2c_sending = True
        self.assertTrue(self.job())

    def test_switched_off_meanwhile_it_waits(self):
        statement = self.job()
        self.company.o2c_sending = False
        self.assertFalse(self._send(["ok"]).accepted)
        self.assertEqual(statement.message_ids.state, "outgoing")

    def test_who_asks_for_statements_late_in_a_month_waits_for_the_next(self):
        with self.day("2026-06-20"):
            self.assertFalse(self.job())

    def test_paused_and_archived_customers_show_why(self):
        self.account.paused_until = "2026-06-04"
        statement = self.job()
        self.assertEqual((statement.reason, statement.state), ("paused_until", "draft"))
        self.assertFalse(self.activities())
        with self.day("2026-06-05"):
            self.customer.active = False
            self.job()
            self.assertEqual(statement.reason, "archived")
            self.assertEqual(len(self.activities()), 1)
        with self.day("2026-06-06"):
            self.job()
            self.assertEqual(len(self.activities()), 1)
            self.customer.active = True
        with self.day("2026-06-07"):
            self.job()
            self.assertEqual(statement.message_ids.state, "outgoing")
            self.assertFalse(statement.reason)

    def test_addresses_nobody_can_write_to(self):
        for email, reason in (
            (False, "no_address"),
            ("nonsense", "bad_address"),
            ("a@bolt.example, b@bolt.example", "several_addresses"),
        ):
            with self.subTest(email):
                self.customer.email = email
                statement = self.job()
                statement.tried_on = False
                self.job()
                self.assertEqual(statement.reason, reason)
        self.assertEqual(len(self.activities()), 3)
        with freeze_time("2026-07-02 12:00:00"):
            self._chase()
            self.job()
        self.assertEqual(statement.state, "skipped")

    def test_one_bad_customer_is_named_and_stops_nobody(self):
        second = self._create_customer("Second", "second@bolt.example")
        self._invoice(partner=second, days_late=20, invoice_date_due=date(2026, 7, 1))
        with self.enter_registry_test_mode():
            self.root_env["o2c.debtor"]._refresh_now()
        other = self._debtor(second)
        other.statement_frequency = "monthly"

        def make(debtor, **options):
            if debtor.id == self.account.id:
                raise ValueError("No ink")
            return "Statement.pdf", b"%PDF-1.4"

        with patch.object(self.registry["o2c.debtor"], "_statement_file", make):
            statement = self.job()
        self.assertEqual(
            (statement.reason, statement.error), ("perform_error", "No ink")
        )
        self.assertFalse(statement.message_ids)
        self.assertEqual(len(self.activities()), 1)
        self.assertEqual(other.statement_ids.message_ids.state, "outgoing")

    # ------------------------------------------------------------------
    # Beside letters
    # ------------------------------------------------------------------

    def test_a_letter_today_lets_the_statement_follow_tomorrow(self):
        self._invoice(days_late=5)
        self.root_env["o2c.chase.run"].search([]).unlink()
        self._chase()
        [letter] = self.root_env["o2c.chase.message"].search(
            [("debtor_id", "=", self.account.id)]
        )
        statement = self.job()
        self.assertEqual(statement.reason, "already_today")
        self.assertEqual(len(self._send(["ok"]).accepted), 1)
        with self.day("2026-06-03"):
            self.job()
            self.assertEqual(len(self._send(["ok"]).accepted), 1)
        self.assertEqual((letter.state, statement.state), ("sent", "sent"))

    def test_a_statement_today_lets_the_letter_follow_tomorrow(self):
        statement = self.job()
        self._invoice(days_late=5)
        self.root_env["o2c.chase.run"].search([]).unlink()
        self._chase()
        message = self.root_env["o2c.chase.message"].search(
            [("debtor_id", "=", self.account.id)]
        )
        self.assertEqual(message, statement.message_ids)
        self.assertFalse(message.action_ids)
        self._send(["ok"])
        with self.day("2026-06-03"):
            letters = self.root_env["o2c.chase.message"].search(
                [("debtor_id", "=", self.account.id), ("id", "!=", message.id)]
            )
            self.assertEqual(letters.action_ids.level, 1)

    # ------------------------------------------------------------------
    # Money and mail servers
    # ------------------------------------------------------------------

    def test_money_after_its_day_leaves_it_right(self):
        statement = self.job()
        self._pay(self.invoice)
        self.assertEqual(len(self._send(["ok"]).accepted), 1)
        self.root_env.invalidate_all()
        self.assertEqual(statement.balance_text, "100.00 USD")

    def test_what_is_booked_back_to_its_day_makes_it_anew(self):
        statement = self.job()
        first = statement.message_ids
        self._invoice(days_late=30, invoice_date_due=date(2026, 7, 1))
        self.assertFalse(self._send(["ok"]).accepted)
        self.root_env.invalidate_all()
        self.assertEqual((first.state, first.reason), ("cancelled", "figures_changed"))
        self.job()
        self.assertEqual(len(self._send(["ok"]).accepted), 1)
        self.root_env.invalidate_all()
        self.assertEqual(statement.state, "sent")
        self.assertEqual(statement.balance_text, "200.00 USD")

    def test_a_busy_server_is_tried_again_and_a_refusal_asks_a_person(self):
        statement = self.job()
        message = statement.message_ids
        self._send([451])
        self.root_env.invalidate_all()
        self.assertEqual(message.state, "deferred")
        message.next_try_at = False
        self._send([550])
        self.root_env.invalidate_all()
        self.assertEqual((message.state, statement.reason), ("failed", "smtp_rejected"))
        self.assertEqual(len(self.activities()), 1)
        with self.day("2026-06-03"):
            self.assertEqual(self.job().message_ids, message)

    def test_an_unclear_end_is_for_a_person_and_never_sent_again(self):
        statement = self.job()
        message = statement.message_ids
        self._send(["cut"])
        self.root_env.invalidate_all()
        self.assertEqual((message.state, statement.state), ("unknown", "draft"))
        with self.day("2026-06-03"):
            self.job()
            self.assertFalse(self._send(["ok"]).accepted)
        message.with_user(self.collector).action_confirm_arrival()
        self.assertEqual(statement.state, "sent")

    def test_what_a_person_cancels_is_not_written_again(self):
        statement = self.job()
        statement.message_ids.mail_id.cancel()
        self.assertEqual(
            (statement.state, statement.reason), ("skipped", "mail_cancelled")
        )
        with self.day("2026-06-03"):
            self.assertEqual(len(self.job().message_ids), 1)

    def test_too_late_it_is_made_anew_with_the_new_address(self):
        statement = self.job()
        self.customer.email = "new@bolt.example"
        with self.day("2026-06-06"):
            self.assertFalse(self._send(["ok"]).accepted)
            self.job()
            [mail] = self._send(["ok"]).accepted
        self.assertIn("new@bolt.example", mail["To"])
        self.root_env.invalidate_all()
        self.assertEqual(statement.state, "sent")
