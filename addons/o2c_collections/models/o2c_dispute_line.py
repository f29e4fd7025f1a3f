from odoo import api, fields, models
from odoo.exceptions import ValidationError


class O2cDisputeLine(models.Model):
    """A line of the invoice that is disputed, in whole or in part."""

    _name = "o2c.dispute.line"
    _description = "Disputed line"
    _order = "id"

    dispute_id = fields.Many2one(
        "o2c.dispute", required=True, index=True, ondelete="cascade"
    )
    move_line_id = fields.Many2one(
        "account.move.line",
        "Invoice line",
        required=True,
        index="btree_not_null",
        ondelete="cascade",
        domain="[('move_id', '=', parent.move_id), ('display_type', '=', 'product')]",
    )
    name = fields.Char("Text", compute="_compute_from_line", compute_sudo=True)
    product_id = fields.Many2one(related="move_line_id.product_id", store=True)
    currency_id = fields.Many2one(related="dispute_id.currency_id")
    amount_line = fields.Monetary(
        "Billed", compute="_compute_from_line", compute_sudo=True, help="With tax."
    )
    amount = fields.Monetary(
        "Disputed",
        compute="_compute_amount",
        store=True,
        readonly=False,
        precompute=True,
        help="With tax, in the currency of the invoice.",
    )

    _line_unique = models.UniqueIndex(
        "(dispute_id, move_line_id)", "A line is disputed once."
    )

    @api.depends("move_line_id")
    def _compute_from_line(self):
        for line in self:
            line.name = line.move_line_id.name or line.move_line_id.product_id.name
            line.amount_line = line.move_line_id.price_total

    @api.depends("move_line_id")
    def _compute_amount(self):
        for line in self:
            # sudo: what was billed; who may write is checked on the dispute
            line.amount = line.sudo().move_line_id.price_total

    # ------------------------------------------------------------------
    # Writing
    # ------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        """Lines are chosen until the dispute is decided."""
        lines = super().create(vals_list)
        lines._check_dispute()
        return lines

    def write(self, vals):
        """Lines are changed until the dispute is decided."""
        self._check_dispute()
        result = super().write(vals)
        self._check_dispute()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_undecided(self):
        self._check_dispute()

    def _check_dispute(self):
        if not self.env.su:
            self.dispute_id.check_access("write")
            self.dispute_id._check_written({"line_ids"})

    @api.constrains("amount", "move_line_id")
    def _check_amount(self):
        for line in self:
            if line.move_line_id.move_id != line.dispute_id.move_id:
                raise ValidationError(
                    self.env._("Choose lines of the disputed invoice.")
                )
            compare = line.currency_id.compare_amounts
            if (
                compare(line.amount, 0) <= 0
                or compare(line.amount, abs(line.amount_line)) > 0
            ):
                raise ValidationError(
                    self.env._(
                        "Of “%(line)s” more than nothing and at most what was billed "
                        "can be disputed.",
                        line=line.name or "",
                    )
                )
        self.dispute_id._check_lines()
