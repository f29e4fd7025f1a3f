from math import inf

from odoo import api, fields, models
from odoo.tools import SQL


class O2cDebtor(models.Model):
    """The credit limit of a customer, and its keeper.

    ``amount_credit_limit`` is stored for lists; who decides on an order reads the
    query in ``o2c_credit_limit_source.py``.
    """

    _inherit = "o2c.debtor"

    credit_limit_ids = fields.One2many("o2c.credit.limit", "debtor_id", "Limits")
    amount_credit_limit = fields.Monetary(
        "Credit limit",
        readonly=True,
        help="Base limit and temporary increase that count today, or what the credit "
        "policy gives customers without a limit of their own.",
    )
    has_credit_limit = fields.Boolean(
        "Has a limit",
        readonly=True,
        help="Without one the customer's credit is not bounded. A limit of 0 is one.",
    )

    @api.model
    def _new_account_values(self):
        """EXTENDS o2c_base: an account begins without a limit."""
        return {
            **super()._new_account_values(),
            "amount_credit_limit": 0,
            "has_credit_limit": False,
        }

    @api.model
    def _ensure_keys(self, keys):
        """EXTENDS o2c_base: what the policy gives holds for new accounts at once."""
        result = super()._ensure_keys(keys)
        if keys:
            domain = [
                ("partner_id", "in", [partner for partner, _company in keys]),
                ("amount_credit_limit", "=", 0),
            ]
            # sudo: whoever causes an account need not have a role
            self.sudo().search(domain)._refresh_credit_limit()
        return result

    # ------------------------------------------------------------------
    # The keeper
    # ------------------------------------------------------------------

    @api.model
    def _refresh_all_limits(self):
        """Bring the stored limits of all companies up to date."""
        for root in self.env["res.company"]._o2c_roots():
            self._store_limits(root)

    def _refresh_credit_limit(self):
        """Bring the stored limits of these accounts up to date."""
        for root, debtors in self.grouped("company_id").items():
            self._store_limits(root, debtors.ids)

    @api.model
    def _store_limits(self, root, ids=None):
        """Store what counts today, of all accounts of a company or of a few.

        :return: number of accounts whose limit has changed
        """
        limits = self.env["o2c.credit.limit"]
        limits._flush_limits()
        narrowed = SQL("TRUE") if ids is None else SQL("debtor.id = ANY(%s)", ids)
        self.env.cr.execute(
            SQL(
                """
                UPDATE o2c_debtor debtor
                   SET amount_credit_limit = active.amount,
                       has_credit_limit = active.has_limit
                  FROM (%(active)s) active
                 WHERE active.debtor_id = debtor.id AND %(narrowed)s
                   AND (debtor.amount_credit_limit, debtor.has_credit_limit)
                       IS DISTINCT FROM (active.amount, active.has_limit)
                """,
                active=limits._active_sql(root),
                narrowed=narrowed,
            )
        )
        changed = self.env.cr.rowcount
        self.invalidate_model(["amount_credit_limit", "has_credit_limit"], flush=False)
        return changed

    def _active_limits(self):
        """What counts today of the customers' own limits.

        :return: dict of account id to a dict with ``base`` and ``temporary``
        """
        limits = self.env["o2c.credit.limit"]
        limits._flush_limits()
        found = {}
        for root in self.sudo().company_id:  # sudo: the root of a user's branch
            rows = self.env.execute_query_dict(
                SQL(
                    "SELECT * FROM (%s) own WHERE debtor_id = ANY(%s)",
                    limits._own_sql(root),
                    self.ids,
                )
            )
            found.update({row.pop("debtor_id"): row for row in rows})
        return found

    def _default_limits(self):
        """What customers may owe without a limit of their own.

        :return: dict of account to an amount in company currency; infinity where
            nothing bounds their credit
        """
        self.env["o2c.credit.limit"]._flush_limits()
        policies = self.env["o2c.credit.policy"]
        found = {}
        for root in self.sudo().company_id:  # sudo: the root of a user's branch
            rows = self.env.execute_query(
                SQL(
                    "SELECT debtor_id, default_limit FROM (%s) policy"
                    " WHERE debtor_id = ANY(%s) AND default_limit IS NOT NULL",
                    policies._policy_sql(root),
                    self.ids,
                )
            )
            found.update((account, float(amount)) for account, amount in rows)
        return {account: found.get(account.id, inf) for account in self}

    # ------------------------------------------------------------------
    # Odoo's own field
    # ------------------------------------------------------------------

    def _store_core_limit(self):
        """Have the contacts' own credit limit say what the active base limit is."""
        for root, debtors in self.grouped("company_id").items():
            self.env["res.partner"]._o2c_store_limit(root, debtors.partner_id.ids)

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    @api.readonly
    def action_new_limit(self):
        """A new limit for this customer, with what is recommended filled in."""
        self.ensure_one()
        self.check_access("read")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("New credit limit"),
            "res_model": "o2c.credit.limit",
            "view_mode": "form",
            "context": {
                "default_debtor_id": self.id,
                "default_partner_id": self.partner_id.id,
                "default_amount": self.amount_recommended,
                "default_currency_id": self.currency_id.id,
            },
        }
