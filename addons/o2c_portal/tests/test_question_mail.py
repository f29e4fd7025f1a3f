import re
from datetime import timedelta

from lxml import html

from odoo import fields
from odoo.tests import tagged

from odoo.addons.mail.tests.common import MockEmail

from .portal_common import PortalHttpCommon
from .test_requests import RequestCommon
from .wire_common import WireCommon


class QuestionCommon(MockEmail, RequestCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer.email = "books@customer.example"

    def mail_to(self, address):
        """The body of the one mail to an address."""
        [mail] = [mail for mail in self._mails if address in str(mail["email_to"])]
        return mail["body"]

    def links(self, body):
        return re.findall(r'href="[^"]*(/rate/\w+/[135])"', body)

    def bad_news(self):
        return self.account().activity_ids.filtered(
            lambda a: "Not satisfied" in (a.summary or "")
        )

    def ratings_of(self, record):
        return self.env["rating.rating"].search(
            [("res_model", "=", record._name), ("res_id", "=", record.id)]
        )


@tagged("post_install", "-at_install", "o2c_boundary")
class TestQuestionAfterDispute(QuestionCommon, PortalHttpCommon):
    """The mail that answers a dispute asks how that was, and one answer counts."""

    def setUp(self):
        super().setUp()
        self.about = self.dispute()

    def dispute(self):
        reason = self.env["o2c.dispute.reason"].search([("kind", "=", "any")], limit=1)
        disputes = self.account().env["o2c.dispute"]
        return disputes.create(
            {"move_id": self.late.id, "reason_id": reason.id, "amount": 10}
        )

    def decide(self, outcome="rejected"):
        """Decided by the collector, who is mailed to the customer.

        :return: the body of the mail
        """
        wizard = self.env["o2c.dispute.decide"].with_user(self.collector)
        wizard = wizard.create(
            {"dispute_id": self.about.id, "outcome": outcome, "answer": "See above."}
        )
        with self.mock_mail_gateway():
            wizard.action_decide()
        return self.mail_to("books@customer.example")

    def rate(self, link, **values):
        """Open Odoo's page behind a link, and send its form."""
        page = self.url_open(link)
        self.assertEqual(page.status_code, 200)
        [form] = html.fromstring(page.text).xpath("//form[contains(@action, '/rate/')]")
        [checked] = form.xpath(".//input[@name='rate'][@checked]/@value")
        data = {"csrf_token": self.csrf(page), "rate": checked}
        return self.url_open(form.get("action"), data={**data, **values})

    def test_one_mail_asks_and_opening_its_links_does_nothing(self):
        body = self.decide()
        self.assertIn("See above.", body)
        links = self.links(body)
        self.assertEqual([link[-1] for link in links], ["5", "3", "1"])
        for link in links:
            self.assertEqual(self.url_open(link).status_code, 200)
            self.opener.head(self.base_url() + link)
        rating = self.ratings_of(self.about)
        self.assertEqual((len(rating), rating.consumed), (1, False))
        self.assertFalse(self.bad_news())
        self.assertNotIn("/rate/", self.about.message_ids[0].body, "the desk's copy")

    def test_colleagues_get_the_mail_without_the_links(self):
        boss = self._clerk("ask_boss", "o2c_base.group_manager")
        boss.write({"email": "boss@own.example", "notification_type": "email"})
        self.about.message_subscribe(boss.partner_id.ids)
        self.assertEqual(len(self.links(self.decide())), 3)
        body = self.mail_to("boss@own.example")
        self.assertIn("See above.", body)
        self.assertFalse(self.links(body))

    def test_a_bad_answer_pauses_and_calls_a_person_once(self):
        *_better, bad = self.links(self.decide())
        for text in ("<b>Slow</b>", "Again"):
            self.rate(bad, feedback=text)
        rating = self.ratings_of(self.about)
        self.assertEqual((rating.rating, rating.feedback), (1, "<b>Slow</b>"))
        self.assertEqual(len(self.bad_news()), 1)
        self.assertNotIn("<b>Slow", self.bad_news().note)
        self.assertTrue(self.account().paused_until)
        self.authenticate("customer_a", "customer_a")
        page = self.get(f"/my/receivables/dispute/{self.about.id}")
        self.assertIn("Thank you for your answer", page.text)
        self.assertNotIn("How was that for you?", page.text)

    def test_a_complaint_is_in_the_language_of_who_hears_it(self):
        self.env["res.lang"]._activate_lang("de_DE")
        account = self.account()
        person = account._responsible() or account.company_id._o2c_owner()
        person.lang = "de_DE"
        self.rate(self.links(self.decide())[-1])
        summaries = " ".join(self.account().activity_ids.mapped("summary"))
        self.assertIn("Nicht zufrieden: ", summaries)

    def test_a_good_answer_changes_nothing(self):
        good = self.links(self.decide())[0]
        self.rate(good)
        self.assertEqual(self.ratings_of(self.about).rating, 5)
        self.assertFalse(self.bad_news() or self.account().paused_until)

    def test_who_answered_on_the_page_is_not_heard_twice(self):
        bad = self.links(self.decide())[-1]
        account = self.account()
        account._take_answer(self.about, 5, "Fine", self.user_a.partner_id)
        self.rate(bad)
        rating = self.ratings_of(self.about)
        self.assertEqual((len(rating), rating.rating), (1, 5))
        self.assertFalse(self.bad_news())

    def test_decided_anew_the_same_question_is_asked_until_it_is_answered(self):
        first = self.links(self.decide())
        self.about.action_reopen()
        self.assertEqual(self.links(self.decide()), first)
        self.rate(first[0])
        self.about.action_reopen()
        self.assertFalse(self.links(self.decide()))

    def test_an_accepted_dispute_is_asked_about_with_its_answer(self):
        *_better, bad = self.links(self.decide("credit"))
        self.rate(bad)
        self.assertEqual(len(self.bad_news()), 1)

    def test_another_s_login_is_refused(self):
        bad = self.links(self.decide())[-1]
        self.authenticate("customer_b", "customer_b")
        page = self.url_open(bad)
        self.assertNotIn("submit_feedback", page.text)

    def test_a_question_about_something_else_is_refused(self):
        self.decide()
        rating = self.ratings_of(self.about)
        other = self.choose({self.late: 10})
        with self.assertRaises(ValueError):
            other.rating_apply(1, rating=rating)
        self.assertFalse(rating.consumed)


@tagged("post_install", "-at_install")
class TestQuestionAfterPayment(QuestionCommon, WireCommon):
    """Who transferred money is told that it came, and asked once in a while."""

    def setUp(self):
        super().setUp()
        self.root = self.company.sudo()
        self.root.write({"o2c_sending": True, "o2c_pilot": False})
        self.root.write({"o2c_quiet_email": False, "o2c_working_days_only": False})

    def transferred(self, key="key1", hours=30, amount=10):
        remittance = self.choose({self.late: amount}, key=key)
        attempt = self.begin(remittance)
        attempt._set_done()
        attempt._post_process()
        self.env.flush_all()
        begun = fields.Datetime.now() - timedelta(hours=hours)
        self.env.cr.execute(
            "UPDATE payment_transaction SET create_date = %s WHERE id = %s",
            [begun, attempt.id],
        )
        return remittance

    def ask(self):
        """The job; the bodies of what it mails."""
        with self.mock_mail_gateway(), self.enter_registry_test_mode():
            self.env.ref("o2c_portal.ir_cron_ask").method_direct_trigger()
        self.env.invalidate_all()
        return self._new_mails.mapped("body_html")

    def test_a_transfer_that_has_come_is_told_and_asked_about_once(self):
        remittance = self.transferred()
        [body] = self.ask()
        self.assertIn("has arrived", body)
        self.assertIn(self.late.name, body)
        self.assertEqual(len(self.links(body)), 3)
        self.assertFalse(self.ask())
        remittance.rating_apply(
            1, rating=self.ratings_of(remittance), feedback="Where is the receipt?"
        )
        self.assertIn("receipt", self.bad_news().note)
        self.assertEqual(
            self.account()._question_state(remittance), "answered", "on the page too"
        )

    def test_a_second_one_within_the_month_is_not_asked_about(self):
        self.transferred()
        self.assertEqual(len(self.ask()), 1)
        self.transferred("key2")
        self.assertFalse(self.ask())

    def test_who_paid_at_once_is_not_written_to(self):
        self.transferred(hours=0)
        self.assertFalse(self.ask())

    def test_nobody_is_written_to_who_may_not_be(self):
        self.transferred()
        for values in (
            {"o2c_sending": False},
            {"o2c_pilot": True},
            {"o2c_quiet_email": True, "o2c_quiet_from": 9.0, "o2c_quiet_to": 18.0},
        ):
            before = {name: self.root[name] for name in values}
            self.root.write(values)
            self.assertFalse(self.ask(), values)
            self.root.write(before)
        self.user_a.partner_id.email = False
        self.assertFalse(self.ask())
        self.user_a.partner_id.email = "again@customer.example"
        self.assertEqual(len(self.ask()), 1)
