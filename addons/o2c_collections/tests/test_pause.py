import doctest
from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, new_test_user, tagged

from ..domain import pause
from .chase_common import ChaseCommon


@tagged("post_install", "-at_install")
class TestPause(ChaseCommon):
    """A customer is left alone by a person's word: with an end, a reason, a name."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.late(100, 20)
        cls.account = cls.debtor_model._ensure([(cls.customer, cls.company)])
        cls.collector = cls.new_user("collector", "o2c_base.group_collector")
        cls.today = fields.Date.today()
        cls.env.flush_all()

    @classmethod
    def new_user(cls, login, groups, company=None):
        company = company or cls.company
        return new_test_user(
            cls.env,
            login=f"pause_{login}",
            groups=groups,
            company_id=company.id,
            company_ids=[(6, 0, company.ids)],
        )

    def seen_by(self, user):
        self.env.flush_all()
        self.env.invalidate_all()
        return self.account.with_user(user)

    def dialog(self, user=None, **values):
        account = self.seen_by(user or self.collector)
        action = account.action_pause()
        model = account.env[action["res_model"]].with_context(**action["context"])
        with Form(model) as form:
            for name, value in values.items():
                form[name] = value
        return form.record

    def in_days(self, days):
        return self.today + timedelta(days=days)

    def test_doctests(self):
        self.assertEqual(doctest.testmod(pause).failed, 0)

    def test_a_pause_has_an_end_a_reason_and_a_name(self):
        self.dialog(date=self.in_days(10), reason=" New bank details ").action_pause()
        seen = self.seen_by(self.collector)
        self.assertTrue(seen.is_paused)
        self.assertEqual(seen.paused_until, self.in_days(10))
        self.assertEqual(seen.pause_reason, "New bank details")
        self.assertEqual(seen.paused_by_id, self.collector)
        self.assertEqual(self.reason(), "paused_until")
        self.assertEqual(self.account.chase_reason, "paused_until")
        kinds = self.env["o2c.event"].search([("debtor_id", "=", seen.id)])
        self.assertIn("debtor_paused", kinds.mapped("kind"))
        self.assertIn("New bank details", str(seen.message_ids.mapped("body")))

    def test_a_credit_manager_may_too(self):
        user = self.new_user("credit", "o2c_base.group_credit_manager")
        self.dialog(user, reason="Talks").action_pause()
        self.assertEqual(self.account.paused_by_id, user)

    def test_resuming_ends_it(self):
        self.dialog(reason="Talks").action_pause()
        self.seen_by(self.collector).action_resume()
        self.assertFalse(self.account.is_paused)
        self.assertFalse(self.account.pause_reason)
        self.assertEqual(self.reason(), "due")
        self.assertFalse(self.account.paused_until)

    def test_it_ends_by_itself(self):
        self.dialog(date=self.in_days(2), reason="Talks").action_pause()
        with self.on_day(2):
            self.assertTrue(self.seen_by(self.collector).is_paused)
        with self.on_day(3):
            self.assertFalse(self.seen_by(self.collector).is_paused)

    def test_ninety_days_and_no_more(self):
        self.dialog(date=self.in_days(90), reason="Long").action_pause()
        for days in (91, -1, 10_000):
            dialog = self.dialog(date=self.in_days(days), reason="Too long")
            with self.subTest(days=days), self.assertRaises(UserError):
                dialog.action_pause()
        self.assertEqual(self.account.paused_until, self.in_days(90))

    def test_an_empty_reason_is_none(self):
        dialog = self.dialog(reason="   ")
        with self.assertRaises(UserError):
            dialog.action_pause()

    def test_a_reason_is_text(self):
        self.dialog(reason="<img src=x onerror=alert(1)>").action_pause()
        self.assertNotIn("<img", str(self.account.message_ids.mapped("body")))

    def test_the_dialog_is_the_only_way(self):
        for name, value in (
            ("paused_until", self.in_days(1000)),
            ("pause_reason", "x"),
            ("paused_by_id", self.collector.id),
        ):
            with self.subTest(field=name), self.assertRaises(AccessError):
                self.seen_by(self.collector).write({name: value})

    def test_nobody_else_pauses_or_resumes(self):
        other = self.setup_other_company(name="Other root")["company"]
        users = (
            self.new_user("auditor", "o2c_base.group_auditor"),
            self.new_user("plain", "base.group_user"),
            self.new_user("portal", "base.group_portal"),
            self.new_user("stranger", "o2c_base.group_collector", company=other),
        )
        for user in users:
            with self.subTest(user=user.login):
                with self.assertRaises(AccessError):
                    self.seen_by(user).action_pause()
                with self.assertRaises(AccessError):
                    self.seen_by(user).action_resume()
                values = {"debtor_id": self.account.id, "reason": "x"}
                with self.assertRaises(AccessError):
                    pauses = self.seen_by(user).env["o2c.debtor.pause"]
                    pauses.create(values).action_pause()
        self.assertFalse(self.account.paused_until)

    def test_the_next_step_is_in_the_header(self):
        seen = self.seen_by(self.collector)
        self.assertEqual(seen.next_step_date, self.today)
        self.assertIn("Level 1", seen.next_step)
        self.assertIn("level 1", seen.explanation)
        seen.activity_schedule(
            "mail.mail_activity_data_call",
            date_deadline=self.in_days(-1),
            summary="Ask for Ms Moser",
        )
        seen = self.seen_by(self.collector)
        self.assertEqual(seen.next_step_date, self.in_days(-1))
        self.assertEqual(seen.next_step, "Ask for Ms Moser")
        self.dialog(date=self.in_days(5), reason="Talks").action_pause()
        self.account.activity_ids.unlink()
        seen = self.seen_by(self.collector)
        self.assertEqual(seen.next_step_date, self.in_days(6))
        self.assertEqual(seen.next_step, "Look again")
