from odoo import api, models
from odoo.tools import SQL

#: The parts of the exposure, in the order in which they are shown. Unapplied credit
#: is the only one that lowers it.
PARTS = (
    "open_items",
    "delivered_not_invoiced",
    "not_delivered_not_invoiced",
    "draft_invoices",
    "unapplied",
)

#: What the query reads, beside what the open items read: to be flushed before.
DEPENDS = {
    "account.move": [
        "amount_total_signed",
        "invoice_currency_rate",
        "move_type",
        "partner_id",
        "state",
    ],
    "account.move.line": ["currency_id", "price_total", "quantity"],
    "payment.transaction": [
        "amount",
        "currency_id",
        "operation",
        "source_transaction_id",
        "state",
    ],
    "res.currency.rate": ["company_id", "currency_id", "name", "rate"],
    "sale.order": [
        "company_id",
        "currency_id",
        "invoice_status",
        "partner_invoice_id",
        "state",
    ],
    "sale.order.line": [
        "discount",
        "display_type",
        "is_downpayment",
        "order_id",
        "price_total",
        "price_unit",
        "product_uom_id",
        "product_uom_qty",
        "qty_delivered",
        "qty_invoiced",
        "qty_to_invoice",
    ],
}


class O2cDebtor(models.Model):
    """What customers may cost, in parts, in one statement for any number of them.

    Each amount counts once, with tax, in company currency: an order's part that is
    on an invoice, be it a draft, counts there. Orders count for whom they are
    invoiced to, at the rate of the company's today.
    """

    _inherit = "o2c.debtor"

    @api.model
    def _exposure_sql(self, root=None, partner_ids=None):
        """The exposure of customers in parts, one row per customer and root company.

        :param root: root company to narrow to
        :param partner_ids: ids of commercial partners to narrow to
        :return: SQL with ``partner_id, root_id``, the PARTS and ``exposure``
        """
        items, calendar = self.env["o2c.open.item"], self._exposure_calendar(root)
        return SQL(
            """
            WITH %(orders)s,
            part AS (
                SELECT item.partner_id, item.root_company_id AS root_id,
                       GREATEST(item.amount_residual, 0.0) AS open_items,
                       0.0 AS delivered_not_invoiced,
                       0.0 AS not_delivered_not_invoiced,
                       0.0 AS draft_invoices,
                       item.credit AS unapplied
                  FROM (%(items)s) item
                 WHERE item.partner_id IS NOT NULL
             UNION ALL
                SELECT partner_id, root_id, 0.0, delivered, rest - delivered, 0.0, 0.0
                  FROM order_rest
             UNION ALL
                %(drafts)s)
            SELECT partner_id, root_id,
                   sum(open_items) AS open_items,
                   sum(delivered_not_invoiced) AS delivered_not_invoiced,
                   sum(not_delivered_not_invoiced) AS not_delivered_not_invoiced,
                   sum(draft_invoices) AS draft_invoices,
                   sum(unapplied) AS unapplied,
                   sum(open_items + delivered_not_invoiced + draft_invoices
                       + not_delivered_not_invoiced - unapplied) AS exposure
              FROM part
          GROUP BY partner_id, root_id
            """,
            orders=self._exposure_orders_with(root, partner_ids),
            items=items._items_sql(None, root, partner_ids, calendar, with_rest=False),
            drafts=self._exposure_drafts(root),
        )

    # ------------------------------------------------------------------
    # Parts of the statement
    # ------------------------------------------------------------------

    def _exposure_calendar(self, root):
        """The days of all companies, or of one with its branches: there is one rate."""
        if not root:
            return SQL("VALUES %s", self.env["o2c.open.item"]._calendar_values(None))
        return SQL(
            """
            SELECT id, %(root)s::integer, %(today)s::date, NULL::date
              FROM res_company
             WHERE id = %(root)s OR parent_path LIKE %(branches)s
            """,
            root=root.id,
            today=root._o2c_today(),
            branches=f"{root.id}/%",
        )

    def _exposure_orders_with(self, root=None, partner_ids=None):
        """The named sub-queries up to ``order_rest``: what is open on each order."""
        return SQL(
            """
            calendar(company_id, root_id, today, chase_from) AS (%(calendar)s),
            member AS %(materialized)s (%(members)s),
            draft_refund AS MATERIALIZED (%(refunds)s),
            open_order AS MATERIALIZED (%(orders)s),
            rate AS MATERIALIZED (%(rates)s),
            order_rest AS (%(rests)s)
            """,
            calendar=self._exposure_calendar(root),
            materialized=SQL("" if partner_ids is None else "MATERIALIZED"),
            members=self._exposure_members(partner_ids),
            refunds=self._exposure_draft_refunds(partner_ids),
            orders=self._exposure_orders(root),
            rates=self._exposure_rates(),
            rests=self._exposure_order_rests(),
        )

    def _exposure_members(self, partner_ids):
        """The partners that stand for the customers: these and their contacts."""
        condition = SQL("TRUE")
        if partner_ids is not None:
            condition = SQL("commercial_partner_id = ANY(%s)", list(partner_ids))
        return SQL(
            "SELECT id, commercial_partner_id FROM res_partner WHERE %s", condition
        )

    def _root_condition(self, root):
        return SQL("calendar.root_id = %s", root.id) if root else SQL("TRUE")

    def _exposure_orders(self, root):
        """Confirmed orders with something left to invoice."""
        return SQL(
            """
            SELECT sale.id, sale.currency_id, calendar.root_id, calendar.today,
                   member.commercial_partner_id AS partner_id
              FROM sale_order sale
              JOIN calendar ON calendar.company_id = sale.company_id
              JOIN member ON member.id = sale.partner_invoice_id
             WHERE sale.state = 'sale'
               AND sale.invoice_status IN ('no', 'to invoice')
               AND %s
            """,
            self._root_condition(root),
        )

    def _exposure_draft_refunds(self, partner_ids):
        """Quantities on draft credit notes: core takes them for not invoiced."""
        narrowed = SQL("TRUE")
        if partner_ids is not None:
            narrowed = SQL("move.partner_id IN (SELECT id FROM member)")
        return SQL(
            """
            SELECT rel.order_line_id, sum(line.quantity * unit.factor) AS quantity
              FROM account_move move
              JOIN account_move_line line ON line.move_id = move.id
              JOIN sale_order_line_invoice_rel rel ON rel.invoice_line_id = line.id
              JOIN uom_uom unit ON unit.id = line.product_uom_id
             WHERE move.journal_id IN (SELECT id FROM account_journal)
               AND move.state = 'draft' AND move.move_type = 'out_refund'
               AND %s
          GROUP BY rel.order_line_id
            """,
            narrowed,
        )

    def _exposure_rates(self):
        """What one unit of an order's currency is worth in company currency."""

        def rate(currency):
            return SQL(
                """
                COALESCE(
                    (SELECT rate FROM res_currency_rate
                      WHERE currency_id = %(currency)s AND name <= pair.today
                        AND (company_id = pair.root_id OR company_id IS NULL)
                   ORDER BY company_id, name DESC LIMIT 1),
                    (SELECT rate FROM res_currency_rate
                      WHERE currency_id = %(currency)s
                        AND (company_id = pair.root_id OR company_id IS NULL)
                   ORDER BY company_id, name LIMIT 1),
                    1.0)""",
                currency=currency,
            )

        return SQL(
            """
            SELECT pair.root_id, pair.currency_id, unit.decimal_places AS places,
                   (CASE WHEN pair.currency_id = root.currency_id THEN 1.0
                        ELSE %(own)s / %(theirs)s END)::float8 AS factor
              FROM (SELECT DISTINCT root_id, currency_id, today FROM open_order) pair
              JOIN res_company root ON root.id = pair.root_id
              JOIN res_currency unit ON unit.id = root.currency_id
            """,
            own=rate(SQL("root.currency_id")),
            theirs=rate(SQL("pair.currency_id")),
        )

    def _exposure_order_rests(self):
        """What is left to invoice of each order, and the delivered part of it.

        Less what is secured apart: down payments that are not deducted yet count as
        invoices, authorized money is as good as paid.
        """
        return SQL(
            """
            SELECT rest.order_id, rest.partner_id, rest.root_id, rest.rest,
                   LEAST(rest.rest, GREATEST(rest.delivered, 0.0)) AS delivered
              FROM (
                SELECT sale.id AS order_id, sale.partner_id, sale.root_id,
                       GREATEST(0.0, round(((content.total
                           - COALESCE(down.amount, 0.0)::float8
                           - COALESCE(authorized.amount, 0.0)::float8
                           ) * rate.factor)::numeric, rate.places)) AS rest,
                       round((content.delivered * rate.factor)::numeric, rate.places)
                           AS delivered
                  FROM open_order sale
                  JOIN rate ON rate.root_id = sale.root_id
                           AND rate.currency_id = sale.currency_id
                  JOIN (%(content)s) content ON content.order_id = sale.id
             LEFT JOIN (%(down)s) down ON down.order_id = sale.id
             LEFT JOIN (%(authorized)s) authorized
                    ON authorized.order_id = sale.id) rest
            """,
            content=self._exposure_order_content(),
            down=self._exposure_down_payments(),
            authorized=self._exposure_authorized(),
        )

    def _exposure_order_content(self):
        """Per order, what its lines are worth that are on no invoice.

        What was delivered beyond the order counts where core would invoice it. A line
        without ordered quantity has no total to take a share of: its price does.
        Floats are worked with, which takes half the time; orders are rounded after.
        """
        return SQL(
            """
            SELECT line.order_id,
                   sum(line.price * line.open) AS total,
                   sum(CASE WHEN line.open > 0
                       THEN line.price * LEAST(line.open, line.delivered_open)
                       ELSE 0.0 END) AS delivered
              FROM (
                SELECT line.order_id,
                       CASE WHEN line.ordered <> 0 THEN line.price_total / line.ordered
                            WHEN line.to_invoice > 0 THEN %(bare_price)s
                            ELSE 0.0 END AS price,
                       CASE WHEN line.ordered >= 0
                            THEN GREATEST(line.ordered - line.invoiced,
                                          line.to_invoice, 0.0)
                            ELSE LEAST(line.ordered - line.invoiced, 0.0)
                            END AS open,
                       GREATEST(line.delivered - line.invoiced, 0.0)
                           AS delivered_open
                  FROM (%(lines)s) line
                OFFSET 0) line
          GROUP BY line.order_id
            """,
            lines=self._exposure_order_lines(),
            bare_price=self._exposure_bare_price(),
        )

    def _exposure_order_lines(self):
        """The lines of open orders that are worth something, as floats."""
        return SQL(
            """
            SELECT line.id, line.order_id,
                   line.price_total::float8 AS price_total,
                   line.price_unit::float8 AS price_unit,
                   line.discount::float8 AS discount,
                   line.product_uom_qty::float8 AS ordered,
                   COALESCE(line.qty_delivered, 0)::float8 AS delivered,
                   (COALESCE(line.qty_invoiced, 0)
                       + COALESCE(refund.quantity / unit.factor, 0))::float8
                       AS invoiced,
                   (COALESCE(line.qty_to_invoice, 0)
                       - COALESCE(refund.quantity / unit.factor, 0))::float8
                       AS to_invoice
              FROM open_order sale
              JOIN sale_order_line line ON line.order_id = sale.id
         LEFT JOIN draft_refund refund ON refund.order_line_id = line.id
         LEFT JOIN uom_uom unit ON unit.id = line.product_uom_id
             WHERE line.display_type IS NULL
               AND line.is_downpayment IS NOT TRUE
            OFFSET 0
            """
        )

    def _exposure_bare_price(self):
        """A line's price with tax, worked out from its taxes in percent."""
        return SQL(
            """
            line.price_unit * (1 - COALESCE(line.discount, 0.0) / 100.0)
                * (1 + (
                SELECT COALESCE(sum(tax.amount), 0.0) / 100.0
                  FROM account_tax_sale_order_line_rel rel
                  JOIN account_tax tax ON tax.id = rel.account_tax_id
                  JOIN res_company company ON company.id = tax.company_id
                 WHERE rel.sale_order_line_id = line.id
                   AND tax.amount_type = 'percent'
                   AND COALESCE(tax.price_include_override,
                                company.account_price_include) <> 'tax_included'))
            """
        )

    def _exposure_down_payments(self):
        """Per order, down payments on invoices and not deducted again yet."""
        return SQL(
            """
            SELECT line.order_id,
                   sum(CASE move.move_type WHEN 'out_refund' THEN -1 ELSE 1 END
                       * CASE WHEN item.currency_id = sale.currency_id
                              THEN item.price_total
                              ELSE item.price_total / rate.factor
                                   / COALESCE(NULLIF(move.invoice_currency_rate, 0), 1)
                              END) AS amount
              FROM open_order sale
              JOIN rate ON rate.root_id = sale.root_id
                       AND rate.currency_id = sale.currency_id
              JOIN sale_order_line line ON line.order_id = sale.id
                                       AND line.is_downpayment
              JOIN sale_order_line_invoice_rel rel ON rel.order_line_id = line.id
              JOIN account_move_line item ON item.id = rel.invoice_line_id
              JOIN account_move move ON move.id = item.move_id
             WHERE move.state = 'posted'
                OR move.state = 'draft' AND move.move_type = 'out_invoice'
          GROUP BY line.order_id
            """
        )

    def _exposure_authorized(self):
        """Per order, money that is blocked for it on a card and not yet drawn.

        What was drawn in part is in the ledger, what was called off is nowhere.
        """
        return SQL(
            """
            SELECT sale.id AS order_id,
                   sum(payment.amount - COALESCE(settled.amount, 0.0)) AS amount
              FROM open_order sale
              JOIN sale_order_transaction_rel rel ON rel.sale_order_id = sale.id
              JOIN payment_transaction payment ON payment.id = rel.transaction_id
         LEFT JOIN LATERAL (
                SELECT sum(part.amount) AS amount
                  FROM payment_transaction part
                 WHERE part.source_transaction_id = payment.id
                   AND part.operation = payment.operation
                   AND part.state IN ('done', 'cancel')) settled ON TRUE
             WHERE payment.state = 'authorized'
               AND payment.operation <> 'validation'
               AND payment.currency_id = sale.currency_id
          GROUP BY sale.id
            """
        )

    def _exposure_drafts(self, root):
        """Invoices that are not posted yet; credit notes count once they are."""
        return SQL(
            """
            SELECT member.commercial_partner_id, calendar.root_id, 0.0, 0.0, 0.0,
                   GREATEST(move.amount_total_signed, 0.0), 0.0
              FROM account_move move
              JOIN calendar ON calendar.company_id = move.company_id
              JOIN member ON member.id = move.partner_id
             WHERE move.journal_id IN (SELECT id FROM account_journal)
               AND move.state = 'draft'
               AND move.move_type IN ('out_invoice', 'out_receipt')
               AND %s
            """,
            self._root_condition(root),
        )
