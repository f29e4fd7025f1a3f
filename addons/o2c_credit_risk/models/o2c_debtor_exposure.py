from odoo import api, fields, models
from odoo.tools import SQL

from .o2c_debtor_exposure_query import DEPENDS, PARTS

#: Accounts created in one transaction.
ACCOUNTS_PER_BATCH = 2000

#: The order's parts of the exposure, and the column of ``order_rest`` behind each.
ORDER_PARTS = {
    "delivered_not_invoiced": SQL("delivered"),
    "not_delivered_not_invoiced": SQL("rest - delivered"),
}


class O2cDebtor(models.Model):
    """What a customer may cost now, in parts that lead to their documents."""

    _inherit = "o2c.debtor"

    amount_exposure = fields.Monetary(
        "Exposure",
        compute="_compute_exposure",
        help="Open items, orders that are not invoiced yet and draft invoices, with "
        "tax, less unapplied credit: what would be lost if nothing more was paid.",
    )
    amount_exposure_open_items = fields.Monetary(
        "Open items now",
        compute="_compute_exposure",
        help="Posted invoices that are not paid, instalment by instalment.",
    )
    amount_delivered_not_invoiced = fields.Monetary(
        "Delivered, not invoiced", compute="_compute_exposure"
    )
    amount_not_delivered = fields.Monetary(
        "Ordered, not delivered",
        compute="_compute_exposure",
        help="The rest of confirmed orders, less down payments and authorized money.",
    )
    amount_draft_invoices = fields.Monetary(
        "Draft invoices",
        compute="_compute_exposure",
        help="Invoices that are not posted yet. Draft credit notes do not count.",
    )
    amount_exposure_unapplied = fields.Monetary(
        "Unapplied credit now",
        compute="_compute_exposure",
        help="Open credit notes and unmatched money, as a positive figure.",
    )
    amount_exposure_elsewhere = fields.Monetary(
        "Exposure of other companies",
        compute="_compute_exposure_elsewhere",
        help="What the customer may cost the other companies of this database, "
        "together and at today's rate.",
    )

    @api.depends("partner_id", "company_id")
    def _compute_exposure(self):
        exposures = self._exposures()
        for debtor in self:
            parts = exposures.get(debtor._origin.id, {})
            debtor.update(
                {
                    "amount_exposure": parts.get("exposure", 0.0),
                    "amount_exposure_open_items": parts.get("open_items", 0.0),
                    "amount_delivered_not_invoiced": parts.get(
                        "delivered_not_invoiced", 0.0
                    ),
                    "amount_not_delivered": parts.get(
                        "not_delivered_not_invoiced", 0.0
                    ),
                    "amount_draft_invoices": parts.get("draft_invoices", 0.0),
                    "amount_exposure_unapplied": parts.get("unapplied", 0.0),
                }
            )

    @api.depends("partner_id", "company_id")
    def _compute_exposure_elsewhere(self):
        # sudo: the other companies' share, which is shown as a sum only
        debtors_sudo = self.sudo()
        rows = debtors_sudo._exposure_rows(None, debtors_sudo.partner_id.ids)
        for debtor in debtors_sudo:
            others = [
                row
                for row in rows
                if row["partner_id"] == debtor.partner_id.id
                and row["root_id"] != debtor.company_id.id
            ]
            debtor.amount_exposure_elsewhere = sum(map(debtor._from_elsewhere, others))

    def _from_elsewhere(self, row):
        """Another company's exposure in this account's currency, at today's rate."""
        own, other = self.company_id, self.env["res.company"].browse(row["root_id"])
        return other.currency_id._convert(
            row["exposure"], own.currency_id, own, own._o2c_today()
        )

    # ------------------------------------------------------------------
    # Reading
    # ------------------------------------------------------------------

    def _exposures(self):
        """The exposure of these accounts in parts, from one query per company.

        :return: dict of account id to a dict of PARTS and ``exposure``, of floats;
            accounts without any are left out
        """
        found = {}
        # sudo: only ids of partners and companies are read, for the query
        for root, debtors in self.sudo()._origin.grouped("company_id").items():
            ids = {debtor.partner_id.id: debtor.id for debtor in debtors}
            found |= self._exposures_of(root, ids)
        return found

    @api.model
    def _exposures_of(self, root, ids):
        """The same for customers of one company.

        :param ids: dict of customer's id to his account's id
        """
        rows = self._exposure_rows(root, list(ids))
        return {ids[row["partner_id"]]: row for row in rows}

    @api.model
    def _exposure_rows(self, root, partner_ids):
        """Rows of the exposure query, as floats rounded by the company's currency."""
        if partner_ids is not None and not partner_ids:
            return []
        self._flush_exposure()
        query = self._exposure_sql(root, partner_ids)
        rows = self.env["o2c.open.item"]._rows_about(partner_ids, query)
        companies = self.env["res.company"].sudo()
        for row in rows:
            currency = companies.browse(row["root_id"]).currency_id
            for name in (*PARTS, "exposure"):
                row[name] = currency.round(float(row[name]))
        return rows

    def _overdue_longer_than(self, days):
        """What customers have owed for more than so many days past its due date.

        :return: dict of account to an amount; who owes nothing is left out
        """
        self._flush_ledger()
        found = {}
        for root, debtors in self.sudo().grouped("company_id").items():  # sudo: ids
            by_partner = {debtor.partner_id.id: debtor for debtor in debtors}
            items = self.env["o2c.open.item"]._items_sql(
                root=root, partner_ids=list(by_partner), with_rest=False
            )
            rows = self.env.execute_query(
                SQL(
                    "SELECT partner_id, sum(amount_residual) FROM (%s) item"
                    " WHERE days_overdue > %s AND amount_residual > 0"
                    " GROUP BY partner_id",
                    items,
                    days,
                )
            )
            for partner_id, amount in rows:
                currency = root.currency_id
                found[by_partner[partner_id]] = currency.round(float(amount))
        return found

    @api.model
    def _cron_build_from_orders(self):
        """Create the accounts of who has ordered and was never invoiced.

        Orders that are confirmed from now on bring theirs along.
        """
        progress = self.env["ir.cron"]
        while keys := set(self.env.execute_query(self._ordering_sql())):
            self._ensure_keys(keys)
            if not progress._commit_progress(len(keys)):
                return

    def _ordering_sql(self):
        """Customers with open orders and without an account, so many at a time."""
        return SQL(
            """
            WITH calendar(company_id, root_id, today, chase_from) AS (VALUES %s)
            SELECT DISTINCT partner.commercial_partner_id, calendar.root_id
              FROM sale_order sale
              JOIN calendar ON calendar.company_id = sale.company_id
              JOIN res_partner partner ON partner.id = sale.partner_invoice_id
             WHERE sale.state = 'sale' AND sale.invoice_status IN ('no', 'to invoice')
               AND NOT EXISTS (
                    SELECT FROM o2c_debtor debtor
                     WHERE debtor.partner_id = partner.commercial_partner_id
                       AND debtor.company_id = calendar.root_id)
             LIMIT %s
            """,
            self.env["o2c.open.item"]._calendar_values(None),
            ACCOUNTS_PER_BATCH,
        )

    @api.model
    def _flush_exposure(self):
        """Write pending changes that the exposure query reads."""
        self._flush_ledger()
        for name, field_names in DEPENDS.items():
            self.env[name].flush_model(field_names)

    # ------------------------------------------------------------------
    # Documents behind the parts
    # ------------------------------------------------------------------

    @api.readonly
    def action_open_delivered(self):
        """Open the orders with something delivered and not invoiced."""
        return self._open_orders("delivered_not_invoiced")

    @api.readonly
    def action_open_not_delivered(self):
        """Open the orders with something neither delivered nor invoiced."""
        return self._open_orders("not_delivered_not_invoiced")

    def _open_orders(self, part):
        self.ensure_one()
        self.check_access("read")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Orders not invoiced yet"),
            "res_model": "sale.order",
            "view_mode": "list,form",
            "domain": [("id", "in", self._exposure_order_ids(part))],
        }

    def _exposure_order_ids(self, part):
        """Ids of the orders in one part of the exposure."""
        self._flush_exposure()
        debtor_sudo = self.sudo()  # sudo: ids of partner and company, for the query
        rows = self.env.execute_query(
            SQL(
                "WITH %s SELECT order_id FROM order_rest WHERE %s > 0 ORDER BY 1",
                self._exposure_orders_with(
                    debtor_sudo.company_id, debtor_sudo.partner_id.ids
                ),
                ORDER_PARTS[part],
            )
        )
        return [order_id for (order_id,) in rows]

    @api.readonly
    def action_open_draft_invoices(self):
        """Open the invoices that are not posted yet."""
        self.ensure_one()
        self.check_access("read")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Draft invoices"),
            "res_model": "account.move",
            "view_mode": "list,form",
            "domain": [
                ("state", "=", "draft"),
                ("move_type", "in", ["out_invoice", "out_receipt"]),
                ("partner_id.commercial_partner_id", "=", self.partner_id.id),
                ("company_id", "child_of", self.company_id.id),
            ],
        }
