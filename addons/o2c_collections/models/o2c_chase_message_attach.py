import logging

from odoo import fields, models
from odoo.exceptions import UserError

from odoo.addons.o2c_base.models.o2c_debtor_mail import INVOICES_MAX

from ..domain.channels import fit

_logger = logging.getLogger(__name__)

MEGABYTE = 1024**2


class O2cChaseMessage(models.Model):
    """What goes along with an e-mail: the invoices, or a statement.

    A reminder never fails for its attachments: invoices that are too many, too large
    or cannot be printed give way to the statement, which gives way to nothing. What
    was attached is kept with the figures, each file with its checksum.
    """

    _inherit = "o2c.chase.message"

    attachment_ids = fields.Many2many(
        "ir.attachment",
        string="Attachments",
        related="mail_message_id.attachment_ids",
        readonly=True,
    )

    def _attach(self, steps):
        """Attach what the levels ask for; invoices go before a statement.

        :param steps: o2c.chase.step that the message carries
        """
        wanted = set(steps.mapped("attach"))
        files = self.env["ir.attachment"]
        if "invoices" in wanted:
            files = self._invoice_files()
        if not files and wanted & {"invoices", "statement"}:
            files = self._statement_files()
        if not files and not self.mail_message_id.attachment_ids:
            return
        self.mail_message_id.attachment_ids = files
        kept = [
            {"name": file.name, "size": file.file_size, "checksum": file.checksum}
            for file in files
        ]
        self.figures = {**self.figures, "attachments": kept}

    def _invoice_files(self):
        """The PDFs of the invoices it speaks of; none if they do not fit."""
        items = (self.figures or {}).get("items", [])
        ids = [item["move_id"] for item in items if item["kind"] == "item"]
        moves = self.env["account.move"].browse(dict.fromkeys(ids))
        moves = moves.filtered(lambda move: move.is_sale_document())
        nothing = self.env["ir.attachment"]
        if not moves or len(moves) > INVOICES_MAX:
            return nothing
        legal = moves.filtered("invoice_pdf_report_id")
        made = nothing
        try:
            made = self.debtor_id._new_pdfs(moves - legal)
        except UserError as error:
            _logger.info("Invoices of %s cannot be printed: %s", self, error)
            return nothing
        files = legal.invoice_pdf_report_id + made
        if not self._fit(files):
            made.unlink()
            return nothing
        # as a file of the account; one of a composer would be cleared away
        made.write({"res_model": self.debtor_id._name, "res_id": self.debtor_id.id})
        return files

    def _statement_files(self):
        """Today's statement; nothing if even that does not fit."""
        debtor = self.debtor_id
        try:
            name, content = debtor._statement_file(as_of=self.date, form="open_item")
        except UserError as error:
            _logger.info("The statement for %s cannot be printed: %s", self, error)
            return self.env["ir.attachment"]
        if not fit([len(content)], self._attachment_limit()):
            return self.env["ir.attachment"]
        return self.env["ir.attachment"].create(
            {
                "name": name,
                "raw": content,
                "res_model": debtor._name,
                "res_id": debtor.id,
            }
        )

    def _fit(self, files):
        return fit(files.mapped("file_size"), self._attachment_limit())

    def _attachment_limit(self):
        return (self.company_id.o2c_attachment_limit or 0.0) * MEGABYTE
