from odoo import api, models
from odoo.tools import SQL


class O2cDebtor(models.Model):
    """Deposits: money that lies with an order that is not confirmed yet.

    It lowers what a customer may cost, like any unapplied credit. But it frees no
    other order: who pays half of what he wants to buy has not paid what he owes. Once
    the order is cancelled, or the money is matched with an invoice, it counts for all.
    """

    _inherit = "o2c.debtor"

    def _reserved(self):
        """dict of account to the deposits of its waiting orders, if it has any."""
        if not self:
            return {}
        self._flush_exposure()
        self.env["account.payment"].flush_model(["payment_transaction_id"])
        found = {}
        # sudo: only ids of partners and companies are read, for the query
        for root, debtors in self.sudo().grouped("company_id").items():
            by_partner = {debtor.partner_id.id: debtor for debtor in debtors}
            rows = self.env.execute_query(self._reserved_sql(root, list(by_partner)))
            for partner_id, amount in rows:
                amount = root.currency_id.round(float(amount))
                found[by_partner[partner_id]] = amount
        return found

    @api.model
    def _reserved_sql(self, root, partner_ids):
        """Deposits by customer, from what is open of payments and of their refunds.

        A refund, or a part that was drawn, leads to its order by the payment it is of.
        """
        return SQL(
            """
            SELECT deposit.partner_id, sum(GREATEST(deposit.amount, 0.0))
              FROM (
                SELECT item.partner_id, waiting.order_id,
                       -sum(item.amount_residual) AS amount
                  FROM (%(items)s) item
                  JOIN account_move_line line ON line.id = item.move_line_id
                  JOIN account_payment payment ON payment.id = line.payment_id
                  JOIN payment_transaction own
                    ON own.id = payment.payment_transaction_id
             LEFT JOIN payment_transaction source
                    ON source.id = own.source_transaction_id
            CROSS JOIN LATERAL (
                    SELECT min(sale.id) AS order_id
                      FROM sale_order_transaction_rel rel
                      JOIN sale_order sale ON sale.id = rel.sale_order_id
                     WHERE rel.transaction_id = ANY(ARRAY[
                           own.id, source.id, source.source_transaction_id])
                       AND sale.state IN ('draft', 'sent')) waiting
                 WHERE waiting.order_id IS NOT NULL
              GROUP BY item.partner_id, waiting.order_id) deposit
          GROUP BY deposit.partner_id
            """,
            items=self.env["o2c.open.item"]._items_sql(
                root=root, partner_ids=partner_ids, with_rest=False
            ),
        )
