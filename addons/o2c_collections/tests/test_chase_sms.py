from unittest.mock import patch

import requests

from odoo.exceptions import AccessError
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.sms.models.sms_sms import SmsSms
from odoo.addons.sms.tools.sms_api import SmsApi

from ..domain.smtp_verdict import TEMPORARY, UNKNOWN
from ..tools.texter import Texter, _failure
from .message_common import MessageCase

MOBILE = "+491701234567"


@tagged("post_install", "-at_install")
class TestChaseSms(MessageCase):
    """Text messages: once through our outbox and Odoo's service; what comes back."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.root_env["iap.account"].get("sms")
        cls.customer.phone = MOBILE
        cls.company.write({"o2c_quiet_from": 0, "o2c_quiet_to": 0})
        cls.plan.step_ids[0].channel = "sms"
        cls.invoice = cls._invoice()

    def setUp(self):
        super().setUp()
        self.message = self._chase()
        self.action = self.message.action_ids

    def text(self, answer="success"):
        """One round of the sending job; the provider answers by a word or an error.

        :return: what was handed to the provider
        """
        handed = []

        def contact(api, endpoint, params, timeout=15):
            if isinstance(answer, Exception):
                raise answer
            numbers = [
                {**number, "content": message["content"]}
                for message in params["messages"]
                for number in message["numbers"]
            ]
            handed.extend(numbers)
            return [{"uuid": n["uuid"], "state": answer} for n in numbers]

        with patch.object(SmsApi, "_contact_iap", contact):
            self._send()
        self.root_env.invalidate_all()
        return handed

    def test_a_text_message_says_what_is_owed_in_its_own_words(self):
        self.assertRecordValues(
            self.message,
            [
                {
                    "channel": "sms",
                    "recipient": MOBILE,
                    "state": "outgoing",
                    "partner_id": self.customer.id,
                }
            ],
        )
        self.assertIn("Kessler Valves", self.message.body_text)
        self.assertIn("100.00", self.message.body_text)
        self.assertFalse(self.message.mail_id)
        self.assertFalse(self.root_env["sms.sms"].search([]), "Odoo's queue sees none")

    def test_it_is_handed_over_once_and_the_level_is_passed(self):
        [handed] = self.text()
        self.assertEqual(handed["number"], MOBILE)
        self.assertEqual(handed["content"], self.message.body_text)
        self.assertEqual((self.message.state, self.action.state), ("sent", "done"))
        self.assertEqual(self._debtor().level, 1)
        notice = self.message.mail_message_id.notification_ids
        self.assertEqual(notice.notification_type, "sms")
        self.assertEqual(notice.notification_status, "pending")
        self.assertFalse(self.text())

    def test_a_text_that_left_is_the_last_contact(self):
        account = self._debtor()
        self.assertFalse(account.last_contact_date)
        self.text()
        self.assertEqual(self._debtor().last_contact_channel, "sms")
        ever = [("id", "=", account.id), ("last_contact_date", "!=", False)]
        self.assertEqual(account.search(ever), account)

    def test_odoo_s_own_queue_finds_nothing_of_ours(self):
        self.text()
        with patch.object(SmsSms, "_send_with_api") as sent:
            self.root_env["sms.sms"]._process_queue()
        sent.assert_not_called()

    def test_who_paid_meanwhile_gets_no_text_message(self):
        self._pay(self.invoice)
        self.assertFalse(self.text())
        self.assertEqual(
            (self.message.state, self.message.reason), ("cancelled", "paid")
        )
        notice = self.message.mail_message_id.notification_ids
        self.assertEqual(notice.notification_status, "canceled")

    def test_a_changed_number_is_not_written_to(self):
        self.customer.phone = "+491709999999"
        self.assertFalse(self.text())
        self.assertEqual(self.message.reason, "recipient_changed")

    def test_who_said_no_meanwhile_gets_none(self):
        self.root_env["phone.blacklist"].add(MOBILE)
        self.assertFalse(self.text())
        self.assertEqual(self.message.reason, "recipient_changed")

    def test_a_bad_number_goes_on_by_the_next_channel(self):
        self.text("wrong_number_format")
        self.assertRecordValues(
            self.message,
            [
                {
                    "state": "failed",
                    "reason": "sms_rejected",
                    "failure_code": "sms_number_format",
                }
            ],
        )
        self.assertEqual((self.action.channel, self.action.state), ("call", "queued"))

    def test_no_credit_climbs_the_ladder_and_ends_with_a_person(self):
        for attempt in range(1, 5):
            self.text("insufficient_credit")
            self.assertEqual(self.message.state, "deferred")
            self.assertEqual(self.message.attempts, attempt)
            self.message.next_try_at = False
        self.text("insufficient_credit")
        self.assertRecordValues(
            self.message, [{"state": "failed", "reason": "sms_gave_up"}]
        )
        self.assertEqual(self.action.state, "failed")
        self.assertTrue(self._debtor().activity_ids)

    def test_a_server_s_error_may_come_after_it_took_the_text(self):
        self.text("server_error")
        self.assertEqual((self.message.state, self.action.state), ("unknown",) * 2)
        self.assertFalse(self.text(), "it is never sent again by itself")

    def test_odoo_s_list_offers_nothing_to_send_again(self):
        for answer in ("insufficient_credit", "server_error"):
            self.message.state = "outgoing"
            self.text(answer)
            self.assertFalse(self.root_env["sms.sms"].search([]))

    def test_a_service_out_of_reach_is_tried_again(self):
        self.text(AccessError("no connection"))
        self.assertEqual(self.message.state, "deferred")
        self.assertFalse(self.root_env["sms.sms"].search([]))

    def test_a_silence_after_the_question_is_for_a_person(self):
        error = AccessError("timed out")
        error.__context__ = requests.exceptions.ReadTimeout()
        self.text(error)
        self.assertEqual((self.message.state, self.action.state), ("unknown",) * 2)
        self.assertFalse(self.text(), "it is never sent again by itself")

    def test_errors_are_told_apart(self):
        for error, outcome in (
            (requests.exceptions.ConnectTimeout(), TEMPORARY),
            (requests.exceptions.HTTPError(), UNKNOWN),
            (requests.exceptions.ReadTimeout(), UNKNOWN),
            (requests.exceptions.ConnectionError(), UNKNOWN),
            (AccessError("not while tests run"), TEMPORARY),
        ):
            with self.subTest(error=error):
                self.assertEqual(_failure(error).outcome, outcome)

    def test_a_crash_in_between_leaves_it_to_a_person(self):
        self.message._set_sending()
        self.assertFalse(self.text())
        self.assertEqual(self.message.state, "unknown")

    def cut_off(self):
        """The process dies while it talks to the service.

        :return: what finds the delivery report
        """
        with (
            patch.object(Texter, "deliver", side_effect=RuntimeError("killed")),
            mute_logger("odoo.addons.o2c_collections.models.o2c_chase_message_send"),
        ):
            self._send()
        self.root_env.invalidate_all()
        self.assertEqual(self.message.state, "sending")
        return self.message.mail_message_id.notification_ids.sms_tracker_ids

    def test_a_text_that_was_cut_off_is_found_by_its_delivery_report(self):
        tracker = self.cut_off()
        with patch.object(SmsSms, "_send_with_api") as sent:
            self.root_env["sms.sms"]._process_queue()
        sent.assert_not_called()
        tracker._action_update_from_provider_error("not_delivered")
        self.assertEqual(self.message.state, "bounced")
        self.assertFalse(self.text(), "it is never sent again by itself")

    def test_a_report_of_arrival_ends_the_doubt_about_a_text(self):
        tracker = self.cut_off()
        self.assertFalse(self.text(), "it is never sent again by itself")
        self.assertEqual((self.message.state, self.action.state), ("unknown",) * 2)
        self.assertFalse(self.root_env["sms.sms"].search([]))
        tracker._action_update_from_sms_state("sent")
        self.assertEqual((self.message.state, self.action.state), ("sent", "done"))

    def test_a_silence_after_the_question_keeps_what_finds_the_report(self):
        error = AccessError("timed out")
        error.__context__ = requests.exceptions.ReadTimeout()
        self.text(error)
        tracker = self.message.mail_message_id.notification_ids.sms_tracker_ids
        tracker._action_update_from_provider_error("not_delivered")
        self.assertEqual(self.message.state, "bounced")

    def test_a_delivery_report_that_says_no_comes_back(self):
        self.text()
        tracker = self.message.mail_message_id.notification_ids.sms_tracker_ids
        tracker._action_update_from_provider_error("not_delivered")
        self.assertRecordValues(
            self.message, [{"state": "bounced", "reason": "sms_rejected"}]
        )
        self.assertEqual((self.action.channel, self.action.state), ("call", "queued"))
        self.assertEqual(self._debtor().level, 0)

    def test_names_that_look_like_code_stay_as_they_are(self):
        self.company.name = "{{ 7 * 7 }} <b>&"
        other = self._create_customer("Nut", "n@nut.example", phone="+491701111111")
        self._invoice(partner=other)
        message = self._chase()
        self.assertIn("{{ 7 * 7 }} <b>&", message.body_text)
        self.assertNotIn("49:", message.body_text)
