from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

from .desk_common import DeskCommon


@tagged("post_install", "-at_install")
class TestDeskCall(DeskCommon):
    """A call leaves its trace on the timeline, and the next one is planned."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.clerk = cls.new_customer(
            "Clerk",
            parent_id=cls.customer.id,
            phone="+49 421 1",
            o2c_contact_role="accounts_payable",
        )
        cls.next_week = fields.Date.today() + timedelta(days=7)

    def dialog(self, user=None, **values):
        """The dialog as the button opens it."""
        account = self.seen_by(user or self.collector)
        action = account.action_log_call()
        model = account.env[action["res_model"]].with_context(**action["context"])
        with Form(model) as form:
            for name, value in values.items():
                form[name] = value
        return form.record

    def calls(self):
        call = self.env.ref("o2c_base.mt_call")
        return self.account.message_ids.filtered(lambda m: m.subtype_id == call)

    def test_the_dialog_knows_whom_to_call(self):
        dialog = self.dialog()
        self.assertEqual(dialog.partner_id, self.clerk)
        self.assertEqual(dialog.phone, "+49 421 1")

    def test_without_a_contact_it_is_the_company(self):
        self.clerk.active = False
        self.customer.phone = "+49 421 2"
        dialog = self.dialog()
        self.assertEqual(dialog.partner_id, self.customer)
        self.assertEqual(dialog.phone, "+49 421 2")

    def test_a_call_is_on_the_timeline_and_the_last_contact(self):
        note = "Pays on Friday\n<script>alert(1)</script>"
        self.dialog(outcome="promised", note=note).action_log()
        body = self.calls().body
        self.assertIn("Promised to pay: Clerk (+49 421 1)", body)
        self.assertNotIn("<script>", body)
        self.assertIn("&lt;script&gt;", body)
        seen = self.seen_by(self.auditor)
        self.assertEqual(seen.last_contact_channel, "call")
        self.assertEqual(seen.last_contact_by, self.collector.name)
        self.assertEqual(seen.last_contact_date.date(), fields.Date.today())
        events = self.env["o2c.event"].search([("debtor_id", "=", self.account.id)])
        self.assertIn("call_logged", events.mapped("kind"))

    def test_the_next_call_is_planned_for_the_collector(self):
        boss = self.new_user("boss", "o2c_base.group_collector")
        self.account.collector_id = boss
        self.dialog(date_next=self.next_week).action_log()
        activity = self.account.activity_ids
        self.assertEqual(activity.user_id, boss)
        self.assertEqual(activity.date_deadline, self.next_week)
        self.assertEqual(activity.activity_type_id.category, "phonecall")

    def test_a_planned_call_is_done_with_it(self):
        planned = self.account.activity_schedule("mail.mail_activity_data_call")
        dialog = self.dialog(note="All clear")
        self.assertEqual(dialog.activity_id, planned)
        dialog.action_log()
        self.assertFalse(planned.active)
        self.assertIn("All clear", self.calls().body)
        self.assertEqual(len(self.calls()), 1)

    def test_a_planned_call_that_reached_nobody_is_moved(self):
        planned = self.account.activity_schedule("mail.mail_activity_data_call")
        self.dialog(outcome="not_reached", date_next=self.next_week).action_log()
        self.assertTrue(planned.active)
        self.assertEqual(planned.date_deadline, self.next_week)
        self.assertEqual(self.account.activity_ids, planned)
        self.assertEqual(len(self.calls()), 1)

    # ------------------------------------------------------------------
    # Bad input
    # ------------------------------------------------------------------

    def test_the_next_call_is_not_in_the_past(self):
        dialog = self.dialog(date_next=fields.Date.today() - timedelta(days=1))
        with self.assertRaises(UserError):
            dialog.action_log()

    def test_a_person_of_another_customer_is_refused(self):
        dialog = self.dialog()
        dialog.sudo().partner_id = self.new_customer("Somebody else")
        with self.assertRaises(UserError):
            dialog.action_log()

    def test_an_activity_of_somebody_else_is_refused(self):
        other = self.debtor_model._ensure([(self.new_customer("X"), self.company)])
        foreign = other.activity_schedule("mail.mail_activity_data_call")
        dialog = self.dialog()
        dialog.sudo().activity_id = foreign
        with self.assertRaises(UserError):
            dialog.action_log()
        self.assertTrue(foreign.active)

    # ------------------------------------------------------------------
    # Rights
    # ------------------------------------------------------------------

    def test_only_who_works_on_accounts_logs_calls(self):
        for user in (self.auditor, self.plain, self.portal, self.stranger):
            with self.subTest(user=user.login):
                with self.assertRaises(AccessError):
                    self.seen_by(user).action_log_call()
                with self.assertRaises(AccessError):
                    calls = self.seen_by(user).env["o2c.call"]
                    values = {"debtor_id": self.account.id, "outcome": "reached"}
                    calls.create(values).action_log()
                with self.assertRaises(AccessError):
                    calls = self.seen_by(user).env["o2c.call"]
                    calls = calls.with_context(default_debtor_id=self.account.id)
                    if user != self.stranger:
                        calls.check_access("create")
                    calls.default_get(["debtor_id", "partner_id", "activity_id"])
        self.assertFalse(self.calls())

    # ------------------------------------------------------------------
    # Last contact
    # ------------------------------------------------------------------

    def test_never_is_told_as_never(self):
        self.assertFalse(self.seen_by(self.collector).last_contact_date)

    def test_a_note_among_colleagues_is_no_contact(self):
        self.account.message_post(body="Looks bad", subtype_xmlid="mail.mt_note")
        self.account.message_post(
            body="What do you think?",
            subtype_xmlid="mail.mt_comment",
            partner_ids=self.collector.partner_id.ids,
        )
        self.assertFalse(self.seen_by(self.collector).last_contact_date)

    def test_a_mail_counts_once_it_has_left(self):
        self.clerk.email = "clerk@customer.example"
        message = self.account.message_post(
            body="Hello",
            message_type="comment",
            subtype_xmlid="mail.mt_comment",
            partner_ids=self.clerk.ids,
        )
        notice = message.notification_ids
        for status, counts in (("ready", False), ("bounce", False), ("sent", True)):
            notice.notification_status = status
            with self.subTest(status=status):
                found = self.seen_by(self.collector).last_contact_channel
                self.assertEqual(found, "email" if counts else False)

    def test_a_reply_counts(self):
        self.account.message_post(
            body="We pay", message_type="email", author_id=self.clerk.id
        )
        seen = self.seen_by(self.collector)
        self.assertEqual(seen.last_contact_channel, "reply")
        self.assertEqual(seen.last_contact_by, "Clerk")

    def test_customers_without_contact_are_found(self):
        never = self.debtor_model._ensure([(self.new_customer("N"), self.company)])
        old = self.debtor_model._ensure([(self.new_customer("O"), self.company)])
        for account, days in ((old, 20), (self.account, 3)):
            message = account.message_post(body="x", subtype_xmlid="o2c_base.mt_call")
            message.date = fields.Datetime.now() - timedelta(days=days)
        mine = [("id", "in", (never | old | self.account).ids)]

        def find(*domain):
            accounts = self.seen_by(self.collector).search([*mine, *domain])
            return set(accounts.mapped("partner_id.name"))

        date = "last_contact_date"
        ago = fields.Datetime.now() - timedelta(days=14)
        self.assertEqual(find((date, "=", False)), {"N"})
        self.assertEqual(find((date, "!=", False)), {"O", "Customer"})
        self.assertEqual(find((date, "<", ago)), {"O"})
        self.assertEqual(find((date, ">=", ago)), {"Customer"})
        self.assertEqual(find((date, "<", "today -14d")), {"O"})
        self.assertEqual(
            find("|", (date, "=", False), (date, "<", "today -14d")), {"N", "O"}
        )
