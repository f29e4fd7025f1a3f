from odoo import api, fields, models
from odoo.tools import format_amount, format_date

from ..domain.dispute import OPEN_STATES


class AccountMove(models.Model):
    """What of an invoice is disputed, and what posting does to disputes."""

    _inherit = "account.move"

    o2c_dispute_ids = fields.One2many("o2c.dispute", "move_id", "Disputes")
    o2c_dispute_count = fields.Integer("Disputed", compute="_compute_o2c_dispute")
    o2c_dispute_text = fields.Char("What is disputed", compute="_compute_o2c_dispute")

    @api.depends("o2c_dispute_ids.state", "o2c_dispute_ids.amount_resting")
    @api.depends_context("uid", "lang")
    def _compute_o2c_dispute(self):
        disputes = self.env["o2c.dispute"]
        rows = disputes._read_group(
            [("move_id", "in", self.ids)], ["move_id"], ["id:recordset"]
        )
        found = dict(rows)
        for move in self:
            mine = found.get(move._origin, disputes)
            move.o2c_dispute_count = len(mine)
            move.o2c_dispute_text = move._o2c_dispute_sentence(
                mine.filtered(lambda d: d.state in OPEN_STATES)
            )

    def _o2c_dispute_sentence(self, disputes):
        if not disputes:
            return False
        amount = sum(disputes.mapped("amount_resting"))
        values = {
            "amount": format_amount(self.env, amount, self.currency_id),
            "reason": ", ".join(sorted(set(disputes.reason_id.mapped("name")))),
            "owner": ", ".join(disputes.owner_id.mapped("name")),
            "date": format_date(self.env, min(d._deadline_day() for d in disputes)),
        }
        return self.env._(
            "%(amount)s is disputed (%(reason)s) and not asked for. %(owner)s answers "
            "by %(date)s.",
            **values,
        )

    def _post(self, soft=True):
        """EXTENDS account: posted credit notes close disputes."""
        posted = super()._post(soft)
        if posted:
            self.env["o2c.dispute"]._on_posted(posted)
        return posted

    def write(self, vals):
        """EXTENDS account: what is reset or cancelled cannot be disputed."""
        result = super().write(vals)
        if vals.get("state") in ("draft", "cancel"):
            self.env["o2c.dispute"]._on_unposted(self)
        return result

    def action_o2c_dispute(self):
        """Note that the customer does not accept the invoice: opens the dialog."""
        self.ensure_one()
        self.env["o2c.dispute"].check_access("create")
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "o2c_collections.o2c_dispute_action_new"
        )
        action["context"] = {"default_move_id": self.id}
        return action

    def action_o2c_open_disputes(self):
        """The disputes of this invoice, from the smart button."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "o2c_collections.o2c_dispute_action"
        )
        action["domain"] = [("move_id", "=", self.id)]
        action["context"] = {"default_move_id": self.id}
        return action
