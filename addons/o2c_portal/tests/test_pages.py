import io
import zipfile

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import JsonRpcException, new_test_user, tagged
from odoo.tools import mute_logger

from .portal_common import PortalHttpCommon

HOSTILE = "<script>alert(1)</script> {{ 7 * 7 }} =HYPERLINK('x')"


@tagged("post_install", "-at_install", "o2c_boundary")
class TestPages(PortalHttpCommon):
    """What a customer sees and says; another's is as good as none."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.late = cls.invoice(100, date="2026-05-01", due="2026-05-02", ref="PO 7")
        cls.later = cls.invoice(50, due="2026-07-01")
        cls.theirs = cls.invoice(
            77, date="2026-05-01", due="2026-05-02", partner=cls.other_customer
        )

    def setUp(self):
        super().setUp()
        self.account(self.other_customer)
        self.authenticate("customer_a", "customer_a")

    # ------------------------------------------------------------------
    # Seeing
    # ------------------------------------------------------------------

    def test_the_overview_tells_what_is_open(self):
        words = self.words(self.get("/my/receivables"))
        for text in ("$ 150.00", "$ 100.00", self.late.name, self.later.name, "PO 7"):
            self.assertIn(text, words)
        self.assertNotIn(self.theirs.name, words)

    def test_due_soon_is_within_thirty_days(self):
        self.invoice(33, due="2026-08-15")
        [totals] = self.account()._portal_totals()
        self.assertEqual(totals["due_soon"], 50)
        self.assertEqual((totals["balance"], totals["overdue"]), (183, 100))

    def test_numbers_that_are_none_do_no_harm(self):
        for query in ("page=" + "9" * 5000, "page=-1", "account=" + "9" * 5000):
            with self.subTest(query[:12]):
                answer = self.get(f"/my/receivables?{query}")
                self.assertIn(answer.status_code, (200, 404, 414))
        self.assertEqual(
            self.get("/my/receivables/pay?line=" + "9" * 5000).status_code, 200
        )

    def test_who_is_nobody_s_customer_sees_nothing(self):
        new_test_user(self.env, login="nobody", groups="base.group_portal")
        self.authenticate("nobody", "nobody")
        words = self.words(self.get("/my/receivables"))
        self.assertIn("no customer account", words)
        self.assertNotIn(self.late.name, words)

    def test_queries_do_not_grow_with_the_items(self):
        def queries():
            self.get("/my/receivables")
            self.env.invalidate_all()
            with self.assertQueryCount(200) as _bound:
                before = self.cr.sql_log_count
                self.get("/my/receivables")
            return self.cr.sql_log_count - before

        few = queries()
        for number in range(10):
            self.invoice(10 + number, due="2026-05-03")
        self.assertLessEqual(queries(), few + 2)

    def test_the_statement_is_the_ledger_s(self):
        page = self.get("/my/receivables/statement")
        self.assertIn("150.00", self.words(page))
        past = self.get("/my/receivables/statement?as_of=2026-05-31")
        self.assertIn("100.00", self.words(past))
        self.assertNotIn(self.later.name, past.text)
        wrong = self.get("/my/receivables/statement?as_of=yesterday")
        self.assertIn("is no date", self.words(wrong))
        excel = self.get("/my/receivables/statement?file=xlsx")
        self.assertEqual(excel.content[:2], b"PK")

    def test_documents_are_the_customer_s_own(self):
        lines = "&".join(
            f"line={self.line(move)}" for move in (self.late, self.later, self.theirs)
        )
        page = self.get(f"/my/receivables/documents?{lines}")
        names = zipfile.ZipFile(io.BytesIO(page.content)).namelist()
        self.assertEqual(len(names), 2)
        foreign = self.get(f"/my/receivables/document/{self.line(self.theirs)}")
        self.assertEqual(foreign.status_code, 404)
        none = self.get("/my/receivables/documents")
        self.assertIn("Tick 1 to 50", self.words(none))

    # ------------------------------------------------------------------
    # Paying
    # ------------------------------------------------------------------

    def test_choosing_leads_to_the_payment_of_just_that(self):
        page = self.get(f"/my/receivables/pay?line={self.line(self.late)}")
        field = f"amount_{self.line(self.late)}"
        refused = self.form(page, **{field: "100.01"})
        self.assertIn("at most what is open", self.words(refused))
        self.assertIn("100.01", refused.text)
        chosen = self.form(refused, **{field: "60"})
        self.assertIn("/my/receivables/pay/", chosen.url)
        self.assertIn("$ 60.00", self.words(chosen))
        remittance = self.env["o2c.remittance"].search([], limit=1, order="id desc")
        self.assertEqual(remittance.amount_total, 60)
        self.assertEqual(remittance.line_ids.move_line_id.move_id, self.late)

    def test_an_emptied_amount_leaves_the_invoice_out(self):
        lines = [self.line(self.late), self.line(self.later)]
        page = self.get(f"/my/receivables/pay?line={lines[0]}&line={lines[1]}")
        # the form helper sends one value per name: here both lines are sent
        data = {
            "csrf_token": self.csrf(page),
            "key": "emptied",
            "line": lines,
            f"amount_{lines[0]}": "",
            f"amount_{lines[1]}": "20",
        }
        self.url_open("/my/receivables/pay", data=data)
        remittance = self.env["o2c.remittance"].search([], limit=1, order="id desc")
        self.assertEqual(remittance.line_ids.move_line_id.move_id, self.later)
        self.assertEqual(remittance.amount_total, 20)

    @mute_logger("odoo.http")
    def test_the_amount_of_a_payment_is_ours(self):
        remittance = self.choose({self.late: 60})
        transaction = self.begin(remittance, amount=0.01)
        self.assertEqual(transaction.amount, 60)
        self.assertEqual(transaction.o2c_remittance_id, remittance)
        transaction._set_pending()
        with self.assertRaisesRegex(JsonRpcException, "ValidationError"):
            self.begin(remittance)

    def test_what_credits_cover_is_settled_in_one_click(self):
        credit = self.credit_note(100)
        remittance = self.choose({self.late: None}, credits=[credit])
        page = self.get(f"/my/receivables/pay/{remittance.id}")
        self.assertIn("there is nothing to pay", self.words(page))
        done = self.form(page)
        self.assertEqual(done.url, page.url)
        self.assertIn("Your credits have settled this", self.words(done))
        self.assertEqual((self.late.amount_residual, credit.amount_residual), (0, 0))

    @mute_logger("odoo.http")
    def test_only_means_that_are_offered_pay(self):
        remittance = self.choose({self.late: 60})
        hidden = self.provider.copy({"name": "Hidden", "state": "disabled"})
        for values in ({"provider_id": hidden.id}, {"token_id": 999999}):
            with (
                self.subTest(values),
                self.assertRaisesRegex(JsonRpcException, "ValidationError"),
            ):
                self.begin(remittance, **values)
        self.assertFalse(remittance.transaction_ids)

    def begin(self, remittance, **values):
        route = f"/my/receivables/pay/{remittance.id}/transaction"
        self.env.flush_all()
        reply = self.make_jsonrpc_request(
            route,
            {
                "provider_id": self.provider.id,
                "payment_method_id": self.provider.payment_method_ids.id,
                "token_id": None,
                "amount": 1,
                "flow": "redirect",
                "tokenization_requested": False,
                "landing_route": "https://evil.example.com",
                **values,
            },
        )
        transactions = self.env["payment.transaction"].sudo()
        found = transactions.search([("reference", "=", reply["reference"])])
        self.assertNotIn("evil", found.landing_route)
        return found

    @mute_logger("odoo.http")
    def test_another_s_payment_is_not_there(self):
        theirs = self.choose({self.theirs: None}, partner=self.other_customer)
        url = f"/my/receivables/pay/{theirs.id}"
        self.assertEqual(self.get(url).status_code, 404)
        with self.assertRaisesRegex(JsonRpcException, "NotFound"):
            self.begin(theirs)
        self.assertFalse(theirs.transaction_ids)

    # ------------------------------------------------------------------
    # Saying
    # ------------------------------------------------------------------

    def asked(self):
        requests = self.env["o2c.portal.request"].sudo()
        return requests.search([("debtor_id", "=", self.account().id)])

    def test_a_promise_within_policy_is_taken_at_once(self):
        page = self.get(f"/my/receivables/promise?line={self.line(self.late)}")
        told = self.form(page, date_0="2026-06-20", amount_0="100")
        self.assertIn("noted your promise", self.words(told))
        promise = self.account()._portal_promises()
        self.assertEqual((promise.amount, promise.channel), (100, "portal"))
        self.assertEqual(promise.person_id, self.user_a.partner_id)

    def test_beyond_policy_a_person_decides(self):
        page = self.get(f"/my/receivables/promise?line={self.line(self.late)}")
        told = self.form(page, date_0="2026-12-20", amount_0="100", note=HOSTILE)
        self.assertIn("not agreed yet", self.words(told))
        self.assertFalse(self.account()._portal_promises())
        note = self.asked().activity_ids.note
        self.assertIn("12/20/2026", note)
        self.assertNotIn("<script>", note)

    def test_what_is_wrong_in_a_promise_is_told_and_nothing_typed_is_lost(self):
        page = self.get("/my/receivables/promise")
        for values, text in (
            ({"date_0": "2026-06-20", "amount_0": "1e9"}, "at most what is open"),
            ({"date_0": "", "amount_0": "5"}, "Choose a day"),
            ({"date_0": "2026-06-20", "amount_0": "nan"}, "is no amount"),
            ({"date_0": "2026-06-20", "amount_0": "1_0"}, "is no amount"),
            ({"date_0": "2020-06-20", "amount_0": "5"}, "from today on"),
        ):
            with self.subTest(text):
                page = self.form(page, note="Hear me", **values)
                self.assertIn(text, self.words(page))
                self.assertIn("Hear me", page.text)
        self.assertFalse(self.account()._portal_promises())

    def test_a_form_sent_twice_does_one_thing(self):
        page = self.get("/my/receivables/promise")
        values = {"date_0": "2026-06-20", "amount_0": "10"}
        self.form(page, **values)
        told = self.form(page, **values)
        self.assertIn("noted once", self.words(told))
        self.assertEqual(len(self.account()._portal_promises()), 1)

    def test_a_dispute_is_opened_and_talked_about(self):
        reason = self.env["o2c.dispute.reason"].search(
            [("kind", "!=", "deduction"), ("child_ids", "=", False)], limit=1
        )
        page = self.get("/my/receivables/dispute")
        values = {"item": self.line(self.late), "reason": reason.id, "amount": "30"}
        page = self.form(page, text=HOSTILE, **values)
        dispute = self.account()._portal_disputes()
        self.assertTrue(dispute, self.words(page))
        self.assertEqual((dispute.amount, dispute.move_id), (30, self.late))
        self.assertIn(f"/dispute/{dispute.id}", page.url)
        self.assertNotIn("<script>alert", page.text)
        self.assertIn("alert(1)", self.words(page))
        page = self.form(page, text="And another thing")
        self.assertIn("And another thing", self.words(page))
        self.authenticate("customer_b", "customer_b")
        url = f"/my/receivables/dispute/{dispute.id}"
        self.assertEqual(self.get(url).status_code, 404)

    def test_single_lines_are_disputed_with_their_tax(self):
        tax = self.company_data["default_tax_sale"]  # 15 percent
        values = [("Pumps", 100), ("Freight", 40)]
        invoice = self.invoice(
            1,
            invoice_line_ids=[
                Command.create({"name": name, "price_unit": price, "tax_ids": [tax.id]})
                for name, price in values
            ],
        )
        pumps, freight = invoice.invoice_line_ids
        reason = self.env["o2c.dispute.reason"].search(
            [("kind", "!=", "deduction"), ("child_ids", "=", False)], limit=1
        )
        page = self.get(f"/my/receivables/dispute?line={self.line(invoice)}")
        self.assertIn("Freight, 1.0 × $ 40.00", self.words(page))
        said = {"reason": reason.id, "text": "Not ordered", "item": self.line(invoice)}
        theirs = self.theirs.invoice_line_ids.id
        page = self.form(page, **said, part=theirs)
        self.assertIn("Choose lines of this invoice", self.words(page))
        page = self.form(page, **said, part=pumps.id, **{f"part_{pumps.id}": "120"})
        self.assertIn("at most what was billed", self.words(page))
        self.assertFalse(self.account()._portal_disputes())
        self.form(page, **said, part=freight.id, **{f"part_{freight.id}": "46"})
        dispute = self.account()._portal_disputes()
        self.assertEqual((dispute.amount, dispute.line_ids.amount), (46, 46))
        self.assertEqual(dispute.line_ids.move_line_id, freight)

    def test_less_than_a_cent_is_no_dispute(self):
        item = self.account()._portal_items([self.line(self.late)])
        reason = self.env["o2c.dispute.reason"].search([], limit=1)
        with self.assertRaisesRegex(UserError, "more than nothing"):
            self.account()._say_dispute(
                item, 0.004, reason, "x", [], self.user_a.partner_id
            )

    def test_another_s_invoice_cannot_be_disputed(self):
        reason = self.env["o2c.dispute.reason"].search([], limit=1)
        page = self.get("/my/receivables/dispute")
        page = self.form(
            page, item=self.line(self.theirs), reason=reason.id, text="Mine?"
        )
        self.assertIn("Choose an invoice", self.words(page))
        self.assertFalse(self.account(self.other_customer)._portal_disputes())

    def test_files_that_a_browser_would_run_are_refused(self):
        page = self.get("/my/receivables/paid")
        self.opener.headers.pop("Content-Type", None)
        data = {
            "csrf_token": self.csrf(page),
            "key": "abc",
            "line": self.line(self.late),
            "date": "2026-06-10",
        }
        for name, told in (("x.html", "send PDF"), ("x.pdf", "look for your payment")):
            with self.subTest(name):
                answer = self.url_open(
                    "/my/receivables/paid",
                    data={**data, "key": name.replace(".", "")},
                    files={"files": (name, b"%PDF-1.4 <script>", "text/html")},
                )
                self.assertIn(told, self.words(answer))
        attachment = self.env["ir.attachment"].search([("name", "=", "x.pdf")])
        self.assertEqual(attachment.res_model, "o2c.debtor")
        self.assertNotIn("html", attachment.mimetype)

    def test_paid_already_lets_items_rest_once(self):
        page = self.get(f"/my/receivables/paid?line={self.line(self.late)}")
        values = {"line": self.line(self.late), "date": "2026-06-10"}
        self.assertIn("look for your payment", self.words(self.form(page, **values)))
        [item] = self.account()._portal_items([self.line(self.late)])
        self.assertEqual(item.amount_in_transit, 100)
        page = self.form(self.get("/my/receivables/paid"), **values)
        self.assertIn("told us before", self.words(page))

    def test_the_wrong_person_is_a_person_s_task(self):
        page = self.get("/my/receivables/not-mine")
        self.assertIn("A person looks at it", self.words(self.form(page, text=HOSTILE)))
        self.assertEqual(self.asked().kind, "contact")
        self.assertNotIn("<script>", self.asked().activity_ids.note)
        self.assertTrue(self.account().paused_until)

    def test_asking_for_the_head_of_a_page_sends_no_form(self):
        query = "key=head&date_0=2026-06-20&amount_0=10"
        url = f"{self.base_url()}/my/receivables/promise?{query}"
        self.assertEqual(self.opener.head(url).status_code, 200)
        self.assertFalse(self.account()._portal_promises())

    @mute_logger("odoo.http")
    def test_nothing_is_sent_without_a_token_against_forgery(self):
        for path in ("pay", "promise", "dispute", "paid", "not-mine"):
            with self.subTest(path):
                answer = self.url_open(
                    f"/my/receivables/{path}", data={"key": "a", "text": "x"}
                )
                self.assertEqual(answer.status_code, 400)
