from odoo import api, fields, models
from odoo.exceptions import UserError


class O2cDisputeDecide(models.TransientModel):
    """The dialog in which a dispute is decided."""

    _name = "o2c.dispute.decide"
    _description = "Decide a dispute"

    dispute_id = fields.Many2one("o2c.dispute", required=True, ondelete="cascade")
    currency_id = fields.Many2one(related="dispute_id.currency_id", related_sudo=False)
    outcome = fields.Selection(
        [
            ("credit", "Yes: credit note"),
            ("replacement", "Yes: credit the invoice and write a new one"),
            ("write_off", "Yes: write it off"),
            ("rejected", "No: the invoice is right"),
        ],
        "Is the customer right?",
        required=True,
        default="credit",
    )
    amount_disputed = fields.Monetary(
        "Disputed", related="dispute_id.amount", related_sudo=False
    )
    amount_accepted = fields.Monetary(
        "Accepted",
        compute="_compute_amount_accepted",
        compute_sudo=False,
        store=True,
        readonly=False,
        help="Less than disputed is a compromise: the rest is chased at once.",
    )
    can_write_off = fields.Boolean(compute="_compute_can_write_off")
    answer = fields.Text(
        "Answer to the customer", help="As text, in the customer's language."
    )
    is_sent = fields.Boolean(
        "Send the answer", default=True, help="By e-mail, to the invoice's contact."
    )
    is_printed = fields.Boolean(
        "Print the answer",
        help="As a letter to the customer, for you to post; on paper alone where he "
        "has no e-mail address.",
    )
    recipient = fields.Char("To", compute="_compute_can_write_off")

    @api.depends("dispute_id")
    def _compute_amount_accepted(self):
        for wizard in self:
            wizard.amount_accepted = wizard.dispute_id.amount

    @api.depends("dispute_id")
    def _compute_can_write_off(self):
        self.dispute_id.check_access("write")
        for wizard in self:
            recipient_sudo = wizard.dispute_id._recipient().sudo()  # sudo: its address
            wizard.can_write_off = wizard.dispute_id._can_write_off()
            wizard.recipient = recipient_sudo.email_formatted

    def action_decide(self):
        """Decide as filled in, and tell the customer."""
        self.ensure_one()
        answer = (self.answer or "").strip()
        if self.outcome == "rejected" and not answer:
            raise UserError(self.env._("Tell the customer why the invoice is right."))
        dispute = self.dispute_id
        action = dispute._decide(self.outcome, self.amount_accepted, answer)
        if self.is_sent and answer:
            dispute._send_answer()
        if self.is_printed and answer:
            letter = dispute.action_print_answer()
            action = {**letter, "close": True} if action is True else action
        if action is True:
            return {"type": "ir.actions.act_window_close"}
        return action
