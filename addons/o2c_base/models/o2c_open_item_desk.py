from odoo import api, fields, models
from odoo.exceptions import UserError


class O2cOpenItem(models.Model):
    """The document behind an open item, a click away."""

    _inherit = "o2c.open.item"

    has_pdf = fields.Boolean(
        compute="_compute_has_pdf", help="The item is an invoice or a credit note."
    )

    @api.depends("move_id")
    def _compute_has_pdf(self):
        # sudo: who sees the item sees what kind of entry it is
        for item in self.sudo():
            item.has_pdf = item.move_id.is_sale_document()

    @api.readonly
    def action_open_pdf(self):
        """Download the invoices: the PDF that was sent, else a copy made now."""
        moves = self.move_id.filtered(lambda move: move.is_sale_document())
        moves.check_access("read")
        if not moves:
            raise UserError(self.env._("There is no invoice behind this item."))
        numbers = ",".join(str(number) for number in moves.ids)
        return {
            "type": "ir.actions.act_url",
            "url": f"/account/download_invoice_documents/{numbers}/pdf",
            "target": "download",
        }

    def action_send_mail(self):
        """Write to the customer of these items, with their invoices attached."""
        debtors = self.debtor_id
        if len(debtors) != 1:
            raise UserError(
                self.env._("Choose items of one customer: a mail goes to one.")
            )
        debtors.check_access("write")
        # who looks at a past day still writes about what is open now
        now = self.with_context(o2c_as_of=None).search([("id", "in", self.ids)])
        if not now:
            raise UserError(self.env._("These items have been settled since that day."))
        return debtors._mail_composer(now.move_id)
