from pathlib import Path

from odoo import Command
from odoo.exceptions import AccessError
from odoo.service.model import call_kw
from odoo.tests import new_test_user, tagged

from odoo.addons.o2c_base.tests.public_methods import PublicMethods

from .chase_common import ChaseCommon

PUBLIC_METHODS = Path(__file__).with_name("public_methods.txt")
OURS = "odoo.addons.o2c_collections."
MODELS = (
    "o2c.chase.plan",
    "o2c.chase.step",
    "o2c.chase.action",
    "o2c.chase.decision",
    "o2c.chase.run",
    "o2c.chase.message",
    "o2c.debtor",
)
#: What each role may do: read, write, create, unlink.
RIGHTS = {
    "base.group_user": dict.fromkeys(MODELS, ""),
    "base.group_portal": dict.fromkeys(MODELS, ""),
    "o2c_base.group_auditor": dict.fromkeys(MODELS, "r"),
    "o2c_base.group_collector": {**dict.fromkeys(MODELS, "r"), "o2c.debtor": "rw"},
    "o2c_base.group_credit_manager": {**dict.fromkeys(MODELS, "r"), "o2c.debtor": "rw"},
    "o2c_base.group_manager": {
        **dict.fromkeys(MODELS, "r"),
        "o2c.debtor": "rw",
        "o2c.chase.plan": "rwcu",
        "o2c.chase.step": "rwcu",
    },
}
LETTERS = {"r": "read", "w": "write", "c": "create", "u": "unlink"}


