from odoo import api, models
from odoo.tools import SQL

from odoo.addons.o2c_base.tools.planned import execute_planned

from .o2c_credit_hold import OPEN

#: Hold rules for customers who may have no limit.
RULES_BESIDE_LIMIT = (
    "overdue_active",
    "expired_limit_active",
    "missing_document_active",
    "first_order_active",
)

#: What the hold rules read of a policy, so that it need not be read once more.
POLICY_FIELDS = (
    *RULES_BESIDE_LIMIT,
    "over_limit_active",
    "over_limit_percent",
    "prepaid_exempt",
)


class O2cCreditCheck(models.Model):
    """What holds for customers: account, group, limits, policy, from one statement."""

    _inherit = "o2c.credit.check"

    @api.model
    def _terms_of(self, keys, order_ids=()):
        """What holds for customers today.

        :param keys: pairs of customer and root company
        :param order_ids: ids of the orders that are looked at
        :return: dict of key to a dict of ``debtor``, ``head`` of its group and
            ``policy``, which may be empty, in superuser mode; ``limit`` and
            ``group_limit``, None without; ``root``, ``currency``; ``is_watched``:
            whether a limit or a rule asks for the exposure; ``has_payments`` and
            ``has_holds``: whether any of the orders has. Customers without an account
            are left out
        """
        self.env["o2c.credit.limit"].sudo()._flush_limits()
        self.env["o2c.credit.hold"].flush_model(["sale_order_id", "state"])
        by_root = {}
        for partner, root in keys:
            by_root.setdefault(root, {})[partner.id] = partner
        found = {}
        for root, partners in by_root.items():
            for row in execute_planned(
                self.env.cr, self._terms_sql(root, list(partners), list(order_ids))
            ):
                key = partners[row["partner_id"]], root
                found[key] = self._terms_from(row, root)
        return found

    @api.model
    def _terms_from(self, row, root):
        # sudo: whoever confirms an order need not see accounts and policies
        debtors_sudo = self.env["o2c.debtor"].sudo()
        policy_sudo = (
            self.env["o2c.credit.policy"].sudo().browse(row["policy_id"] or ())
        )
        for name in POLICY_FIELDS:
            policy_sudo._fields[name]._insert_cache(policy_sudo, [row[name]])
        is_head = row["head_id"] == row["debtor_id"]
        limit, group_limit = (
            None if row[name] is None else float(row[name])
            for name in ("amount", "group_amount")
        )
        limited = limit is not None or group_limit is not None
        return {
            "debtor": debtors_sudo.browse(row["debtor_id"]),
            "partner_id": row["partner_id"],
            "head": debtors_sudo.browse(row["head_id"] or ()),
            "head_partner_id": row["head_partner_id"],
            "limit": None if is_head else limit,
            "group_limit": group_limit,
            "policy": policy_sudo,
            "root": root,
            "currency": root.currency_id,
            "is_watched": limited or row["has_rules"],
            "has_payments": row["has_payments"],
            "has_holds": row["has_holds"],
        }

    @api.model
    def _terms_sql(self, root, partner_ids, order_ids):
        """Account, group, limits and policy of customers of one company."""
        return SQL(
            """
            SELECT debtor.id AS debtor_id, debtor.partner_id,
                   head.id AS head_id, head.partner_id AS head_partner_id,
                   CASE WHEN own.has_limit THEN own.amount END AS amount,
                   CASE WHEN shared.has_limit THEN shared.amount END AS group_amount,
                   own.policy_id, COALESCE(%(rules)s, FALSE) AS has_rules,
                   EXISTS (SELECT FROM sale_order_transaction_rel
                            WHERE sale_order_id = ANY(%(orders)s)) AS has_payments,
                   EXISTS (SELECT FROM o2c_credit_hold
                            WHERE sale_order_id = ANY(%(orders)s)
                              AND state = ANY(%(open)s)) AS has_holds,
                   %(fields)s
              FROM o2c_debtor debtor
              JOIN (%(active)s) own ON own.debtor_id = debtor.id
         LEFT JOIN o2c_credit_policy policy ON policy.id = own.policy_id
         LEFT JOIN o2c_debtor head
                ON head.id = CASE
                   WHEN debtor.group_id IS NOT NULL THEN debtor.group_id
                   WHEN EXISTS (SELECT FROM o2c_debtor member
                                 WHERE member.group_id = debtor.id) THEN debtor.id
                   END
         LEFT JOIN (%(active)s) shared ON shared.debtor_id = head.id
             WHERE debtor.company_id = %(root)s
               AND debtor.partner_id = ANY(%(partners)s)
            """,
            active=self.env["o2c.credit.limit"].sudo()._active_sql(root),
            rules=SQL(" OR ").join(self._watched_sql()),
            fields=SQL(", ").join(
                SQL.identifier("policy", name) for name in POLICY_FIELDS
            ),
            orders=order_ids,
            open=list(OPEN),
            root=root.id,
            partners=partner_ids,
        )

    @api.model
    def _watched_sql(self):
        """Hook: what asks for a check, be there no limit; on debtor and policy."""
        return [SQL.identifier("policy", name) for name in RULES_BESIDE_LIMIT]

    @api.model
    def _terms_for(self, orders):
        """dict of order to its customer's terms; accounts are made where missing."""
        keys = {order: order._o2c_credit_key() for order in orders}
        order_ids = [order.id for order in orders]
        found = self._terms_of(keys.values(), order_ids)
        if missing := set(keys.values()) - found.keys():
            self.env["o2c.debtor"]._ensure(missing)
            found |= self._terms_of(missing, order_ids)
        return {order: found[key] for order, key in keys.items()}

    @api.model
    def _accounts_of(self, orders):
        """dict of order to the account it counts for, created where missing."""
        terms = self._terms_for(orders)
        return {order: terms[order]["debtor"] for order in orders}
