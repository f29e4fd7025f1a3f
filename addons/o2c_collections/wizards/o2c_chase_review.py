from odoo import api, fields, models
from odoo.exceptions import UserError

from ..domain.items_text import one_line


class O2cChaseReview(models.TransientModel):
    """Reading a message before it is sent, and changing its words."""

    _name = "o2c.chase.review"
    _description = "Review a message"

    action_id = fields.Many2one(
        "o2c.chase.action", "Step", required=True, readonly=True, ondelete="cascade"
    )
    debtor_id = fields.Many2one(related="action_id.debtor_id")
    currency_id = fields.Many2one(related="action_id.currency_id")
    amount_due = fields.Monetary(related="action_id.amount_due")
    level = fields.Integer(related="action_id.level")
    recipient_id = fields.Many2one(related="action_id.recipient_id")
    recipient_email = fields.Char(related="action_id.recipient_email")
    channel = fields.Selection(related="action_id.channel")
    language = fields.Char(readonly=True)
    subject = fields.Char(required=True)
    body = fields.Html(
        "Message",
        sanitize_style=False,
        help="The table of items is made anew when it is sent: change the words only.",
    )
    text = fields.Text(
        "Text message",
        help="If the amounts change before it is sent, it comes back here.",
    )
    figures = fields.Json(readonly=True)

    @api.model
    def _open(self, action):
        """The dialog with the message as it would be written now."""
        if action.state != "to_review":
            raise UserError(
                self.env._("This message no longer waits for review: look again.")
            )
        draft = self.env["o2c.chase.message"]._draft_for(action)
        review = self.create({"action_id": action.id, **draft})
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Review a message"),
            "res_model": self._name,
            "res_id": review.id,
            "view_mode": "form",
            "target": "new",
        }

    def action_send(self):
        """Approve: it is sent with these words, if the figures are still right."""
        self.ensure_one()
        self.check_access("write")
        why = self.action_id._approve(self._words()).get(self.action_id)
        if not why:
            return self._tell("success", self.env._("The message is on its way."))
        return self._tell("warning", self.env._("Not sent: %(why)s", why=why))

    def _words(self):
        """What is approved, and the open amounts it speaks of."""
        if self.channel != "sms":
            return {
                "subject": one_line(self.subject),
                "body": str(self.body or ""),
                "figures": self.figures,
            }
        if not (self.text or "").strip():
            raise UserError(self.env._("The message is empty: write a text."))
        return {"text": self.text, "figures": self.figures}

    def action_pass_over(self):
        """Do not send it: the level counts as passed."""
        self.ensure_one()
        self.check_access("write")
        self.action_id._pass_over()
        return self._tell("info", self.env._("Not sent; the level counts as passed."))

    def _tell(self, kind, message):
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": kind,
                "message": message,
                "next": {"type": "ir.actions.act_window_close"},
            },
        }
