from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from .common import ReceivablesCommon


@tagged("post_install", "-at_install", "o2c_boundary")
class TestWizardSecurity(ReceivablesCommon):
    """A wizard is its user's own, and shows no more than he may read."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other = cls.setup_other_company(name="Other root")["company"]
        cls.collector = cls.new_user("collector", cls.company)
        cls.stranger = cls.new_user("stranger", cls.other)
        cls.boss = cls.new_user("boss", cls.other, "o2c_base.group_manager")
        cls.invoice(100, due="2026-06-01")
        cls.account = cls.debtor_model._ensure([(cls.customer, cls.company)])
        cls.account._refresh_facts()

    @classmethod
    def new_user(cls, login, company, groups="o2c_base.group_collector"):
        return new_test_user(
            cls.env,
            f"wizard_{login}",
            groups=groups,
            company_id=company.id,
            company_ids=[Command.set(company.ids)],
        )

    def model(self, name, user):
        return self.env[name].with_user(user).with_company(user.company_id)

    def refuse(self, call, *args):
        with self.assertRaises(AccessError), mute_logger("odoo.addons.base.models"):
            call(*args)

    def test_every_wizard_of_ours_has_a_rule(self):
        rules = self.env["ir.rule"].search([("groups", "=", False)])
        covered = set(rules.model_id.mapped("model"))
        wizards = {
            name
            for name, model in self.env.registry.items()
            if name.startswith("o2c.") and model._transient and not model._abstract
        }
        self.assertIn("o2c.statement.wizard", wizards)
        self.assertFalse(wizards - covered)

    def test_nobody_reads_the_file_that_another_made(self):
        wizard = self.model("o2c.statement.wizard", self.collector).create(
            {"debtor_ids": [Command.set(self.account.ids)]}
        )
        wizard.action_export()
        self.assertTrue(wizard.file)
        wizard.invalidate_recordset()
        foreign = self.model("o2c.statement.wizard", self.stranger)
        self.assertFalse(foreign.search([]))
        self.refuse(foreign.browse(wizard.id).read, ["file"])
        self.refuse(foreign.browse(wizard.id).write, {"form": "activity"})

    def test_no_wizard_hangs_on_what_its_user_may_not_read(self):
        statement = self.env["o2c.statement"]._keep(
            self.account._statement(), asks_confirmation=True
        )
        answers = self.model("o2c.statement.answer", self.stranger)
        self.refuse(answers.create, {"statement_id": statement.id})
        calls = self.model("o2c.call", self.stranger)
        self.refuse(calls.create, {"debtor_id": self.account.id})
        for name in ("o2c.collector.assign", "o2c.segment.apply"):
            previews = self.model(name, self.boss)
            self.refuse(previews.create, {"company_id": self.company.id})

    def test_one_opens_ones_own(self):
        statement = self.env["o2c.statement"]._keep(
            self.account._statement(), asks_confirmation=True
        )
        answers = self.model("o2c.statement.answer", self.collector)
        answer = answers.with_context(default_statement_id=statement.id).create({})
        self.assertEqual(answer.balance_text, "100.00 USD")
        self.assertEqual(answer.line_ids.amount_ours, 100)
        call = self.model("o2c.call", self.collector).create(
            {"debtor_id": self.account.id}
        )
        self.assertEqual(call.commercial_partner_id, self.customer)
        for name in ("o2c.collector.assign", "o2c.segment.apply"):
            action = self.model(name, self.boss).action_preview()
            preview = self.model(name, self.boss).browse(action["res_id"])
            self.assertEqual(preview.company_id, self.other)
