from odoo import Command
from odoo.exceptions import AccessError
from odoo.service.model import call_kw
from odoo.tests import new_test_user, tagged

from .promise_common import PromiseCommon

MODELS = ("o2c.promise", "o2c.promise.line")
#: What each role may do: read, write, create, unlink.
RIGHTS = {
    "base.group_user": ("", ""),
    "base.group_portal": ("", ""),
    "o2c_base.group_auditor": ("r", "r"),
    "o2c_base.group_collector": ("rw", "r"),
    "o2c_base.group_credit_manager": ("rw", "r"),
    "o2c_base.group_manager": ("rw", "r"),
}
LETTERS = {"r": "read", "w": "write", "c": "create", "u": "unlink"}


@tagged("post_install", "-at_install", "o2c_boundary")
class TestPromiseAccess(PromiseCommon):
    """Who sees promises, and who may do what with them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other = cls.setup_other_company()["company"]
        cls.outsider = new_test_user(
            cls.engine,
            login="promise_outsider",
            groups="o2c_base.group_manager",
            company_id=cls.other.id,
            company_ids=[Command.set(cls.other.ids)],
        )

    def call(self, user, model, method, *args, **kwargs):
        self.env.flush_all()
        self.env.invalidate_all()
        return call_kw(self.env[model].with_user(user), method, list(args), kwargs)

    def test_each_role_has_its_rights_and_no_others(self):
        for group, letters in RIGHTS.items():
            user = self.new_user(f"promise_{group}", group)
            for model, own in zip(MODELS, letters, strict=True):
                for letter, operation in LETTERS.items():
                    with self.subTest(group=group, model=model, operation=operation):
                        self.assertEqual(
                            self.env[model].with_user(user).has_access(operation),
                            letter in own,
                        )

    def test_another_company_sees_and_does_nothing(self):
        self.late(100, days=9)
        promise = self.promise((7, 100))
        debtor = self.debtor()
        for model, ids in (
            ("o2c.promise", promise.ids),
            ("o2c.promise.line", promise.line_ids.ids),
        ):
            self.assertFalse(
                self.call(self.outsider, model, "search", [("id", "in", ids)])
            )
            with self.assertRaises(AccessError):
                self.call(self.outsider, model, "read", ids, ["amount"])
        for method in ("action_cancel", "action_renegotiate", "action_print"):
            with self.subTest(method), self.assertRaises(AccessError):
                self.call(self.outsider, "o2c.promise", method, promise.ids)
        for method in ("action_promise", "action_open_promises"):
            with self.subTest(method), self.assertRaises(AccessError):
                self.call(self.outsider, "o2c.debtor", method, debtor.ids)
        with self.assertRaises(AccessError):
            self.call(
                self.outsider,
                "o2c.promise.taking",
                "create",
                [{"debtor_id": debtor.id, "amount": 5, "currency_id": 1}],
            )
        self.assertEqual(promise.state, "open")

    def test_an_auditor_changes_nothing(self):
        self.late(100, days=9)
        promise = self.promise((7, 100))
        auditor = self.new_user("promise_auditor", "o2c_base.group_auditor")
        self.assertTrue(self.call(auditor, "o2c.promise", "action_print", promise.ids))
        for model, method, ids in (
            ("o2c.promise", "action_cancel", promise.ids),
            ("o2c.promise", "action_renegotiate", promise.ids),
            ("o2c.promise", "action_new", promise.ids),
            ("o2c.debtor", "action_promise", self.debtor().ids),
        ):
            with self.subTest(method), self.assertRaises(AccessError):
                self.call(auditor, model, method, ids)
        self.assertEqual(promise.state, "open")

    def test_what_the_engine_does_is_closed_to_clients(self):
        self.late(100, days=9)
        promise = self.promise((7, 100))
        for method in ("_set_outcome", "_cron_judge", "_refresh_paid", "_end"):
            with self.subTest(method), self.assertRaises(AccessError):
                self.call(self.collector, "o2c.promise", method, promise.ids)
