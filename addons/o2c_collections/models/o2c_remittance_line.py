from odoo import api, fields, models
from odoo.tools import SQL


class O2cRemittanceLine(models.Model):
    """One item that is said to be paid; it rests so only once."""

    _name = "o2c.remittance.line"
    _description = "Item of an announced payment"
    _order = "id"
    _rec_name = "move_line_id"

    remittance_id = fields.Many2one(
        "o2c.remittance", required=True, readonly=True, index=True, ondelete="cascade"
    )
    debtor_id = fields.Many2one(
        related="remittance_id.debtor_id", store=True, index=True
    )
    company_id = fields.Many2one(related="remittance_id.company_id", store=True)
    move_line_id = fields.Many2one(
        "account.move.line", "Item", required=True, readonly=True, ondelete="cascade"
    )
    currency_id = fields.Many2one(related="move_line_id.currency_id")
    amount = fields.Monetary(required=True, readonly=True, help="Said to be paid.")
    amount_open = fields.Monetary(
        required=True,
        readonly=True,
        help="What was open of the item then: by what has come in since, less is in "
        "transit.",
    )

    is_allocation = fields.Boolean(
        "Being paid online",
        readonly=True,
        help="Part of a payment that was begun, not just announced: it rests as long "
        "as the payment is under way, each time.",
    )

    _item_unique = models.UniqueIndex(
        "(move_line_id) WHERE is_allocation IS NOT TRUE",
        "An item rests only once because its payment was announced.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        """EXTENDS base: have the customers' figures refreshed."""
        lines = super().create(vals_list)
        self.env["o2c.debtor.mark"]._mark_debtors(lines.debtor_id)
        return lines

    @api.model
    def _claims_sql(self):
        """What is said to be under way and has not come yet, as claims on items."""
        return SQL(
            """
            SELECT line.company_id AS root_id, debtor.partner_id,
                   'in_transit' AS kind, ARRAY[line.move_line_id] AS line_ids,
                   item.currency_id,
                   line.amount - GREATEST(0.0,
                       line.amount_open - item.amount_residual_currency) AS amount,
                   remittance.date, line.id
              FROM o2c_remittance_line line
              JOIN o2c_remittance remittance ON remittance.id = line.remittance_id
              JOIN account_move_line item ON item.id = line.move_line_id
              JOIN o2c_debtor debtor ON debtor.id = line.debtor_id
              JOIN calendar ON calendar.company_id = line.company_id
             WHERE remittance.date_until >= calendar.today
            """
        )
