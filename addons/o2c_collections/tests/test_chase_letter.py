from datetime import timedelta

from freezegun import freeze_time

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from .message_common import MessageCase


@tagged("post_install", "-at_install")
class TestChaseLetter(MessageCase):
    """Letters: printed together, counted once, and the PDF can be had again."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.home = {"street": "Road 1", "zip": "10115", "city": "Berlin"}
        cls.customer.write(cls.home)
        cls.plan.step_ids[0].write({"channel": "letter", "template_id": False})
        cls.invoice = cls._invoice()

    def setUp(self):
        super().setUp()
        report = self.registry["ir.actions.report"]
        self.pages = []

        def make(report, bodies, **options):
            self.pages += bodies
            return b"%PDF-1.4"

        self.patch(report, "get_wkhtmltopdf_state", lambda report: "ok")
        self.patch(report, "_run_wkhtmltopdf", make)
        self.letter = self._chase()
        self.action = self.letter.action_ids

    def press(self, letters=None, user=None):
        letters = letters or self.letter
        return letters.with_user(user or self.collector).action_print_letters()

    def test_a_letter_waits_for_a_person_and_no_mail_leaves(self):
        self.assertRecordValues(
            self.letter,
            [
                {
                    "channel": "letter",
                    "state": "outgoing",
                    "recipient": "Road 1, 10115 Berlin",
                    "mail_id": False,
                }
            ],
        )
        server = self._send(["ok"])
        self.assertFalse(server.accepted)
        self.assertEqual(self.letter.state, "outgoing")
        self.assertEqual(self.action.state, "queued")

    def test_the_nightly_run_leaves_it_waiting(self):
        self.assertFalse(self._chase())
        self.assertEqual((self.letter.state, self.action.state), ("outgoing", "queued"))

    def test_printing_passes_the_level_and_keeps_the_file(self):
        action = self.press()
        batch = self.letter.batch_id
        self.assertEqual(action["type"], "ir.actions.act_url")
        self.assertIn(str(batch.attachment_id.id), action["url"])
        self.assertEqual((self.letter.state, self.action.state), ("sent", "done"))
        self.assertEqual(self._debtor().level, 1)
        self.assertEqual((batch.letter_count, batch.user_id), (1, self.collector))
        [page] = self.pages
        for words in ("Bolt &amp; Sons", "Road 1", "Kessler Valves", "100.00"):
            self.assertIn(words, page)
        self.assertNotIn("answer this e-mail", page)

    def test_a_printed_letter_is_the_last_contact(self):
        account = self._debtor()
        self.assertFalse(account.last_contact_date)
        self.press()
        account.invalidate_recordset()
        self.assertEqual(account.last_contact_channel, "letter")
        self.assertEqual(account.last_contact_date, self.letter.sent_at)
        found = account.search([("last_contact_date", ">=", self.letter.sent_at)])
        self.assertIn(account, found)

    def test_last_contacts_take_as_many_queries_for_many_customers(self):
        def queries(ids):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.root_env["o2c.debtor"].browse(ids).mapped("last_contact_channel")
            return self.env.cr.sql_log_count - before

        for number in range(5):
            partner = self._create_customer(f"Q{number}", False, **self.home)
            self._invoice(partner=partner)
        self.press(self.letter | self._chase())
        ids = self.letter.search([("state", "=", "sent")]).debtor_id.ids
        self.assertEqual(len(ids), 6)
        queries(ids[:1])
        self.assertEqual(queries(ids[:2]), queries(ids))

    def test_while_nobody_is_contacted_nothing_is_printed(self):
        self.company.o2c_sending = False
        with self.assertRaises(UserError):
            self.press()
        self.assertEqual((self.letter.state, self.action.state), ("outgoing", "queued"))

    def test_many_letters_come_in_one_file(self):
        other = self._create_customer("Nut", "n@nut.example", **self.home)
        self._invoice(partner=other)
        letters = self.letter | self._chase()
        self.press(letters)
        self.assertEqual(len(self.pages), 1)
        self.assertEqual(len(letters.batch_id), 1)
        self.assertEqual(set(letters.mapped("state")), {"sent"})

    def test_print_without_a_choice_takes_all_that_wait(self):
        other = self._create_customer("Nut", "n@nut.example", **self.home)
        self._invoice(partner=other)
        letters = self.letter | self._chase()
        nothing = letters.browse().with_user(self.collector)
        nothing.with_company(self.company).action_print_letters()
        self.assertEqual(set(letters.mapped("state")), {"sent"})
        with self.assertRaises(UserError):
            nothing.action_print_letters()

    def test_printed_twice_counts_once(self):
        self.press()
        batch = self.letter.batch_id
        with self.assertRaises(UserError):
            self.press()
        url = batch.with_user(self.collector).action_download()["url"]
        self.assertIn(str(batch.attachment_id.id), url)
        self.assertEqual(len(self.pages), 1)
        events = self._events(self.letter)
        self.assertEqual(events.count("message_sent"), 1)
        self.assertEqual(self._debtor().level, 1)

    def test_who_paid_meanwhile_gets_no_letter(self):
        other = self._create_customer("Nut", "n@nut.example", **self.home)
        self._invoice(partner=other)
        second = self._chase()
        self._pay(self.invoice)
        self.press(self.letter | second)
        self.assertRecordValues(
            self.letter, [{"state": "cancelled", "reason": "paid", "batch_id": False}]
        )
        self.assertEqual(second.state, "sent")
        self.assertNotIn("Bolt", self.pages[0])

    def test_where_none_holds_nothing_is_printed(self):
        self._pay(self.invoice)
        self.assertEqual(self.press()["tag"], "display_notification")
        self.assertFalse(self.pages)
        self.assertFalse(self.root_env["o2c.chase.letter.batch"].search([]))

    def test_who_moved_meanwhile_gets_a_new_letter(self):
        self.customer.street = "Lane 2"
        self.press()
        self.assertEqual(self.letter.reason, "recipient_changed")
        self.assertEqual(self._chase().recipient, "Lane 2, 10115 Berlin")

    def test_a_printer_that_fails_changes_nothing(self):
        def fail(*args, **options):
            raise UserError("no paper")  # pylint: disable=translation-required

        self.patch(self.registry["ir.actions.report"], "_run_wkhtmltopdf", fail)
        with self.assertRaises(UserError), self.env.cr.savepoint():
            self.press()
        self.root_env.invalidate_all()
        self.assertEqual((self.letter.state, self.action.state), ("outgoing", "queued"))
        self.assertFalse(self.letter.batch_id)

    def test_without_the_program_a_page_takes_the_place_of_the_pdf(self):
        report = self.registry["ir.actions.report"]
        self.patch(report, "get_wkhtmltopdf_state", lambda report: "install")
        self.press()
        attachment = self.letter.batch_id.attachment_id
        self.assertTrue(attachment.name.endswith(".html"))
        self.assertIn(b"Road 1", attachment.raw)

    def test_a_level_s_own_words_are_used_for_its_letters_alone(self):
        own = self.root_env.ref("o2c_collections.mail_template_letter").copy(
            {"subject": "Our own words"}
        )
        self.plan.step_ids[0].template_id = own
        other = self._create_customer("Nut", "n@nut.example", **self.home)
        self._invoice(partner=other)
        self.assertEqual(self._chase().subject, "Our own words")
        self.plan.step_ids[0].channel = "email"
        third = self._create_customer("Pin", False, **self.home)
        self._invoice(partner=third)
        letter = self._chase()
        self.assertEqual(letter.channel, "letter")
        self.assertIn("Payment reminder", letter.subject)

    def test_a_letter_that_nobody_prints_is_told_after_some_days(self):
        later = fields.Datetime.now() + timedelta(hours=5)
        with freeze_time(later):
            stuck = self.root_env["o2c.self.check"]._stuck_messages(self.company)
            self.assertNotIn(self.letter, self.letter.search(stuck))
        with freeze_time(later + timedelta(days=4)):
            stuck = self.root_env["o2c.self.check"]._stuck_messages(self.company)
            self.assertIn(self.letter, self.letter.search(stuck))

    def _bad(self, method):
        """Let something fail for the customer Nut alone."""
        model = self.registry["o2c.chase.message"]
        right = getattr(model, method)

        def fail(letter, *args):
            if "Nut" in letter.partner_id.mapped("name"):
                raise ValueError("torn paper")
            return right(letter, *args)

        self.patch(model, method, fail)

    def test_a_bad_letter_stops_no_other_and_is_told_by_name(self):
        other = self._create_customer("Nut", "n@nut.example", **self.home)
        self._invoice(partner=other)
        bad = self._chase()
        for method in ("_reason_not_to_send", "_letter_values", "_set_sent"):
            with (
                self.subTest(method=method),
                self.env.cr.savepoint() as savepoint,
                self.assertLogs("odoo.addons.o2c_collections", "WARNING"),
            ):
                self._bad(method)
                told = self.press(self.letter | bad)["params"]
                self.assertEqual(told["message"], "Nut: torn paper")
                self.assertEqual(told["next"]["type"], "ir.actions.act_url")
                self.assertEqual((self.letter.state, bad.state), ("sent", "outgoing"))
                self.assertFalse(bad.batch_id)
                self.assertEqual(bad.action_ids.state, "queued")
                self.assertEqual(bad.failure_reason, "torn paper")
                self.assertEqual(self.letter.batch_id.letter_count, 1)
                self.assertNotIn("Nut", self.pages[-1])
                savepoint.rollback()

    def test_where_all_are_bad_no_file_is_made(self):
        other = self._create_customer("Nut", "n@nut.example", **self.home)
        self._invoice(partner=other)
        bad = self._chase()
        self._bad("_letter_values")
        with self.assertLogs("odoo.addons.o2c_collections", "WARNING"):
            told = self.press(bad)["params"]
        self.assertEqual(told["next"]["tag"], "soft_reload")
        self.assertFalse(self.pages)

    def test_a_print_decides_twice_for_all_and_costs_few_queries_a_letter(self):
        decisions = self.registry["o2c.chase.decision"]
        right, calls = decisions._decide, []

        def decide(model, debtors):
            if debtors:
                calls.append(len(debtors))
            return right(model, debtors)

        self.patch(decisions, "_decide", decide)

        def queries(count, offset):
            for number in range(count):
                name = f"Q{offset + number}"
                partner = self._create_customer(name, f"{name}@q.example", **self.home)
                self._invoice(partner=partner)
            letters = self._chase()
            self.env.flush_all()
            calls.clear()
            before = self.env.cr.sql_log_count
            self.press(letters)
            self.assertEqual(calls, [count, count], "to look again, and to note it")
            return self.env.cr.sql_log_count - before

        queries(1, 0)
        few, many = queries(2, 10), queries(8, 20)
        self.assertLessEqual((many - few) / 6, 4)

    def _on(self, days):
        """Some days later, at noon."""
        return freeze_time(fields.Datetime.now() + timedelta(days=days))

    def test_a_letter_that_nobody_prints_ends_and_its_step_goes_on(self):
        with self._on(14):
            self._send(["ok"])
            self.assertEqual(self.letter.state, "outgoing")
        with self._on(15):
            self._send(["ok"])
            self.root_env.invalidate_all()
            self.assertRecordValues(
                self.letter, [{"state": "cancelled", "reason": "not_printed"}]
            )
            self.assertRecordValues(
                self.action,
                [{"state": "queued", "channel": "call", "reason": "not_printed"}],
            )
            self.assertEqual(self._debtor().level, 0)
            self.assertFalse(self._chase(), "no other letter is left lying")
            self.action.activity_id.action_feedback()
            self.assertEqual(self._debtor().level, 1)

    def test_without_a_number_a_letter_left_lying_is_a_person_s_task(self):
        self.customer.phone = False
        with self._on(15):
            self._send(["ok"])
            self.assertEqual(self.action.channel, "todo")
            self.assertTrue(self.action.activity_id)

    def test_a_letter_is_too_old_to_be_printed_by_a_late_click_too(self):
        with self._on(15):
            self.assertEqual(self.press()["tag"], "display_notification")
            self.assertEqual(self.letter.reason, "not_printed")
            self.assertEqual(self.action.channel, "call")

    def test_nothing_ends_while_nobody_is_contacted(self):
        self.company.o2c_sending = False
        with self._on(15):
            self._send(["ok"])
            self.assertEqual(self.letter.state, "outgoing")

    def test_who_paid_has_no_step_that_could_go_on(self):
        self._pay(self.invoice)
        with self._on(15):
            self._send(["ok"])
            self.root_env.invalidate_all()
            self.assertEqual(self.letter.reason, "not_printed")
            self.assertRecordValues(
                self.action, [{"state": "skipped", "reason": "paid"}]
            )

    def test_only_collectors_print_and_only_their_companies_letters(self):
        auditor = new_test_user(
            self.root_env,
            login="letter_auditor",
            groups="o2c_base.group_auditor",
            company_id=self.company.id,
            company_ids=[(6, 0, self.company.ids)],
        )
        with self.assertRaises(AccessError):
            self.press(user=auditor)
        other = self.setup_other_company()["company"]
        stranger = new_test_user(
            self.root_env,
            login="letter_stranger",
            groups="o2c_base.group_collector",
            company_id=other.id,
            company_ids=[(6, 0, other.ids)],
        )
        with self.assertRaises(AccessError):
            self.press(user=stranger)
        self.press()
        batch = self.letter.batch_id
        with self.assertRaises(AccessError):
            batch.with_user(stranger).action_download()
        batches = self.root_env["o2c.chase.letter.batch"].with_user(stranger)
        self.assertFalse(batches.search([]))
        self.assertEqual(self.letter.state, "sent")
