"""What our add-ons add to Odoo's own models is no customer's to read."""

from odoo.exceptions import AccessError
from odoo.tests import tagged

from .attack_common import AttackCommon

#: Pages of core that show customers records of extended models.
PAGES = ("/my/home", "/my/invoices", "/my/orders", "/my/account", "/my/security")


@tagged("post_install", "-at_install")
class TestFields(AttackCommon):
    """Customers may read companies and documents: what core has of them."""

    def extended(self):
        """Core's models with the fields that our add-ons gave them."""
        for name, model in self.env.registry.items():
            if not name.startswith("o2c.") and not model._abstract:
                ours = [f for f in model._fields if f.startswith("o2c_")]
                if ours:
                    yield name, ours

    def test_customers_are_told_of_no_field_of_ours(self):
        found = dict(self.extended())
        self.assertIn("o2c_write_off_max", found["res.company"])
        for user in (self.user_a, self.env.ref("base.public_user").sudo()):
            for name, ours in found.items():
                model = self.env[name].with_user(user)
                with self.subTest(f"{name} as {user.login}"):
                    self.assertFalse(model.fields_get(ours))

    def test_customers_cannot_read_them_nor_guess_them_by_searching(self):
        record = self.company.with_user(self.user_a)
        self.assertTrue(record.read(["name"]))
        with self.assertRaises(AccessError):
            record.read(["o2c_write_off_max"])
        with self.assertRaises(AccessError):
            record.search([("o2c_write_off_max", ">", 1)])
        with self.assertRaises(AccessError):
            record.search([], order="o2c_write_off_max")
        with self.assertRaises(AccessError):
            record.formatted_read_group([], ["o2c_sending"], ["__count"])

    def test_colleagues_read_them_still(self):
        self.assertIn("o2c_sending", self.company.with_user(self.clerk).fields_get())
        self.assertTrue(self.company.with_user(self.clerk).read(["o2c_sending"]))

    def test_core_s_own_pages_work_as_before(self):
        self.come_by_login()
        self.mine._portal_ensure_token()
        document = f"/my/invoices/{self.mine.id}"
        for path in (*PAGES, document, f"{document}?report_type=html"):
            with self.subTest(path):
                answer = self.url_open(path)
                self.assertEqual(answer.status_code, 200)
                self.assertTrue(answer.url.endswith(path), answer.url)
                self.assert_tells_nothing(answer)
