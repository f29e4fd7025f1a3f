from odoo import api, fields, models


class AccountMove(models.Model):
    """Which money an entry gives back to the bank; once for each payer."""

    _inherit = "account.move"

    o2c_returned_move_id = fields.Many2one(
        "account.move",
        "Returns",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        help="The payment, or bank transaction, that the bank took back with this.",
    )

    # A bank transaction can be the money of several customers.
    _o2c_returned_unique = models.UniqueIndex(
        "(o2c_returned_move_id, COALESCE(commercial_partner_id, 0))"
        " WHERE o2c_returned_move_id IS NOT NULL AND state <> 'cancel'",
        "This payment was returned already.",
    )

    def _o2c_paid_lines(self, partner):
        """What a customer paid with these entries: their receivable items in credit.

        :param partner: any of his contacts; none for money of nobody
        """
        return self.line_ids.filtered(
            lambda line: (
                line.account_id.account_type == "asset_receivable"
                and line.balance < 0
                and line.partner_id.commercial_partner_id
                == partner.commercial_partner_id
            )
        )

    def _o2c_takes_back_of(self, partner):
        """Whether this reversal takes back what a customer paid.

        A bank transaction can be the money of several, each taken back by itself.
        """
        if self.reversed_entry_id.origin_payment_id:
            return True
        return self.commercial_partner_id == partner.commercial_partner_id

    @api.model
    def _o2c_return_dialog(self, partner, company, move=None):
        """The dialog for what the bank took back.

        :param company: whose bank it is, or a branch's
        :param move: the money's entry; None to choose among what came in lately
        """
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Returned payment"),
            "res_model": "o2c.payment.return",
            "view_mode": "form",
            "target": "new",
            "context": {
                "default_partner_id": partner.commercial_partner_id.id,
                "default_root_id": company._o2c_root().id,
                "default_move_id": move.id if move else False,
            },
        }
