from io import BytesIO

from lxml import html
from openpyxl import load_workbook

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged
from odoo.tools.pdf import PdfReaderBase

from ..models.o2c_debtor_statement_send import REPORT
from .common import ReceivablesCommon

HOSTILE = '<script>alert(1)</script> {{ 7*7 }} =HYPERLINK("http://x")'


@tagged("post_install", "-at_install")
class TestStatementFile(ReceivablesCommon):
    """Statements as a page, as a PDF and as a workbook."""

    def page(self, *partners, user=None, **options):
        """The HTML twin, as the client asks for it."""
        self.refresh()
        partners = partners or [self.customer]
        debtors = self.debtor_model.browse([self.debtor(p).id for p in partners])
        report = self.env["ir.actions.report"].with_user(user or self.env.user)
        content, _kind = report._render_qweb_html(
            REPORT, [], data={"debtor_ids": debtors.ids, **options}
        )
        return html.fromstring(content)

    def text(self, *partners, **options):
        return " ".join(self.page(*partners, **options).text_content().split())

    def test_a_page_says_what_is_open_and_how_to_pay(self):
        self.env["res.partner.bank"].create(
            {"acc_number": "DE02 1234", "partner_id": self.company.partner_id.id}
        )
        self.customer.ref = "K-77"
        self.invoice(1234.5, date="2026-05-01", ref="PO 12")
        self.payment(30)
        text = self.text()
        for words in (
            "Open items",
            "PO 12",
            "1,234.50",
            "Payment not yet matched",
            "1,204.50 USD",
            "05/01/2026",
            "DE02 1234",
            "CUST/K-77",
        ):
            self.assertIn(words, text)

    def test_the_activity_form_opens_and_closes(self):
        self.invoice(100, date="2026-01-10")
        self.invoice(20, date="2026-03-10")
        text = self.text(form="activity", date_from="2026-02-01", as_of="2026-04-01")
        self.assertIn("Opening balance on 02/01/2026 100.00", text)
        self.assertIn("Closing balance on 04/01/2026 120.00 USD", text)

    def test_a_confirmation_asks_and_does_not_ask_for_money(self):
        self.invoice(100)
        text = self.text(asks_confirmation=True)
        self.assertIn("Balance confirmation", text)
        self.assertIn("no request for payment", text)
        self.assertNotIn("Please pay to", text)

    def test_each_reader_gets_his_own_formats(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        paul = self.new_customer("Paul", lang="fr_FR")
        yen = self.setup_other_currency("JPY", rates=[("2016-01-01", 123.0)])
        self.invoice(1234.5)
        self.invoice(5678, partner=paul, currency_id=yen.id)
        text = self.text(self.customer, paul)
        self.assertIn("1,234.50 USD", text)
        self.assertIn("06/15/2026", text)
        self.assertIn("15/06/2026", text)
        self.assertRegex(text, r"5\s?678 JPY")

    def test_nothing_open_and_a_balance_in_favour_are_said_so(self):
        self.match(self.invoice(100), self.payment(100))
        self.assertIn("Your account is balanced", self.text())
        self.credit_note(30)
        self.assertIn("-30.00 USD is in your favour", self.text())

    def test_hostile_names_stay_text(self):
        self.customer.name = HOSTILE
        self.invoice(100, ref=HOSTILE)
        page = self.page()
        self.assertFalse(page.xpath("//main//script"))
        self.assertIn(HOSTILE, page.text_content())

    def test_customers_without_rights_and_foreign_ids_give_nothing(self):
        self.invoice(100)
        self.refresh()
        other = self.setup_other_company(name="Other")["company"]
        for login, group, company in (
            ("clerk", "base.group_user", self.company),
            ("stranger", "o2c_base.group_collector", other),
        ):
            user = new_test_user(
                self.env,
                login=login,
                groups=group,
                company_id=company.id,
                company_ids=[Command.set(company.ids)],
            )
            with self.subTest(login), self.assertRaises(AccessError):
                self.page(user=user)

    def test_what_is_no_list_of_accounts_is_refused(self):
        report = self.env["report.o2c_base.report_statement"]
        for ids in (["x"], [], [None], list(range(1, 502))):
            with self.assertRaises(UserError):
                report._get_report_values(None, {"debtor_ids": ids})

    def test_the_table_head_returns_on_each_page(self):
        self.invoice(100)
        page = self.page()
        self.assertEqual(len(page.xpath("//main//thead/tr")), 2)

    # ------------------------------------------------------------------
    # Files
    # ------------------------------------------------------------------

    def file(self, **options):
        self.refresh()
        debtors = self.debtor_model.search([("company_id", "=", self.company.id)])
        return debtors._statement_file(**options)

    def test_without_the_program_there_is_the_page_itself(self):
        self.invoice(100)
        model = self.env.registry["ir.actions.report"]
        self.patch(model, "get_wkhtmltopdf_state", lambda self: "install")
        self.customer.name = "A/B"
        name, content = self.file(as_of="2026-06-15")
        self.assertEqual(name, "Statement A-B 2026-06-15.html")
        self.assertIn(b"<!DOCTYPE html>", content)

    def workbook(self, **options):
        self.refresh()
        debtors = self.debtor_model.search([("company_id", "=", self.company.id)])
        wizard = self.env["o2c.statement.wizard"].create(
            {"debtor_ids": [Command.set(debtors.ids)], **options}
        )
        action = wizard.action_export()
        self.assertIn(f"/{wizard.id}/file/", action["url"])
        from base64 import b64decode

        return load_workbook(BytesIO(b64decode(wizard.file)))

    def test_the_workbook_has_typed_cells_and_no_formula(self):
        self.customer.name = '=HYPERLINK("http://x")'
        self.invoice(100, date="2026-05-01", ref="=1+1")
        lines, balances = self.workbook()
        rows = [[cell.value for cell in row] for row in lines.rows]
        [row] = [row for row in rows if "=1+1" in row]
        self.assertEqual(row[0], '=HYPERLINK("http://x")')
        self.assertEqual(row[-3:], [45, 100, 100])
        self.assertFalse(any(c.data_type == "f" for r in lines.rows for c in r))
        self.assertEqual(balances.max_row > 3, True)

    def test_the_workbook_of_the_activity_form(self):
        self.invoice(100, date="2026-01-10")
        self.payment(30, date="2026-03-10")
        lines, _balances = self.workbook(form="activity", date_from="2026-02-01")
        rows = [[cell.value for cell in row] for row in lines.rows]
        self.assertEqual(rows[-2][-1], 100)
        self.assertEqual(rows[-1][-2:], [-30, 70])


@tagged("post_install", "-at_install", "pdf")
class TestStatementPdf(ReceivablesCommon):
    """The PDF itself, with the program that makes it."""

    def test_a_file_begins_each_customer_on_a_page_of_his_own(self):
        for number in range(3):
            partner = self.new_customer(f"Customer {number}")
            for _invoice in range(60 if number == 1 else 1):
                self.opening_entry(10, partner=partner)
        name, content = self.file()
        self.assertEqual(name, "Statement 2026-06-15.pdf")
        pages = PdfReaderBase(BytesIO(content)).pages
        self.assertEqual(len(pages), 4)
        self.assertEqual(
            [round(float(side)) for side in pages[0].mediabox[2:]], [595, 842]
        )
        # the page that goes on says whose it is, and repeats the head
        words = " ".join(pages[2].extract_text().split())
        self.assertTrue(words.startswith("Customer 1"), words[:80])

    def file(self):
        self.refresh()
        debtors = self.debtor_model.search([("company_id", "=", self.company.id)])
        return debtors._statement_file(as_of="2026-06-15")
