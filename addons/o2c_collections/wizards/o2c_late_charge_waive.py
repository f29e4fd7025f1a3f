from odoo import fields, models
from odoo.exceptions import UserError


class O2cLateChargeWaive(models.TransientModel):
    """Why late charges are given up."""

    _name = "o2c.late.charge.waive"
    _description = "Waive late charges"

    charge_ids = fields.Many2many("o2c.late.charge", string="Late charges")
    reason = fields.Char(
        required=True, help="Kept in the history, with who gave them up."
    )

    def action_waive(self):
        """Give them up."""
        self.ensure_one()
        reason = (self.reason or "").strip()
        if not reason:
            raise UserError(self.env._("Say why these are waived."))
        self.charge_ids._waive(reason)
        return {"type": "ir.actions.act_window_close"}
