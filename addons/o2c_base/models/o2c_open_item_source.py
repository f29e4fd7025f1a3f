from odoo import models
from odoo.tools import SQL


class O2cOpenItem(models.Model):
    """Where the residuals of open items come from: now, or as of a date."""

    _inherit = "o2c.open.item"

    def _trade_accounts(self):
        """Ids of the trade receivable accounts, as a sub-query."""
        return SQL(
            "(SELECT id FROM account_account"
            " WHERE account_type = 'asset_receivable' AND non_trade IS NOT TRUE)"
        )

    def _line_columns(self):
        """What the query needs of a journal item, read once where it is found."""
        return SQL(
            "line.id, line.move_id, line.journal_id, line.company_id, line.partner_id,"
            " line.currency_id, line.company_currency_id, line.move_name, line.ref,"
            " line.date, line.date_maturity, line.no_followup, line.o2c_clean_up"
        )

    def _source_live(self):
        """Stored residuals, put right where a partial's other side is unposted."""
        return SQL(
            """
            unposted AS MATERIALIZED (%(unposted)s),
            source AS (
                SELECT %(columns)s,
                       line.amount_residual
                           + COALESCE(unposted.amount, 0.0) AS residual,
                       line.amount_residual_currency
                           + COALESCE(unposted.amount_currency, 0.0)
                           AS residual_currency
                  FROM account_move_line line
             LEFT JOIN unposted ON unposted.id = line.id
                 WHERE line.account_id IN %(accounts)s
                   AND line.parent_state = 'posted'
                   AND line.reconciled IS NOT TRUE
             UNION ALL
                SELECT %(columns)s,
                       line.amount_residual + unposted.amount,
                       line.amount_residual_currency + unposted.amount_currency
                  FROM unposted
                  JOIN account_move_line line ON line.id = unposted.id
                 WHERE line.account_id IN %(accounts)s
                   AND line.parent_state = 'posted'
                   AND line.reconciled IS TRUE)
            """,
            columns=self._line_columns(),
            unposted=self._unposted_partials(),
            accounts=self._trade_accounts(),
        )

    def _unposted_partials(self):
        """Per line, what core deducted for counterparts that are not posted.

        Starts from the unposted entries through core's (journal, state) index, so
        it costs as much as there are drafts, not as much as there is ledger.
        """
        return SQL(
            """
            SELECT part.line_id AS id, sum(part.amount) AS amount,
                   sum(part.amount_currency) AS amount_currency
              FROM account_move move
              JOIN account_move_line other ON other.move_id = move.id
        CROSS JOIN LATERAL (
                SELECT debit_move_id AS line_id, amount,
                       debit_amount_currency AS amount_currency
                  FROM account_partial_reconcile WHERE credit_move_id = other.id
             UNION ALL
                SELECT credit_move_id, -amount, -credit_amount_currency
                  FROM account_partial_reconcile WHERE debit_move_id = other.id) part
             WHERE move.journal_id IN (SELECT id FROM account_journal)
               AND move.state IN ('draft', 'cancel')
          GROUP BY part.line_id
            """
        )

    def _source_past(self, as_of):
        """Balances up to a date less the partials that existed then.

        An item was open on that date if it is open now, or if a partial of it is
        younger than the date or has an unposted side; nothing else can be.
        """
        return SQL(
            """
            candidate AS (
                SELECT line.id FROM account_move_line line
                 WHERE line.account_id IN %(accounts)s
                   AND line.reconciled IS NOT TRUE
             UNION
                SELECT unnest(ARRAY[debit_move_id, credit_move_id])
                  FROM account_partial_reconcile WHERE max_date > %(as_of)s
             UNION
                SELECT id FROM (%(unposted)s) unposted),
            source AS (
                SELECT %(columns)s,
                       line.balance - COALESCE(part.amount, 0.0) AS residual,
                       line.amount_currency
                           - COALESCE(part.amount_currency, 0.0) AS residual_currency
                  FROM candidate
                  JOIN account_move_line line ON line.id = candidate.id
             LEFT JOIN LATERAL (%(partials)s) part ON TRUE
                 WHERE line.account_id IN %(accounts)s
                   AND line.parent_state = 'posted'
                   AND line.date <= %(as_of)s
                   AND (line.balance <> COALESCE(part.amount, 0.0)
                        OR line.amount_currency <> COALESCE(part.amount_currency, 0.0)))
            """,
            columns=self._line_columns(),
            accounts=self._trade_accounts(),
            unposted=self._unposted_partials(),
            as_of=as_of,
            partials=self._partials_until(as_of),
        )

    def _partials_until(self, as_of):
        """Signed sums of a line's partials up to a date, both sides posted."""
        return SQL(
            """
            SELECT sum(matched.amount) AS amount,
                   sum(matched.amount_currency) AS amount_currency
              FROM (SELECT amount, debit_amount_currency AS amount_currency,
                           credit_move_id AS other_id
                      FROM account_partial_reconcile
                     WHERE debit_move_id = line.id AND max_date <= %(as_of)s
                 UNION ALL
                    SELECT -amount, -credit_amount_currency, debit_move_id
                      FROM account_partial_reconcile
                     WHERE credit_move_id = line.id AND max_date <= %(as_of)s) matched
              JOIN account_move_line other ON other.id = matched.other_id
             WHERE other.parent_state = 'posted'
            """,
            as_of=as_of,
        )
