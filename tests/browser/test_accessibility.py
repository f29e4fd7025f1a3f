"""No barriers on the customers' pages, as far as a program can find them."""

from odoo.tests import tagged

from dev import axe

from .browser_common import BrowserCommon

WIDTHS = (320, 768, 1440)
#: WCAG 2.2, levels A and AA.
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
RUN = """axe.run(document, {runOnly: {type: 'tag', values: %s},
    resultTypes: ['violations']}).then(found => found.violations
    .filter(v => ['serious', 'critical'].includes(v.impact))
    .map(v => v.id + ': ' + v.nodes.map(n => n.html.slice(0, 300)).join(' | ')))"""
TOO_WIDE = """[...document.querySelectorAll('.o_o2c_portal *')].filter(
    e => e.getBoundingClientRect().right > innerWidth + 1
    && !e.closest('.overflow-auto, caption, .visually-hidden, thead')
    ).map(e => e.outerHTML.slice(0, 120))"""
OWN = "/my/receivables"


@tagged("post_install", "-at_install")
class TestAccessibility(BrowserCommon):
    """Each page at three widths: nothing serious, nothing cut off."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.late = cls.invoice(100, date="2026-05-01", due="2026-05-02", ref="PO 7")
        cls.later = cls.invoice(50, due="2026-07-01")
        cls.credit_note(10)
        cls.provider.state = "enabled"  # core's icon of a test has a fault of its own
        cls.env.flush_all()

    def setUp(self):
        super().setUp()
        account = self.account()
        self.reason = self.env["o2c.dispute.reason"].search(
            [("kind", "!=", "deduction"), ("child_ids", "=", False)], limit=1
        )
        item = account._portal_items([self.line(self.late)])
        actor = self.user_a.partner_id
        self.dispute = account._say_dispute(item, 5, self.reason, "No", [], actor)
        account._say_promise([(self.day("2026-06-20"), 10)], item, actor, "")
        account._raise_request("message", actor, "Please")
        self.fresh = self.choose({self.late: 60}, key="fresh")
        self.pending = self.choose({self.late: 30}, key="pending")
        self.transaction(self.pending)._set_pending()
        self.done = self.choose({self.later: 20}, key="done")
        self.pay(self.done)

    def pages(self):
        """Addresses by name."""
        paths = ("pay", "promise", "dispute", "paid", "not-mine", "preferences")
        paths += ("statement", "documents", "credit")
        return {
            "overview": OWN,
            **{path: f"{OWN}/{path}" for path in paths},
            "conversation": f"{OWN}/dispute/{self.dispute.id}",
            "form of the provider": f"{OWN}/pay/{self.fresh.id}",
            "under way": f"{OWN}/pay/{self.pending.id}",
            "arrived": f"{OWN}/pay/{self.done.id}",
        }

    def test_by_link(self):
        with self.browser() as browser:
            self.look(browser, "link", self.link())
            self.look(browser, "wrong link", "/o2c/r/none")
            browser.click("form button", leads_on=True)
            self.look(browser, "link that ended")
            browser.open(self.link())
            browser.click("form button", leads_on=True)
            for name, path in self.pages().items():
                self.look(browser, name, path)
            browser.open(f"{OWN}/promise")
            browser.run("document.querySelector('#amount_0').value = 'x'")
            browser.click(".o_o2c_portal form[action$=promise] button", leads_on=True)
            self.look(browser, "error")
            browser.open(f"{OWN}/not-mine")
            browser.run("document.querySelector('#text').value = 'Ask the board'")
            browser.click(".o_o2c_portal form[action$=mine] button", leads_on=True)
            self.look(browser, "thanks")

    def test_by_login(self):
        with self.browser("customer_a") as browser:
            for name in ("overview", "preferences", "form of the provider"):
                self.look(browser, name, self.pages()[name])

    def test_autopay_from_the_wish_to_its_end(self):
        card = {
            "provider_id": self.provider.id,
            "payment_method_id": self.provider.payment_method_ids[:1].id,
            "payment_details": "4242",
            "partner_id": self.user_a.partner_id.id,
            "provider_ref": "card",
        }
        self.env["payment.token"].sudo().create(card)
        with self.browser("customer_a") as browser:
            self.look(browser, "autopay", f"{OWN}/autopay")
            browser.run("document.querySelector('#cap').value = '500'")
            browser.click("#schedule_monthly")
            browser.click(".o_o2c_portal form[method=get] button", leads_on=True)
            self.look(browser, "consent")
            browser.click("#agreed")
            browser.click(".o_o2c_portal form[method=post] button", leads_on=True)
            self.look(browser, "autopay that is on")
            browser.click(".o_o2c_portal form[action$=stop] button", leads_on=True)
            browser.open(f"{OWN}/autopay")
            self.look(browser, "autopay that ended")
        self.assertEqual(self.account().autopay_ids.stop_reason, "customer")

    def look(self, browser, name, path=None):
        """Look for barriers on a page, opened once and shown at each width."""
        if path:
            browser.open(path)
        browser.run(axe.SCRIPT.read_text(encoding="utf-8") + ";0")
        for width in WIDTHS:
            browser.resize(width)
            with self.subTest(f"{name} at {width}"):
                self.assertFalse(browser.run(RUN % RULES))
                self.assertFalse(browser.run(TOO_WIDE))
        with self.subTest(f"{name}: language and heading"):
            self.assertEqual(browser.run("document.documentElement.lang"), "en-US")
            # A statement is a document of its own on its page.
            count = "document.querySelectorAll('h1:not(.o2c_statement h1)').length"
            self.assertEqual(browser.run(count), 1)
