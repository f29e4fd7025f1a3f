import re
from datetime import timedelta

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .chase_common import TODAY_DATE, ChaseCommon

LINK = re.compile('href="[^"]*"')


@tagged("post_install", "-at_install")
class TestPlanPreview(ChaseCommon):
    """What a level would say to a real customer, without anything being kept."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.template = cls.engine.ref("o2c_collections.mail_template_chase_1")
        cls.collector = cls.new_user("plan_previewer", "o2c_base.group_collector")

    def preview(self, user=None, template=None, days=3, debtor=None):
        plans = self.env["o2c.chase.plan"].with_user(user or self.collector)
        debtor = debtor or self.debtor()
        return plans.preview_message((template or self.template).id, debtor.id, days)

    def counts(self):
        return [
            self.engine[model].search_count([])
            for model in ("o2c.chase.message", "o2c.chase.action", "mail.mail")
        ]

    def test_the_letter_is_the_one_that_the_run_writes(self):
        self.late(1234.5, days=5)
        self.refresh()
        before = self.counts()
        letter = self.preview()
        self.assertEqual(self.counts(), before)
        self.run_chase()
        [message] = self.actions().message_id
        self.assertEqual(letter["subject"], message.subject)
        # The link to the customer's page, where there is one, is made for each letter.
        written = LINK.sub("", str(message.body_html))
        self.assertEqual(LINK.sub("", str(letter["body"])), written)
        self.assertFalse(letter["problem"])

    def test_a_reminder_before_due_shows_what_is_not_due_yet(self):
        self.late(70, days=5)
        soon = self.invoice(
            100,
            date=TODAY_DATE - timedelta(days=9),
            due=TODAY_DATE + timedelta(days=9),
        )
        self.refresh()
        template = self.engine.ref("o2c_collections.mail_template_chase_soon")
        letter = self.preview(template=template, days=-3)
        self.assertIn(soon.name, letter["body"])
        self.assertIn("100.00", letter["subject"])

    def test_a_customer_who_owes_nothing_is_told_so(self):
        self.invoice(50, date=TODAY_DATE, due=TODAY_DATE + timedelta(days=9))
        self.refresh()
        letter = self.preview()
        self.assertFalse(letter["body"])
        self.assertIn("owes nothing that is overdue", letter["problem"])

    def test_a_template_that_fails_says_so(self):
        self.late(70, days=5)
        self.refresh()
        broken = self.template.copy({"body_html": "<p><t t-out='object.nothing'/></p>"})
        letter = self.preview(template=broken)
        self.assertIn("cannot be filled in", letter["problem"])

    def test_a_customer_s_name_is_text(self):
        self.customer.name = "<script>alert(1)</script>"
        self.late(70, days=5)
        self.refresh()
        self.assertNotIn("<script>", self.preview()["body"])

    def test_templates_and_customers_of_others_are_closed(self):
        self.late(70, days=5)
        self.refresh()
        foreign = self.engine["mail.template"].create(
            {"name": "X", "model_id": self.env["ir.model"]._get_id("res.partner")}
        )
        with self.assertRaises(AccessError):
            self.preview(template=foreign)
        other = self.setup_other_company()["company"]
        outsider = self.new_user("plan_stranger", "o2c_base.group_collector")
        outsider.sudo().write(
            {"company_ids": [Command.set(other.ids)], "company_id": other.id}
        )
        with self.assertRaises(AccessError):
            self.preview(user=outsider)
        employee = self.new_user("plan_employee", "base.group_user")
        with self.assertRaises(AccessError):
            self.preview(user=employee)
        plans = self.env["o2c.chase.plan"].with_user(self.collector)
        for hostile in ("1", None, [1], 1.5, True):
            with self.assertRaises(UserError):
                plans.preview_message(self.template.id, hostile, 3)

    def test_the_shipped_plans_are_complete(self):
        for name in ("gentle", "standard", "firm"):
            plan = self.engine.ref(f"o2c_collections.chase_plan_{name}")
            self.assertTrue(plan.step_ids, name)
            for step in plan.step_ids:
                complete = step.template_id if step.channel == "email" else step.script
                self.assertTrue(complete, f"{name}: {step.display_name}")
