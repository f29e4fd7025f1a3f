from odoo import api, fields, models
from odoo.tools import SQL

from ..tools.transaction import with_room
from .o2c_open_item import O2cOpenItem


class O2cLedgerDifference(models.Model):
    """Journal items whose open amount is not what the general ledger says.

    The ledger says: balance less what posted entries matched, as of the context's
    ``o2c_as_of`` or now. There is none unless data were changed past Odoo.
    """

    _name = "o2c.ledger.difference"
    _description = "Difference to the general ledger"
    _auto = False
    _order = "date, id"
    _rec_name = "name"
    _depends = O2cOpenItem._depends

    move_line_id = fields.Many2one("account.move.line", "Journal item", readonly=True)
    move_id = fields.Many2one("account.move", "Entry", readonly=True)
    partner_id = fields.Many2one("res.partner", "Contact", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)
    company_currency_id = fields.Many2one(
        "res.currency", "Company currency", readonly=True
    )
    name = fields.Char("Number", readonly=True)
    date = fields.Date(readonly=True)
    amount_ledger = fields.Monetary(
        "Ledger says",
        readonly=True,
        currency_field="company_currency_id",
        help="Balance of the journal item less what is matched with it.",
    )
    amount_item = fields.Monetary(
        "Open item says", readonly=True, currency_field="company_currency_id"
    )
    amount_difference = fields.Monetary(
        "Difference", readonly=True, currency_field="company_currency_id"
    )
    amount_ledger_currency = fields.Monetary("Ledger in currency", readonly=True)
    amount_item_currency = fields.Monetary("Open item in currency", readonly=True)

    def _search(self, *args, **kwargs):
        """EXTENDS base: compare a whole ledger in memory."""
        with_room(self.env.cr)
        return super()._search(*args, **kwargs)

    @property
    def _table_query(self):
        items = self.env["o2c.open.item"]
        as_of = items._as_of_date(self.env.context.get("o2c_as_of"))
        return SQL(
            """
            WITH matched AS (%(matched)s), ours AS (%(ours)s)
            SELECT line.id, line.id AS move_line_id, line.move_id, line.partner_id,
                   line.company_id, line.currency_id, line.company_currency_id,
                   line.move_name AS name, line.date, amount_ledger, amount_item,
                   amount_item - amount_ledger AS amount_difference,
                   amount_ledger_currency, amount_item_currency
              FROM account_move_line line
         LEFT JOIN matched ON matched.id = line.id
         LEFT JOIN ours ON ours.id = line.id
              JOIN res_currency company_currency
                ON company_currency.id = line.company_currency_id
              JOIN res_currency currency ON currency.id = line.currency_id
        CROSS JOIN LATERAL (
                SELECT line.balance - COALESCE(matched.amount, 0.0) AS amount_ledger,
                       COALESCE(ours.residual, 0.0) AS amount_item,
                       line.amount_currency - COALESCE(matched.amount_currency, 0.0)
                           AS amount_ledger_currency,
                       COALESCE(ours.residual_currency, 0.0) AS amount_item_currency
                   ) says
             WHERE %(condition)s
               AND (abs(amount_item - amount_ledger) > company_currency.rounding / 2
                    OR abs(amount_item_currency - amount_ledger_currency)
                       > currency.rounding / 2)
            """,
            matched=self._matched_sql(as_of),
            ours=SQL(
                "SELECT id, amount_residual AS residual, amount_residual_currency"
                " AS residual_currency FROM (%s) item",
                items._items_sql(as_of=as_of),
            ),
            condition=self._line_condition(as_of),
        )

    def _line_condition(self, as_of):
        condition = self.env["o2c.open.item"]._line_condition(None)
        return SQL("%s AND line.date <= %s", condition, as_of) if as_of else condition

    def _matched_sql(self, as_of):
        """Per line, what posted entries had matched by then."""
        condition = SQL("other.parent_state = 'posted'")
        if as_of:
            condition = SQL(
                "%s AND part.max_date <= %s AND other.date <= %s",
                condition,
                as_of,
                as_of,
            )
        return self.env["o2c.open.item"]._partials_of_lines(None, condition)

    def action_open_document(self):
        """Open the entry behind the journal item."""
        self.ensure_one()
        return self.move_id.get_formview_action()

    # ------------------------------------------------------------------
    # Sums
    # ------------------------------------------------------------------

    @api.model
    def _tie(self):
        """The ledger's balance against the open items, per root company.

        Only the companies looked at count. Where some branches are left out, what
        is matched with theirs stands apart, since it is no item on either side.

        :return: list of dicts: company, currency_id, ledger, elsewhere, items,
            difference, and without, the names of the branches left out
        """
        companies = self.env.companies
        without = self._left_out()
        ledger, items = self._ledger_sums(), self._item_sums()
        elsewhere = self._elsewhere_sums()
        result = []
        for root in companies._o2c_root():
            branches = companies.filtered(lambda c, root=root: c._o2c_root() == root)
            currency = root.currency_id
            says = [
                currency.round(sum(float(sums.get(b.id, 0.0)) for b in branches))
                for sums in (ledger, elsewhere, items)
            ]
            difference = currency.round(says[2] - says[0] + says[1])
            result.append(
                {
                    "company": root.name,
                    "currency_id": currency.id,
                    "ledger": says[0],
                    "elsewhere": says[1],
                    "items": says[2],
                    "difference": difference,
                    "without": without.get(root.id, ""),
                }
            )
        return result

    def _left_out(self):
        """Branches that are not looked at, so that a part is not taken for the whole.

        :return: dict of root company id to their names
        """
        # sudo: names of branches only, which the overview tells as well
        family_sudo = self.env["res.company"].sudo()
        hidden_sudo = family_sudo.search(
            [
                ("id", "child_of", self.env.companies._o2c_root().ids),
                ("id", "not in", self.env.companies.ids),
            ]
        )
        return {
            root_sudo.id: ", ".join(branches_sudo.mapped("name"))
            for root_sudo, branches_sudo in hidden_sudo.grouped("root_id").items()
        }

    def _ledger_sums(self):
        self.env["o2c.debtor"]._flush_ledger()
        with_room(self.env.cr)
        as_of = self._as_of()
        return dict(
            self.env.execute_query(
                SQL(
                    "SELECT line.company_id, sum(line.balance)"
                    " FROM account_move_line line"
                    " WHERE %s AND line.company_id = ANY(%s) GROUP BY line.company_id",
                    self._line_condition(as_of),
                    self.env.companies.ids,
                )
            )
        )

    def _item_sums(self):
        items = self.env["o2c.open.item"].with_context(o2c_partner_ids=None)
        groups = items._read_group([], ["company_id"], ["amount_residual:sum"])
        return {company.id: amount for company, amount in groups}

    def _elsewhere_sums(self):
        """What is matched with branches that are not looked at."""
        # sudo: whether a root has other branches, not which
        roots_sudo = self.env.companies._o2c_root().with_context(active_test=False)
        family = self.env["res.company"].sudo().with_context(active_test=False)
        whole = family.search([("id", "child_of", roots_sudo.ids)])
        if whole <= self.env.companies:
            return {}
        condition = SQL(
            "other.parent_state = 'posted' AND other.company_id <> ALL(%s)",
            self.env.companies.ids,
        )
        if as_of := self._as_of():
            condition = SQL("%s AND part.max_date <= %s", condition, as_of)
        return dict(
            self.env.execute_query(
                SQL(
                    "SELECT line.company_id, sum(part.amount) FROM (%s) part"
                    " JOIN account_move_line line ON line.id = part.id"
                    " WHERE %s AND line.company_id = ANY(%s) GROUP BY line.company_id",
                    self.env["o2c.open.item"]._partials_of_lines(None, condition),
                    self._line_condition(self._as_of()),
                    self.env.companies.ids,
                )
            )
        )

    def _as_of(self):
        as_of = self.env.context.get("o2c_as_of")
        return self.env["o2c.open.item"]._as_of_date(as_of)
