from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from .message_common import MessageCase

ROLES = ("collector", "credit_manager", "manager", "auditor")


@tagged("post_install", "-at_install", "o2c_boundary")
class TestMessageAccess(MessageCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._invoice()

    def _user(self, role, company=None):
        company = company or self.company
        return new_test_user(
            self.root_env,
            login=f"msg_{role}_{company.id}",
            groups=f"o2c_base.group_{role}"
            if role != "employee"
            else "base.group_user",
            company_id=company.id,
            company_ids=[Command.set(company.ids)],
        )

    def test_every_role_reads_and_none_writes(self):
        message = self._chase()
        for role in ROLES:
            with self.subTest(role=role):
                mine = message.with_user(self._user(role))
                self.assertEqual(mine.read(["subject"])[0]["id"], message.id)
                for operation in ("write", "create", "unlink"):
                    self.assertFalse(mine.has_access(operation), operation)
                with self.assertRaises(AccessError):
                    mine.write({"state": "sent"})

    def test_an_employee_without_role_reads_nothing(self):
        message = self._chase()
        with self.assertRaises(AccessError):
            message.with_user(self._user("employee")).read(["subject"])

    def test_another_company_s_collector_sees_nothing(self):
        message = self._chase()
        other = self.root_env["res.company"].create({"name": "Other"})
        stranger = self._user("collector", other)
        messages = self.env["o2c.chase.message"].with_user(stranger)
        self.assertNotIn(message, messages.search([]))
        with self.assertRaises(AccessError):
            messages.browse(message.id).action_send_again()

    def test_the_form_opens_for_collectors(self):
        message = self._chase()
        reader = message.with_user(self._user("collector"))
        for view_type in ("form", "list", "search"):
            reader.get_view(view_type=view_type)
        names = ["items_html", "total_text", "body_html", "action_ids"]
        self.assertTrue(reader.read(names)[0]["total_text"])
