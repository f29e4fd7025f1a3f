from odoo import models


class O2cReply(models.Model):
    """A mail that raises a dispute."""

    _inherit = "o2c.reply"

    def action_dispute(self):
        """He disputes something: opens the dispute with his words, filled in."""
        self.ensure_one()
        self.check_access("write")
        action = self.debtor_id.action_new_dispute()
        moves = self._disputed_moves()
        action["context"] |= {
            "default_reply_id": self.id,
            "default_description": self.text or "",
        }
        if len(moves) == 1:
            action["context"] |= {
                "default_move_id": moves.id,
                "default_amount": moves.amount_residual,
            }
        return action

    def _disputed_moves(self):
        """The open invoices that the mail names; none named: all that are open."""
        items = self.env["o2c.open.item"].search(
            [("debtor_id", "=", self.debtor_id.id), ("amount_residual", ">", 0)]
        )
        moves = items.move_id.filtered(
            lambda move: move.move_type in ("out_invoice", "out_receipt")
        )
        said = f"{self.subject or ''} {self.text or ''}"
        return moves.filtered(lambda move: move.name in said) or moves

    def _become_dispute(self, dispute):
        """What was attached stands in the dispute; nobody need look at the mail."""
        self.ensure_one()
        self.check_access("write")
        if self.debtor_id != dispute.debtor_id:
            dispute.sudo().reply_id = False  # sudo: not this customer's mail
            return
        # sudo: files of the customer's mail, which the user may read on the timeline
        for file_sudo in self.sudo().mail_message_id.attachment_ids:
            file_sudo.copy({"res_model": dispute._name, "res_id": dispute.id})
        for reply_sudo in self._lock_open():
            reply_sudo._set_handled("dropped")
