from datetime import datetime, time
from unittest.mock import patch

from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from ..domain.pause import working_day_after
from ..models.mail_thread import _mask_file
from .reply_common import ReplyCase

CARD = "4111 1111 1111 1111"
MASKED = "************1111"
TAKE_UP = "odoo.addons.o2c_collections.models.mail_message"


@tagged("post_install", "-at_install")
class TestReplyGateway(ReplyCase):
    """What customers write lands on their account: as text, without card numbers."""

    # Whose it is

    def test_a_reply_pauses_calls_a_person_and_stays_on_the_timeline(self):
        self._receive("We look into it.")
        self.assertIn("We look into it", self._answer().body)
        until = working_day_after(self.company._o2c_today(), 3)
        self.assertEqual(self.debtor.paused_until, until)
        self.assertEqual(self.debtor.chase_reason, "paused_until")
        [activity] = self.debtor.activity_ids
        self.assertEqual(activity.user_id, self.collector)
        self.assertEqual(
            activity.activity_type_id,
            self.root_env.ref("o2c_collections.mail_activity_type_reply"),
        )
        self.assertEqual(self._kinds("reply_received"), ["reply_received"])
        [reply] = self._replies()
        self.assertRecordValues(
            reply,
            [{"state": "new", "text": "We look into it.", "suggestion": False}],
        )

    def test_a_paused_customer_is_not_written_to(self):
        self._receive("We look into it.")
        self._invoice(days_late=20)
        self.assertFalse(self._chase())

    def test_several_replies_make_one_task_and_a_longer_pause_stands(self):
        self._receive("One.")
        self.debtor.paused_until = working_day_after(self.company._o2c_today(), 20)
        longer = self.debtor.paused_until
        self._receive("Two.")
        self.assertEqual(self.debtor.paused_until, longer)
        self.assertEqual(len(self.debtor.activity_ids), 1)
        self.assertEqual(self._replies().mapped("text"), ["One.", "Two."])

    # What cannot be read

    def _fails(self, model, method):
        return patch.object(
            self.registry[model], method, side_effect=ValueError("unreadable")
        )

    def test_a_reply_that_cannot_be_read_is_seen_by_a_person(self):
        with self._fails("o2c.reply", "_prepare_reply"), mute_logger(TAKE_UP):
            self._receive("We look into it.")
        self.assertIn("We look into it", self._answer().body)
        [reply] = self._replies()
        self.assertRecordValues(
            reply,
            [
                {
                    "state": "new",
                    "subject": "Re: Payment reminder",
                    "text": False,
                    "mail_message_id": self._answer().id,
                }
            ],
        )
        self.assertEqual(self.debtor.activity_ids.user_id, self.collector)
        self.assertEqual(self.debtor.chase_reason, "paused_until")

    def test_where_nobody_can_be_told_the_customer_rests_all_the_same(self):
        with self._fails("o2c.debtor", "activity_schedule"), mute_logger(TAKE_UP):
            self._receive("We look into it.")
        self.assertTrue(self.debtor.is_paused)
        self.assertFalse(self.debtor.activity_ids)
        self.assertEqual(self._replies().state, "new")

    def test_where_the_pause_fails_a_person_is_told_all_the_same(self):
        with self._fails("o2c.debtor", "_pause_for_reply"), mute_logger(TAKE_UP):
            self._receive("We look into it.")
        self.assertFalse(self.debtor.is_paused)
        self.assertEqual(len(self.debtor.activity_ids), 1)
        self.assertEqual(self._replies().state, "new")

    def test_an_absence_note_that_cannot_be_read_calls_nobody(self):
        with self._fails("o2c.debtor", "_is_from_us"), mute_logger(TAKE_UP):
            self._receive("Away.", headers="Auto-Submitted: auto-replied\n")
        self.assertFalse(self.debtor.activity_ids)
        self.assertFalse(self.debtor.is_paused)

    def test_a_mail_of_nobody_that_cannot_be_read_stays_on_the_list(self):
        with self._fails("o2c.reply", "_take_reply"), mute_logger(TAKE_UP):
            self._receive("Who am I?", parent=False, sender="who@else.example")
        reply = self.root_env["o2c.reply"].search([], order="id DESC", limit=1)
        self.assertEqual(reply.state, "unmatched")
        self.assertTrue(reply.mail_message_id)

    def test_a_mail_without_a_date_is_dated_now(self):
        message = self.debtor.message_post(body="Hello", message_type="email")
        message.date = False
        reply = self.root_env["o2c.reply"]
        values = reply._prepare_reply(self.debtor, message, "We pay tomorrow")
        self.assertTrue(reply.create(values).date)

    def test_the_same_mail_twice_is_one_reply(self):
        self._receive("One.", number="same")
        self._receive("One.", number="same")
        self.assertEqual(len(self._replies()), 1)

    def test_holidays_of_the_company_are_no_days_of_rest(self):
        today = self.company._o2c_today()
        weekdays = [working_day_after(today, count) for count in range(7)]
        self.root_env["resource.calendar.leaves"].create(
            {
                "name": "Feast",
                "company_id": self.company.id,
                "calendar_id": self.company.resource_calendar_id.id,
                "date_from": datetime.combine(weekdays[1], time.min),
                "date_to": datetime.combine(weekdays[2], time(22)),
            }
        )
        self._receive("We look into it.")
        self.assertEqual(self.debtor.paused_until, weekdays[5])
        self.assertFalse(self.company.o2c_working_days_only, "it is about contacts")

    def test_days_off_in_the_calendar_are_no_days_of_rest(self):
        calendar = self.company.resource_calendar_id
        calendar.attendance_ids.filtered(lambda a: a.dayofweek != "0").unlink()
        today = self.company._o2c_today()
        self._receive("We look into it.")
        self.assertEqual(self.debtor.paused_until.weekday(), 0)
        self.assertGreater(self.debtor.paused_until, working_day_after(today, 10))

    def test_without_a_calendar_the_rest_has_weekdays(self):
        self.company.resource_calendar_id = False
        self._receive("We look into it.")
        until = working_day_after(self.company._o2c_today(), 3)
        self.assertEqual(self.debtor.paused_until, until)

    def test_the_company_says_for_how_long(self):
        self.company.o2c_reply_pause_days = 0
        self._receive("Hello.")
        self.assertFalse(self.debtor.paused_until)
        self.assertEqual(len(self.debtor.activity_ids), 1)

    def test_answers_are_asked_for_at_the_receivables_address(self):
        self.assertIn("receivables@kessler.example", self.message.mail_id.reply_to)
        self.company.o2c_alias_name = False
        self.assertFalse(self.company.o2c_alias_id)
        self._invoice(partner=self._create_customer("Two", "two@two.example"))
        self.assertIn("catchall@", self._chase().mail_id.reply_to)

    # A relay broke the thread

    def test_a_lost_thread_is_found_by_the_sender(self):
        thread = self._receive("Hello.", parent=False)
        self.assertEqual(thread, self.debtor.id)
        self.assertIn("Hello", self._answer().body)
        self.assertEqual(self._answer().author_id, self.customer)
        self.assertTrue(self.debtor.paused_until)

    def test_a_contact_of_the_customer_counts_for_him(self):
        self._create_customer(
            "Ann", "ann@bolt.example", parent_id=self.customer.id, is_company=False
        )
        self._receive("Hello.", parent=False, sender="ann@bolt.example")
        self.assertEqual(len(self._replies()), 1)

    def test_a_stranger_waits_on_the_list(self):
        self._receive("Hello.", parent=False, sender="who@nowhere.example")
        [reply] = self._replies(self.debtor.browse())
        self.assertRecordValues(
            reply,
            [
                {
                    "state": "unmatched",
                    "company_id": self.company.id,
                    "email_from": "who@nowhere.example",
                    "text": "Hello.",
                }
            ],
        )
        self.assertFalse(self.debtor.paused_until)

    def test_a_stranger_s_second_mail_hides_nothing_of_the_first(self):
        self._receive("Hello.", parent=False, sender="who@nowhere.example")
        [reply] = self._replies(self.debtor.browse())
        thread = reply.mail_message_id.message_id
        away = "Auto-Submitted: auto-replied\n"
        onward = {"sender": "who@nowhere.example", "to": "clara@kessler.example"}
        self._receive("Away.", parent=thread, headers=away, **onward)
        self.assertFalse(reply.is_automatic, "the first one was a person's")
        reply.state = "dropped"
        self._receive("It is urgent.", parent=thread, **onward)
        self.assertEqual(reply.state, "unmatched")
        self.assertEqual(reply.text, "Hello.\n\nAway.\n\nIt is urgent.")
        self.assertEqual(reply.mail_message_id.message_id, thread)

    def test_an_address_read_through_a_mailing_list_gets_replies(self):
        self._receive("We pay on Friday.", headers="Precedence: list\n")
        self.assertTrue(self._replies())
        self.assertTrue(self.debtor.paused_until)

    def test_a_large_file_does_not_hold_up_the_gateway(self):
        number = "4111111111111111"
        small, large = f"card {number}", f"{number} " * 20_000
        self.assertNotIn(number, _mask_file(("a.txt", small), [])[1])
        self.assertEqual(_mask_file(("a.txt", large), [])[1], large)

    def test_a_sender_of_two_customers_waits_on_the_list(self):
        twin = self._create_customer("Twin", "pay@bolt.example")
        self._invoice(partner=twin)
        self._chase()
        self._receive("Hello.", parent=False)
        self.assertEqual(self._replies(self.debtor.browse()).state, "unmatched")
        self._receive("Hello again.")
        self.assertEqual(self._replies().text, "Hello again.", "the thread tells")

    def test_two_companies_with_the_same_sender(self):
        """The address that was written to says whose customer it is."""
        other = self.root_env["res.company"].create(
            {
                "name": "Other",
                "alias_domain_id": self.alias_domain.id,
                "o2c_alias_name": "other-receivables",
            }
        )
        account = self.root_env["o2c.debtor"]._ensure([(self.customer, other)])
        self._receive("To other.", parent=False, to="other-receivables@kessler.example")
        self._receive("To us.", parent=False)
        self.assertEqual(self._replies(account).mapped("text"), ["To other."])
        self.assertEqual(self._replies().mapped("text"), ["To us."])
        self.assertEqual(self._replies(account).company_id, other)

    # Machines, colleagues, loops

    def test_an_absence_note_pauses_nothing_and_calls_nobody(self):
        self._receive("I am away.", headers="Auto-Submitted: auto-replied\n")
        self._receive("Ich bin weg.", subject="Abwesenheitsnotiz: Zahlungserinnerung")
        self.assertIn("Ich bin weg", self._answer().body)
        self.assertFalse(self.debtor.paused_until)
        self.assertFalse(self.debtor.activity_ids)
        self.assertFalse(self._replies())
        self.assertEqual(self._kinds("reply_automatic"), ["reply_automatic"] * 2)

    def test_a_colleague_s_answer_is_no_customer_s(self):
        self._receive("I called him.", sender="clara@kessler.example")
        self._receive("FYI", sender="billing@kessler.example")
        self.assertFalse(self._replies())
        self.assertFalse(self.debtor.paused_until)

    def test_a_portal_user_is_a_customer(self):
        user = new_test_user(
            self.root_env,
            login="portal_bolt",
            email="portal@bolt.example",
            groups="base.group_portal",
        )
        user.partner_id.parent_id = self.customer
        self._receive("Hello.", sender="portal@bolt.example")
        self.assertEqual(len(self._replies()), 1)
        self.assertFalse(self._replies().with_user(user).has_access("read"))
        self.assertFalse(self.debtor.with_user(user).has_access("read"))

    def test_a_loop_ends_and_nothing_of_ours_answers(self):
        ours = (
            "|",
            ("email_to", "like", "bolt"),
            ("recipient_ids", "=", self.customer.id),
        )
        mails = self.root_env["mail.mail"].search_count([*ours])
        for _turn in range(12):
            self._receive("ping", headers="Auto-Submitted: auto-replied\n")
        self.assertEqual(self.root_env["mail.mail"].search_count([*ours]), mails)
        self.root_env["ir.config_parameter"].set_param("mail.gateway.loop.threshold", 3)
        for _turn in range(6):
            self._receive("ping", parent=False, sender="robot@nowhere.example")
        self.assertEqual(len(self._replies(self.debtor.browse())), 3)

    # Hostile content

    def test_card_numbers_are_masked_before_they_are_stored(self):
        self._receive(f"My card: {CARD}", subject=f"Card {CARD}")
        everything = " ".join(
            [
                self._answer().body,
                self._answer().subject,
                self._replies().text,
                self._replies().subject,
                str(self.debtor.activity_ids.mapped("note")),
                str(self.debtor.activity_ids.mapped("summary")),
            ]
        )
        self.assertIn(MASKED, everything)
        for written in (CARD, CARD.replace(" ", "")):
            self.assertNotIn(written, everything)
        for table in ("mail_message", "o2c_reply", "mail_activity", "o2c_event"):
            self.env.cr.execute(
                f"SELECT count(*) FROM {table} t WHERE t::text LIKE %s",  # noqa: S608
                ["%" + CARD + "%"],
            )
            self.assertEqual(self.env.cr.fetchone()[0], 0, table)

    def test_card_numbers_of_strangers_and_in_files_are_masked_too(self):
        text = (
            "see below\n--b\nContent-Type: text/plain; name=card.txt\n"
            f"Content-Disposition: attachment; filename=card.txt\n\n{CARD}\n--b--"
        )
        mail = (
            "From: who@nowhere.example\nTo: receivables@kessler.example\n"
            f"Subject: {CARD}\nMessage-Id: <file@x.example>\nMIME-Version: 1.0\n"
            "Content-Type: multipart/mixed; boundary=b\n\n--b\n"
            f"Content-Type: text/plain\n\n{text}\n"
        )
        self.root_env["mail.thread"].message_process(False, mail, save_original=True)
        [reply] = self._replies(self.debtor.browse())
        self.assertEqual(reply.subject, MASKED)
        [file] = reply.message_ids.attachment_ids
        self.assertEqual(file.raw.decode().strip(), MASKED)

    def test_the_number_of_one_s_own_invoice_stays(self):
        number = CARD.replace(" ", "")
        self._invoice(name=number)
        self._receive(f"Invoice {number} is paid")
        self.assertIn(number, self._answer().body)

    def test_html_is_kept_as_text(self):
        hostile = (
            "<div onclick='x()'>We <b>pay</b><script>alert(1)</script></div>"
            "<img src='https://spy.example/p.png'><div>4111<i>1111</i>11111111</div>"
            "<style>p{}</style><form action='/x'><input name='a'></form>&lt;u&gt;"
        )
        self._receive(hostile, kind="html")
        body = self._answer().body
        for tag in ("<script", "<img", "<form", "<input", "onclick", "<b>", "<u>"):
            self.assertNotIn(tag, body)
        self.assertIn("We pay", body)
        self.assertIn("&lt;u&gt;", body)
        self.assertIn(MASKED, body)

    def test_the_text_part_counts_before_the_html(self):
        text = (
            "--b\nContent-Type: text/plain\n\nWe disagree.\n"
            "--b\nContent-Type: text/html\n\n<p>We <b>pay</b> tomorrow.</p>\n--b--"
        )
        mail = (
            "From: pay@bolt.example\nTo: receivables@kessler.example\nSubject: x\n"
            "Message-Id: <two@x.example>\nMIME-Version: 1.0\n"
            f"Content-Type: multipart/alternative; boundary=b\n\n{text}\n"
        )
        self.root_env["mail.thread"].message_process(False, mail)
        self.assertIn("We disagree.", self._answer().body)
        self.assertNotIn("tomorrow", self._answer().body)

    def test_broken_mails_are_kept(self):
        for number, text in enumerate(
            ("", " ", "\x00" * 5, "<" * 3000, "<div>" * 3000, "a" * 300_000)
        ):
            with self.subTest(number):
                before = len(self._replies())
                self._receive(text or " ", kind="html" if number % 2 else "plain")
                self.assertEqual(len(self._replies()), before + 1)
        self.assertLess(len(self._answer().body), 110_000)

    def test_a_mail_is_kept_when_its_account_cannot_take_it_up(self):
        model = self.registry["o2c.debtor"]
        with (
            patch.object(model, "_note_reply", side_effect=ZeroDivisionError),
            mute_logger("odoo.addons.o2c_collections.models.mail_message"),
        ):
            self._receive("Hello.")
        self.assertIn("Hello", self._answer().body)
        self.assertEqual(self._replies().state, "new", "for a person to look at")

    def test_mails_to_others_are_none_of_ours(self):
        """A good guest: what goes to other documents stays as it came."""
        partner = self._create_customer("Else", "else@else.example")
        note = partner.message_post(body="hello", message_type="comment")
        self._receive(
            f"<p>Card <b>{CARD}</b></p>",
            parent=note.message_id,
            kind="html",
            to="catchall@kessler.example",
        )
        self.assertIn(f"<b>{CARD}</b>", partner.message_ids[0].body)
