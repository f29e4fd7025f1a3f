from collections import defaultdict

from odoo import api, fields, models
from odoo.tools import SQL


class O2cCreditLimit(models.Model):
    """Limits that were written on the contact."""

    _inherit = "o2c.credit.limit"

    is_from_contact = fields.Boolean(
        "Entered on the contact",
        readonly=True,
        copy=False,
        help="Written into the credit limit of the contact, which decides at once.",
    )

    @api.model
    def _take_from_contacts(self, partners, root, amount):
        """Make an amount the active base limit of customers, or remove theirs.

        What is active already stays as it is: whoever saves a contact unchanged
        decides nothing.

        :param partners: commercial entities
        :param root: root company
        :param amount: in its currency; None removes the limit
        """
        accounts = self.env["o2c.debtor"]
        if amount is None:
            accounts = accounts.search(
                [("partner_id", "in", partners.ids), ("company_id", "=", root.id)]
            )
        else:
            accounts = accounts._ensure([(partner, root) for partner in partners])
        now = self.search(
            [
                ("debtor_id", "in", accounts.ids),
                ("kind", "=", "base"),
                ("state", "=", "active"),
            ]
        )
        if amount is not None:
            same = now.filtered(
                lambda limit: (
                    not root.currency_id.compare_amounts(limit.amount_company, amount)
                )
            )
            now -= same
            accounts -= same.debtor_id
        if not accounts:
            return
        self.env["o2c.credit.gate"]._pass(accounts)
        now._end("expired" if amount is None else "superseded")
        if amount is not None:
            self._begin_from_contacts(accounts, root, amount)
        self.flush_model()
        accounts._refresh_credit_limit()
        accounts._store_core_limit()

    @api.model
    def _begin_from_contacts(self, accounts, root, amount):
        limits = self.create(
            [
                {
                    "debtor_id": account.id,
                    "amount": amount,
                    "currency_id": root.currency_id.id,
                    "date_from": root._o2c_today(),
                    "is_from_contact": True,
                }
                for account in accounts
            ]
        )
        limits._set_state(
            "active", decided_by_id=self.env.uid, decided_at=fields.Datetime.now()
        )

    @api.model
    def _take_over(self, root):
        """Make what contacts have as their own limit before us active base limits.

        A branch's counts where the root has none: the lowest of them.
        """
        # sudo: at installation, for all companies
        companies_sudo = self.env["res.company"].sudo().with_context(active_test=False)
        branches = companies_sudo.search([("id", "child_of", root.id)]) - root
        default = root._o2c_core_default_limit()
        rows = self.env.execute_query(
            SQL(
                """
                WITH entity AS (
                    SELECT id, COALESCE(
                               NULLIF((credit_limit->>%(root)s)::numeric, 0),
                               (SELECT min(value::numeric)
                                  FROM jsonb_each_text(credit_limit)
                                 WHERE key = ANY(%(branches)s) AND value::numeric > 0)
                               ) AS amount
                      FROM res_partner
                     WHERE id = commercial_partner_id AND active
                       AND credit_limit IS NOT NULL)
                SELECT id, amount FROM entity
                 WHERE amount > 0 AND amount IS DISTINCT FROM %(default)s::numeric
              ORDER BY id
                """,
                root=str(root.id),
                branches=[str(branch) for branch in branches.ids],
                default=default,
            )
        )
        partners = self.env["res.partner"]
        by_amount = defaultdict(list)
        for partner_id, amount in rows:
            by_amount[float(amount)].append(partner_id)
        for amount, partner_ids in by_amount.items():
            entities = partners.browse(partner_ids)
            self._take_from_contacts(entities, root, amount)
