from odoo import api, fields, models


class O2cCreditDecision(models.TransientModel):
    """Releasing or refusing one hold, with its bounds and a word why."""

    _name = "o2c.credit.decision"
    _description = "Decide on a credit hold"

    hold_id = fields.Many2one(
        "o2c.credit.hold", required=True, readonly=True, ondelete="cascade"
    )
    currency_id = fields.Many2one(related="hold_id.currency_id")
    reason = fields.Char(related="hold_id.reason")
    request_comment = fields.Text(related="hold_id.request_comment")
    amount_cap = fields.Monetary(
        "Release up to",
        compute="_compute_amount_cap",
        store=True,
        readonly=False,
        precompute=True,
        help="The order may be confirmed, and grow later, up to this total in company "
        "currency.",
    )
    date_expiry = fields.Date(
        "Until", help="Last day on which the release can be used; empty: two weeks."
    )
    comment = fields.Text(help="Why. Stays with the hold and is told to sales.")

    @api.depends("hold_id")
    def _compute_amount_cap(self):
        for wizard in self:
            hold = wizard.hold_id
            hold.check_access("read")
            # sudo: credit managers decide on orders they may not open
            wizard.amount_cap = hold.amount_cap or hold.sudo()._release_need()

    def action_release(self):
        """Release, which confirms the order if it waits for that."""
        self.ensure_one()
        self.hold_id.action_release(self.amount_cap, self.date_expiry, self.comment)
        return {"type": "ir.actions.act_window_close"}

    def action_refuse(self):
        """Refuse: the order stays as it is."""
        self.ensure_one()
        self.hold_id.action_refuse(self.comment)
        return {"type": "ir.actions.act_window_close"}
