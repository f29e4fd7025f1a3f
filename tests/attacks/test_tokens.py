"""Links to an account: guessed, changed, used again, kept and followed by machines."""

from datetime import timedelta

from odoo import fields
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.o2c_portal.controllers.scope import SESSION_KEY

from .attack_common import Attack, AttackCommon, worn_off
from .test_routes import OWN


@tagged("post_install", "-at_install")
class TestTokens(AttackCommon):
    """A link opens one account, for who has it, as long as it is valid."""

    def setUp(self):
        super().setUp()
        self.token = self.come_by_link()
        self.link = self.env["o2c.portal.link"]._find(self.token)
        self.come_as_stranger()

    def open(self, token):
        return self.send(Attack("POST", f"/o2c/r/{token}"))

    def assert_opens_nothing(self, answer):
        self.assertIn(answer.status_code, (404, 429))
        self.assertNotIn(self.mine.name, answer.text)
        self.assertIn("/web/login", self.url_open(OWN).url)

    def test_a_token_that_was_changed_opens_nothing(self):
        last = "A" if self.token[-1] != "A" else "B"
        for token in (
            self.token[:-1],
            self.token[:-1] + last,
            self.token.swapcase(),
            f"{self.token}%20",
            f"{self.token}%00",
            f"{self.token}%27%20OR%201=1--",
            self.link.token_hash,
            str(self.link.id),
            "%",
            "_" * 43,
        ):
            with self.subTest(token), self.assert_no_change():
                self.assert_opens_nothing(self.open(token))

    def test_all_that_opens_nothing_says_the_same(self):
        pages = {worn_off(self.open("unknown").text.replace("unknown", ""))}
        for values in (
            {"revoked_at": fields.Datetime.now()},
            {"revoked_at": False, "expires_at": fields.Datetime.now() - timedelta(1)},
        ):
            self.link.sudo().write(values)
            answer = self.open(self.token)
            self.assert_opens_nothing(answer)
            pages.add(worn_off(answer.text.replace(self.token, "")))
        self.assertEqual(len(pages), 1)

    def test_looking_at_a_link_tells_nothing_and_does_nothing(self):
        with self.assert_no_change():
            real = self.url_open(f"/o2c/r/{self.token}")
            head = self.send(Attack("HEAD", f"/o2c/r/{self.token}"))
            none = self.url_open("/o2c/r/unknown")
        self.assertEqual(
            worn_off(real.text.replace(self.token, "")),
            worn_off(none.text.replace("unknown", "")),
        )
        self.assertEqual(head.status_code, 200)
        self.assertIn("/web/login", self.url_open(OWN).url)

    def test_a_session_is_another_one_after_the_link(self):
        """Who knew the cookie before knows nothing of it afterwards."""
        before = self.opener.cookies["session_id"]
        self.assertIn(self.mine.name, self.open(self.token).text)
        after = self.opener.cookies["session_id"]
        self.assertNotEqual(before, after)
        self.opener.cookies.clear()
        self.opener.cookies["session_id"] = before
        self.assertNotIn(self.mine.name, self.url_open(OWN).text)

    def test_a_link_opens_nothing_but_its_account(self):
        self.come_by_link()
        for path in (
            "/my/invoices",
            "/my/home",
            "/my/account",
            "/odoo",
            "/my/security",
        ):
            with self.subTest(path):
                answer = self.url_open(path)
                self.assertIn("/web/login", answer.url)
                self.assertNotIn(self.mine.name, answer.text)

    def test_no_other_page_holds_a_token(self):
        """Neither of a link nor of a document: who copies a page hands on nothing."""
        self.mine._portal_ensure_token()
        self.theirs._portal_ensure_token()
        remittance = self.choose({self.mine: 60})
        tokens = (
            self.token,
            self.link.token_hash,
            self.mine.access_token,
            self.theirs.access_token,
        )
        pages = ("", "/pay", "/promise", "/dispute", "/paid", "/preferences")
        pages += ("/statement", f"/pay/{remittance.id}")
        for come in (self.come_by_link, self.come_by_login):
            come()
            for path in pages:
                answer = self.url_open(f"{OWN}{path}")
                for token in tokens:
                    self.assertNotIn(token, answer.text + str(answer.headers))
                self.assertIn(
                    answer.headers["Referrer-Policy"], ("same-origin", "no-referrer")
                )

    def test_a_link_of_a_contact_who_was_archived_opens_nothing(self):
        contact = self.user_a.partner_id
        self.link.sudo().partner_id = contact
        self.user_a.active = False
        contact.active = False
        self.assert_opens_nothing(self.open(self.token))

    def test_the_customer_himself_pays_even_when_archived(self):
        self.customer.active = False
        self.assertIn(self.mine.name, self.open(self.token).text)

    def test_numbers_of_links_are_of_no_use(self):
        """What the session keeps is no secret: without a valid link it is nothing."""
        for number in (self.victim.link, self.link.id):
            self.env["o2c.portal.link"].sudo().browse(
                number
            ).revoked_at = fields.Datetime.now()
        for number in (self.victim.link, self.link.id, 0, -1, None, "1"):
            with self.subTest(number):
                extra = {SESSION_KEY: number}
                self.env.flush_all()
                self.authenticate(None, None, session_extra=extra)
                self.assertIn("/web/login", self.url_open(OWN).url)

    @mute_logger("odoo.http")
    def test_a_payment_is_not_begun_after_the_link_has_ended(self):
        self.come_by_link()
        remittance = self.choose({self.mine: 60})
        links = self.env["o2c.portal.link"].sudo()
        links.search([]).revoked_at = fields.Datetime.now()
        attack = Attack("JSON", f"{OWN}/pay/{remittance.id}/transaction")
        with self.assert_no_change():
            self.assertIn("Session", self.send(attack).json()["error"]["message"])
