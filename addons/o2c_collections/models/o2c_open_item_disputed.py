from odoo import models
from odoo.tools import SQL


class O2cOpenItem(models.Model):
    """Disputes among what rests."""

    _inherit = "o2c.open.item"
    _depends = {
        "o2c.dispute": ["amount_resting", "debtor_id", "move_id", "state"],
    }

    def _taken_sources(self):
        """EXTENDS o2c_collections: the undecided, or accepted, part of an invoice."""
        disputed = SQL(
            """
            SELECT debtor.company_id AS root_id, debtor.partner_id,
                   'disputed' AS kind, named.line_ids, dispute.currency_id,
                   dispute.amount_resting AS amount, dispute.date_raised::date AS date,
                   dispute.id
              FROM o2c_dispute dispute
              JOIN o2c_debtor debtor ON debtor.id = dispute.debtor_id
        CROSS JOIN LATERAL (
                SELECT array_agg(line.id) AS line_ids
                  FROM account_move_line line
                  JOIN account_account account ON account.id = line.account_id
                 WHERE line.move_id = dispute.move_id
                   AND account.account_type = 'asset_receivable') named
             WHERE dispute.state IN ('open', 'waiting') AND named.line_ids IS NOT NULL
            """
        )
        return [*super()._taken_sources(), disputed]

    def _claim_tests(self):
        """EXTENDS o2c_collections: a dispute that is not decided yet."""
        undecided = SQL(
            "EXISTS (SELECT FROM o2c_dispute WHERE state IN ('open', 'waiting'))"
        )
        return [*super()._claim_tests(), undecided]
