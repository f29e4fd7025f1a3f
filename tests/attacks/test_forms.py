"""Forms of the customers' pages, filled in by somebody who means harm."""

import io
import json

import openpyxl
from lxml import html

from odoo.tests import JsonRpcException, tagged
from odoo.tools import mute_logger

from odoo.addons.o2c_portal.controllers import fields, say

from .attack_common import Attack, AttackCommon
from .test_routes import OWN, ROUTES

MARKUP = "<img src=x onerror=alert(1)><script>alert(2)</script>"
TEMPLATE = "{{ 7 * 7 }} ${7 * 7} <t t-out='7 * 7'/>"
FORMULA = '=HYPERLINK("http://evil.example","x")'
HOSTILE = f"{FORMULA} {MARKUP} {TEMPLATE}"
#: Whatever else a form might name: fields of the models behind it.
EXTRA = {
    "state": "accepted",
    "partner_id": "1",
    "debtor_id": "1",
    "company_id": "1",
    "user_id": "2",
    "amount_total": "0.01",
    "amount_residual": "0",
    "create_uid": "2",
    "message_follower_ids": "2",
    "access_token": "x",
    "context": "{'su': 1}",
    "kind": "deduction",
    "source": "import",
    "channel": "desk",
    "lang": "xx_XX",
}


class FormsCommon(AttackCommon):
    """What A sends, and what of it is kept."""

    def post(self, path, files=None, **data):
        attack = Attack("POST", f"{OWN}/{path}", data)
        # A browser names the kind of a form with files itself.
        self.opener.headers.pop("Content-Type", None)
        return self.send(attack) if files is None else self._post_files(attack, files)

    def _post_files(self, attack, files):
        self.env.flush_all()
        data = {"csrf_token": self.forgery_token(), "key": "f" * 8, **attack.data}
        return self.url_open(attack.path, data=data, files=files)

    def newest(self, model):
        self.env.invalidate_all()
        own = [("debtor_id", "=", self.account().id)]
        return self.env[model].sudo().search(own, order="id desc", limit=1)


