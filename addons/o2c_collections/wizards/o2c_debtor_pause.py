from datetime import timedelta

from odoo import api, fields, models

from ..domain.pause import PAUSE_DAYS, PAUSE_DAYS_MAX


class O2cDebtorPause(models.TransientModel):
    """Not to contact a customer for a while: until when, and why."""

    _name = "o2c.debtor.pause"
    _description = "Pause a customer"

    debtor_id = fields.Many2one(
        "o2c.debtor", "Customer account", required=True, readonly=True
    )
    date = fields.Date(
        "Pause until",
        required=True,
        default=lambda self: self._default_date(),
        help="The last day without contact. A pause always ends.",
    )
    date_max = fields.Date(compute="_compute_date_max")
    reason = fields.Char(required=True, help="Shown on the customer account.")

    @api.model
    def _default_date(self):
        return self.env.company._o2c_today() + timedelta(days=PAUSE_DAYS)

    @api.depends("debtor_id")
    def _compute_date_max(self):
        for pause in self:
            # sudo: a user of a branch may not read its root company
            today = pause.debtor_id.company_id.sudo()._o2c_today()
            pause.date_max = today + timedelta(days=PAUSE_DAYS_MAX)

    def action_pause(self):
        """Pause the customer, within what the company allows."""
        self.ensure_one()
        self.debtor_id._pause(self.date, self.reason)
        return {"type": "ir.actions.act_window_close"}
