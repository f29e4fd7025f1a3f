from odoo import api, models
from odoo.tools import SQL


class O2cOverview(models.AbstractModel):
    """The panel that reads the open items themselves, in one scan.

    It counts what the user may see: the bars are the lists they open. Items without
    a customer are in no customer account; they are told apart here, so that the page
    ties to the ledger.
    """

    _inherit = "o2c.overview"

    @api.model
    def _panel_ageing(self, root_sudo):
        rows = {row["bucket"]: row for row in self._sum_buckets(root_sudo)}
        currency = root_sudo.currency_id
        nobody = currency.round(float(sum(r["nobody"] for r in rows.values())))
        total = currency.round(float(sum(r["amount"] for r in rows.values())))
        return {
            "bars": [
                self._ageing_bar(root_sudo, code, label, rows.get(code), currency)
                for code, label in self._bucket_labels()
            ],
            "total": total,
            "total_link": self._item_link(root_sudo, self.env._("Open items"), []),
            "nobody": None if currency.is_zero(nobody) else nobody,
            "nobody_link": self._item_link(
                root_sudo, self.env._("No customer"), [("partner_id", "=", False)]
            ),
        }

    @api.model
    def _sum_buckets(self, root_sudo):
        items = self._for_family(root_sudo).env["o2c.open.item"]
        self.env["o2c.debtor"]._flush_ledger()
        query = items._search([("root_company_id", "=", root_sudo.id)])
        names = ("bucket", "amount_residual", "partner_id")
        columns = [items._field_to_sql(query.table, name) for name in names]
        return self.env.execute_query_dict(
            SQL(
                """
                SELECT bucket, sum(amount) AS amount, count(*) AS count,
                       COALESCE(sum(amount) FILTER (WHERE partner IS NULL), 0)
                           AS nobody
                  FROM (%s) item(bucket, amount, partner)
              GROUP BY bucket
                """,
                query.select(*columns),
            )
        )

    @api.model
    def _bucket_labels(self):
        description = self.env["o2c.open.item"].fields_get(["bucket"], ["selection"])
        return description["bucket"]["selection"]

    @api.model
    def _ageing_bar(self, root_sudo, code, label, row, currency):
        return {
            "code": code,
            "label": label,
            "amount": currency.round(float(row["amount"])) if row else 0.0,
            "count": row["count"] if row else 0,
            "link": self._item_link(root_sudo, label, [("bucket", "=", code)]),
        }
