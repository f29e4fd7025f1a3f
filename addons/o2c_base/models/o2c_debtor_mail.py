from markupsafe import Markup

from odoo import models
from odoo.exceptions import UserError
from odoo.tools import human_size

#: Invoices that one mail carries: each PDF may have to be made first.
INVOICES_MAX = 30


class O2cDebtor(models.Model):
    """A free mail to a customer, written in core's composer, with his invoices."""

    _inherit = "o2c.debtor"

    def action_send_mail(self):
        """Write to the customer now; the invoices that are overdue are attached."""
        self.ensure_one()
        self.check_access("write")
        # who looks at a past day still writes about what is open now
        items = self.env["o2c.open.item"].with_context(o2c_as_of=None)
        items = items.search(self._overdue_domain())
        return self._mail_composer(items.move_id)

    def _mail_composer(self, moves):
        """Core's composer, ready to write to whom reminders go to.

        :param moves: entries whose PDFs are attached, where they are invoices
        """
        self.ensure_one()
        invoices = moves.filtered(lambda move: move.is_sale_document())
        attached = self._with_pdf(invoices)
        recipient = self._mail_recipient()
        attachments = self._invoice_pdfs(attached)
        composer = {
            "type": "ir.actions.act_window",
            "name": self.env._("Send an e-mail"),
            "res_model": "mail.compose.message",
            "view_mode": "form",
            "target": "new",
            "context": {
                "default_model": self._name,
                "default_res_ids": self.ids,
                "default_composition_mode": "comment",
                "default_subtype_xmlid": "mail.mt_comment",
                "default_partner_ids": recipient.ids,
                "default_subject": self._mail_subject(recipient),
                "default_body": self._mail_body(recipient, attached),
                "default_attachment_ids": attachments.ids,
                "mail_post_autofollow": False,
            },
        }
        missing = len(invoices) - len(attached)
        return self._say_without_pdf(composer, missing) if missing else composer

    def _with_pdf(self, invoices):
        """The invoices whose PDF exists or can be made on this server."""
        # sudo: whether the server has wkhtmltopdf is no secret
        if self.env["ir.actions.report"].sudo().get_wkhtmltopdf_state() != "install":
            return invoices
        return invoices.filtered("invoice_pdf_report_id")

    def _say_without_pdf(self, composer, missing):
        message = self.env._(
            "Invoices that are not attached: %(count)s. This server cannot make PDFs, "
            "because wkhtmltopdf is not installed.",
            count=missing,
        )
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "warning",
                "message": message,
                "sticky": True,
                "next": {**composer, "views": [(False, "form")]},
            },
        }

    def _mail_recipient(self):
        """Whom statements and reminders go to, if there is an address."""
        recipient_sudo = self._statement_recipients()[self.id]
        # sudo: the user goes on with his own rights
        return recipient_sudo.sudo(False).filtered(
            lambda _partner: recipient_sudo.email_normalized
        )

    def _mail_subject(self, recipient):
        # sudo: a user of a branch may not read its root company
        company = self.company_id.sudo().name
        translate = self.with_context(lang=recipient.lang or self.env.lang).env._
        return translate("Your account with %(company)s", company=company)

    def _mail_body(self, recipient, invoices):
        """A greeting and the numbers of the invoices, in the reader's language."""
        translate = self.with_context(lang=recipient.lang or self.env.lang).env._
        greeting = translate("Dear %(name)s,", name=recipient.name or "")
        parts = [Markup("<p>%s</p>") % greeting]
        if invoices:
            numbers = ", ".join(invoices.mapped("name"))
            text = translate("Please find attached: %(numbers)s.", numbers=numbers)
            parts.append(Markup("<p>%s</p>") % text)
        return Markup("").join([*parts, Markup("<p><br/></p>")])

    # ------------------------------------------------------------------
    # Attachments
    # ------------------------------------------------------------------

    def _invoice_pdfs(self, invoices):
        """The PDFs of invoices: the one that was sent, else made as core makes it.

        A copy made here belongs to the mail: it does not count as having sent the
        invoice, and the invoice stays as it is.
        """
        if len(invoices) > INVOICES_MAX:
            raise UserError(
                self.env._(
                    "%(count)s invoices are too many for one mail; at most %(max)s "
                    "fit. Choose some under Open items, or send a statement.",
                    count=len(invoices),
                    max=INVOICES_MAX,
                )
            )
        invoices.check_access("read")
        legal = invoices.filtered("invoice_pdf_report_id")
        # sudo: who reads the invoice reads its PDF, as in core's own download
        attachments_sudo = legal.sudo().invoice_pdf_report_id
        attachments_sudo += self._new_pdfs(invoices - legal).sudo()
        self._check_mail_size(attachments_sudo)
        return attachments_sudo.sudo(False)

    def _new_pdfs(self, invoices):
        values = []
        sender = self.env["account.move.send"]
        for batch in invoices.grouped("company_id").values():
            data = {
                move: {"pdf_report": sender._get_default_pdf_report_id(move)}
                for move in batch
            }
            sender._prepare_invoice_pdf_report(data)
            values += [
                {
                    "name": made["pdf_attachment_values"]["name"],
                    "raw": made["pdf_attachment_values"]["raw"],
                    "mimetype": "application/pdf",
                    "res_model": "mail.compose.message",
                    "res_id": 0,
                }
                for made in data.values()
            ]
        return self.env["ir.attachment"].create(values)

    def _check_mail_size(self, attachments):
        """Refuse what mail servers refuse: encoded, a file grows by a third."""
        # sudo: the limit is a setting of the mail server
        limit = self.env["ir.mail_server"].sudo()._get_max_email_size() * 1024**2
        size = sum(attachments.mapped("file_size"))
        if size * 4 / 3 > limit:
            raise UserError(
                self.env._(
                    "The PDFs of these %(count)s invoices are %(size)s, too much for "
                    "one mail (at most %(limit)s, encoded). Choose fewer under Open "
                    "items, or send a statement.",
                    count=len(attachments),
                    size=human_size(size),
                    limit=human_size(limit),
                )
            )
