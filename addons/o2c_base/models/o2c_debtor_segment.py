from odoo import api, fields, models
from odoo.exceptions import ValidationError


class O2cDebtor(models.Model):
    """The segment of a customer: by rule, or fixed by a person."""

    _inherit = "o2c.debtor"

    segment_fixed_id = fields.Many2one(
        "o2c.segment",
        "Fixed segment",
        tracking=True,
        check_company=True,
        ondelete="set null",
        domain="[('company_id', 'in', [company_id, False])]",
        help="Puts the customer into this segment, whatever the rules say.",
    )
    segment_fixed_reason = fields.Char(
        "Why fixed", tracking=True, help="Who looks later should understand it."
    )
    membership_ids = fields.One2many(
        "o2c.segment.membership", "debtor_id", "Segments so far"
    )

    @api.constrains("segment_fixed_id", "segment_fixed_reason")
    def _check_fixed_reason(self):
        for debtor in self:
            if (
                debtor.segment_fixed_id
                and not (debtor.segment_fixed_reason or "").strip()
            ):
                raise ValidationError(
                    self.env._("Say why the segment of this customer is fixed.")
                )

    @api.model
    def _user_fields(self):
        """EXTENDS o2c_base: those who decide on credit may fix the segment."""
        names = super()._user_fields()
        if self.env.user.has_group("o2c_base.group_credit_manager"):
            names |= {"segment_fixed_id", "segment_fixed_reason"}
        return names

    def write(self, vals):
        """EXTENDS o2c_base: a fixed segment holds at once."""
        result = super().write(vals)
        if "segment_fixed_id" in vals:
            segments = self.env["o2c.segment"]
            for company, debtors in self.sudo().grouped("company_id").items():
                segments.sudo()._apply(company, debtors)  # sudo: the keeper writes
        return result
