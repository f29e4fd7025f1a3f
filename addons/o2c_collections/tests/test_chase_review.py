from unittest.mock import patch

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .worklist_common import WorklistCommon


@tagged("post_install", "-at_install")
class TestChaseReview(WorklistCommon):
    """Messages that a person reads, and may word anew, before they are sent."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.plan.step_ids.needs_review = True

    def waiting(self):
        self.run_chase()
        action = self.actions()[-1:]
        self.assertEqual(action.state, "to_review")
        return action

    def review(self, action, user=None):
        user = user or self.collector
        opened = action.with_user(user).action_review()
        return self.env["o2c.chase.review"].with_user(user).browse(opened["res_id"])

    def messages(self):
        return self.engine["o2c.chase.message"].search(
            [("debtor_id", "=", self.debtor().id)]
        )

    def test_nothing_is_written_before_a_person_has_read_it(self):
        action = self.waiting()
        self.assertFalse(self.messages())
        row = self.row()
        self.assertEqual((row.status, row.waits), ("open", "review"))
        self.assertIn("a message waits for review", row.why)
        self.run_chase()
        self.assertEqual(self.actions(), action)

    def test_the_draft_is_what_the_plan_would_send_and_leaves_no_trace(self):
        review = self.review(self.waiting())
        self.assertIn("Hello Bolt", review.body)
        self.assertIn("1,000.00", review.subject)
        self.assertFalse(self.messages())
        self.assertFalse(
            self.debtor().message_ids.filtered(
                lambda message: message.message_type == "email_outgoing"
            )
        )

    def test_a_person_s_words_are_sent_with_the_table_of_now(self):
        action = self.waiting()
        review = self.review(action)
        review.subject = "About your\naccount"
        review.body = review.body.replace("Hello Bolt", "Dear old friend").replace(
            "1,000.00", "1.00"
        )
        answer = review.action_send()
        self.assertEqual(answer["params"]["type"], "success")
        message = self.messages()
        self.assertEqual(message.subject, "About your account")
        self.assertIn("Dear old friend", message.body_html)
        self.assertIn("Dear old friend", message.body_text)
        [item] = message.figures["items"]
        self.assertEqual(item["amount_open"], 1000)
        table = message.body_html.split("o2c_items")[1]
        self.assertIn("1,000.00", table)
        self.assertEqual(action.reviewed_by_id, self.collector)
        self.deliver()
        self.assertEqual(self.story(), [(1, "email", "done")])

    def test_a_customer_who_paid_meanwhile_is_not_written_to(self):
        action = self.waiting()
        review = self.review(action)
        self.settle()
        answer = review.action_send()
        self.assertEqual(answer["params"]["type"], "warning")
        self.assertEqual((action.state, action.reason), ("skipped", "paid"))
        self.assertFalse(self.messages())

    def test_words_about_other_figures_come_back(self):
        action = self.waiting()
        review = self.review(action)
        self.late(50, days=44)
        answer = review.action_send()
        self.assertEqual(answer["params"]["type"], "warning")
        self.assertEqual(action.state, "to_review")
        self.assertFalse(action.reviewed_by_id)
        self.assertFalse(self.messages())

    def test_a_run_drops_what_waits_once_it_is_paid(self):
        action = self.waiting()
        self.settle()
        self.run_chase()
        self.assertEqual((action.state, action.reason), ("skipped", "paid"))

    def test_not_sending_counts_as_a_passed_level(self):
        action = self.waiting()
        self.review(action).action_pass_over()
        self.assertEqual(action.state, "done")
        self.assertEqual(self.standing()[1], 1)
        self.assertFalse(self.messages())

    def test_approving_many_says_how_many_and_who_was_skipped(self):
        second = self.new_debtor("Second")
        third = self.new_debtor("Third")
        for partner in (second, third):
            self.late(500, days=20, partner=partner)
        self.run_chase()
        self.refresh()
        self.debtor(third)._pause(self.day("2026-06-20"), "Flood")
        nothing = self.new_debtor("Nothing")
        self.plan.step_ids.needs_review = False
        self.late(30, days=1, partner=nothing)
        self.refresh()
        self.env.invalidate_all()
        rows = self.env["o2c.worklist"].with_user(self.collector).search([])
        opened = rows.action_approve()
        result = self.env["o2c.worklist.batch"].browse(opened["res_id"]).result
        self.assertEqual(
            set(result.splitlines()),
            {
                "On their way: 2.",
                "1 skipped, Paused until a date: Third",
                "1 skipped, nothing waits for review: Nothing",
            },
        )
        self.assertEqual(self.story(second), [(1, "email", "queued")])

    def test_what_was_approved_already_is_refused(self):
        action = self.waiting()
        review = self.review(action)
        action.with_user(self.collector)._approve()
        self.assertEqual(action.state, "queued")
        self.assertEqual(len(self.messages()), 1)
        review.action_send()
        self.assertEqual(len(self.messages()), 1)
        with self.assertRaises(UserError):
            self.review(action)

    def test_only_collectors_review(self):
        action = self.waiting()
        other = self.setup_other_company()["company"]
        credit = self.person("credit", "o2c_base.group_credit_manager")
        outsider = self.person("outsider", "o2c_base.group_manager", other)
        for user in (self.auditor, credit, outsider):
            with self.assertRaises(AccessError):
                action.with_user(user).action_review()
        review = self.review(action)
        second = self.person("second", "o2c_base.group_collector")
        with self.assertRaises(AccessError):
            review.with_user(second).action_send()
        self.assertEqual(action.state, "to_review")

    # Several steps on one day

    def two_waiting(self):
        self.plan.basis = "invoice"
        self.late(50, days=44)
        self.run_chase()
        steps = self.actions().sorted("id")
        self.assertEqual(steps.mapped("state"), ["to_review"] * 2)
        return steps

    def word(self, action, subject):
        review = self.review(action)
        review.subject = subject
        return review.action_send()

    def test_approved_words_stand_when_another_step_is_approved(self):
        first, second = self.two_waiting()
        self.word(first, "My words")
        second.with_user(self.collector)._approve()
        message = self.messages()
        self.assertEqual((message.subject, message.action_ids), ("My words", first))
        self.assertEqual((second.state, second.reason), ("planned", "already_today"))
        self.deliver()
        with self.on_day(1):
            self.run_chase()
            self.assertEqual(second.state, "queued")
            self.assertNotEqual(second.message_id, message)

    def test_approved_words_are_not_put_over_what_others_read(self):
        first, second = self.two_waiting()
        self.word(first, "My words")
        self.word(second, "Your words")
        self.assertEqual(self.messages().subject, "My words")
        self.deliver()
        with self.on_day(1):
            self.run_chase()
            self.assertEqual(second.message_id.subject, "Your words")

    def test_of_steps_performed_together_each_keeps_its_words(self):
        steps = self.two_waiting()
        with patch.object(self.registry["o2c.chase.action"], "_perform"):
            for step in steps:
                self.word(step, f"About {step.item_id.move_id.name}")
        steps._perform()
        self.assertEqual(sorted(steps.mapped("state")), ["planned", "queued"])
        message = self.messages()
        self.assertEqual(
            message.subject, f"About {message.action_ids.item_id.move_id.name}"
        )

    # Text messages

    def waiting_text(self):
        self.customer.phone = "+491701234567"
        self.plan.step_ids.channel = "sms"
        return self.waiting()

    def test_a_text_message_is_read_and_worded_anew_too(self):
        action = self.waiting_text()
        self.assertEqual(action.channel, "sms")
        self.assertFalse(self.messages())
        review = self.review(action)
        self.assertIn("1,000.00", review.text)
        self.assertFalse(review.body)
        review.text = "Dear old friend,\n1,000.00 <b>please</b> {{ 7 * 7 }}"
        self.assertEqual(review.action_send()["params"]["type"], "success")
        message = self.messages()
        self.assertEqual((message.channel, action.state), ("sms", "queued"))
        self.assertEqual(
            message.body_text, "Dear old friend, 1,000.00 <b>please</b> {{ 7 * 7 }}"
        )
        self.assertNotIn("<b>", message.body_html)

    def test_an_empty_text_message_is_refused(self):
        review = self.review(self.waiting_text())
        review.text = " \n "
        with self.assertRaises(UserError):
            review.action_send()

    def test_a_text_message_about_other_figures_comes_back(self):
        action = self.waiting_text()
        review = self.review(action)
        self.late(50, days=44)
        self.assertEqual(review.action_send()["params"]["type"], "warning")
        self.assertEqual((action.state, action.reviewed_by_id.id), ("to_review", False))

    def test_what_was_approved_as_an_e_mail_is_read_again_as_a_text_message(self):
        self.customer.phone = "+491701234567"
        self.company.o2c_falls_to_sms = True
        action = self.waiting()
        action.with_user(self.collector)._approve()
        message = action.message_id
        self.assertEqual(message.channel, "email")
        message._set_sending()
        message._set_failed("smtp_rejected", "550", "no such user")
        self.assertEqual((action.channel, action.state), ("sms", "to_review"))
        self.assertTrue(self.review(action).text)
        action.with_user(self.collector)._approve()
        self.assertEqual((action.channel, action.state), ("sms", "queued"))

    def test_words_are_words_never_script(self):
        review = self.review(self.waiting())
        review.body = "<p onclick='x()'>Hi {{ 7*7 }}</p><script>alert(1)</script>"
        review.action_send()
        html = self.messages().body_html
        self.assertIn("Hi {{ 7*7 }}", html)
        self.assertNotIn("onclick", html)
        self.assertNotIn("<script", html)
