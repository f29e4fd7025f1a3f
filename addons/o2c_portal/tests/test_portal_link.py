import logging
from datetime import timedelta

from odoo import fields
from odoo.tests import new_test_user, tagged

from ..controllers.link import MaskTokens
from .portal_common import PortalHttpCommon


@tagged("post_install", "-at_install", "o2c_boundary")
class TestPortalLink(PortalHttpCommon):
    """The link: who gets in by it, to what, and for how long."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.mine = cls.invoice(100, due="2026-05-01")
        cls.theirs = cls.invoice(77, due="2026-05-01", partner=cls.other_customer)

    def setUp(self):
        super().setUp()
        self.token = self.issue(self.customer)
        self.link = self.env["o2c.portal.link"].sudo().search([], limit=1)

    def issue(self, partner):
        [token] = self.env["o2c.portal.link"]._issue(
            [
                {
                    "debtor_id": self.account(partner).id,
                    "partner_id": partner.id,
                    "purpose": "shared",
                }
            ]
        )
        return token

    def test_looking_does_nothing_and_tells_nothing(self):
        page = self.get(f"/o2c/r/{self.token}")
        same = self.get("/o2c/r/nonsense")
        self.assertEqual((page.status_code, same.status_code), (200, 200))
        self.assertEqual(self.words(page), self.words(same))
        self.assertNotIn("Customer", self.words(page))
        self.assertEqual(page.headers["Referrer-Policy"], "no-referrer")
        self.assertEqual((self.link.open_count, self.link.opened_at), (0, False))
        self.assertIn("/web/login", self.get("/my/receivables").url)

    def test_its_button_opens_one_account(self):
        page = self.form(self.get(f"/o2c/r/{self.token}"))
        self.assertTrue(page.url.endswith("/my/receivables"), page.url)
        self.assertIn(self.mine.name, page.text)
        self.assertNotIn(self.theirs.name, page.text)
        self.assertEqual(self.link.open_count, 1)
        other = self.account(self.other_customer)
        self.assertEqual(
            self.get(f"/my/receivables?account={other.id}").status_code, 404
        )
        self.assertEqual(self.get("/my/receivables?account=999999").status_code, 404)

    def test_only_a_hash_is_kept(self):
        self.assertNotIn(self.token, str(self.link.read()))
        self.assertEqual(len(self.link.token_hash), 64)

    def test_expired_revoked_and_unknown_links_open_nothing(self):
        def gone(page):
            self.assertEqual(page.status_code, 404)
            self.assertIn("not valid any more", page.text)

        gone(self.form(self.get("/o2c/r/nonsense")))
        self.link.expires_at = fields.Datetime.now() - timedelta(seconds=1)
        gone(self.form(self.get(f"/o2c/r/{self.token}")))
        self.link.expires_at = fields.Datetime.now() + timedelta(days=1)
        self.link.revoked_at = fields.Datetime.now()
        gone(self.form(self.get(f"/o2c/r/{self.token}")))

    def test_a_session_ends_with_its_link(self):
        self.form(self.get(f"/o2c/r/{self.token}"))
        self.assertIn(self.mine.name, self.get("/my/receivables").text)
        self.link.revoked_at = fields.Datetime.now()
        self.assertIn("/web/login", self.get("/my/receivables").url)

    def test_a_session_can_be_left(self):
        page = self.form(self.get(f"/o2c/r/{self.token}"))
        data = {"csrf_token": self.csrf(page)}
        self.url_open("/my/receivables/leave", data=data)
        self.assertIn("/web/login", self.get("/my/receivables").url)

    def test_a_contact_who_left_opens_nothing(self):
        contact = self.user_a.partner_id
        self.link.partner_id = contact
        self.form(self.get(f"/o2c/r/{self.token}"))
        contact.parent_id = self.other_customer
        self.assertIn("/web/login", self.get("/my/receivables").url)

    def test_a_contact_who_was_archived_opens_nothing(self):
        contact = self.customer.copy({"name": "Left", "parent_id": self.customer.id})
        self.link.partner_id = contact
        self.assertTrue(self.link.is_usable)
        contact.active = False
        self.assertFalse(self.link.is_usable)

    def test_a_login_is_never_merged_with_a_link(self):
        self.authenticate("customer_b", "customer_b")
        page = self.form(self.get(f"/o2c/r/{self.token}"))
        self.assertIn(self.theirs.name, page.text)
        self.assertNotIn(self.mine.name, page.text)
        self.assertFalse(self.link.open_count)

    def test_guessing_is_slowed_down(self):
        page = self.get("/o2c/r/nonsense")
        codes = {self.form(page).status_code for _number in range(25)}
        self.assertEqual(codes, {404, 429})

    def test_tokens_stay_out_of_the_log(self):
        record = logging.LogRecord(
            "werkzeug",
            20,
            "",
            0,
            '"GET %s HTTP/1.1"',
            (f"/o2c/r/{self.token}?x",),
            None,
        )
        MaskTokens().filter(record)
        self.assertNotIn(self.token, record.getMessage())
        self.assertIn("/o2c/r/***", record.getMessage())
        for name in ("werkzeug", "odoo.http"):
            kinds = {type(f).__name__ for f in logging.getLogger(name).filters}
            self.assertIn("MaskTokens", kinds)

    def test_collectors_make_and_revoke_links(self):
        user = new_test_user(
            self.env,
            login="portal_collector",
            groups="o2c_base.group_collector",
            company_id=self.company.id,
        )
        debtor = self.account().with_user(user).sudo(False)
        action = debtor.action_portal_link()
        shown = self.env[action["res_model"]].with_user(user).browse(action["res_id"])
        token = shown.url.rsplit("/", 1)[1]
        link = self.env["o2c.portal.link"]._find(token)
        self.assertEqual(link.debtor_id, self.account())
        debtor.action_revoke_links()
        self.assertFalse(self.env["o2c.portal.link"]._find(token))
