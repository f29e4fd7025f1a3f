from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError


class O2cOpenItem(models.Model):
    """What a person does with open items: look, write, decide about old ones."""

    _inherit = "o2c.open.item"

    has_pdf = fields.Boolean(
        compute="_compute_has_pdf", help="The item is an invoice or a credit note."
    )

    @api.depends("move_id")
    def _compute_has_pdf(self):
        # sudo: who sees the item sees what kind of entry it is
        for item in self.sudo():
            item.has_pdf = item.move_id.is_sale_document()

    def action_open_document(self):
        """Open the entry behind the item."""
        self.ensure_one()
        return self.move_id.get_formview_action()

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

    def action_include(self):
        """Clean-up list: chase these items from now on.

        Items that are not for the clean-up list stay as they are.
        """
        return self._decide_clean_up(include=True)

    def action_leave_out(self):
        """Clean-up list: never chase these items.

        Items that are not for the clean-up list stay as they are.
        """
        return self._decide_clean_up(include=False)

    def _decide_clean_up(self, include):
        self._check_may_decide()
        items = self.env["o2c.open.item"].search([("id", "in", self.ids)])
        items = items.filtered(
            lambda item: item.needs_clean_up or item.move_line_id.o2c_clean_up
        )
        kind = "item_included" if include else "item_left_out"
        self.env["o2c.event"]._record(kind, items)
        # sudo: collectors may not write journal items; only our own decision and
        # Odoo's follow-up flag change, on items they may read
        items.move_line_id.sudo()._o2c_decide_clean_up(include)
        items.invalidate_recordset()
        return {"type": "ir.actions.client", "tag": "soft_reload"}

    def _check_may_decide(self):
        if not (self.env.su or self.env.user.has_group("o2c_base.group_collector")):
            raise AccessError(
                self.env._("Only collectors decide which old items are chased.")
            )
