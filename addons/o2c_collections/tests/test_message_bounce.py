from datetime import timedelta

from freezegun import freeze_time

from odoo import fields
from odoo.tests import tagged

from ..domain.smtp_verdict import CONTENT, judge
from .message_common import MessageCase

NOTICE = """\
From: Mail Delivery System <MAILER-DAEMON@mx.example>
To: bounce@kessler.example
Subject: Undelivered Mail Returned to Sender
Message-Id: <notice-1@mx.example>
Date: Mon, 02 Mar 2026 10:00:00 +0000
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="=_b"

--=_b
Content-Type: text/plain; charset=utf-8

The mail system could not deliver your message.

--=_b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example

Final-Recipient: rfc822; {recipient}
Action: {action}
Status: {status}
Diagnostic-Code: smtp; {words}

--=_b
Content-Type: message/rfc822

Message-Id: {message_id}
Subject: Payment reminder
From: billing@kessler.example
To: {recipient}

Hello

--=_b--
"""

REPLY = """\
From: Paula <pay@bolt.example>
To: catchall@kessler.example
Subject: Re: Payment reminder
Message-Id: <reply-1@bolt.example>
In-Reply-To: {message_id}
References: {message_id}
Date: Mon, 02 Mar 2026 10:00:00 +0000
Content-Type: text/plain; charset=utf-8

We pay on Friday.
"""


