from odoo import models
from odoo.tools import SQL


class O2cDebtor(models.Model):
    """What a statement reads, for any number of customers at once.

    Open items come from the open item query. Movements are the journal items of the
    same accounts; where core matched an item with one of another currency or of
    another customer, a movement of kind ``transfer`` says so on both sides, so that
    opening and movements give what the open items sum to.
    """

    _inherit = "o2c.debtor"

    def _statement_items(self, as_of):
        """Open items of these accounts, oldest due first.

        :return: list of dicts
        """
        self._flush_ledger()
        items_model = self.env["o2c.open.item"]
        # sudo: ids of the partners narrow the query, nothing of them is shown
        items = items_model._items_sql(
            as_of=as_of, partner_ids=self.sudo().partner_id.ids
        )
        return self.env.execute_query_dict(
            SQL(
                """
                SELECT item.debtor_id, item.move_line_id, item.move_id,
                       item.currency_id, COALESCE(item.name, '') AS number,
                       COALESCE(item.reference, '') AS reference, item.date,
                       item.date_maturity AS date_due, item.days_overdue, item.bucket,
                       item.amount_residual_currency AS amount,
                       item.amount_residual AS company,
                       line.amount_currency AS original, %(kind)s AS kind,
                       instalment.number AS instalment,
                       instalment.count AS instalments
                  FROM (%(items)s) item
                  JOIN account_move_line line ON line.id = item.move_line_id
                  JOIN account_move move ON move.id = item.move_id
            CROSS JOIN LATERAL (
                    SELECT count(*) AS count,
                           count(*) FILTER (
                               WHERE (COALESCE(sibling.date_maturity, sibling.date),
                                      sibling.id)
                                     <= (item.date_maturity, item.id)) AS number
                      FROM account_move_line sibling
                     WHERE sibling.move_id = item.move_id
                       AND sibling.account_id IN %(accounts)s) instalment
                 WHERE item.debtor_id = ANY(%(debtors)s)
              ORDER BY item.date_maturity, item.id
                """,
                items=items,
                kind=self._statement_kind(),
                accounts=items_model._trade_accounts(),
                debtors=self.ids,
            )
        )

    def _statement_movements(self, as_of):
        """Every movement of these accounts up to a day, in the order of the books.

        :return: list of dicts, one per entry and currency
        """
        self._flush_ledger()
        return self.env.execute_query_dict(
            SQL(
                """
                WITH line AS MATERIALIZED (%(lines)s),
                movement AS (
                    SELECT line.debtor_id, line.currency_id, line.date,
                           line.move_id, FALSE AS is_transfer,
                           line.amount_currency AS amount, line.balance AS company,
                           line.date_maturity
                      FROM line
                 UNION ALL
                    SELECT line.debtor_id, line.currency_id, part.max_date,
                           other.move_id, TRUE, -part.debit_amount_currency,
                           -part.amount, NULL
                      FROM line
                      JOIN account_partial_reconcile part
                        ON part.debit_move_id = line.id
                      JOIN account_move_line other ON other.id = part.credit_move_id
                     WHERE %(crosses)s
                 UNION ALL
                    SELECT line.debtor_id, line.currency_id, part.max_date,
                           other.move_id, TRUE, part.credit_amount_currency,
                           part.amount, NULL
                      FROM line
                      JOIN account_partial_reconcile part
                        ON part.credit_move_id = line.id
                      JOIN account_move_line other ON other.id = part.debit_move_id
                     WHERE %(crosses)s)
                SELECT movement.debtor_id, movement.currency_id, movement.date,
                       movement.move_id, COALESCE(move.name, '') AS number,
                       COALESCE(NULLIF(move.ref, ''), '') AS reference,
                       CASE WHEN movement.is_transfer THEN 'transfer'
                            ELSE %(kind)s END AS kind,
                       sum(movement.amount) AS amount,
                       sum(movement.company) AS company,
                       min(movement.date_maturity) AS date_due,
                       count(DISTINCT movement.date_maturity) AS instalments
                  FROM movement
                  JOIN account_move move ON move.id = movement.move_id
              GROUP BY movement.debtor_id, movement.currency_id, movement.date,
                       movement.move_id, movement.is_transfer, move.id
              ORDER BY movement.date, movement.is_transfer, movement.move_id
                """,
                lines=self._statement_lines(as_of),
                crosses=self._statement_crosses(as_of),
                kind=self._statement_kind(),
            )
        )

    def _statement_lines(self, as_of):
        """Journal items of the trade receivable accounts of these customers."""
        calendar = self.env["res.company"]._o2c_calendar()
        return SQL(
            """
            SELECT debtor.id AS debtor_id, debtor.partner_id AS owner_id, line.*
              FROM o2c_debtor debtor
              JOIN res_partner member
                ON member.commercial_partner_id = debtor.partner_id
        CROSS JOIN LATERAL (
                SELECT line.id, line.move_id, line.currency_id, line.amount_currency,
                       line.balance, line.date, line.date_maturity
                  FROM account_move_line line
                  JOIN (VALUES %(roots)s) root(company_id, root_id)
                    ON root.company_id = line.company_id
                 WHERE line.partner_id = member.id
                   AND root.root_id = debtor.company_id
                   AND %(condition)s AND line.date <= %(as_of)s
                OFFSET 0) line
             WHERE debtor.id = ANY(%(debtors)s)
            """,
            roots=SQL(", ").join(
                SQL("(%s, %s)", company, root) for company, root, *_rest in calendar
            ),
            condition=self.env["o2c.open.item"]._line_condition(None),
            debtors=self.ids,
            as_of=as_of,
        )

    def _statement_crosses(self, as_of):
        """Condition on a partial: its other side is on another line of account."""
        return SQL(
            """
            part.max_date <= %s AND other.parent_state = 'posted'
            AND (other.currency_id <> line.currency_id
                 OR line.owner_id IS DISTINCT FROM (
                    SELECT commercial_partner_id FROM res_partner
                     WHERE id = other.partner_id))
            """,
            as_of,
        )

    def _statement_kind(self):
        """What an entry is to its customer."""
        return SQL(
            """
            CASE WHEN move.move_type IN ('out_invoice', 'out_receipt') THEN 'invoice'
                 WHEN move.move_type = 'out_refund' THEN 'credit_note'
                 WHEN move.origin_payment_id IS NOT NULL
                   OR move.statement_line_id IS NOT NULL THEN 'payment'
                 ELSE 'entry' END
            """
        )
