from odoo import api, fields, models
from odoo.tools import SQL

#: Company number that stands for "in every company", for changes of a partner.
EVERY_COMPANY = 0

RECEIVABLE = SQL("account.account_type = 'asset_receivable'")


class O2cDebtorMark(models.Model):
    """A note that a customer's facts have changed and want refreshing.

    Core actions only insert here. There is no foreign key and no unique key, so an
    insert never waits for anybody; the refresher works the marks off.
    """

    _name = "o2c.debtor.mark"
    _description = "Changed customer account"
    _log_access = False

    partner_id = fields.Integer(help="Id of the partner on the journal items.")
    company_id = fields.Integer(help="Id of their company; 0 stands for all.")

    @api.model
    def _mark_lines(self, lines):
        """Mark the customers of journal items, one statement for all of them."""
        if lines:
            self._insert_from_lines(
                SQL("line.id = ANY(%s) AND %s", lines.ids, RECEIVABLE)
            )

    @api.model
    def _mark_moves(self, moves):
        """Mark the customers of entries and of what these are matched with.

        A posted item's true residual depends on whether its counterpart is posted,
        so a change of state speaks for both sides of a match.
        """
        if not moves:
            return
        own = SQL("SELECT id FROM account_move_line WHERE move_id = ANY(%s)", moves.ids)
        # one branch per index: an OR would read the whole ledger
        both_sides = SQL(
            """line.id IN (
                %(own)s
             UNION
                SELECT credit_move_id FROM account_partial_reconcile
                 WHERE debit_move_id IN (%(own)s)
             UNION
                SELECT debit_move_id FROM account_partial_reconcile
                 WHERE credit_move_id IN (%(own)s))""",
            own=own,
        )
        self._insert_from_lines(SQL("%s AND %s", both_sides, RECEIVABLE))

    @api.model
    def _mark_debtors(self, debtors):
        """Mark customer accounts, of which an add-on's own facts have changed."""
        if debtors:
            debtors.flush_model(["partner_id", "company_id"])
            self.env.cr.execute(
                SQL(
                    "INSERT INTO o2c_debtor_mark (partner_id, company_id)"
                    " SELECT partner_id, company_id FROM o2c_debtor WHERE id = ANY(%s)",
                    debtors.ids,
                )
            )

    @api.model
    def _mark_accounts(self, accounts):
        """Mark everybody with items on accounts whose meaning has changed."""
        if accounts:
            self._insert_from_lines(SQL("line.account_id = ANY(%s)", accounts.ids))

    @api.model
    def _mark_partners(self, partners):
        """Mark partners in every company."""
        if partners:
            self.env.cr.execute(
                SQL(
                    "INSERT INTO o2c_debtor_mark (partner_id, company_id)"
                    " SELECT unnest(%s), %s",
                    partners.ids,
                    EVERY_COMPANY,
                )
            )

    @api.model
    def _insert_from_lines(self, condition):
        line_fields = ["account_id", "company_id", "move_id", "partner_id"]
        self.env["account.move.line"].flush_model(line_fields)
        self.env["account.account"].flush_model(["account_type"])
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO o2c_debtor_mark (partner_id, company_id)
                SELECT DISTINCT line.partner_id, line.company_id
                  FROM account_move_line line
                  JOIN account_account account ON account.id = line.account_id
                 WHERE line.partner_id IS NOT NULL AND %s
                """,
                condition,
            )
        )
