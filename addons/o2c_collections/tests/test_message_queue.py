from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import tagged

from ..hooks import uninstall_hook
from .message_common import MessageCase


@tagged("post_install", "-at_install")
class TestMessageQueue(MessageCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.invoice = cls._invoice()

    def setUp(self):
        super().setUp()
        self.message = self._chase()
        self.action = self.message.action_ids
        self.notification = self.message.mail_message_id.notification_ids

    def test_core_s_queue_passes_our_mail_by(self):
        plain = self.root_env["mail.mail"].create(
            {"subject": "Other", "email_to": "x@example.com"}
        )
        mail = self.message.mail_id
        with self._no_core_sending() as touched:
            self.root_env["mail.mail"].process_email_queue()
            self.root_env["mail.mail"].process_email_queue(email_ids=(mail + plain).ids)
            (mail + plain).send()
            mail.with_context(o2c_send=True, filters=[]).send()
        self.assertIn(plain.id, touched)
        self.assertNotIn(mail.id, touched)
        self.assertEqual((mail.state, self.message.state), ("outgoing", "outgoing"))

    def test_core_s_queue_does_not_even_fetch_our_mails(self):
        # A thousand letters that wait would else fill its batch for ever.
        fetched = []
        self.patch(
            type(self.env["mail.mail"]),
            "send",
            lambda mails, **_options: fetched.extend(mails.ids),
        )
        plain = self.root_env["mail.mail"].create(
            {"subject": "Other", "email_to": "x@example.com"}
        )
        self.root_env["mail.mail"].process_email_queue()
        self.assertIn(plain.id, fetched)
        self.assertNotIn(self.message.mail_id.id, fetched)

    def test_core_s_last_door_is_shut(self):
        with self._smtp(["ok"]) as server:
            self.message.mail_id._send(smtp_session=server)
        self.assertFalse(server.accepted)
        self.assertEqual(self.message.mail_id.state, "outgoing")

    def test_send_now_asks_the_engine(self):
        self._send([451])
        self.assertGreater(self.message.next_try_at, fields.Datetime.now())
        self.message.mail_id.send()
        self.assertEqual(len(self._send(["ok"]).accepted), 1)

    def test_retry_on_the_mail_looks_at_the_facts(self):
        self._send([550])
        self._pay(self.invoice)
        self.message.mail_id.action_retry()
        self.assertEqual(self.message.state, "cancelled")

    def test_retry_of_an_unclear_mail_is_refused(self):
        self._send(["cut"])
        with self.assertRaisesRegex(UserError, "unclear whether"):
            self.message.mail_id.action_retry()

    def test_cancelling_the_mail_cancels_the_step(self):
        self.message.mail_id.cancel()
        self.assertRecordValues(
            self.message, [{"state": "cancelled", "reason": "mail_cancelled"}]
        )
        self.assertEqual(self.action.state, "skipped")

    def test_a_deleted_mail_is_for_a_person(self):
        self.message.mail_id.unlink()
        self._send(["ok"])
        self.assertEqual(self.message.state, "failed")
        self.assertEqual(self.action.state, "failed")

    # Uninstalling

    def test_uninstalling_leaves_nothing_to_core_s_queue(self):
        other = self._create_customer("Good", "good@good.example")
        self._invoice(partner=other)
        sent = self._chase()
        sent._set_sending()
        sent._set_sent()
        states = ("outgoing", "deferred", "sending", "failed", "unknown", "bounced")
        for state in states:
            with self.subTest(state=state), self.env.cr.savepoint() as savepoint:
                self.message.state = state
                uninstall_hook(self.root_env)
                self.assertEqual(self.message.mail_id.state, "cancel")
                self.assertEqual(self.notification.notification_status, "canceled")
                self.assertEqual(sent.mail_id.state, "sent")
                savepoint.rollback()
