from odoo.tests import tagged
from odoo.tools import mute_logger

from .portal_common import PortalHttpCommon
from .test_autopay import AutopayCommon

PAGE = "/my/receivables/autopay"


@tagged("post_install", "-at_install", "o2c_boundary")
class TestAutopayPages(AutopayCommon, PortalHttpCommon):
    """Who is logged in lets his card be charged; a link only stops it."""

    def setUp(self):
        super().setUp()
        self.authenticate("customer_a", "customer_a")

    def look(self, **changed):
        """The page with what the form means in words."""
        values = {
            "token": self.card.id,
            "schedule": "monthly",
            "day": 31,
            "cap": "250.00",
            "currency": self.company.currency_id.id,
            "look": 1,
            **changed,
        }
        query = "&".join(f"{key}={value}" for key, value in values.items())
        return self.get(f"{PAGE}?{query}")

    def mandates(self, partner=None):
        return self.account(partner).autopay_ids

    def by_link(self):
        self.authenticate(None, None)
        [token] = self.env["o2c.portal.link"]._issue(
            [
                {
                    "debtor_id": self.account().id,
                    "partner_id": self.payer.id,
                    "purpose": "shared",
                }
            ]
        )
        page = self.get(f"/o2c/r/{token}")
        self.url_open(
            f"/o2c/r/{token}",
            data={"csrf_token": self.csrf(page)},
            allow_redirects=True,
        )

    def test_the_text_that_is_shown_is_agreed_to_once(self):
        self.assertIn("4242", self.words(self.get(PAGE)))
        page = self.look()
        unticked = self.form(page)
        self.assertIn("Tick that you agree", self.words(unticked))
        told = self.form(unticked, agreed="1")
        self.assertIn("Autopay is on", self.words(told))
        [mandate] = self.mandates()
        shown = page.text.split('id="o2c_consent"', 1)[1].split(">", 1)[1]
        self.assertTrue(shown.startswith(mandate.consent_text.split("\n")[0][:40]))
        self.assertIn(mandate.consent_text.split("\n")[1], shown.split("</p>")[0])
        self.assertEqual((mandate.day, mandate.amount_cap), (31, 250))
        self.assertEqual(mandate.consent_ip, "127.0.0.1")
        self.assertEqual(mandate.partner_id, self.payer)
        self.form(unticked, agreed="1")
        self.assertEqual(len(self.mandates()), 1)
        stopped = self.form(told)
        self.assertIn("Autopay is off", self.words(stopped))
        self.assertEqual(mandate.stop_reason, "customer")

    def test_forged_texts_cards_and_numbers_are_refused(self):
        theirs = self.save_card(self.user_b.partner_id)
        for changed, words in (
            ({"token": theirs.id}, "one of your saved cards"),
            ({"day": 32}, "from 1 to 31"),
            ({"cap": "-5"}, "Enter how much"),
            ({"cap": "much"}, "no amount"),
            ({"currency": 0}, "on already"),
        ):
            with self.subTest(changed):
                self.assertIn(words, self.words(self.look(**changed)))
        page = self.look()
        forged = self.form(page, agreed="1", cap="9999")
        self.assertIn("agree once more", self.words(forged))
        forged = self.form(page, agreed="1", token=str(theirs.id))
        self.assertNotIn("Autopay is on", self.words(forged))
        self.assertFalse(self.mandates())

    @mute_logger("odoo.http")
    def test_another_customer_stops_nothing(self):
        mandate = self.mandate()
        page = self.get(PAGE)
        self.authenticate("customer_b", "customer_b")
        self.assertNotIn("Autopay is on", self.words(self.get(PAGE)))
        data = {"key": "abc1", "number": mandate.id}
        data["csrf_token"] = self.csrf(self.get("/my/receivables/preferences"))
        self.assertEqual(self.url_open(f"{PAGE}/stop", data=data).status_code, 404)
        self.assertEqual(mandate.state, "active")
        self.assertTrue(page.ok)

    def test_a_link_begins_nothing_shows_no_card_and_stops(self):
        self.by_link()
        page = self.get(PAGE)
        self.assertIn("log in", self.words(page))
        self.assertIn("Log in to let", self.words(self.look()))
        self.assertNotIn("4242", page.text + self.look().text)
        mandate = self.mandate()
        page = self.get(PAGE)
        self.assertNotIn("4242", page.text)
        self.assertIn("Autopay is off", self.words(self.form(page)))
        self.assertEqual(mandate.stop_reason, "customer")

    def test_without_a_saved_card_the_page_says_where_to_save_one(self):
        self.card.active = False
        self.assertIn("no saved card yet", self.words(self.get(PAGE)))

    def test_a_german_reads_and_gets_german(self):
        self.env["res.lang"]._activate_lang("de_DE")
        self.payer.lang = "de_DE"
        self.authenticate("customer_a", "customer_a")
        self.invoice(100)
        page = self.look(cap="250,00", schedule="due")
        self.assertIn("Ich erlaube", self.words(page))
        self.form(page, agreed="1")
        self.assertIn("Ich erlaube", self.mandates().consent_text)
        self.assertEqual(len(self.told()), 1)
        self.run_job()
        self.assertIn("18.06.2026", self.told()[-1])