class BounceCase(MessageCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        domain = cls.root_env["mail.alias.domain"].create(
            {
                "name": "kessler.example",
                "bounce_alias": "bounce",
                "catchall_alias": "catchall",
            }
        )
        cls.company.alias_domain_id = domain
        cls.invoice = cls._invoice()

    def setUp(self):
        super().setUp()
        self.message = self._chase()
        self._send(["ok"])
        self.assertEqual(self.message.state, "sent")

    def _receive(self, text, **values):
        defaults = {
            "recipient": "pay@bolt.example",
            "message_id": self.message.message_id_header,
            "action": "failed",
            "status": "5.1.1",
            "words": "550 5.1.1 no such user",
        }
        return self.root_env["mail.thread"].message_process(
            False, text.format(**(defaults | values))
        )


@tagged("post_install", "-at_install")
class TestMessageBounce(BounceCase):
    def test_a_notice_of_failure_marks_the_message(self):
        self._receive(NOTICE)
        self.assertRecordValues(
            self.message,
            [
                {
                    "state": "bounced",
                    "reason": "smtp_rejected",
                    "failure_code": "5.1.1",
                    "failure_reason": "550 5.1.1 no such user",
                }
            ],
        )
        notification = self.message.mail_message_id.notification_ids
        self.assertEqual(notification.notification_status, "bounce")
        self.assertEqual(len(self._debtor().activity_ids), 1)
        self.assertEqual(self._events(self.message)[-1], "message_bounced")

    def test_a_second_notice_changes_nothing(self):
        self._receive(NOTICE)
        self._receive(NOTICE)
        self.assertEqual(len(self._debtor().activity_ids), 1)
        self.assertEqual(self._events(self.message).count("message_bounced"), 1)

    def test_a_notice_of_delay_is_no_bounce(self):
        self._receive(NOTICE, action="delayed", status="4.4.1")
        self.assertEqual(self.message.state, "sent")
        notification = self.message.mail_message_id.notification_ids
        self.assertEqual(notification.notification_status, "sent")
        self.assertEqual(self._events(self.message)[-1], "message_notice")

    def test_a_notice_about_an_unclear_message_shows_that_it_left(self):
        self._invoice(partner=self._create_customer("Two", "two@two.example"))
        message = self._chase()
        self._send(["cut"])
        self.assertEqual(message.state, "unknown")
        self._receive(
            NOTICE, recipient="two@two.example", message_id=message.message_id_header
        )
        self.assertEqual(message.state, "bounced")
        self.assertEqual(message.action_ids.channel, "call")

    def test_a_notice_that_overtakes_the_outcome_is_the_outcome(self):
        self._invoice(partner=self._create_customer("Two", "two@two.example"))
        message = self._chase()
        message._set_sending()
        self._receive(
            NOTICE, recipient="two@two.example", message_id=message.message_id_header
        )
        self.assertEqual(message.state, "bounced")
        message._settle(judge(CONTENT, 250))
        self.assertEqual(message.state, "bounced")
        self.assertEqual(message.action_ids.channel, "call")
        self.assertEqual(message.action_ids.state, "queued")

    def _interrupted(self):
        """A message that a crash left in sending."""
        self._invoice(partner=self._create_customer("Two", "two@two.example"))
        message = self._chase()
        message._set_sending()
        return message

    def test_a_bounce_after_a_crash_leaves_nothing_open(self):
        message = self._interrupted()
        self._receive(
            NOTICE, recipient="two@two.example", message_id=message.message_id_header
        )
        self.assertEqual(message.state, "bounced")
        self.assertEqual(message.action_ids.channel, "call")
        self.assertEqual(message.mail_id.state, "sent")
        notification = message.mail_message_id.notification_ids
        self.assertEqual(notification.notification_status, "bounce")
        self._send(["ok"])
        self.assertEqual(message.state, "bounced")

    def test_any_verdict_on_what_came_back_leaves_nothing_open(self):
        message = self._interrupted()
        message._set_bounced("5.1.1", "no such user")
        for code in (0, 451, 550):
            with self.subTest(code=code), self.env.cr.savepoint() as savepoint:
                message._settle(judge(CONTENT, code))
                self.assertEqual(message.state, "bounced")
                self.assertEqual(message.action_ids.channel, "call")
                self.assertEqual(len(message.action_ids.activity_id), 1)
                savepoint.rollback()

    def test_a_notice_about_another_address_is_only_noted(self):
        self._receive(NOTICE, recipient="colleague@bolt.example")
        self.assertEqual(self.message.state, "sent")
        self.assertEqual(self._events(self.message)[-1], "message_notice")
        self.assertFalse(self._debtor().activity_ids)

    def test_not_every_notice_blames_the_address(self):
        cases = (
            ("4.4.7", "delivery time expired"),
            ("5.2.2", "552 5.2.2 mailbox full"),
            ("5.7.1", "550 5.7.1 on a blacklist"),
            ("5.0.0", "550 5.7.1 on a blacklist"),
        )
        for status, words in cases:
            with self.subTest(status=status), self.env.cr.savepoint() as savepoint:
                self._receive(NOTICE, status=status, words=words)
                self.assertRecordValues(
                    self.message, [{"state": "bounced", "reason": "smtp_gave_up"}]
                )
                self.assertEqual(len(self._debtor().activity_ids), 1)
                self.assertRecordValues(
                    self.message.action_ids,
                    [{"state": "failed", "channel": "email"}],
                )
                self.assertEqual(self._debtor().level, 0)
                self.assertEqual(self._debtor().chase_reason, "failed")
                self.assertFalse(self._chase(), "not the same once more")
                savepoint.rollback()

    # The level is repeated

    def _standing(self):
        debtor = self._debtor()
        return debtor.level, debtor.level_date, debtor.level_step_id

    def test_what_came_back_reminded_nobody(self):
        today = self.company._o2c_today()
        self.assertEqual(self._standing(), (1, today, self.plan.step_ids[0]))
        self._receive(NOTICE)
        step = self.message.action_ids
        self.assertEqual(self._standing(), (0, False, step.step_id.browse()))
        self.assertEqual((step.channel, step.state), ("call", "queued"))
        self.assertEqual(step.reason, "smtp_rejected")
        self.assertFalse(self._chase(), "the call is the reminder")
        step.activity_id.action_feedback()
        self.assertEqual(self._standing(), (1, today, self.plan.step_ids[0]))

    def test_the_level_before_stands_again(self):
        with freeze_time(fields.Datetime.now() + timedelta(days=20)):
            message = self._chase()
            before = self._standing()
            self._send(["ok"])
            self.assertEqual(self._debtor().level, 2)
            self._receive(NOTICE, message_id=message.message_id_header)
            self.assertEqual(self._standing(), before)
            self.assertEqual(message.action_ids.channel, "call")

    def test_another_address_gets_it_and_never_the_same(self):
        self.root_env["res.partner"].create(
            {
                "name": "Payables",
                "parent_id": self.customer.id,
                "type": "invoice",
                "email": "second@bolt.example",
            }
        )
        self.customer.email = "pay@bolt.example"
        self._receive(NOTICE)
        step = self.message.action_ids
        self.assertFalse(step, "the step has another message by now")
        second = self._debtor().action_ids.message_id
        self.assertEqual(second.recipient, "second@bolt.example")
        self.assertEqual(len(self._debtor().activity_ids), 1, "an address to correct")
        [sent] = self._send(["ok"]).accepted
        self.assertIn("second@bolt.example", sent["To"])
        self._receive(
            NOTICE,
            recipient="second@bolt.example",
            message_id=second.message_id_header,
        )
        self.assertEqual(second.action_ids.channel, "call")

    def test_who_paid_meanwhile_is_not_reminded_again(self):
        self._pay(self.invoice)
        self._receive(NOTICE)
        self.assertRecordValues(
            self.message.action_ids, [{"state": "skipped", "reason": "paid"}]
        )
        self.assertEqual(len(self._debtor().activity_ids), 1)

    def test_a_contact_since_stands_and_a_person_is_told(self):
        with freeze_time(fields.Datetime.now() + timedelta(days=20)):
            self._chase()
            self._send(["ok"])
            self._receive(NOTICE)
            self.assertEqual(self._debtor().level, 2)
            self.assertEqual(self.message.action_ids.state, "done")
            self.assertEqual(len(self._debtor().activity_ids), 1)

    def test_the_server_s_words_are_no_markup_in_a_person_s_note(self):
        self._receive(NOTICE, status="4.4.7", words="<b>no such time</b>")
        self.assertIn("&lt;b&gt;no such", self._debtor().activity_ids.note)

    def test_an_answer_lands_on_the_customer_s_timeline(self):
        thread_id = self._receive(REPLY)
        self.assertEqual(thread_id, self._debtor().id)
        answer = self._debtor().message_ids[0]
        self.assertIn("We pay on Friday", answer.body)
        self.assertEqual(answer.message_type, "email")
        self.assertEqual(answer.author_id, self.customer)


@tagged("post_install", "-at_install")
class TestInvoiceBounce(BounceCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.plan.basis = "invoice"

    def test_steps_of_single_invoices_are_repeated_too(self):
        debtor, step = self._debtor(), self.message.action_ids
        self.assertTrue(step.item_id)
        self.assertTrue(debtor.item_days and debtor.level_date)
        self._receive(NOTICE)
        self.assertEqual((step.channel, step.state), ("call", "queued"))
        self.assertFalse(debtor.item_days or debtor.level_date)
        self.assertFalse(self._chase())
