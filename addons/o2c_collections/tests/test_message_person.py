from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from .message_common import MessageCase


@tagged("post_install", "-at_install")
class TestMessagePerson(MessageCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.invoice = cls._invoice()

    def setUp(self):
        super().setUp()
        self.message = self._chase()
        self.action = self.message.action_ids

    def test_it_arrived(self):
        self._send(["cut"])
        self.message.with_user(self.collector).action_confirm_arrival()
        self.assertEqual((self.message.state, self.action.state), ("sent", "done"))
        self.assertEqual(
            self._events(self.message)[-2:], ["message_confirmed", "message_sent"]
        )
        with self.assertRaises(UserError):
            self.message.with_user(self.collector).action_confirm_arrival()

    def test_send_again_keeps_the_message_id_and_starts_a_new_ladder(self):
        self._send(["cut"])
        self.message.with_user(self.collector).action_send_again()
        self.assertRecordValues(self.message, [{"state": "outgoing", "attempts": 0}])
        self.assertEqual(self.action.state, "queued")
        [sent] = self._send(["ok"]).accepted
        self.assertEqual(sent["Message-Id"], self.message.message_id_header)
        self.assertEqual((self.message.state, self.action.state), ("sent", "done"))

    def test_send_again_looks_at_the_facts_first(self):
        self._send(["cut"])
        self._pay(self.invoice)
        result = self.message.with_user(self.collector).action_send_again()
        self.assertRecordValues(
            self.message, [{"state": "cancelled", "reason": "paid"}]
        )
        # It may have arrived: its level is passed.
        self.assertEqual(self.action.state, "done")
        self.assertEqual(result["tag"], "display_notification")
        self.assertEqual(self._send(["ok"]).connections, 0)

    def test_what_may_have_arrived_is_not_written_again_the_same_day(self):
        def pay_and_send_again():
            self._pay(self.invoice, 40.0)
            self.message.with_user(self.collector).action_send_again()

        def send_again_and_pay():
            self.message.with_user(self.collector).action_send_again()
            self._pay(self.invoice, 40.0)
            self._send(["ok"])

        self._send(["cut"])
        for way in (
            pay_and_send_again,
            send_again_and_pay,
            self.message.mail_id.cancel,
        ):
            with self.subTest(way=way.__name__), self.env.cr.savepoint() as savepoint:
                way()
                self.assertEqual(self.message.state, "cancelled")
                self.assertEqual(self.action.state, "done")
                self.assertEqual(self._debtor().level, 1)
                self.assertFalse(self._chase())
                savepoint.rollback()

    def test_send_again_after_a_refusal_uses_the_mended_address(self):
        self._send([550])
        self.customer.email = "new@bolt.example"
        self.message.with_user(self.collector).action_send_again()
        self.assertEqual(self.message.recipient, "new@bolt.example")
        [sent] = self._send(["ok"]).accepted
        self.assertIn("new@bolt.example", sent["To"])
        self.assertEqual(self.message.state, "sent")

    def test_send_again_after_a_refusal_closes_the_call_instead(self):
        self._send([550])
        self.customer.email = "new@bolt.example"
        self.message.with_user(self.collector).action_send_again()
        self._send(["ok"])
        self.assertEqual((self.action.channel, self.action.state), ("call", "done"))
        self.assertFalse(self._debtor().activity_ids)

    def test_send_again_comes_too_late_after_a_further_contact(self):
        self._send([550])
        self.customer.email = "new@bolt.example"
        self.action._set_done()
        today = self.company._o2c_today()
        self.message.date = today - timedelta(days=1)
        self.message.with_user(self.collector).action_send_again()
        self.assertRecordValues(
            self.message, [{"state": "cancelled", "reason": "too_soon"}]
        )

    def test_send_again_makes_no_second_letter_of_the_day(self):
        self._send([550])
        self.customer.email = "new@bolt.example"
        for values in ({"sent_at": fields.Datetime.now()}, {"state": "sending"}):
            with self.subTest(values=values), self.env.cr.savepoint() as savepoint:
                self.message.copy({"is_merged": True, "state": "sent", **values})
                self.message.with_user(self.collector).action_send_again()
                self.assertRecordValues(
                    self.message, [{"state": "cancelled", "reason": "already_today"}]
                )
                savepoint.rollback()

    def test_only_collectors_decide(self):
        self._send(["cut"])
        auditor = new_test_user(
            self.root_env,
            login="msg_auditor",
            groups="o2c_base.group_auditor",
            company_id=self.company.id,
            company_ids=[(6, 0, self.company.ids)],
        )
        for method in ("action_confirm_arrival", "action_send_again"):
            with self.subTest(method=method), self.assertRaises(AccessError):
                getattr(self.message.with_user(auditor), method)()
        self.assertEqual(self.message.state, "unknown")