@tagged("post_install", "-at_install")
class TestForms(FormsCommon):
    """Only what a form asks for counts, and it counts as what it says."""

    def setUp(self):
        super().setUp()
        self.come_by_login()
        self.line_a = self.line(self.mine)

    # ------------------------------------------------------------------
    # Forgery
    # ------------------------------------------------------------------

    @mute_logger("odoo.http")
    def test_nothing_is_changed_without_a_token_against_forgery(self):
        paths = [
            route.split()[0]
            for route in ROUTES.read_text(encoding="utf-8").splitlines()
            if "POST" in route.split()[-1]
        ]
        self.assertGreater(len(paths), 8)
        for path in paths:
            for number in ("<int:number>", "<string:token>"):
                path = path.replace(number, "1")
            for token in (None, "wrong"):
                data = {"key": "a", "text": "x", "csrf_token": token}
                with self.subTest(f"{path} {token}"), self.assert_no_change():
                    answer = self.url_open(path, data=data)
                    self.assertEqual(answer.status_code, 400)

    def test_looking_changes_nothing(self):
        """Neither a link, followed by whom ever, nor a form sent as an address."""
        query = "text=x&date=2026-06-10&date_0=2026-06-20&amount_0=1"
        query += f"&line={self.line_a}&item={self.line_a}&reason={self.reason.id}"
        query += f"&amount_{self.line_a}=1&lang=en_US&person_name=X"
        pages = ("", "/pay", "/promise", "/dispute", "/paid", "/not-mine")
        for path in (*pages, "/preferences", "/statement"):
            for method in ("GET", "HEAD"):
                key = f"key={method}{path[1:4]}"
                attack = Attack(method, f"{OWN}{path}?{query}&{key}")
                with self.subTest(f"{method} {path}"), self.assert_no_change():
                    self.assertEqual(self.send(attack).status_code, 200)

    def test_links_of_all_pages_change_nothing(self):
        seen, waiting = set(), [OWN]
        with self.assert_no_change():
            while waiting:
                path = waiting.pop()
                seen.add(path)
                tree = html.fromstring(self.url_open(path).text)
                found = tree.xpath("//*[contains(@class, 'o_o2c_portal')]//a/@href")
                found += tree.xpath("//form[@method='get']/@action")
                found += tree.xpath("//form[@method='get']//@formaction")
                waiting += {
                    link
                    for link in found
                    if link.startswith(OWN)
                    and "/document" not in link  # makes the PDF when first asked
                    and link not in seen | {*waiting}
                }
        self.assertGreater(len(seen), 6)

    # ------------------------------------------------------------------
    # More than a form asks for
    # ------------------------------------------------------------------

    def test_fields_that_no_form_has_are_of_no_effect(self):
        line = self.line_a
        self.post("promise", line=line, date_0="2026-06-20", amount_0="5", **EXTRA)
        promise = self.newest("o2c.promise")
        self.assertEqual((promise.amount, promise.channel), (5, "portal"))
        self.assertEqual(promise.person_id, self.user_a.partner_id)

        self.post("not-mine", text="Ask the board", **EXTRA)
        asked = self.newest("o2c.portal.request")
        self.assertEqual((asked.state, asked.kind), ("new", "contact"))
        self.assertEqual(asked.actor_id, self.user_a.partner_id)

        wrong = {"item": line, "reason": self.reason.id, "amount": "7", "text": "No"}
        self.post("dispute", **wrong, **EXTRA)
        dispute = self.newest("o2c.dispute")
        self.assertEqual((dispute.amount, dispute.kind), (7, "dispute"))
        self.assertEqual(dispute.move_id, self.mine)

        self.post("pay", line=line, **{f"amount_{line}": "9"}, **EXTRA)
        remittance = self.newest("o2c.remittance")
        self.assertEqual((remittance.amount_total, remittance.source), (9, "portal"))
        self.assertEqual(remittance.payer_id, self.user_a.partner_id)

    def test_who_came_by_a_link_does_not_choose_how_invoices_are_sent(self):
        self.come_by_link()
        before = self.customer.invoice_sending_method
        self.post("preferences", lang="en_US", invoices_by="manual")
        self.env.invalidate_all()
        self.assertEqual(self.customer.invoice_sending_method, before)

    # ------------------------------------------------------------------
    # Amounts
    # ------------------------------------------------------------------

    def test_amounts_that_are_none_change_nothing(self):
        line = self.line_a
        wrong = {"item": line, "reason": self.reason.id, "text": "No"}
        for amount in (
            "0",
            "-5",
            "0.004",
            "1e308",
            "NaN",
            "inf",
            "100.01",
            "1_0",
            "0x5",
        ):
            for path, data in (
                ("pay", {"line": line, f"amount_{line}": amount}),
                ("dispute", wrong | {"amount": amount}),
                (
                    "promise",
                    {"line": line, "date_0": "2026-06-20", "amount_0": amount},
                ),
            ):
                with self.subTest(f"{path} {amount}"), self.assert_no_change():
                    answer = self.post(path, **data)
                    self.assertIn('id="o2c_error"', answer.text)

    @mute_logger("odoo.http")
    def test_what_a_payment_begins_with_is_ours(self):
        remittance = self.choose({self.mine: 60})
        means = {
            "provider_id": self.provider.id,
            "payment_method_id": self.provider.payment_method_ids.id,
            "token_id": None,
            "flow": "redirect",
            "tokenization_requested": False,
            "landing_route": "https://evil.example",
        }
        route = f"{OWN}/pay/{remittance.id}/transaction"
        hostile = (
            {"state": "done"},
            {"custom_create_values": {"state": "done"}},
            {"o2c_remittance_id": self.victim.remittance},
            {"partner_id": 3},
            {"currency_id": 999},
            {"reference_prefix": "X"},
        )
        self.env.flush_all()
        for values in hostile:
            with (
                self.subTest(values),
                self.assert_no_change(),
                self.assertRaises(JsonRpcException),
            ):
                self.make_jsonrpc_request(route, {**means, "amount": 1, **values})
        reply = self.make_jsonrpc_request(route, {**means, "amount": 0.01})
        self.env.invalidate_all()
        payment = remittance.transaction_ids
        self.assertEqual((payment.amount, payment.state), (60, "draft"))
        self.assertEqual(payment.reference, reply["reference"])
        self.assertEqual(payment.landing_route, f"{OWN}/pay/{remittance.id}")

    # ------------------------------------------------------------------
    # Leading elsewhere
    # ------------------------------------------------------------------

    def test_no_parameter_leads_elsewhere(self):
        query = "redirect=https://evil.example&url=//evil.example&next=//evil.example"
        pages = ("", "/pay", "/promise", "/dispute", "/preferences", "/statement")
        for come in (self.come_by_login, self.come_as_stranger):
            come()
            for path in pages:
                with self.subTest(f"{path} {come.__name__}"):
                    answer = self.url_open(f"{OWN}{path}?{query}")
                    self.assertTrue(answer.url.startswith(self.base_url()))
                    self.assertNotIn("evil", answer.text)
        self.come_by_login()
        wrong = {"item": self.line_a, "reason": self.reason.id, "text": "No"}
        evil = {"redirect": "https://evil.example", "account": ""}
        answer = self.post("dispute", amount="1", pay_rest="1", **wrong, **evil)
        self.assertTrue(answer.url.startswith(f"{self.base_url()}{OWN}/pay"))

    # ------------------------------------------------------------------
    # Too much
    # ------------------------------------------------------------------

    @mute_logger("odoo.http")
    def test_what_is_sent_again_and_again_is_refused(self):
        for name in ("_promise", "_dispute", "_paid", "_not_mine", "_prefer"):
            self.assertGreater(say.LIMITS[name], 0)
        self.patch(say, "LIMITS", dict.fromkeys(say.LIMITS, 2))
        for path in ("promise", "dispute", "paid", "not-mine", "preferences"):
            with self.subTest(path):
                data = {"item": self.line_a, "reason": self.reason.id}
                codes = [self.post(path, **data).status_code for _number in range(3)]
                self.assertEqual(codes, [200, 200, 429])

    def test_ids_without_end_do_no_harm(self):
        many = "&".join(f"line={number}" for number in range(1, 6000))
        for path in ("pay", "promise", "documents", "dispute", "paid"):
            with self.subTest(path):
                answer = self.url_open(f"{OWN}/{path}?{many}")
                self.assertIn(answer.status_code, (200, 414))
                self.assert_tells_nothing(answer)


