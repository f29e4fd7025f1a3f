from lxml import html

from odoo import Command
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.o2c_portal.tests.portal_common import PortalHttpCommon

from .credit_portal_common import CreditPortalCommon

HOSTILE = "<script>alert(1)</script> {{ 7 * 7 }}"


@tagged("post_install", "-at_install", "o2c_boundary")
class TestCreditPages(CreditPortalCommon, PortalHttpCommon):
    """What customers see of their credit, and how they apply for it."""

    def setUp(self):
        super().setUp()
        self.account(self.other_customer)
        self.authenticate("customer_a", "customer_a")

    def applications(self, partner=None):
        return self.account(partner)._portal_applications()

    def apply(self, page=None, **values):
        page = page or self.get("/my/receivables/credit")
        return self.form(page, **{"amount": "5000", "text": "We grow", **values})

    # ------------------------------------------------------------------
    # Limit
    # ------------------------------------------------------------------

    def test_the_limit_is_shown_where_the_company_says_so(self):
        self.invoice(250)
        debtor = self.account()
        for path in ("", "/credit"):
            page = self.get(f"/my/receivables{path}")
            self.assertNotIn("Your credit", page.text.replace("Your credits", ""))
            self.assertNotIn("1,000.00", page.text)
        self.company.sudo().o2c_portal_shows_credit = True
        words = self.words(self.get("/my/receivables"))
        figures = (
            debtor.amount_credit_limit,
            debtor.amount_exposure,
            debtor.amount_credit_free,
        )
        self.assertEqual(figures, (1000, 250, 750))
        self.assertIn("Limit$ 1,000.00 Used$ 250.00 Free$ 750.00", words)
        self.authenticate("customer_b", "customer_b")
        words = self.words(self.get("/my/receivables"))
        self.assertNotIn("1,000.00", words)
        self.assertNotIn("Limit", words)

    def test_of_a_group_only_the_own_figures_are_shown(self):
        self.company.sudo().o2c_portal_shows_credit = True
        member = self.account(self.other_customer)
        member.group_id = self.account()
        self.invoice(400, partner=self.other_customer)
        self.assertIsNone(member._portal_credit(), "the head's limit is the head's")
        self.assertEqual(self.account()._portal_credit()["free"], 1000)

    # ------------------------------------------------------------------
    # Orders
    # ------------------------------------------------------------------

    def test_a_held_order_leads_to_its_payment(self):
        self.invoice(900)
        order = self.held(250.0)
        page = self.get("/my/receivables")
        words = self.words(page)
        self.assertIn(f"{order.name}, $ 250.00 It waits for a payment", words)
        for internal in ("limit", "credit hold", "over the"):
            self.assertNotIn(internal, words.lower())
        [form] = html.fromstring(page.text).xpath(
            "//section[@aria-labelledby='o2c_held']//form"
        )
        fields = {
            field.get("name"): field.get("value") for field in form.xpath(".//input")
        }
        query = "&".join(f"{name}={value}" for name, value in fields.items())
        chosen = self.form(self.get(f"{form.get('action')}?{query}"))
        self.assertIn("To pay$ 150.00", self.words(chosen))
        remittance = self.env["o2c.remittance"].search([], limit=1, order="id desc")
        self.pay(remittance)
        self.recheck()
        self.assertEqual(order.state, "sale")
        self.assertNotIn(order.name, self.words(self.get("/my/receivables/credit")))

    def test_what_was_added_is_told_with_whom_to_ask(self):
        order = self.order(900.0)
        order.sudo().user_id = self.salesman
        order.action_confirm()
        self.salesman.partner_id.write({"email": "ann@us.example", "phone": "+32 2 1"})
        values = {"product_id": self.work.id, "price_unit": 600.0, "tax_ids": []}
        order.sudo().order_line = [Command.create(values)]
        words = self.words(self.get("/my/receivables"))
        self.assertIn(f"{order.name}, added: $ 600.00 It waits for a payment", words)
        self.assertIn(
            f"Questions? {self.salesman.name}, ann@us.example, +32 2 1", words
        )
        for internal in ("limit", "credit hold", "over the", "exposure"):
            self.assertNotIn(internal, words.lower())

    def test_another_s_orders_are_not_there(self):
        self.give_limit(10.0, self.other_customer)
        theirs = self.held(100.0, partner=self.other_customer)
        for path in ("", "/credit"):
            words = self.words(self.get(f"/my/receivables{path}"))
            self.assertNotIn(theirs.name, words)

    def test_an_advance_is_paid_on_the_order_s_own_page(self):
        order = self.held(1500.0)
        page = self.get("/my/receivables/credit")
        [link] = html.fromstring(page.text).xpath(
            "//section[@aria-labelledby='o2c_held']//a/@href"
        )
        self.assertIn("$ 500.00 of it is paid in advance", self.words(page))
        own = self.get(link)
        self.assertIn(f"/my/orders/{order.id}", own.url)
        self.assertIn("500.00", own.text)

    def test_the_order_s_own_page_leads_back(self):
        order = self.held(1500.0, require_signature=False, require_payment=False)
        page = self.get(f"/my/orders/{order.id}")
        [link] = html.fromstring(page.text).xpath(
            "//div[contains(@class, 'o2c_awaits_us')]/a[contains(@href, 'credit')]"
        )
        self.assertEqual(link.get("href"), "/my/receivables/credit")
        self.authenticate(None, None)
        public = self.get(order.get_portal_url())
        self.assertIn("o2c_awaits_us", public.text)
        self.assertNotIn("/my/receivables/credit", public.text)

    # ------------------------------------------------------------------
    # Applying
    # ------------------------------------------------------------------

    def test_an_application_is_a_limit_that_somebody_decides_on(self):
        page = self.get("/my/receivables/credit")
        told = self.apply(page, text=HOSTILE)
        self.assertIn("A person looks at it", self.words(told))
        limit = self.applications()
        self.assertEqual(
            (limit.state, limit.amount, limit.kind), ("requested", 5000, "base")
        )
        self.assertEqual(limit.applicant_id, self.user_a.partner_id)
        self.assertFalse(limit.requested_by_id)
        self.assertEqual(limit.reason, HOSTILE)
        self.assertTrue(limit.activity_ids.user_id.has_group("base.group_user"))
        self.assertEqual(self.account().amount_credit_limit, 1000, "nothing changed")
        again = self.apply(page, text=HOSTILE)
        self.assertIn("noted once", self.words(again))
        other = self.apply()
        self.assertIn("applied already", self.words(other))
        self.assertEqual(self.applications(), limit)
        self.assertIn(
            "we are looking at it", self.words(self.get("/my/receivables/credit"))
        )
        limit.with_user(self.credit_manager).amount = 4000
        limit.with_user(self.credit_manager).action_approve()
        self.assertEqual(self.account().amount_credit_limit, 4000)
        words = self.words(self.get("/my/receivables/credit"))
        self.assertIn("$ 5,000.00: approved", words)
        self.assertNotIn("4,000", words, "the company does not show limits")
        [message] = self.account().message_ids.filtered(
            lambda message: self.user_a.partner_id in message.partner_ids
        )
        self.assertIn("was approved", message.body)
        self.assertNotIn("4,000", f"{message.body} {message.subject}")

    def test_a_refused_application_is_told_and_another_can_follow(self):
        self.apply()
        limit = self.applications().with_user(self.credit_manager)
        limit.decision_note = "Internal: too risky"
        limit.action_refuse()
        words = self.words(self.get("/my/receivables/credit"))
        self.assertIn("we cannot grant it", words)
        self.assertNotIn("risky", words)
        told = self.account().message_ids.filtered(
            lambda message: self.user_a.partner_id in message.partner_ids
        )
        self.assertNotIn("risky", told.body)
        self.assertIn("A person looks", self.words(self.apply()))

    def test_files_go_with_it_as_downloads(self):
        page = self.get("/my/receivables/credit")
        self.opener.headers.pop("Content-Type", None)
        data = {"csrf_token": self.csrf(page), "amount": "5000", "text": "See"}
        for name, told in (("x.html", "send PDF"), ("x.pdf", "A person looks")):
            answer = self.url_open(
                "/my/receivables/credit",
                data={**data, "key": name.replace(".", "")},
                files={"files": (name, b"%PDF-1.4 <script>", "text/html")},
            )
            self.assertIn(told, self.words(answer))
        [document] = self.applications().document_ids
        self.assertEqual(document.name, "x.pdf")
        self.assertEqual(document.res_id, self.applications().id)
        self.assertNotIn("html", document.mimetype)
        mine = document.with_user(self.credit_manager)
        self.assertEqual(mine.raw, b"%PDF-1.4 <script>")

    def test_nonsense_is_told_and_nothing_typed_is_lost(self):
        page = self.get("/my/receivables/credit")
        for amount in ("0", "-5", "nan", "1e400", ""):
            page = self.apply(page, amount=amount, text="Keep me")
            self.assertIn("Keep me", page.text)
        page = self.apply(page, text=" ")
        self.assertIn("Fill in", self.words(page))
        self.assertFalse(self.applications())

    def test_without_a_policy_nobody_is_asked_in_vain(self):
        self.env["o2c.credit.policy"].sudo().search([]).active = False
        words = self.words(self.apply())
        self.assertIn("Please write to us", words)
        self.assertNotIn("Configuration", words)
        self.assertFalse(self.applications())

    def test_an_application_nobody_can_decide_has_an_owner_all_the_same(self):
        nobody = self.env["res.users"]
        policy = type(self.env["o2c.credit.policy"])
        self.patch(policy, "_approvers", lambda this, company, amount: nobody)
        self.apply()
        [activity] = self.applications().activity_ids
        self.assertFalse(activity.user_id.share)

    # ------------------------------------------------------------------
    # Who
    # ------------------------------------------------------------------

    def test_who_came_by_the_link_sees_his_account_alone(self):
        [token] = self.env["o2c.portal.link"]._issue(
            [
                {
                    "debtor_id": self.account().id,
                    "partner_id": self.customer.id,
                    "purpose": "shared",
                }
            ]
        )
        self.give_limit(10.0, self.other_customer)
        theirs = self.held(100.0, partner=self.other_customer)
        mine = self.held(1500.0)
        self.authenticate(None, None)
        self.assertIn("/web/login", self.get("/my/receivables/credit").url)
        self.form(self.get(f"/o2c/r/{token}"))
        page = self.get("/my/receivables/credit")
        self.assertIn(mine.name, self.words(page))
        self.assertNotIn(theirs.name, self.words(page))
        self.assertNotIn("access_token", page.text)
        self.apply(page)
        self.assertEqual(self.applications().applicant_id, self.customer)
        self.assertFalse(self.applications(self.other_customer))
        [activity] = self.applications().activity_ids
        self.assertFalse(activity.user_id.share)

    @mute_logger("odoo.http")
    def test_another_s_account_is_not_there(self):
        theirs = self.account(self.other_customer)
        url = f"/my/receivables/credit?account={theirs.id}"
        self.assertEqual(self.get(url).status_code, 404)
        page = self.get("/my/receivables/credit")
        self.assertEqual(self.apply(page, account=theirs.id).status_code, 404)
        self.assertFalse(self.applications(self.other_customer))
        forged = self.url_open(
            "/my/receivables/credit", data={"key": "a", "amount": "5", "text": "x"}
        )
        self.assertEqual(forged.status_code, 400)
