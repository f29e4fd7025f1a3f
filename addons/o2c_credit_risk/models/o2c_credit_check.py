from psycopg2.extras import Json

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

#: The amounts of the frozen parts, by their column in the exposure query.
PART_FIELDS = {
    "open_items": "amount_open_items",
    "delivered_not_invoiced": "amount_delivered",
    "not_delivered_not_invoiced": "amount_not_delivered",
    "draft_invoices": "amount_draft_invoices",
    "unapplied": "amount_unapplied",
}


class O2cCreditCheck(models.Model):
    """One look at the credit of a customer for an order, as it was at that moment."""

    _name = "o2c.credit.check"
    _description = "Credit check"
    _order = "id DESC"
    _rec_name = "sale_order_id"

    debtor_id = fields.Many2one(
        "o2c.debtor",
        "Customer account",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    partner_id = fields.Many2one(related="debtor_id.partner_id", string="Customer")
    company_id = fields.Many2one(
        "res.company",
        compute="_compute_company_id",
        store=True,
        readonly=False,
        index=True,
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    sale_order_id = fields.Many2one(
        "sale.order", "Order", readonly=True, index="btree_not_null"
    )
    salesperson_id = fields.Many2one(
        "res.users",
        compute="_compute_salesperson_id",
        store=True,
        readonly=False,
    )
    user_id = fields.Many2one(
        "res.users",
        "Confirmed by",
        readonly=True,
        default=lambda self: self.env.uid,
    )
    date = fields.Datetime(readonly=True, default=fields.Datetime.now)
    kind = fields.Selection(
        [("order", "Order"), ("growth", "Growth of a confirmed order")],
        readonly=True,
        required=True,
        default="order",
    )
    outcome = fields.Selection(
        [
            ("passed", "Passed"),
            ("released", "Passed by release"),
            ("held", "Held"),
            ("observed", "Would have been held"),
        ],
        readonly=True,
        required=True,
        index=True,
    )
    amount_order = fields.Float(
        "Total of the order", readonly=True, help="In the currency of the order."
    )
    amount_need = fields.Monetary(
        "Need",
        readonly=True,
        help="The order's total, or what was added to it, less its own payments and "
        "down payments.",
    )
    amount_own_money = fields.Monetary(
        "Own money",
        readonly=True,
        help="Unapplied credit that was paid for this order: it lowers the need, so "
        "it does not lower the exposure as well.",
    )
    amount_exposure = fields.Monetary(
        "Exposure before", readonly=True, help="Of the customer, without this order."
    )
    amount_open_items = fields.Monetary("Open items", readonly=True)
    amount_delivered = fields.Monetary("Delivered, not invoiced", readonly=True)
    amount_not_delivered = fields.Monetary("Ordered, not delivered", readonly=True)
    amount_draft_invoices = fields.Monetary("Draft invoices", readonly=True)
    amount_unapplied = fields.Monetary("Unapplied credit", readonly=True)
    has_limit = fields.Boolean("Limited", readonly=True)
    amount_limit = fields.Monetary("Limit", readonly=True)
    group_id = fields.Many2one("o2c.debtor", "Credit group of", readonly=True)
    amount_group_exposure = fields.Monetary("Exposure of the group", readonly=True)
    has_group_limit = fields.Boolean("Group is limited", readonly=True)
    amount_group_limit = fields.Monetary("Limit of the group", readonly=True)
    amount_over = fields.Monetary(
        "Over", readonly=True, help="By how much the limit would have been exceeded."
    )
    rules = fields.Json(
        readonly=True, help="The hold rules that were broken, with their figures."
    )
    reason = fields.Char(compute="_compute_reason")

    _outcome_idx = models.Index("(company_id, outcome, id DESC)")

    # Not related fields: who makes a check knows both, and related ones would be read
    # again for each order that is confirmed.

    @api.depends("debtor_id.company_id")
    def _compute_company_id(self):
        for check in self:
            check.company_id = check.debtor_id.company_id

    @api.depends("sale_order_id.user_id")
    def _compute_salesperson_id(self):
        for check in self:
            check.salesperson_id = check.sale_order_id.user_id

    @api.depends("rules")
    @api.depends_context("lang")
    def _compute_reason(self):
        for check in self:
            check.reason = check._reason_text(check.rules or [])

    def write(self, vals):
        """Refuse: what was found is not changed afterwards."""
        if vals.keys() - {"salesperson_id", "company_id"}:
            raise UserError(self.env._("Credit checks are history."))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        """Refuse: what was found is not removed."""
        raise UserError(self.env._("Credit checks are history."))

    @api.model
    def _record(self, results):
        """Freeze results of checks that a limit or a rule had a say in.

        :param results: as ``_evaluate`` gives them, each with its ``outcome``
        :return: dict of order to its check, in superuser mode
        """
        told = [
            r for r in results if r["rules"] or r["has_limit"] or r["group_limited"]
        ]
        checks = self._insert([self._prepare_check(r) for r in told])
        return dict(zip((r["order"] for r in told), checks, strict=True))

    @api.model
    def _insert(self, rows):
        """Insert checks by one statement.

        The ORM would look up the currency of each amount anew, a fourth of what a
        check costs.

        :param rows: list of dicts of column to value, all with the same columns
        :return: the checks, in superuser mode
        """
        # sudo: who confirms an order has no right to write checks
        checks_sudo = self.sudo()
        if not rows:
            return checks_sudo
        values = SQL(", ").join(SQL("%s", tuple(row.values())) for row in rows)
        columns = SQL(", ").join(map(SQL.identifier, rows[0]))
        ids = self.env.execute_query(
            SQL(
                "INSERT INTO o2c_credit_check (%s) VALUES %s RETURNING id",
                columns,
                values,
            )
        )
        return checks_sudo.browse(number for (number,) in ids)

    @api.model
    def _prepare_check(self, result):
        names = {
            "need": "amount_need",
            "own_money": "amount_own_money",
            "exposure": "amount_exposure",
            "limit": "amount_limit",
            "has_limit": "has_limit",
            "group_exposure": "amount_group_exposure",
            "group_limited": "has_group_limit",
            "group_limit": "amount_group_limit",
            "over": "amount_over",
            "rules": "rules",
            "kind": "kind",
            "outcome": "outcome",
        }
        order = result["order"]
        now = fields.Datetime.now()
        values = {
            "debtor_id": result["debtor"].id,
            "company_id": result["root"].id,
            "salesperson_id": order.sudo().user_id.id,  # sudo: whoever confirms
            "group_id": result["head"].id,
            "sale_order_id": order.id,
            "amount_order": order.amount_total,
            **{field: result[key] for key, field in names.items()},
            **{
                field: result["parts"].get(part, 0.0)
                for part, field in PART_FIELDS.items()
            },
            "user_id": self.env.uid,
            "create_uid": self.env.uid,
            "create_date": now,
            "date": now,
        }
        return {name: self._to_column(name, value) for name, value in values.items()}

    def _to_column(self, name, value):
        """A value as its column takes it; amounts are rounded already."""
        match self._fields[name].type:
            case "json":
                return Json(value)
            case "many2one":
                return value or None
        return value