@tagged("post_install", "-at_install", "o2c_boundary")
class TestChaseSecurity(PublicMethods, ChaseCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other = cls.setup_other_company()["company"]
        cls.other.sudo().write(
            {
                "email": "b@x.example",
                "o2c_sending": True,
                "o2c_chase_from": "2000-01-01",
            }
        )
        cls.new_plan([(1, 3)], company_id=cls.other.id, name="Theirs")
        cls.outsider = new_test_user(
            cls.engine,
            login="colt_outsider",
            groups="o2c_base.group_manager",
            company_id=cls.other.id,
            company_ids=[Command.set(cls.other.ids)],
        )

    def users(self):
        for group in RIGHTS:
            yield group, self.new_user(f"colt_{group}", group)

    def call(self, user, model, method, *args, **kwargs):
        """Call over RPC as a user, with everything that a client may forge."""
        self.env.flush_all()
        self.env.invalidate_all()
        return call_kw(self.env[model].with_user(user), method, list(args), kwargs)

    # Rights

    def test_each_role_has_its_rights_and_no_others(self):
        for group, user in self.users():
            for model, letters in RIGHTS[group].items():
                for letter, operation in LETTERS.items():
                    with self.subTest(group=group, model=model, operation=operation):
                        self.assertEqual(
                            self.env[model].with_user(user).has_access(operation),
                            letter in letters,
                        )

    def test_every_model_of_ours_has_a_company_rule(self):
        for model in MODELS:
            rules = self.engine["ir.rule"].search(
                [("model_id.model", "=", model), ("groups", "=", False)]
            )
            self.assertTrue(rules, model)
            self.assertIn("company_id", "".join(rules.mapped("domain_force")), model)

    # Companies

    def _everything_of(self, company):
        """Ids per model of what belongs to a company."""
        return {
            model: self.engine[model].search([("company_id", "=", company.id)]).ids
            for model in MODELS
        }

    def test_another_company_s_records_are_closed_in_every_way(self):
        self.late(100, days=5)
        self.run_chase()
        ours = self._everything_of(self.company)
        for model, ids in ours.items():
            with self.subTest(model=model):
                self.assertTrue(ids)
                domain = [("id", "in", ids)]
                self.assertFalse(self.call(self.outsider, model, "search", domain))
                self.assertEqual(
                    self.call(self.outsider, model, "search_count", domain), 0
                )
                groups = self.call(
                    self.outsider,
                    model,
                    "formatted_read_group",
                    domain,
                    ["company_id"],
                    ["__count"],
                )
                self.assertEqual(groups, [])
                with self.assertRaises(AccessError):
                    self.call(self.outsider, model, "read", ids, ["company_id"])
                with self.assertRaises(AccessError):
                    self.call(self.outsider, model, "web_read", ids, {"company_id": {}})

    def test_buttons_do_nothing_in_another_company(self):
        self.late(100, days=5)
        self.run_chase()
        action = self.actions()
        action._set_failed("smtp_gave_up")
        debtor = self.debtor()
        for model, method, ids in (
            ("o2c.chase.action", "action_retry", action.ids),
            ("o2c.chase.action", "action_close", action.ids),
            ("o2c.chase.action", "action_open_debtor", action.ids),
            ("o2c.debtor", "action_reviewed", debtor.ids),
        ):
            with self.subTest(method=method), self.assertRaises(AccessError):
                self.call(self.outsider, model, method, ids)
        self.assertEqual(action.state, "failed")

    def test_a_forged_company_in_the_context_opens_nothing(self):
        """Another company among the allowed ones is refused by the framework."""
        forged = {"allowed_company_ids": [self.company.id]}
        with self.assertRaises(AccessError):
            self.call(
                self.outsider, "o2c.chase.run", "action_run_now", [], context=forged
            )
        with self.assertRaises(AccessError):
            self.call(
                self.outsider, "o2c.chase.run", "action_switch_off", [], context=forged
            )
        self.assertTrue(self.company.o2c_sending)

    # Gates

    def test_nobody_writes_what_the_engine_keeps(self):
        self.late(100, days=5)
        run = self.run_chase()
        manager = self.new_user("colt_manager", "o2c_base.group_manager")
        action, debtor = self.actions(), self.debtor()
        forged = {"su": True, "sudo": True, "install_mode": True, "o2c_gate": True}
        for model, record, values in (
            ("o2c.chase.action", action, {"state": "done"}),
            ("o2c.chase.action", action, {"reason": "paid"}),
            ("o2c.chase.run", run, {"state": "requested"}),
            ("o2c.debtor", debtor, {"level": 9}),
            ("o2c.debtor", debtor, {"cycle": 9}),
            ("o2c.debtor", debtor, {"cycle_date": "2000-01-01"}),
            ("o2c.debtor", debtor, {"level_date": "2000-01-01"}),
            ("o2c.debtor", debtor, {"next_action_date": "2100-01-01"}),
            ("o2c.debtor", debtor, {"chase_reason": "paid"}),
            ("o2c.debtor", debtor, {"chase_reason_since": "2100-01-01"}),
            ("o2c.debtor", debtor, {"action_ids": [Command.clear()]}),
            ("res.company", self.company, {"o2c_sending": False}),
        ):
            for context in ({}, forged):
                with self.subTest(values=values), self.assertRaises(AccessError):
                    self.call(
                        manager, model, "write", record.ids, values, context=context
                    )
        with self.assertRaises(AccessError):
            self.call(manager, "o2c.chase.action", "create", {"debtor_id": debtor.id})
        with self.assertRaises(AccessError):
            self.call(
                manager, "o2c.chase.run", "create", {"company_id": self.company.id}
            )
        own = {"plan_id": self.plan.id, "plan_reason": "Agreed"}
        own["plan_until"] = "2026-07-01"
        self.call(manager, "o2c.debtor", "write", debtor.ids, own)

    def test_buttons_need_their_role(self):
        self.late(100, days=5)
        self.run_chase()
        action, debtor = self.actions(), self.debtor()
        action._set_failed("smtp_gave_up")
        allowed = {
            "action_retry": {"collector", "manager"},
            "action_close": {"collector", "manager"},
            "action_run_now": {"collector", "manager"},
            "action_preview": {"collector", "manager", "credit_manager", "auditor"},
            "action_switch_on": {"manager"},
            "action_switch_off": {"manager"},
            "action_reviewed": {"collector", "manager", "credit_manager"},
        }
        self.company.sudo().o2c_preview_seen_at = "2026-01-01 00:00:00"
        for group, user in self.users():
            role = group.split(".group_")[1]
            for method, roles in allowed.items():
                model, ids = "o2c.chase.run", []
                if method in ("action_retry", "action_close"):
                    model, ids = "o2c.chase.action", action.ids
                elif method == "action_reviewed":
                    model, ids = "o2c.debtor", debtor.ids
                with self.subTest(role=role, method=method):
                    if role in roles:
                        self.call(user, model, method, ids)
                    else:
                        with self.assertRaises(AccessError):
                            self.call(user, model, method, ids)

    def test_private_methods_are_closed_to_rpc(self):
        for model, method in (
            ("o2c.chase.action", "_set_done"),
            ("o2c.chase.run", "_execute"),
            ("o2c.chase.decision", "_decide"),
            ("res.company", "_o2c_set_sending"),
        ):
            with self.assertRaises(AccessError):
                self.call(self.env.user, model, method, [])

    def test_the_public_methods_are_those_on_the_list(self):
        """A public method is an RPC endpoint: each was thought about."""
        self.assert_public_methods(OURS, PUBLIC_METHODS)
