from odoo import api, fields, models


class O2cDispute(models.Model):
    """A dispute that was raised in a mail: its words and files come along."""

    _inherit = "o2c.dispute"

    reply_id = fields.Many2one(
        "o2c.reply",
        "Raised in",
        index="btree_not_null",
        ondelete="set null",
        help="The customer's mail in which he raised it.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        """EXTENDS o2c_collections: the mail is looked at, its files stand here too."""
        disputes = super().create(vals_list)
        for dispute in disputes.filtered("reply_id"):
            dispute.reply_id._become_dispute(dispute)
        return disputes
