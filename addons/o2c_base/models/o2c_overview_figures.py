from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

#: The tiles compare with so many days ago; a snapshot may be some days older.
COMPARE_DAYS = 30
COMPARE_SLACK_DAYS = 7
#: The small line on a tile shows so many days.
SPARKLINE_DAYS = 90
EXPOSURES = 10


class O2cOverview(models.AbstractModel):
    """The panels that read stored facts only: tiles and exposures.

    Their time does not grow with the ledger.
    """

    _inherit = "o2c.overview"

    # ------------------------------------------------------------------
    # Tiles
    # ------------------------------------------------------------------

    @api.model
    def _tiles(self):
        """Hook: the tiles in their order.

        Each is a dict of ``code``; ``field``, the stored fact on the customer account
        that it sums; ``label``; ``help``; ``metric``, whose snapshots it is compared
        with; and ``good``, the direction that is good news: "down", "up" or None.
        ``more`` lists further figures on the same tile.
        """
        return [
            {
                "code": "open",
                "field": "amount_outstanding",
                "label": self.env._("Open"),
                "help": self.env._(
                    "Everything customers owe, less their open credits."
                ),
                "metric": "outstanding",
                "good": None,
            },
            {
                "code": "overdue",
                "field": "amount_overdue",
                "label": self.env._("Overdue"),
                "help": self.env._("What is past its due date, before credits."),
                "metric": "overdue",
                "good": "down",
                "has_share": True,
            },
            {
                "code": "due_7",
                "field": "amount_due_7",
                "label": self.env._("Due in 7 days"),
                "help": self.env._("What falls due from today on."),
                "metric": "due_7",
                "good": None,
                "more": [
                    {
                        "code": "due_30",
                        "field": "amount_due_30",
                        "label": self.env._("In 30 days"),
                    }
                ],
            },
            {
                "code": "unapplied",
                "field": "amount_unapplied",
                "label": self.env._("Unapplied"),
                "help": self.env._(
                    "Money and credit notes not yet matched with invoices."
                ),
                "metric": "unapplied",
                "good": "down",
            },
        ]

    @api.model
    def _panel_tiles(self, root_sudo):
        tiles = self._tiles()
        sums = self._sum_facts(root_sudo, tiles)
        history = self._tile_history(root_sudo, [tile["metric"] for tile in tiles])
        facts_at = sums["facts_at"]
        return {
            "facts_at": facts_at and fields.Datetime.to_string(facts_at),
            "waiting": self.env["o2c.debtor"].changes_waiting(),
            "tiles": [self._tile(root_sudo, tile, sums, history) for tile in tiles],
        }

    @api.model
    def _sum_facts(self, root_sudo, tiles):
        """Sums and counts of the stored facts, in one query."""
        debtors = self.env["o2c.debtor"]
        names = {part["field"] for tile in tiles for part in self._parts(tile)}
        debtors.flush_model([*names, "company_id", "facts_at"])
        query = debtors._search([("company_id", "=", root_sudo.id)])
        columns = [SQL("min(facts_at) AS facts_at")]
        for name in sorted(names):
            column = SQL.identifier(name)
            columns += [
                SQL("COALESCE(sum(%s), 0) AS %s", column, column),
                SQL(
                    "count(*) FILTER (WHERE %s <> 0) AS %s",
                    column,
                    SQL.identifier(f"{name}_count"),
                ),
            ]
        [row] = self.env.execute_query_dict(query.select(*columns))
        return row

    @api.model
    def _parts(self, tile):
        return [tile, *tile.get("more", ())]

    @api.model
    def _tile(self, root_sudo, tile, sums, history):
        value = self._amount(root_sudo, sums[tile["field"]])
        points = history.get(tile["metric"], [])
        return {
            **self._tile_part(root_sudo, tile, sums),
            "help": tile["help"],
            "good": tile["good"],
            "share": self._share(root_sudo, value, sums)
            if tile.get("has_share")
            else None,
            "change": self._change(root_sudo, points),
            "points": points,
            "more": [
                self._tile_part(root_sudo, more, sums) for more in tile.get("more", ())
            ],
        }

    @api.model
    def _tile_part(self, root_sudo, part, sums):
        name = part["field"]
        return {
            "code": part["code"],
            "label": part["label"],
            "value": self._amount(root_sudo, sums[name]),
            "count": sums[f"{name}_count"],
            "link": self._account_link(
                root_sudo, part["label"], [(name, "!=", 0)], sums[f"{name}_count"]
            ),
        }

    @api.model
    def _share(self, root_sudo, overdue, sums):
        """Overdue as a share of what is owed before credits; None if nothing is."""
        owed = sums["amount_outstanding"] + sums["amount_unapplied"]
        if root_sudo.currency_id.compare_amounts(float(owed), 0) <= 0:
            return None
        return 100.0 * overdue / float(owed)

    @api.model
    def _change(self, root_sudo, points):
        """The difference to 30 days ago, or None where nothing was kept then.

        Both ends are snapshots, as only these speak of the same.
        """
        then = root_sudo._o2c_today() - timedelta(days=COMPARE_DAYS)
        first = fields.Date.to_string(then - timedelta(days=COMPARE_SLACK_DAYS))
        last = fields.Date.to_string(then)
        known = [value for day, value in points if first <= day <= last]
        if not known or points[-1][0] <= last:
            return None
        return {"days": COMPARE_DAYS, "value": points[-1][1] - known[-1]}

    @api.model
    def _sparkline_days(self):
        return SPARKLINE_DAYS

    @api.model
    def _amount(self, root_sudo, value):
        return root_sudo.currency_id.round(float(value or 0))

    # ------------------------------------------------------------------
    # Exposures
    # ------------------------------------------------------------------

    @api.model
    def _panel_exposures(self, root_sudo):
        debtors = self.env["o2c.debtor"].search(
            [
                ("company_id", "=", root_sudo.id),
                ("amount_outstanding", ">", 0),
            ],
            order="amount_outstanding DESC, id",
            limit=EXPOSURES,
        )
        return {
            "rows": [self._exposure(debtor) for debtor in debtors],
            "link": self._account_link(
                root_sudo, self.env._("Customers"), [("amount_outstanding", ">", 0)], 0
            ),
        }

    @api.model
    def _exposure(self, debtor):
        """Hook: one line; later add-ons bring the limit."""
        owed = debtor.amount_outstanding + debtor.amount_unapplied
        return {
            "id": debtor.id,
            # sudo: who sees the account sees its name; all are of one company
            "name": debtor.sudo().partner_id.display_name or "",
            "outstanding": debtor.amount_outstanding,
            "overdue": debtor.amount_overdue,
            "share": 100.0 * debtor.amount_overdue / owed if owed > 0 else 0.0,
        }
