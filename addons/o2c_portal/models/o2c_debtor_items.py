from odoo import fields, models
from odoo.tools import SQL


class O2cDebtor(models.Model):
    """What a customer sees of his account."""

    _inherit = "o2c.debtor"

    def _portal_items(self, line_ids=None, offset=0, limit=None, domain=()):
        """Open items of this account, oldest due first.

        :param line_ids: only these journal items, those of others are left out
        :param domain: further conditions
        :return: o2c.open.item
        """
        owner = self.partner_id.id
        domain = [("partner_id", "=", owner), ("debtor_id", "=", self.id), *domain]
        if line_ids is not None:
            domain.append(("move_line_id", "in", list(line_ids)))
        items = self._portal_item_model()
        return items.search(domain, offset=offset, limit=limit)

    def _portal_item_model(self):
        company = self.company_id
        root_and_branches = company.search([("id", "child_of", company.id)])
        return self.env["o2c.open.item"].with_context(
            allowed_company_ids=[company.id, *(root_and_branches - company).ids]
        )

    def _portal_totals(self):
        """Per currency: what is owed, overdue, due soon, unapplied and resting.

        :return: list of dict, amounts in the currency of the items
        """
        self.ensure_one()
        self._flush_ledger()
        model = self._portal_item_model()
        root = self.company_id
        today = root._o2c_today()
        rows = self.env.execute_query_dict(
            SQL(
                """
                SELECT currency_id, count(*) AS items,
                       sum(amount_residual_currency) AS balance,
                       COALESCE(sum(amount_residual_currency) FILTER (
                           WHERE days_overdue > 0 AND amount_residual > 0), 0)
                           AS overdue,
                       COALESCE(sum(amount_residual_currency) FILTER (
                           WHERE date_maturity BETWEEN %(today)s AND %(soon)s
                             AND amount_residual > 0), 0) AS due_soon,
                       COALESCE(-sum(amount_residual_currency) FILTER (
                           WHERE amount_residual < 0), 0) AS unapplied
                  FROM (%(items)s) item
                 WHERE item.debtor_id = %(debtor)s
              GROUP BY currency_id ORDER BY min(item.date_maturity)
                """,
                items=model._items_sql(root=root, partner_ids=self.partner_id.ids),
                debtor=self.id,
                today=today,
                soon=fields.Date.add(today, days=30),
            )
        )
        currencies = self.env["res.currency"]
        for row in rows:
            row["currency"] = currencies.browse(row.pop("currency_id"))
        return rows
