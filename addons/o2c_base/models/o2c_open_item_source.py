from odoo import models
from odoo.tools import SQL

from ..tools.planned import execute_planned
from ..tools.transaction import without_jit

#: Up to so many customers, their own items are looked through, by index; for more, it
#: is quicker to start from the whole ledger and its drafts.
CUSTOMERS_ONE_BY_ONE = 100

#: Up to so many customers, a past day is read from all their entries; for more, it
#: is quicker to go back from what is open now.
CUSTOMERS_BY_ENTRIES = 1000


class O2cOpenItem(models.Model):
    """Where the residuals of open items come from: now, or as of a date.

    When narrowed to customers, each part starts from their items, so that the
    work does not grow with the ledger.
    """

    _inherit = "o2c.open.item"

    def _rows_about(self, partner_ids, query):
        """Rows of a query about customers; of few, by a plan that is kept.

        For these, planning takes longer than running (measured: a decision about one
        customer 20 and 2 ms, about a hundred 24 and 16 ms).

        :param partner_ids: ids of the commercial partners; None for all
        :return: list of dicts
        """
        if partner_ids is not None and len(partner_ids) <= CUSTOMERS_ONE_BY_ONE:
            return execute_planned(self.env.cr, query)
        without_jit(self.env.cr)
        return self.env.execute_query_dict(query)

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

    def _line_condition(self, partner_ids):
        """Posted trade receivables, of some commercial partners or of all."""
        condition = SQL(
            "line.account_id IN %s AND line.parent_state = 'posted'",
            self._trade_accounts(),
        )
        if partner_ids is None:
            return condition
        # PostgreSQL expects ten in an array: right for few, for many it would go on as
        # if there were ten, and meet each of them with each.
        is_few = len(partner_ids) <= CUSTOMERS_ONE_BY_ONE
        return SQL(
            "%s AND line.partner_id %s ("
            "SELECT id FROM res_partner WHERE commercial_partner_id = ANY(%s)%s",
            condition,
            SQL("= ANY(ARRAY") if is_few else SQL("IN"),
            list(partner_ids),
            SQL("))") if is_few else SQL(")"),
        )

    def _source_stored(self, corrections, condition):
        """Stored residuals with corrections.

        :param corrections: query of id, amount and amount_currency, a row per line
        :param condition: on ``line``, which journal items there are
        """
        return SQL(
            """
            correction AS MATERIALIZED (%(corrections)s),
            source AS (
                SELECT %(columns)s,
                       CASE WHEN correction.id IS NULL THEN line.amount_residual
                            ELSE line.amount_residual + correction.amount
                            END AS residual,
                       CASE WHEN correction.id IS NULL
                            THEN line.amount_residual_currency
                            ELSE line.amount_residual_currency
                                + correction.amount_currency
                            END AS residual_currency
                  FROM account_move_line line
             LEFT JOIN correction ON correction.id = line.id
                 WHERE %(condition)s AND line.reconciled IS NOT TRUE
             UNION ALL
                SELECT %(columns)s,
                       line.amount_residual + correction.amount,
                       line.amount_residual_currency + correction.amount_currency
                  FROM correction
                  JOIN account_move_line line ON line.id = correction.id
                 WHERE %(condition)s AND line.reconciled IS TRUE)
            """,
            columns=self._line_columns(),
            condition=condition,
            corrections=corrections,
        )

    # ------------------------------------------------------------------
    # Now
    # ------------------------------------------------------------------

    def _source_live(self, partner_ids=None):
        """Stored residuals, put right where a partial's other side is unposted."""
        return self._source_stored(
            self._unposted_partials(partner_ids), self._line_condition(partner_ids)
        )

    def _unposted_partials(self, partner_ids):
        """Per line, what core deducted for counterparts that are not posted."""
        if partner_ids is None or len(partner_ids) > CUSTOMERS_ONE_BY_ONE:
            return self._sums_by_line(self._unposted_by_draft(SQL("TRUE")))
        return self._partials_of_lines(
            partner_ids, SQL("other.parent_state IN ('draft', 'cancel')")
        )

    def _unposted_by_draft(self, condition):
        """The same for the whole ledger, at a cost that depends on the drafts.

        Core's (journal, state) index finds the unposted entries.

        :param condition: on ``partial``
        """
        return SQL(
            """
            SELECT part.*
              FROM account_move move
              JOIN account_move_line other ON other.move_id = move.id
        CROSS JOIN LATERAL (
                SELECT debit_move_id AS id, amount,
                       debit_amount_currency AS amount_currency
                  FROM account_partial_reconcile partial
                 WHERE credit_move_id = other.id AND %(condition)s
             UNION ALL
                SELECT credit_move_id, -amount, -credit_amount_currency
                  FROM account_partial_reconcile partial
                 WHERE debit_move_id = other.id AND %(condition)s) part
             WHERE move.journal_id IN (SELECT id FROM account_journal)
               AND move.state IN ('draft', 'cancel')
            """,
            condition=condition,
        )

    def _sums_by_line(self, parts):
        """One row per line of a query of id, amount and amount_currency."""
        return SQL(
            "SELECT id, sum(amount) AS amount, sum(amount_currency) AS amount_currency"
            " FROM (%s) part GROUP BY id",
            parts,
        )

    # ------------------------------------------------------------------
    # As of a date
    # ------------------------------------------------------------------

    def _source_past(self, as_of, partner_ids=None):
        """Today's residuals plus what was deducted that did not count then.

        That equals the balance less the posted partials up to then, but reads only
        the open items and the younger partials instead of the whole history.
        """
        if partner_ids is not None and len(partner_ids) <= CUSTOMERS_BY_ENTRIES:
            return self._source_entries(as_of, partner_ids)
        return SQL(
            """
            debit AS MATERIALIZED (%(debits)s),
            credit AS MATERIALIZED (%(credits)s),
            moment AS (
                SELECT %(columns)s,
                       line.amount_residual + COALESCE(debit.amount, 0.0)
                           - COALESCE(credit.amount, 0.0)
                           + COALESCE(unposted.amount, 0.0) AS residual,
                       line.amount_residual_currency
                           + COALESCE(debit.amount_currency, 0.0)
                           - COALESCE(credit.amount_currency, 0.0)
                           + COALESCE(unposted.amount_currency, 0.0)
                           AS residual_currency
                  FROM account_move_line line
             LEFT JOIN debit ON debit.id = line.id
             LEFT JOIN credit ON credit.id = line.id
             LEFT JOIN (%(unposted)s) unposted ON unposted.id = line.id
                 WHERE %(condition)s AND line.date <= %(as_of)s
                   AND (line.reconciled IS NOT TRUE OR debit.id IS NOT NULL
                        OR credit.id IS NOT NULL OR unposted.id IS NOT NULL)
                OFFSET 0),
            source AS (
                SELECT * FROM moment
                 WHERE residual <> 0.0 OR residual_currency <> 0.0)
            """,
            columns=self._line_columns(),
            debits=self._younger_partials("debit", as_of),
            credits=self._younger_partials("credit", as_of),
            unposted=self._sums_by_line(
                self._unposted_by_draft(SQL("partial.max_date <= %s", as_of))
            ),
            condition=self._line_condition(partner_ids),
            as_of=as_of,
        )

    def _younger_partials(self, side, as_of):
        """What was deducted after a day, per line of one side.

        Each side has its own query, as PostgreSQL then knows how many lines there
        are: for both in one it expects 200, and looks each of them up.
        """
        return SQL(
            """
            SELECT %(line)s AS id, sum(amount) AS amount,
                   sum(%(currency)s) AS amount_currency
              FROM account_partial_reconcile
             WHERE max_date > %(as_of)s
          GROUP BY %(line)s
            """,
            line=SQL.identifier(f"{side}_move_id"),
            currency=SQL.identifier(f"{side}_amount_currency"),
            as_of=as_of,
        )

    def _source_entries(self, as_of, partner_ids):
        """What some customers' items were booked with, less the partials up to then.

        Each part starts from their entries, by index, however large the ledger.
        """
        return SQL(
            """
            own AS MATERIALIZED (
                SELECT line.*
                  FROM res_partner member
            CROSS JOIN LATERAL (
                    SELECT %(columns)s, line.balance, line.amount_currency
                      FROM account_move_line line
                     WHERE line.partner_id = member.id
                       AND %(condition)s AND line.date <= %(as_of)s
                    OFFSET 0) line
                 WHERE member.commercial_partner_id = ANY(%(partners)s)),
            matched AS (
                SELECT part.line_id AS id, sum(part.amount) AS amount,
                       sum(part.amount_currency) AS amount_currency
                  FROM (
                    SELECT own.id AS line_id, partial.amount,
                           partial.debit_amount_currency AS amount_currency,
                           partial.max_date, partial.credit_move_id AS other_id
                      FROM own
                      JOIN account_partial_reconcile partial
                        ON partial.debit_move_id = own.id
                 UNION ALL
                    SELECT own.id, -partial.amount, -partial.credit_amount_currency,
                           partial.max_date, partial.debit_move_id
                      FROM own
                      JOIN account_partial_reconcile partial
                        ON partial.credit_move_id = own.id) part
                  JOIN account_move_line other ON other.id = part.other_id
                 WHERE part.max_date <= %(as_of)s AND other.parent_state = 'posted'
              GROUP BY part.line_id),
            source AS (
                SELECT * FROM (
                    SELECT line.*,
                           line.balance - COALESCE(matched.amount, 0.0) AS residual,
                           line.amount_currency
                               - COALESCE(matched.amount_currency, 0.0)
                               AS residual_currency
                      FROM own line
                 LEFT JOIN matched ON matched.id = line.id) line
                 WHERE residual <> 0.0 OR residual_currency <> 0.0)
            """,
            columns=self._line_columns(),
            condition=self._line_condition(None),
            as_of=as_of,
            partners=list(partner_ids),
        )

    def _partials_of_lines(self, partner_ids, condition):
        """Signed sums per line of the partials that meet a condition.

        :param condition: on ``part``, the partial, and ``other``, its other side
        """
        if partner_ids is None:
            return self._partials_of_all(condition)
        return SQL(
            """
            SELECT matched.id, sum(matched.amount) AS amount,
                   sum(matched.amount_currency) AS amount_currency
              FROM (
                SELECT line.id, part.amount,
                       part.debit_amount_currency AS amount_currency
                  FROM account_move_line line
                  JOIN account_partial_reconcile part ON part.debit_move_id = line.id
                  JOIN account_move_line other ON other.id = part.credit_move_id
                 WHERE %(lines)s AND %(condition)s
             UNION ALL
                SELECT line.id, -part.amount, -part.credit_amount_currency
                  FROM account_move_line line
                  JOIN account_partial_reconcile part ON part.credit_move_id = line.id
                  JOIN account_move_line other ON other.id = part.debit_move_id
                 WHERE %(lines)s AND %(condition)s) matched
          GROUP BY matched.id
            """,
            lines=self._line_condition(partner_ids),
            condition=condition,
        )

    def _partials_of_all(self, condition):
        """The same of every line, in one scan: the reader joins the lines anyway."""
        return SQL(
            """
            SELECT side.line_id AS id, sum(side.amount) AS amount,
                   sum(side.amount_currency) AS amount_currency
              FROM account_partial_reconcile part
        CROSS JOIN LATERAL (VALUES
                   (part.debit_move_id, part.credit_move_id, part.amount,
                    part.debit_amount_currency),
                   (part.credit_move_id, part.debit_move_id, -part.amount,
                    -part.credit_amount_currency)
                   ) side(line_id, other_id, amount, amount_currency)
              JOIN account_move_line other ON other.id = side.other_id
             WHERE %s
          GROUP BY side.line_id
            """,
            condition,
        )
