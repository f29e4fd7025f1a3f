from datetime import timedelta

from odoo import fields
from odoo.tests import tagged

from ..domain.smtp_verdict import CONTENT, judge
from .message_common import MessageCase


@tagged("post_install", "-at_install")
class TestMessageSend(MessageCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.invoice = cls._invoice()

    def setUp(self):
        super().setUp()
        self.message = self._chase()
        self.assertEqual(len(self.message), 1)
        self.action = self.message.action_ids
        self.notification = self.message.mail_message_id.notification_ids

    def _make_due(self):
        self.message.next_try_at = fields.Datetime.now() - timedelta(minutes=1)

    # Sent

    def test_an_accepted_message_is_sent_and_its_step_done(self):
        server = self._send(["ok"])
        self.assertEqual(len(server.accepted), 1)
        self.assertRecordValues(
            self.message, [{"state": "sent", "attempts": 1, "next_try_at": False}]
        )
        self.assertTrue(self.message.sent_at)
        self.assertEqual(self.action.state, "done")
        self.assertEqual(self._debtor().level, 1)
        self.assertEqual(self.message.mail_id.state, "sent")
        self.assertEqual(self.notification.notification_status, "sent")
        self.assertEqual(
            self._events(self.message),
            ["message_written", "message_sending", "message_sent"],
        )

    def test_what_leaves_has_our_text_and_the_stable_message_id(self):
        [sent] = self._send(["ok"]).accepted
        self.assertEqual(sent["Message-Id"], self.message.message_id_header)
        self.assertEqual(sent["To"], '"Bolt & Sons" <pay@bolt.example>')
        self.assertEqual(sent["Auto-Submitted"], "auto-generated")
        plain = sent.get_body(("plain",)).get_content()
        self.assertEqual(plain.splitlines(), self.message.body_text.splitlines())
        self.assertIn("<table", sent.get_body(("html",)).get_content())

    def test_a_sent_message_is_not_sent_again(self):
        self._send(["ok"])
        self.assertEqual(self._send(["ok"]).connections, 0)

    def test_in_core_s_test_mode_nothing_leaves(self):
        self._send()
        self.assertEqual(self.message.state, "sent")

    def test_one_connection_serves_a_batch(self):
        for number in range(3):
            self._invoice(
                partner=self._create_customer(f"C{number}", f"c{number}@c.example")
            )
        self._chase()
        server = self._send(["ok"])
        self.assertEqual((len(server.accepted), server.connections), (4, 1))

    def test_a_further_message_costs_a_constant_number_of_queries(self):
        self._send(["ok"])

        def queries(count, offset):
            for number in range(count):
                name = f"Q{offset + number}"
                partner = self._create_customer(name, f"{name}@q.example")
                self._invoice(partner=partner)
            self._chase()
            before = self.env.cr.sql_log_count
            self.assertEqual(len(self._send(["ok"]).accepted), count)
            return self.env.cr.sql_log_count - before

        queries(1, 0)
        few, many = queries(2, 10), queries(6, 20)
        # 20 when measured, savepoints of the test's cursors among them
        self.assertLessEqual((many - few) / 4, 24)

    # Put off

    def test_a_temporary_refusal_climbs_the_ladder_to_a_person(self):
        waits = []
        for attempt in range(1, 6):
            self.assertEqual(self._send([451]).connections, 1)
            self.assertEqual(self.message.attempts, attempt)
            if self.message.state == "deferred":
                self.assertEqual(self.action.state, "queued")
                wait = self.message.next_try_at - fields.Datetime.now()
                waits.append(round(wait / timedelta(minutes=15)))
                # Before its time nothing happens.
                self.assertEqual(self._send(["ok"]).connections, 0)
                self._make_due()
        self.assertEqual(waits, [1, 4, 16, 96])
        self.assertRecordValues(
            self.message,
            [{"state": "failed", "reason": "smtp_gave_up", "failure_code": "451"}],
        )
        self.assertEqual(self.message.failure_reason, "said to RCPT")
        self.assertEqual(self.action.state, "failed")
        self.assertEqual(self.message.mail_id.state, "exception")
        self.assertEqual(self.notification.notification_status, "exception")
        self.assertTrue(self._debtor().activity_ids)

    def test_a_deferred_message_arrives_with_the_same_message_id(self):
        self._send([451])
        self._make_due()
        [sent] = self._send(["ok"]).accepted
        self.assertEqual(self.message.state, "sent")
        self.assertEqual(sent["Message-Id"], self.message.message_id_header)
        self.assertFalse(self.message.failure_code)

    def test_temporary_ends(self):
        for word in (421, 450, "data 451", "drop", "hang", "refuse", "sender"):
            with self.subTest(word=word):
                self._send([word])
                self.assertEqual(self.message.state, "deferred", word)
                self.assertEqual(self.message.mail_id.state, "outgoing")
                self._make_due()
                self.message.attempts = 0

    def test_a_server_that_does_not_answer_is_left_alone_for_the_batch(self):
        for number in range(3):
            self._invoice(
                partner=self._create_customer(f"C{number}", f"c{number}@c.example")
            )
        others = self._chase()
        for word in ("refuse", "hang"):
            with self.subTest(word=word):
                server = self._send([word])
                self.assertEqual(server.connections, 1)
                self.assertEqual(
                    set((others | self.message).mapped("state")), {"deferred"}
                )
                for message in others | self.message:
                    message.next_try_at = False

    # Refused

    def test_a_refused_address_goes_on_as_a_call(self):
        for word in (550, "data 554"):
            with self.subTest(word=word), self.env.cr.savepoint() as savepoint:
                self._send([word])
                self.assertRecordValues(
                    self.message, [{"state": "failed", "reason": "smtp_rejected"}]
                )
                self.assertEqual(self.message.failure_code, str(word)[-3:])
                self.assertEqual(self.action.channel, "call")
                self.assertEqual(len(self._debtor().activity_ids), 1)
                self.assertEqual(self.message.mail_id.state, "exception")
                self.assertEqual(
                    self.message.mail_id.failure_type, "mail_email_invalid"
                )
                self._make_due()
                self.assertEqual(self._send(["ok"]).connections, 0)
                savepoint.rollback()

    def test_one_bad_address_does_not_stop_the_others(self):
        other = self._create_customer("Good", "good@good.example")
        self._invoice(partner=other)
        second = self._chase()
        server = self._send([550, "ok"])
        self.assertEqual((self.message.state, second.state), ("failed", "sent"))
        self.assertEqual(len(server.accepted), 1)

    def test_one_broken_record_does_not_stop_the_others(self):
        other = self._create_customer("Good", "good@good.example")
        self._invoice(partner=other)
        second = self._chase()
        decision = type(self.env["o2c.chase.decision"])
        original = decision._decide

        def decide(model, debtors):
            if self._debtor() in debtors:
                raise ZeroDivisionError("a bug")
            return original(model, debtors)

        self.patch(decision, "_decide", decide)
        with self.assertLogs(
            "odoo.addons.o2c_collections.models.o2c_chase_message_send", "ERROR"
        ):
            self._send(["ok"])
        self.assertEqual((self.message.state, second.state), ("outgoing", "sent"))
        self.assertGreater(self.message.next_try_at, fields.Datetime.now())
        self.assertEqual(self.message.failure_code, "internal")

    # Unknown

    def test_a_break_after_the_text_is_unknown_and_never_sent_by_itself(self):
        self._send(["cut"])
        self.assertEqual(self.message.state, "unknown")
        self.assertEqual(self.action.state, "unknown")
        self.assertEqual(self.message.mail_id.state, "exception")
        self.assertTrue(self._debtor().activity_ids)
        self.assertEqual(self._send(["ok"]).connections, 0)
        self.assertEqual(self.message.state, "unknown")

    def test_what_a_crash_left_in_sending_becomes_unknown(self):
        self.message._set_sending()
        server = self._send(["ok"])
        self.assertEqual((self.message.state, server.connections), ("unknown", 0))
        self.assertEqual(self.action.state, "unknown")
        self.assertEqual(self._events(self.message)[-1], "message_unknown")

    # Stale

    def test_a_payment_before_sending_cancels_the_message(self):
        self._pay(self.invoice)
        server = self._send(["ok"])
        self.assertEqual(server.connections, 0)
        self.assertRecordValues(
            self.message, [{"state": "cancelled", "reason": "paid"}]
        )
        self.assertRecordValues(self.action, [{"state": "skipped", "reason": "paid"}])
        self.assertEqual(self.message.mail_id.state, "cancel")
        self.assertEqual(self.notification.notification_status, "canceled")

    def test_a_part_payment_makes_a_new_message_with_new_figures(self):
        self._pay(self.invoice, 40.0)
        self.assertEqual(self._send(["ok"]).connections, 0)
        self.assertRecordValues(
            self.message, [{"state": "cancelled", "reason": "figures_changed"}]
        )
        again = self._chase()
        self.assertEqual(again.figures["totals"][0]["amount"], 60.0)

    def test_facts_are_read_before_a_retry_too(self):
        self._send([451])
        self._pay(self.invoice)
        self._make_due()
        self.assertEqual(self._send(["ok"]).connections, 0)
        self.assertEqual(self.message.state, "cancelled")

    def test_other_reasons_cancel_too(self):
        cases = {
            "paused_until": lambda: self._debtor().write(
                {"paused_until": self.company._o2c_today() + timedelta(days=9)}
            ),
            "recipient_changed": lambda: self.customer.write(
                {"email": "x@bolt.example"}
            ),
            "step_closed": lambda: self.action._set_skipped("merged"),
            "too_old": lambda: self.message.write(
                {"date": self.message.date - timedelta(days=3)}
            ),
        }
        for reason, change in cases.items():
            with self.subTest(reason=reason), self.env.cr.savepoint() as savepoint:
                change()
                self.assertEqual(self._send(["ok"]).connections, 0)
                self.assertRecordValues(
                    self.message, [{"state": "cancelled", "reason": reason}]
                )
                savepoint.rollback()

    def test_two_days_are_not_too_old(self):
        self.message.date -= timedelta(days=2)
        self.assertEqual(len(self._send(["ok"]).accepted), 1)

    def test_a_policy_against_us_is_tried_again(self):
        self.message._set_sending()
        self.message._settle(judge(CONTENT, 550, "5.7.1 relaying denied"))
        self.assertEqual(self.message.state, "deferred")

    def test_nothing_is_sent_while_chasing_is_off(self):
        self.company.sudo().o2c_sending = False
        self.assertEqual(self._send(["ok"]).connections, 0)
        self.assertEqual(self.message.state, "outgoing")
        self.company.sudo().o2c_sending = True
        self.assertEqual(len(self._send(["ok"]).accepted), 1)

    def test_nothing_is_sent_from_a_neutralized_copy(self):
        self.root_env["ir.config_parameter"].set_param("database.is_neutralized", True)
        self.assertEqual(self._send(["ok"]).connections, 0)
        self.assertEqual(self.message.state, "outgoing")
