from odoo import api, models


class O2cCreditCheck(models.Model):
    """What rules beside the limit ask for, read for all customers at once."""

    _inherit = "o2c.credit.check"

    @api.model
    def _rule_facts(self, debtors, policies):
        """Hook: what is overdue, and what was ordered, where a policy asks for it.

        :param policies: dict of account to its policy
        :return: dict of ``overdue``, amounts by account, and ``ordered``, sets of
            first and last confirmed order by account
        """
        overdue = {}
        asked = debtors.filtered(lambda debtor: policies[debtor].overdue_active)
        for days, found in asked.grouped(
            lambda debtor: policies[debtor].overdue_days
        ).items():
            overdue.update(found._overdue_longer_than(days))
        asked = debtors.filtered(lambda debtor: policies[debtor].first_order_active)
        return {"overdue": overdue, "ordered": self._ordered(asked)}

    @api.model
    def _facts_for_rules(self, order, debtor, facts):
        """Hook: of ``_rule_facts``, what the rules ask about one order."""
        return {
            "overdue": facts["overdue"].get(debtor, 0.0),
            "ordered": facts["ordered"].get(debtor, set()) - {order.id},
        }

    @api.model
    def _ordered(self, debtors):
        """dict of account to the ids of its first and its last confirmed order."""
        ordered = {}
        # sudo: whoever confirms need not see the orders of others
        orders_sudo = self.env["sale.order"].sudo()
        for root, accounts in debtors.grouped("company_id").items():
            by_partner = {account.partner_id: account for account in accounts}
            rows = orders_sudo._read_group(
                [
                    (
                        "partner_invoice_id.commercial_partner_id",
                        "in",
                        accounts.partner_id.ids,
                    ),
                    ("company_id", "child_of", root.id),
                    ("state", "=", "sale"),
                ],
                ["partner_invoice_id"],
                ["id:min", "id:max"],
            )
            for partner, first, last in rows:
                account = by_partner[partner.commercial_partner_id]
                ordered.setdefault(account, set()).update((first, last))
        return ordered
