import io
import zipfile

from werkzeug.exceptions import NotFound

from odoo.exceptions import UserError
from odoo.http import content_disposition, request

from odoo.addons.o2c_base.report.o2c_statement_workbook import statement_workbook

from .account_page import account_page
from .receivables import ReceivablesPortal

#: Documents in one file; a PDF is made for each that has none yet.
DOCUMENTS_MOST = 50
#: Files per account and day: making them is work.
FILES_MOST = 200
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class DocumentsPortal(ReceivablesPortal):
    """Statements and invoices as files."""

    @account_page("/my/receivables/statement", "GET")
    def receivables_statement(self, scope, as_of=None, file=None, **_unused):
        """The statement as of a day: as a page, PDF or Excel."""
        error = None
        try:
            return self._statement(scope, as_of or None, file)
        except UserError as raised:
            error = self._explain(raised)
        return self._page(
            "o2c_portal.statement", scope, documents=[], as_of=None, error=error
        )

    def _statement(self, scope, as_of, file):
        debtor = scope.account.with_context(lang=scope.actor.lang)
        if file in ("pdf", "xlsx"):
            self._limit("file", scope, FILES_MOST)
        if file == "xlsx":
            content = statement_workbook(debtor, debtor._statement(as_of=as_of))
            name = debtor._statement_file_name(as_of, "xlsx")
            return self._file(name, content, XLSX)
        if file == "pdf":
            name, content = debtor._statement_file(as_of=as_of)
            kind = "application/pdf" if name.endswith(".pdf") else "text/html"
            return self._file(name, content, kind)
        report = debtor.env["report.o2c_base.report_statement"]
        values = report._get_report_values(debtor.ids, {"as_of": as_of})
        day = debtor.env["o2c.open.item"]._as_of_date(as_of)
        return self._page("o2c_portal.statement", scope, as_of=day, **values)

    @account_page("/my/receivables/document/<int:line>", "GET")
    def receivables_document(self, scope, line, **_unused):
        """The PDF of one document."""
        self._limit("file", scope, FILES_MOST)
        for name, content in self._documents(scope, {line}):
            return self._file(name, content, "application/pdf")
        raise NotFound()

    @account_page("/my/receivables/documents", "GET")
    def receivables_documents(self, scope, **_unused):
        """The PDFs of what was ticked, in one file."""
        lines = self._chosen_lines()
        if not 0 < len(lines) <= DOCUMENTS_MOST:
            text = request.env._(
                "Tick 1 to %s documents, then download them.", DOCUMENTS_MOST
            )
            return self._page(
                "o2c_portal.told", scope, title=request.env._("Documents"), text=text
            )
        self._limit("file", scope, FILES_MOST)
        target = io.BytesIO()
        with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in self._documents(scope, lines):
                archive.writestr(name, content)
        return self._file(
            request.env._("documents") + ".zip", target.getvalue(), "application/zip"
        )

    def _documents(self, scope, lines):
        """(name, PDF) of each invoice and credit note among these, open or settled."""
        for move in scope.account._portal_documents(lines):
            data = move._get_invoice_legal_documents("pdf")
            if data:
                yield data["filename"].replace("/", "_"), data["content"]
                continue
            # sudo: the printout of a document that is the visitor's
            reports_sudo = request.env["ir.actions.report"].sudo()
            content, _kind = reports_sudo._render_qweb_pdf(
                "account.account_invoices", move.ids
            )
            yield move._get_invoice_report_filename(), content

    def _file(self, name, content, kind):
        return request.make_response(
            content,
            [
                ("Content-Type", kind),
                ("Content-Disposition", content_disposition(name)),
                ("Cache-Control", "no-store"),
                ("X-Content-Type-Options", "nosniff"),
            ],
        )
