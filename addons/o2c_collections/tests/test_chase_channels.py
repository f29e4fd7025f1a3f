from odoo import Command
from odoo.tests import new_test_user, tagged

from .chase_common import ChaseCommon

MOBILE = "+491701234567"


@tagged("post_install", "-at_install")
class TestChaseChannels(ChaseCommon):
    """By which channel a customer is reached, by what he has and what it costs."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.step = cls.plan.step_ids[0]
        cls.late(100, days=5)

    def reached(self):
        decision = self.decide()
        return decision["reason"], decision["channel"]

    def live_at(self, **values):
        self.customer.write({"street": "Road 1", "zip": "10115", "city": "Berlin"})

    # What the customer has

    def test_the_channel_of_the_plan_is_used_where_it_can_be(self):
        self.live_at()
        self.customer.phone = MOBILE
        for channel in ("email", "sms", "letter", "call", "todo"):
            with self.subTest(channel=channel):
                self.step.channel = channel
                self.assertEqual(self.reached(), ("due", channel))

    def test_without_an_e_mail_address_the_order_of_channels_is_kept(self):
        self.customer.write({"email": False, "phone": MOBILE})
        self.company.o2c_falls_to_sms = True
        self.live_at()
        self.assertEqual(self.reached(), ("no_address", "sms"))
        self.customer.phone = "no number at all"
        self.assertEqual(self.reached(), ("no_address", "letter"))
        self.customer.street = "  "
        self.assertEqual(self.reached(), ("no_address", "call"))
        self.customer.phone = False
        self.assertEqual(self.reached(), ("no_address", "todo"))

    # What the customer prefers

    def prefer(self, channel):
        self.refresh()
        self.debtor().sudo().preferred_channel = channel

    def test_the_customer_is_written_to_as_he_prefers(self):
        self.live_at()
        self.customer.phone = MOBILE
        for planned in ("email", "sms", "letter"):
            self.step.channel = planned
            for preferred in ("email", "sms", "letter"):
                with self.subTest(planned=planned, preferred=preferred):
                    self.prefer(preferred)
                    self.assertEqual(self.reached(), ("due", preferred))

    def test_calls_and_tasks_stay_what_they_are(self):
        self.customer.phone = MOBILE
        self.prefer("sms")
        for planned in ("call", "todo"):
            self.step.channel = planned
            self.assertEqual(self.reached(), ("due", planned))

    def test_a_preference_that_cannot_be_met_leaves_the_plan_as_it_is(self):
        self.customer.phone = False
        for preferred in ("sms", "letter"):
            self.prefer(preferred)
            self.assertEqual(self.reached(), ("due", "email"))
        self.customer.write({"phone": MOBILE, "email": False})
        self.step.channel = "sms"
        self.prefer("email")
        self.assertEqual(self.reached(), ("due", "sms"))

    def test_the_preferred_way_is_explained_and_gone(self):
        self.customer.phone = MOBILE
        self.prefer("sms")
        self.assertIn("The customer prefers: SMS.", self.debtor().explanation)
        self.run_chase()
        message = self.actions().message_id
        self.assertEqual((message.channel, message.recipient), ("sms", MOBILE))

    def test_an_e_mail_in_place_of_a_text_message_has_words(self):
        self.customer.phone = MOBILE
        self.step.write({"channel": "sms", "template_id": False})
        self.prefer("email")
        self.run_chase()
        message = self.actions().message_id
        self.assertEqual(message.channel, "email")
        self.assertIn("100.00", message.body_text)

    def test_without_a_sender_s_address_nobody_gets_an_e_mail(self):
        self.customer.phone = MOBILE
        self.step.channel = "sms"
        self.prefer("email")
        self.company.email = False
        self.assertEqual(self.reached(), ("due", "sms"))

    def test_a_wish_that_costs_more_than_is_owed_does_not_silence_us(self):
        self.live_at()
        self.customer.phone = MOBILE
        for preferred in ("sms", "letter"):
            self.prefer(preferred)
            self.company[f"o2c_cost_{preferred}"] = 100
            self.assertEqual(self.reached(), ("due", preferred))
            self.company[f"o2c_cost_{preferred}"] = 100.01
            self.assertEqual(self.reached(), ("due", "email"))
        self.assertNotIn("prefers", self.debtor().explanation)

    def test_the_hours_are_those_of_the_preferred_way(self):
        self.customer.write({"phone": MOBILE, "country_id": self.env.ref("base.jp").id})
        self.prefer("sms")
        self.run_chase()
        message = self.actions().message_id
        self.assertFalse(message._claim(), "nine in the evening there")
        self.assertEqual((message.channel, message.reason), ("sms", "quiet_hours"))

    def test_text_messages_and_letters_take_another_s_place_only_if_wanted(self):
        self.customer.write({"email": False, "phone": MOBILE})
        self.live_at()
        self.assertEqual(self.reached(), ("no_address", "letter"))
        self.company.o2c_falls_to_letter = False
        self.assertEqual(self.reached(), ("no_address", "call"))

    def test_a_call_without_a_number_is_a_person_s_task(self):
        self.step.channel = "call"
        self.customer.phone = False
        self.assertEqual(self.reached(), ("no_phone", "todo"))

    def test_a_number_that_is_none_gets_no_text_message(self):
        self.step.channel = "sms"
        self.customer.phone = "ask for Ann"
        self.assertEqual(self.reached(), ("bad_phone", "call"))
        self.customer.phone = False
        self.assertEqual(self.reached(), ("no_phone", "todo"))

    def test_a_number_that_refused_is_not_used_again(self):
        self.step.channel = "sms"
        self.customer.phone = MOBILE
        self.run_chase()
        message = self.actions().message_id
        self.assertEqual((message.channel, message.recipient), ("sms", MOBILE))
        message._set_sending()
        message._set_failed("sms_rejected", "sms_number_format", "No such number")
        self.assertEqual(self.story(), [(1, "call", "queued")])
        self.assertEqual(self.actions().reason, "sms_rejected")
        self.actions()._set_done()
        with self.on_day(20):
            self.plan.step_ids[1].channel = "sms"
            self.assertEqual(self.reached(), ("phone_failed", "call"))
            self.customer.phone = "+491707654321"
            self.assertEqual(self.reached(), ("due", "sms"))

    def test_who_wants_no_text_messages_gets_none(self):
        self.step.channel = "sms"
        self.customer.phone = MOBILE
        self.engine["phone.blacklist"].add(MOBILE)
        self.assertEqual(self.reached(), ("phone_failed", "call"))

    def test_a_letter_without_an_address_becomes_a_call(self):
        self.step.channel = "letter"
        self.assertEqual(self.reached(), ("no_postal_address", "call"))

    def test_a_letter_left_lying_is_followed_by_another_channel(self):
        self.step.channel = "letter"
        self.live_at()
        self.run_chase()
        self.actions().message_id._set_cancelled("not_printed")
        self.assertEqual(self.story(), [(1, "call", "queued")])
        self.assertEqual(self.actions().reason, "not_printed")
        self.actions()._set_done()
        self.plan.step_ids[1].channel = "letter"
        with self.on_day(20):
            self.assertEqual(self.reached(), ("not_printed", "call"))
        with self.on_day(31):
            self.assertEqual(self.reached(), ("due", "letter"))

    def test_the_best_contact_that_can_be_reached_is_taken(self):
        self.step.channel = "letter"
        self.live_at()
        payable = self.env["res.partner"].create(
            {
                "name": "Payables",
                "parent_id": self.customer.id,
                "type": "invoice",
                "o2c_contact_role": "accounts_payable",
            }
        )
        self.assertEqual(self.decide()["recipient_id"], self.customer.id)
        payable.write({"street": "Box 7", "city": "Potsdam"})
        self.assertEqual(self.decide()["recipient_id"], payable.id)

    def test_a_refused_e_mail_goes_on_as_a_letter(self):
        self.live_at()
        self.run_chase()
        message = self.actions().message_id
        message._set_sending()
        message._set_failed("smtp_rejected", "550", "No such user")
        self.assertEqual(self.story(), [(1, "letter", "queued")])
        letter = self.actions().message_id
        self.assertNotEqual(letter, message)
        self.assertEqual(letter.recipient, "Road 1, 10115 Berlin")
        self.assertEqual(self.actions().reason, "smtp_rejected")

    def test_who_paid_meanwhile_is_not_called_after_a_refusal(self):
        self.run_chase()
        action = self.actions()
        message = action.message_id
        message._set_sending()
        self.pay(
            self.env["account.move"].search([("partner_id", "=", self.customer.id)])
        )
        message._set_failed("smtp_rejected", "550", "No such user")
        self.assertEqual((action.state, action.reason), ("skipped", "paid"))

    # Tasks

    def test_a_task_goes_to_the_colleague_the_level_names(self):
        colleague = self.new_user("colt_lawyer", "base.group_user")
        self.step.write(
            {"channel": "todo", "user_id": colleague.id, "script": "Ask the lawyer."}
        )
        self.run_chase()
        activity = self.actions().activity_id
        self.assertEqual(activity.user_id, colleague)
        self.assertIn("Ask the lawyer.", activity.note)
        self.assertIn("your task", activity.summary)

    def test_a_colleague_of_another_company_gets_no_task(self):
        other = self.setup_other_company()["company"]
        stranger = new_test_user(
            self.engine,
            login="colt_stranger",
            groups="base.group_user",
            company_id=other.id,
            company_ids=[Command.set(other.ids)],
        )
        self.step.write({"channel": "todo", "user_id": stranger.id})
        self.run_chase()
        self.assertNotEqual(self.actions().activity_id.user_id, stranger)

    # Costs

    def test_a_debt_smaller_than_the_contact_is_not_worth_it(self):
        self.step.channel = "call"
        self.company.o2c_cost_call = 100
        self.assertEqual(self.reason(), "due")
        self.company.o2c_cost_call = 100.01
        decision = self.decide()
        self.assertEqual(decision["reason"], "not_worth_it")
        self.assertEqual((decision["date_next"] - decision["today"]).days, 90)
        self.assertIn(
            "the contact costs $\N{NO-BREAK SPACE}100.01", self.debtor().explanation
        )
        self.run_chase()
        self.assertFalse(self.actions())
        self.assertEqual(self.debtor().next_action_date, decision["date_next"])

    def test_the_cost_is_that_of_the_channel_in_fact_used(self):
        self.company.write({"o2c_cost_call": 500, "o2c_cost_email": 0})
        self.assertEqual(self.reason(), "due")
        self.customer.email = False
        self.assertEqual(self.reason(), "not_worth_it")

    def test_a_refusal_is_not_followed_by_what_costs_too_much(self):
        self.company.o2c_cost_call = 500
        self.run_chase()
        action = self.actions()
        action.message_id._set_sending()
        action.message_id._set_failed("smtp_rejected", "550", "No such user")
        self.assertEqual((action.state, action.reason), ("skipped", "not_worth_it"))

    def test_costs_are_compared_in_a_currency_without_decimals(self):
        data = self.setup_other_company(currency_id=self.env.ref("base.JPY").id)
        company = data["company"]
        company.sudo().write({"o2c_cost_email": 6000, "email": "a@b.example"})
        company.sudo().o2c_chase_from = "2000-01-01"
        self.new_plan([(1, 3)], company_id=company.id)
        self.invoice(5999, date="2026-06-01", due="2026-06-01", company=company)
        self.assertEqual(self.reason(company=company), "not_worth_it")
        self.invoice(1, date="2026-06-01", due="2026-06-01", company=company)
        self.assertEqual(self.reason(company=company), "due")
        self.assertEqual(self.reason(), "due", "each company has its own costs")
