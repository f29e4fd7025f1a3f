from odoo import api, fields, models

from ..domain.creditor_reference import creditor_reference, grouped


class O2cRemittance(models.Model):
    """One structured reference by which a transfer finds what it pays."""

    _inherit = "o2c.remittance"

    payment_reference = fields.Char(
        compute="_compute_payment_reference",
        store=True,
        index="btree_not_null",
        help="A structured creditor reference (ISO 11649): customers who transfer the "
        "money themselves name it, and nothing else.",
    )

    @api.depends("payer_id")
    def _compute_payment_reference(self):
        """Of what was chosen on the page; what was announced has the payer's own."""
        for remittance in self:
            is_choice = remittance.payer_id and remittance._origin
            remittance.payment_reference = (
                creditor_reference(f"PAY{remittance._origin.id:05}")
                if is_choice
                else False
            )

    def _payment_reference_text(self):
        """As people read and type it."""
        return grouped(self.payment_reference or "")

    def _attempt_under_way(self):
        """The payment whose money is awaited, in superuser mode."""
        return self.transaction_ids.filtered(
            lambda attempt: attempt.state in ("pending", "authorized")
        )[:1]
