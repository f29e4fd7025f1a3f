from odoo import api, fields, models


class O2cDispute(models.Model):
    _inherit = "o2c.dispute"

    warehouse_id = fields.Many2one(
        "stock.warehouse",
        compute="_compute_warehouse_id",
        store=True,
        compute_sudo=True,
        index="btree_not_null",
        ondelete="set null",
        help="From which the order of the disputed lines is delivered; without lines, "
        "that of the invoice.",
    )

    @api.depends("line_ids.move_line_id", "move_id")
    def _compute_warehouse_id(self):
        for dispute in self:
            dispute.warehouse_id = dispute._orders().warehouse_id[:1]
