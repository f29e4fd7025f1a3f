from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ..domain.ageing import BUCKET_KEYS
from ..tools.transaction import with_room
from .o2c_open_item import O2cOpenItem

#: What a row is one of; open items have fields of the same names.
DIMENSIONS = ("partner_id", "salesperson_id", "company_id", "currency_id")
#: What follows from these, so that rows are the same whether grouped by it or not.
#: PostgreSQL does not know that it follows: with it among the groups it expects as many
#: as there are items and sorts them (measured at a million: 7.2 s instead of 5.4 s).
DEPENDENT = (
    "debtor_id",
    "segment_id",
    "collector_id",
    "root_company_id",
    "company_currency_id",
)

#: Of figures that differ from date to date and between ways of looking.
VIEWED = {
    "readonly": True,
    "depends_context": ("o2c_as_of", "o2c_in_currency", "company"),
}


def _bucket_field(key):
    """An amount per bucket; its label follows the viewing company's limits."""
    return fields.Monetary(key, currency_field="shown_currency_id", **VIEWED)


class O2cAgeing(models.Model):
    """The open items, summed by age: one row per customer, branch, salesperson and
    currency.

    Amounts are in company currency or, with the context key ``o2c_in_currency``, in
    that of the items; ``o2c_as_of`` asks for a past day. What is summed is
    ``o2c.open.item``'s query, so this report, the items and every export agree.
    """

    _name = "o2c.ageing"
    _description = "Ageing"
    _auto = False
    _order = "amount_outstanding DESC, id"
    _rec_name = "customer_name"
    _depends = O2cOpenItem._depends

    customer_name = fields.Char("Customer name", readonly=True)
    partner_id = fields.Many2one(
        "res.partner",
        "Customer",
        readonly=True,
        falsy_value_label="No customer",
        help="The commercial entity that owes. Empty: no customer.",
    )
    debtor_id = fields.Many2one(
        "o2c.debtor", "Customer account", readonly=True, falsy_value_label="No customer"
    )
    segment_id = fields.Many2one(
        "o2c.segment", readonly=True, falsy_value_label="No segment"
    )
    collector_id = fields.Many2one(
        "res.users", readonly=True, falsy_value_label="Nobody"
    )
    salesperson_id = fields.Many2one(
        "res.users",
        readonly=True,
        falsy_value_label="Nobody",
        help="Who sold, as the invoices say.",
    )
    company_id = fields.Many2one(
        "res.company", "Branch", readonly=True, help="The company the items belong to."
    )
    root_company_id = fields.Many2one("res.company", "Root company", readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)
    company_currency_id = fields.Many2one(
        "res.currency", "Company currency", readonly=True
    )
    shown_currency_id = fields.Many2one("res.currency", "Shown currency", **VIEWED)
    item_count = fields.Integer("Items", **VIEWED)
    amount_not_due = _bucket_field("Not due")
    amount_b1 = _bucket_field("Bucket 1")
    amount_b2 = _bucket_field("Bucket 2")
    amount_b3 = _bucket_field("Bucket 3")
    amount_b4 = _bucket_field("Bucket 4")
    amount_b5 = _bucket_field("Bucket 5")
    amount_b6 = _bucket_field("Bucket 6")
    amount_b7 = _bucket_field("Bucket 7")
    amount_outstanding = fields.Monetary(
        "Outstanding",
        currency_field="shown_currency_id",
        help="The sum of the buckets: all open items, credits negative.",
        **VIEWED,
    )
    amount_outstanding_currency = fields.Monetary(
        "Outstanding in currency",
        currency_field="currency_id",
        help="The same in the currency of the items.",
        **VIEWED,
    )

    # ------------------------------------------------------------------
    # The query
    # ------------------------------------------------------------------

    def _search(self, *args, **kwargs):
        """EXTENDS base: sum a whole ledger in memory."""
        with_room(self.env.cr)
        return super()._search(*args, **kwargs)

    @property
    def _table_query(self):
        in_currency = self.env.context.get("o2c_in_currency")
        amount = SQL.identifier(
            "item", "amount_residual_currency" if in_currency else "amount_residual"
        )
        shown = SQL.identifier(
            "item", "currency_id" if in_currency else "company_currency_id"
        )
        return SQL(
            """
            SELECT sums.*, %(customer)s AS customer_name
              FROM (SELECT min(item.id) AS id, %(dimensions)s, %(dependent)s,
                           min(%(shown)s) AS shown_currency_id,
                           count(*) AS item_count, %(buckets)s,
                           sum(%(amount)s) AS amount_outstanding,
                           sum(item.amount_residual_currency)
                               AS amount_outstanding_currency
                      FROM (%(items)s) item
                  GROUP BY %(dimensions)s) sums
         LEFT JOIN res_partner customer ON customer.id = sums.partner_id
            """,
            customer=SQL(
                "COALESCE(customer.complete_name, %s)", self.env._("No customer")
            ),
            dimensions=SQL(", ").join(SQL.identifier("item", d) for d in DIMENSIONS),
            dependent=SQL(", ").join(
                SQL("min(%s) AS %s", SQL.identifier("item", d), SQL.identifier(d))
                for d in DEPENDENT
            ),
            shown=shown,
            amount=amount,
            buckets=self._bucket_sums(amount),
            items=self.env["o2c.open.item"]._items_sql(
                as_of=self.env.context.get("o2c_as_of")
            ),
        )

    def _bucket_sums(self, amount):
        used = self._bucket_labels()
        return SQL(", ").join(
            SQL(
                "COALESCE(sum(%s) FILTER (WHERE item.bucket = %s), 0.0) AS %s",
                amount,
                key,
                SQL.identifier(f"amount_{key}"),
            )
            if key in used
            else SQL("0.0 AS %s", SQL.identifier(f"amount_{key}"))
            for key in BUCKET_KEYS
        )

    # ------------------------------------------------------------------
    # Labels: as many buckets as the company has
    # ------------------------------------------------------------------

    @api.model
    def _bucket_labels(self):
        return dict(self.env["o2c.open.item"]._selection_bucket())

    @api.model
    def fields_get(self, allfields=None, attributes=None):
        """EXTENDS base: label the buckets in use and leave out the others."""
        result = super().fields_get(allfields, attributes)
        labels = self._bucket_labels()
        for key in BUCKET_KEYS:
            name = f"amount_{key}"
            if key not in labels:
                result.pop(name, None)
            elif "string" in result.get(name, {}):
                result[name]["string"] = labels[key]
        return result

    @api.model
    def _get_view_cache_key(self, view_id=None, view_type="form", **options):
        """EXTENDS base: a view shows the buckets of the company looked through."""
        key = super()._get_view_cache_key(view_id, view_type, **options)
        return (*key, *self._bucket_labels())

    @api.model
    def _get_view(self, view_id=None, view_type="form", **options):
        """EXTENDS base: take out the buckets that the company has not."""
        arch, view = super()._get_view(view_id, view_type, **options)
        labels = self._bucket_labels()
        for key in BUCKET_KEYS:
            if key not in labels:
                for node in arch.xpath(f"//field[@name='amount_{key}']"):
                    node.getparent().remove(node)
        return arch, view

    # ------------------------------------------------------------------
    # Drilling
    # ------------------------------------------------------------------

    def action_open_items(self):
        """The items of a row; with the context key ``o2c_measure`` of one bucket."""
        self.ensure_one()
        domain = [(name, "=", self[name].id) for name in DIMENSIONS]
        return self.items_of(domain, self.env.context.get("o2c_measure"))

    @api.model
    @api.readonly
    def items_of(self, domain, measure=None):
        """The open items behind some rows, as of the same day.

        :param domain: on ageing rows; what says nothing about an item, such as a
            condition on a sum, is left out
        :param measure: name of the amount looked at, for the items of one bucket
        :return: an action
        """
        self.check_access("read")
        domain = Domain(domain).map_conditions(_item_condition)
        key = str(measure or "").removeprefix("amount_")
        if key in self._bucket_labels():
            domain &= Domain("bucket", "=", key)
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "o2c_base.o2c_open_item_action"
        )
        as_of = self.env.context.get("o2c_as_of")
        action["domain"] = list(domain)
        action["context"] = {"o2c_as_of": as_of} if as_of else {}
        return action

    # ------------------------------------------------------------------
    # The tie to the general ledger
    # ------------------------------------------------------------------

    @api.model
    @api.readonly
    def ledger_tie(self):
        """Open items against the general ledger, per root company.

        :return: dict with ``tie``, a list of dicts per root company (see
            ``o2c.ledger.difference``), and ``labels``, the buckets in use
        """
        self.check_access("read")
        return {
            "tie": self.env["o2c.ledger.difference"]._tie(),
            "labels": list(self._bucket_labels().values()),
        }

    # ------------------------------------------------------------------
    # Export
    # ------------------------------------------------------------------

    @api.model
    def _export_spec(self):
        buckets = [f"amount_{key}" for key in self._bucket_labels()]
        names = ["customer_name", "segment_id", "collector_id", "salesperson_id"]
        names += ["company_id", *buckets, "amount_outstanding"]
        return self.env._("Ageing"), [*names, "amount_outstanding_currency"]


def _item_condition(condition):
    """A condition on an ageing row as one on its items."""
    name = condition.field_expr.split(".")[0]
    if name == "customer_name":
        return Domain("partner_id.complete_name", condition.operator, condition.value)
    return condition if name in DIMENSIONS else Domain.TRUE