@tagged("post_install", "-at_install")
class TestInjection(FormsCommon):
    """Whatever a customer writes or sends stays text, for whoever reads it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.user_a.partner_id.name = HOSTILE

    def setUp(self):
        super().setUp()
        self.come_by_login()
        self.line_a = self.line(self.mine)

    def say_everything(self):
        """Each text that a customer can send."""
        line, text = self.line_a, HOSTILE
        promised = {"line": line, "date_0": "2026-12-20", "amount_0": "5"}
        self.post("promise", note=text, **promised)
        wrong = {"item": line, "reason": self.reason.id, "amount": "1"}
        self.post("dispute", text=text, **wrong)
        dispute = self.newest("o2c.dispute")
        self.post(f"dispute/{dispute.id}", text=text)
        self.post("paid", line=line, date="2026-06-10", reference=text[:100])
        self.post("not-mine", text=text)
        person = {"person_name": FORMULA + MARKUP[:40], "person_email": "a@b.example"}
        self.post("preferences", lang="en_US", text=text, gets_reminders=1, **person)
        return dispute

    def test_what_a_customer_writes_is_shown_as_text(self):
        dispute = self.say_everything()
        self.assert_plain_in_records()
        for path in ("", f"/dispute/{dispute.id}", "/preferences", "/statement"):
            with self.subTest(path):
                self.assert_plain(self.url_open(f"{OWN}{path}").text)
        refused = self.post("promise", date_0="x", amount_0=MARKUP, note=HOSTILE)
        self.assert_plain(refused.text)
        self.assertIn("onerror", refused.text)

    def assert_plain_in_records(self):
        """What colleagues read as markup: messages, mails and tasks."""
        texts = []
        for model, name in (
            ("mail.message", "body"),
            ("mail.mail", "body_html"),
            ("mail.activity", "note"),
        ):
            found = self.env[model].sudo().search([(name, "like", "HYPERLINK")])
            texts += [str(text) for text in found.mapped(name)]
        self.assertGreater(len(texts), 5)
        for text in texts:
            self.assert_plain(f"<div>{text}</div>")

    def assert_plain(self, page):
        tree = html.fromstring(page)
        tags = "//img[@src='x'] | //*[@onerror][not(self::script)]"
        self.assertFalse(tree.xpath(tags))
        self.assertFalse(tree.xpath("//script[contains(., 'alert(2)')]"))
        self.assertNotIn("49", tree.text_content().split("HYPERLINK")[-1][:200])

    def test_lists_of_the_desk_export_texts_as_text(self):
        self.say_everything()
        asked = self.env["o2c.portal.request"].sudo().search([])
        self.authenticate("admin", "admin")
        data = {
            "model": asked._name,
            "fields": [{"name": n, "label": n, "type": "text"} for n in ("text",)],
            "ids": asked.ids,
            "domain": [],
            "groupby": [],
            "import_compat": False,
            "context": {"allowed_company_ids": self.company.ids},
        }
        self.env.user.browse(2).company_ids |= self.company
        for groupby in ([], ["person_name"]):
            cells = list(self._cells_of_export(data | {"groupby": groupby}))
            self.assertTrue(any("HYPERLINK" in str(cell.value) for cell in cells))
            self.assertNotIn("f", {cell.data_type for cell in cells})

    def _cells_of_export(self, data):
        self.env.flush_all()
        values = {"csrf_token": self.forgery_token(), "data": json.dumps(data)}
        answer = self.url_open("/web/export/xlsx", data=values)
        sheet = openpyxl.load_workbook(io.BytesIO(answer.content)).active
        return (cell for row in sheet.iter_rows() for cell in row)

    # ------------------------------------------------------------------
    # Files
    # ------------------------------------------------------------------

    def test_files_are_kept_as_what_nobody_runs(self):
        page = b"<html><script>alert(2)</script></html>"
        image = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(2)"/>'
        cases = {
            "page.html": (page, None),
            "image.svg": (image, None),
            "page.pdf.html": (page, None),
            "pdf": (page, None),
            "x.PDF\x00.html": (page, None),
            "macro.docm": (b"PK", None),
            "page.pdf": (page, "page.pdf"),
            "image.png": (image, "image.png"),
            "../../etc/passwd.txt": (page, "passwd.txt"),
            "..\\..\\evil.csv": (page, "evil.csv"),
            "<img src=x onerror=alert(1)>.txt": (
                page,
                "<img src=x onerror=alert(1)>.txt",
            ),
        }
        for number, (sent, (content, kept)) in enumerate(cases.items()):
            with self.subTest(sent):
                self._send_file(number, sent, content, kept)

    def _send_file(self, number, sent, content, kept):
        files = self.env["ir.attachment"].sudo()
        before = files.search([], order="id desc", limit=1).id
        data = {"item": self.line_a, "reason": self.reason.id, "amount": "1"}
        data |= {"text": "See file", "key": f"file{number}"}
        self.env["o2c.dispute"].sudo().search(
            [("debtor_id", "=", self.account().id)]
        ).unlink()
        self.post("dispute", files={"files": (sent, content, "text/html")}, **data)
        self.env.invalidate_all()
        new = files.search([("id", ">", before)])
        self.assertEqual(new.mapped("name"), [kept] if kept else [])
        if not kept:
            return
        self.assertIn(new.mimetype, ("application/octet-stream", "text/plain"))
        self.assertEqual((new.res_model, new.public), ("o2c.dispute", False))
        self.assertFalse(new.access_token)
        self.assertEqual(self.url_open(f"/web/content/{new.id}").status_code, 404)

    def test_files_that_are_too_large_or_too_many_are_refused(self):
        self.patch(fields, "FILE_BYTES_MOST", 1000)
        wrong = {"item": self.line_a, "reason": self.reason.id, "text": "See file"}
        large = {"files": ("a.pdf", b"x" * 1001, "application/pdf")}
        many = [("files", (f"{n}.pdf", b"x", "application/pdf")) for n in range(6)]
        for files, told in ((large, "larger than"), (many, "at most 5 files")):
            with self.subTest(told), self.assert_no_change():
                answer = self.post("dispute", files=files, key=told.split()[0], **wrong)
                self.assertIn(told, answer.text)
