from odoo import models
from odoo.fields import Domain
from odoo.tools import SQL

#: Of more items than this it is quicker to read the whole ledger.
ITEMS_MAX = 2000


class O2cOpenItem(models.Model):
    """Reading items of named customers looks at these customers' items alone.

    Screens read items by customer, then again by number, page after page. Both are
    turned into the customers that the query is narrowed to, so that what a page
    costs does not grow with the ledger.
    """

    _inherit = "o2c.open.item"

    def _search(self, domain, *args, **kwargs):
        """EXTENDS o2c_base: narrow the query to the customers the domain names."""
        partner_ids = self._partners_of_domain(Domain(domain))
        if partner_ids is None or self._narrowed_to() is not None:
            return super()._search(domain, *args, **kwargs)
        narrowed = self.with_context(o2c_partner_ids=tuple(partner_ids))
        return narrowed._search(domain, *args, **kwargs)

    @property
    def _table_query(self):
        return self._items_sql(
            as_of=self.env.context.get("o2c_as_of"),
            partner_ids=self._narrowed_to(),
        )

    def _narrowed_to(self):
        """Ids of the customers that are read, None for all.

        The context is whatever a caller sends: what is no list of ids is ignored.
        """
        partner_ids = self.env.context.get("o2c_partner_ids")
        if not isinstance(partner_ids, list | tuple):
            return None
        ids = [number for number in partner_ids if type(number) is int]
        return ids if len(ids) == len(partner_ids) else None

    def _partners_of_domain(self, domain):
        """Ids of the customers a domain is limited to, None if it names none."""
        for condition in self._necessary_conditions(domain.optimize(self)):
            numbers = condition.value
            if condition.operator != "in" or not _are_ids(numbers):
                continue
            if condition.field_expr == "partner_id":
                return sorted(numbers)
            if condition.field_expr == "id" and len(numbers) <= ITEMS_MAX:
                return self._partners_of_items(numbers)
        return None

    def _necessary_conditions(self, domain):
        """The conditions that every match fulfils; by customer before by item."""
        parts = domain.children if hasattr(domain, "children") else [domain]
        if getattr(domain, "OPERATOR", "&") != "&":
            return []
        conditions = [part for part in parts if hasattr(part, "field_expr")]
        return sorted(conditions, key=lambda part: part.field_expr != "partner_id")

    def _partners_of_items(self, item_ids):
        """Ids of the customers of some items, None if one has no customer."""
        line = self.env["account.move.line"]._fields["partner_id"]
        rows = self.env.execute_query(
            SQL(
                """
                SELECT DISTINCT partner.commercial_partner_id
                  FROM account_move_line line
             LEFT JOIN res_partner partner ON partner.id = line.partner_id
                 WHERE line.id = ANY(%s)
                """,
                list(item_ids),
                to_flush=line,
            )
        )
        partner_ids = [partner_id for (partner_id,) in rows]
        return None if None in partner_ids else partner_ids


def _are_ids(numbers):
    return hasattr(numbers, "__iter__") and all(
        type(number) is int for number in numbers
    )
