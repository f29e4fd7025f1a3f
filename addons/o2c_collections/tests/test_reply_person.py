from datetime import timedelta

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, new_test_user, tagged

from ..domain.pause import working_day_after
from ..hooks import uninstall_hook
from .reply_common import ReplyCase


@tagged("post_install", "-at_install")
class TestReplyPerson(ReplyCase):
    """A person confirms by one click what a reply seems to say, or drops it."""

    def setUp(self):
        super().setUp()
        self.today = self.company._o2c_today()

    def seen(self, user=None):
        self.root_env.flush_all()
        self.root_env.invalidate_all()
        return self.debtor.with_user(user or self.collector)

    def test_a_day_named_is_confirmed_by_one_click(self):
        day = self.today + timedelta(days=10)
        self._receive(f"We will pay on {day}.\n\n> the amount is wrong")
        account = self.seen()
        self.assertIn("payment", account.reply_suggestion)
        self.assertIn(str(day), account.reply_words)
        account.action_confirm_reply()
        self.assertRecordValues(
            self.debtor.promise_ids,
            [
                {
                    "amount": self.debtor.amount_overdue_live,
                    "date_due": day,
                    "channel": "email",
                    "user_id": self.collector.id,
                }
            ],
        )
        self.assertRecordValues(
            self._replies(),
            [
                {
                    "suggestion": "promise",
                    "suggestion_day": day,
                    "state": "confirmed",
                    "handled_by_id": self.collector.id,
                }
            ],
        )
        self.assertFalse(self.seen().open_reply_id)
        self.assertFalse(self.seen().activity_ids)
        self.assertTrue(
            any("Confirmed" in message.body for message in self.debtor.message_ids)
        )
        self.assertEqual(self._kinds("suggestion_confirmed"), ["suggestion_confirmed"])

    def test_paid_becomes_an_announced_payment(self):
        self._receive("We have already paid.")
        self.assertEqual(self.seen().open_reply_id.suggestion, "paid")
        self.seen().action_confirm_reply()
        remittance = self.root_env["o2c.remittance"].search([])
        self.assertEqual(remittance.debtor_id, self.debtor)
        self.assertEqual(remittance.date_until, working_day_after(self.today, 5))
        self.assertEqual(
            sum(remittance.line_ids.mapped("amount")), self.debtor.amount_overdue_live
        )

    def test_what_was_announced_before_or_is_disputed_rests_as_a_whole(self):
        rests = (
            ("We have already paid.", "paid", working_day_after(self.today, 5)),
            ("The price is wrong.", "dispute", self.today + timedelta(days=14)),
        )
        self.seen()._take_remittance("call")
        for text, kind, until in rests:
            with self.subTest(kind):
                self.debtor.paused_until = False
                self._receive(text)
                self.assertEqual(self.seen().open_reply_id.suggestion, kind)
                self.seen().action_confirm_reply()
                self.assertEqual(self.debtor.paused_until, until)

    def test_one_click_opens_a_dispute_with_his_words_and_files(self):
        invoice = self._invoice()
        self._receive(f"The price on {invoice.name} is wrong.\n\n> pay please")
        reply = self._replies()
        self._attach(reply, "proof.txt")
        action = self.seen().action_dispute_reply()
        form = Form(
            self.root_env["o2c.dispute"]
            .with_user(self.collector)
            .with_context(**action["context"]),
            view="o2c_collections.o2c_dispute_view_form_new",
        )
        self.assertEqual(form.move_id.id, invoice.id)
        form.reason_id = self.root_env.ref("o2c_collections.reason_price")
        dispute = form.save()
        self.assertRecordValues(
            dispute,
            [
                {
                    "amount": invoice.amount_residual,
                    "reply_id": reply.id,
                    "description": f"The price on {invoice.name} is wrong.",
                }
            ],
        )
        [copied] = self.root_env["ir.attachment"].search(
            [("res_model", "=", "o2c.dispute"), ("res_id", "=", dispute.id)]
        )
        self.assertEqual((copied.name, copied.raw), ("proof.txt", b"seen"))
        self.assertEqual(reply.state, "dropped")
        self.assertFalse(self.seen().open_reply_id)

    def test_the_mail_of_another_customer_gives_its_files_to_nobody(self):
        self._receive("The price is wrong.")
        reply = self._replies()
        self._attach(reply, "secret.txt")
        twin = self._create_customer("Twin", "twin@bolt.example")
        invoice = self._invoice(partner_id=twin.id)
        dispute = (
            self.root_env["o2c.dispute"]
            .with_user(self.collector)
            .create(
                {
                    "move_id": invoice.id,
                    "reason_id": self.root_env.ref("o2c_collections.reason_price").id,
                    "reply_id": reply.id,
                }
            )
        )
        self.assertFalse(dispute.reply_id)
        self.assertEqual(reply.state, "new")
        files = self.root_env["ir.attachment"].search_count(
            [("res_model", "=", "o2c.dispute"), ("res_id", "=", dispute.id)]
        )
        self.assertEqual(files, 0)

    def _attach(self, reply, name):
        reply.mail_message_id.attachment_ids = [
            Command.create({"name": name, "raw": b"seen", "res_model": "o2c.debtor"})
        ]

    def test_a_longer_pause_of_a_person_is_not_shortened(self):
        self._receive("We have already paid.")
        until = self.today + timedelta(days=60)
        self.seen()._pause(until, "Agreed")
        self.seen().action_confirm_reply()
        self.assertEqual(self.debtor.paused_until, until)

    def test_a_day_that_has_passed_meanwhile_is_promised_for_today(self):
        self._receive("We have already paid.")
        reply = self._replies()
        reply.write(
            {"suggestion": "promise", "suggestion_day": self.today - timedelta(days=3)}
        )
        self.debtor.paused_until = False
        self.seen().action_confirm_reply()
        self.assertEqual(self.debtor.promise_ids.date_due, self.today)

    def test_what_was_looked_at_asks_no_more(self):
        self._receive("We have already paid.")
        self._receive("Hello?")
        self.seen().action_drop_reply()
        self.assertEqual(self._replies().mapped("state"), ["dropped"] * 2)
        self.assertFalse(self.seen().activity_ids)
        paused = self.debtor.paused_until
        self._replies().with_user(self.collector).action_confirm()
        self.assertEqual(self._replies().mapped("state"), ["dropped"] * 2)
        self.assertEqual(self.debtor.paused_until, paused)

    def test_a_reply_without_suggestion_cannot_be_confirmed(self):
        self._receive("Hello.")
        self.seen().action_confirm_reply()
        self.assertEqual(self._replies().state, "new")

    def test_the_mail_of_a_stranger_is_given_to_a_customer(self):
        self._receive("We paid.", parent=False, sender="boss@nowhere.example")
        [reply] = self._replies(self.debtor.browse())
        reply.with_user(self.collector).write({"debtor_id": self.debtor.id})
        self.root_env.invalidate_all()
        self.assertIn("We paid.", self._answer().body)
        self.assertRecordValues(
            reply,
            [{"state": "new", "debtor_id": self.debtor.id, "suggestion": "paid"}],
        )
        self.assertTrue(self.debtor.paused_until)
        self.assertEqual(len(self.debtor.activity_ids), 1)
        with self.assertRaises(UserError):
            reply.with_user(self.collector).write({"debtor_id": self.debtor.id})

    def test_replies_go_along_when_customers_are_merged(self):
        self._receive("We paid.")
        twin = self._create_customer("Twin", "twin@bolt.example")
        account = self.root_env["o2c.debtor"]._ensure([(twin, self.company)])
        reply = self._replies()
        self.debtor._merge_into(account)
        self.debtor.unlink()
        self.root_env.invalidate_all()
        self.assertEqual(reply.exists().debtor_id, account)

    def test_without_the_add_on_the_address_is_gone(self):
        alias = self.company.o2c_alias_id
        self.assertTrue(alias)
        uninstall_hook(self.root_env)
        self.assertFalse(alias.exists())

    def test_the_engine_s_fields_are_closed(self):
        self._receive("Hello.")
        reply = self._replies().with_user(self.collector)
        for values in ({"state": "confirmed"}, {"text": "x"}, {"company_id": 1}):
            with self.assertRaises(AccessError):
                reply.write(values)
        for call in (reply.unlink, lambda: reply.create({"company_id": 1})):
            with self.assertRaises(AccessError):
                call()

    def test_roles_and_companies(self):
        self._receive("We have already paid.")
        auditor = self.new_user("auditor", "o2c_base.group_auditor", self.company)
        employee = self.new_user("employee", "base.group_user", self.company)
        other = self.root_env["res.company"].create({"name": "Other"})
        outsider = self.new_user("outsider", "o2c_base.group_manager", other)
        self.assertTrue(self.seen(auditor).open_reply_id)
        for user in (auditor, employee, outsider):
            reply = self._replies().with_user(user)
            with self.assertRaises(AccessError):
                reply.action_confirm()
            with self.assertRaises(AccessError):
                self.seen(user).action_drop_reply()
        self.assertFalse(self._replies().with_user(outsider).search([]))
        self.assertEqual(self._replies().state, "new")

    def test_a_stranger_s_mail_stays_in_its_company(self):
        other = self.root_env["res.company"].create({"name": "Other"})
        account = self.root_env["o2c.debtor"]._ensure([(self.customer, other)])
        self._receive("Hello.", parent=False, sender="boss@nowhere.example")
        [reply] = self._replies(self.debtor.browse())
        self.collector.company_ids += other
        user = self.collector.with_context(allowed_company_ids=other.ids)
        with self.assertRaises(UserError):
            reply.with_user(user).write({"debtor_id": account.id})

    def new_user(self, name, group, company):
        return new_test_user(
            self.root_env,
            login=f"reply_{name}",
            groups=group,
            company_id=company.id,
            company_ids=[(6, 0, company.ids)],
        )

    def test_the_rest_is_a_number_of_days_within_reason(self):
        for days in (-1, 31):
            with self.assertRaises(UserError):
                self.company.o2c_reply_pause_days = days
