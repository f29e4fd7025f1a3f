from lxml import html

from odoo.tests import tagged

from .portal_common import PortalHttpCommon

#: What a browser lets a page of an account do.
POLICY = (
    "base-uri 'self'",
    "object-src 'none'",
    "frame-ancestors 'self'",
)
PAGES = ("", "/pay", "/promise", "/dispute", "/paid", "/not-mine", "/preferences")


@tagged("post_install", "-at_install", "o2c_boundary")
class TestHeaders(PortalHttpCommon):
    """What pages tell browsers: keep nothing, tell nobody, be in no frame."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.late = cls.invoice(100, date="2026-05-01", due="2026-05-02")

    def assert_careful(self, page, referrer="same-origin"):
        headers = page.headers
        self.assertEqual(headers["Cache-Control"], "no-store")
        self.assertEqual(headers["Referrer-Policy"], referrer)
        self.assertEqual(headers["X-Content-Type-Options"], "nosniff")
        self.assertEqual(headers["X-Frame-Options"], "SAMEORIGIN")
        for directive in POLICY:
            self.assertIn(directive, headers["Content-Security-Policy"])

    def test_pages_of_an_account_are_kept_by_nobody(self):
        self.account()
        remittance = self.choose({self.late: 60})
        self.authenticate("customer_a", "customer_a")
        for path in (*PAGES, "/statement", f"/pay/{remittance.id}"):
            with self.subTest(path):
                self.assert_careful(self.get(f"/my/receivables{path}"))

    def test_titles_tell_the_pages_apart(self):
        self.account()
        self.authenticate("customer_a", "customer_a")
        titles = set()
        for path in PAGES:
            title = html.fromstring(self.get(f"/my/receivables{path}").text)
            titles.add(title.findtext(".//title"))
        self.assertEqual(len(titles), len(PAGES), titles)
        self.assertIn(f"Pay | {self.company.name}", titles)

    def test_forms_go_nowhere_else(self):
        """But the page with the provider's form, which leads to the provider."""
        self.account()
        remittance = self.choose({self.late: 60})
        self.authenticate("customer_a", "customer_a")
        for path in (*PAGES, f"/pay/{remittance.id}"):
            policy = self.get(f"/my/receivables{path}").headers[
                "Content-Security-Policy"
            ]
            with self.subTest(path):
                pays = path.startswith("/pay/")
                self.assertEqual("form-action 'self'" in policy, not pays)

    def test_the_page_of_a_link_is_as_careful(self):
        page = self.get("/o2c/r/nonsense")
        self.assert_careful(page, "no-referrer")
        self.assertIn("form-action 'self'", page.headers["Content-Security-Policy"])
        self.assert_careful(self.form(page), "no-referrer")

    def test_files_are_files(self):
        self.account()
        self.authenticate("customer_a", "customer_a")
        file = self.get("/my/receivables/statement?file=xlsx")
        self.assertEqual(file.headers["Cache-Control"], "no-store")
        self.assertEqual(file.headers["X-Content-Type-Options"], "nosniff")
        self.assertIn("attachment", file.headers["Content-Disposition"])

    def test_the_way_to_the_login_is_kept_by_nobody(self):
        answer = self.url_open("/my/receivables", allow_redirects=False)
        self.assertEqual(answer.status_code, 303)
        self.assertEqual(answer.headers["Cache-Control"], "no-store")
