"""From the link in a reminder to "paid": in how many clicks, and without a mouse."""

from odoo.tests import tagged

from .browser_common import BrowserCommon

PAY = "button[formaction$='/pay']"
GO_ON = ".o_o2c_portal form[action$='/pay'] button[type=submit]"
SUBMIT = "button[name=o_payment_submit_button]"
CLICKS_MOST = 5
#: What a provider answers: here, a form that leads back at once.
FORM = """<form action="/payment/status" method="get"/>"""


@tagged("post_install", "-at_install")
class TestPay(BrowserCommon):
    """Odoo's own form of payment, with a provider that says yes at once."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.late = cls.invoice(100, date="2026-05-01", due="2026-05-02")
        cls.provider.redirect_form_view_id = cls.env["ir.ui.view"].create(
            {"name": "Back at once", "type": "qweb", "arch": FORM}
        )
        cls.env.flush_all()

    def setUp(self):
        super().setUp()

        def say_yes(transaction, _values):
            transaction._set_done()
            return {}

        transactions = self.env.registry["payment.transaction"]
        self.patch(transactions, "_get_specific_rendering_values", say_yes)

    def test_paid_in_few_clicks(self):
        link = self.link()
        with self.browser() as browser:
            browser.open(link)
            browser.click("form button", leads_on=True)
            browser.click(PAY, leads_on=True)
            browser.click(GO_ON, leads_on=True)
            browser.wait(f"!document.querySelector('{SUBMIT}').disabled", "the form")
            browser.click(SUBMIT)
            browser.wait("document.body.innerText.includes('has arrived')", "paid")
            self.assertIn("$\u00a0100.00", browser.words())
            self.assertLessEqual(browser.clicks, CLICKS_MOST)
        self.env.invalidate_all()
        self.assertEqual(self.late.amount_residual, 0)

    def test_paid_by_keyboard_alone(self):
        link = self.link()
        with self.browser() as browser:
            browser.open(link)
            browser.tab_to("form button")
            browser.press("Enter", leads_on=True)
            browser.tab_to(PAY)
            browser.press("Enter", leads_on=True)
            browser.tab_to("input[name^=amount_]")
            browser.tab_to(GO_ON)
            browser.press("Enter", leads_on=True)
            browser.wait(f"!document.querySelector('{SUBMIT}').disabled", "the form")
            browser.tab_to(SUBMIT)
            browser.press("Enter")
            browser.wait("document.body.innerText.includes('has arrived')", "paid")
            self.assertEqual(browser.clicks, 0)
        self.env.invalidate_all()
        self.assertEqual(self.late.amount_residual, 0)
