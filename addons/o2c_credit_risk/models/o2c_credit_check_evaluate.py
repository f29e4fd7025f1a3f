from odoo import api, models
from odoo.tools import SQL

from ..domain.credit_check import excess

#: Hold rules for customers who may have no limit.
RULES_BESIDE_LIMIT = (
    "overdue_active",
    "expired_limit_active",
    "missing_document_active",
    "first_order_active",
)


class O2cCreditCheck(models.Model):
    """How a check comes to its result: facts first, then the rules of the policy."""

    _inherit = "o2c.credit.check"

    @api.model
    def _evaluate(self, needs, counted=False, gated=True, apart=False):
        """Check orders one after the other, as if those that fit were confirmed.

        :param needs: dict of sale.order to its need, see ``sale.order._o2c_need``
        :param counted: whether the exposure has these needs in it already
        :param gated: whether to go through the gate first, so that two orders cannot
            use the same credit
        :param apart: whether each one is looked at as if it were the only one
        :return: list of dicts, one per order, in the same order
        """
        if not needs:
            return []
        accounts = self._accounts_of(needs)
        debtors = self.env["o2c.debtor"].sudo().union(*accounts.values())
        if gated:
            self.env["o2c.credit.gate"].sudo()._pass(debtors | debtors.group_id)
        facts = self._facts_of(debtors, counted and self._needs_by(accounts, needs))
        results = []
        for order, need in needs.items():
            debtor = accounts[order]
            result = self._check_one(order, debtor, need, facts)
            results.append(result)
            if not (apart or result["rules"]):
                for account in debtor | debtor.group_id:
                    taken = facts["taken"]
                    taken[account] = taken.get(account, 0.0) + need["amount"]
        return results

    @api.model
    def _accounts_of(self, orders):
        """dict of order to the account it counts for, created where missing."""
        keys = {order: order._o2c_credit_key() for order in orders}
        found = self._find_accounts(keys.values())
        if missing := set(keys.values()) - found.keys():
            self.env["o2c.debtor"]._ensure(missing)
            found = self._find_accounts(keys.values())
        return {order: found[key] for order, key in keys.items()}

    @api.model
    def _find_accounts(self, keys):
        partners = self.env["res.partner"].union(*(partner for partner, _root in keys))
        roots = self.env["res.company"].union(*(root for _partner, root in keys))
        # sudo: whoever confirms an order
        accounts = (
            self.env["o2c.debtor"]
            .sudo()
            .search(
                [("partner_id", "in", partners.ids), ("company_id", "in", roots.ids)]
            )
        )
        return {(a.partner_id, a.company_id): a for a in accounts}

    @api.model
    def _needs_by(self, accounts, needs):
        """Per account, the needs that are in its exposure already."""
        sums = {}
        for order, need in needs.items():
            debtor = accounts[order]
            sums[debtor] = sums.get(debtor, 0.0) + need["amount"]
        return sums

    # ------------------------------------------------------------------
    # Facts
    # ------------------------------------------------------------------

    @api.model
    def _facts_of(self, debtors, counted):
        """Exposures, limits and policies of accounts and of their groups.

        :param counted: dict of account to what its exposure is to be lowered by
        """
        terms = self._terms_of(debtors | debtors.group_id)
        watched = debtors.filtered(lambda debtor: self._is_watched(debtor, terms))
        everybody = watched | watched._credit_group()
        return {
            "exposures": everybody._exposures(),
            "counted": counted or {},
            "taken": {},
            **self._rule_facts(watched, terms["policies"]),
            **terms,
        }

    @api.model
    def _is_watched(self, debtor, terms):
        """Whether a limit or a rule asks for the exposure; else it is not read."""
        limits, policy = terms["limits"], terms["policies"][debtor]
        return (
            debtor in limits
            or debtor.group_id in limits
            or any(policy[name] for name in RULES_BESIDE_LIMIT)
        )

    @api.model
    def _terms_of(self, debtors):
        """Effective limits and policies of accounts.

        :return: dict of ``limits``, by account, those without one left out, and
            ``policies``, by account
        """
        limits, policies = {}, {}
        self.env["o2c.credit.limit"].sudo()._flush_limits()
        for root, accounts in debtors.grouped("company_id").items():
            terms = self._terms_sql(root, accounts)
            for row in self.env.execute_query_dict(terms):
                account = accounts.browse(row["debtor_id"])
                if row["has_limit"]:
                    limits[account] = float(row["amount"])
                policies[account] = row["policy_id"]
        policy_model = self.env["o2c.credit.policy"].sudo()
        return {
            "limits": limits,
            "policies": {
                account: policy_model.browse(number or ())
                for account, number in policies.items()
            },
        }

    @api.model
    def _terms_sql(self, root, accounts):
        """Limit and policy of accounts of one company, one row each."""
        return SQL(
            """
            SELECT active.debtor_id, active.amount, active.has_limit, policy.policy_id
              FROM (%(active)s) active
              JOIN (%(policy)s) policy ON policy.debtor_id = active.debtor_id
             WHERE active.debtor_id = ANY(%(debtors)s)
            """,
            active=self.env["o2c.credit.limit"].sudo()._active_sql(root),
            policy=self.env["o2c.credit.policy"].sudo()._policy_sql(root),
            debtors=accounts.ids,
        )

    @api.model
    def _exposure_of(self, debtor, facts):
        """An account's own exposure before the order that is looked at."""
        exposure = facts["exposures"].get(debtor.id, {}).get("exposure", 0.0)
        return exposure - facts["counted"].get(debtor, 0.0)

    @api.model
    def _free_credit(self, orders):
        """dict of order to what its customer may still order; only of limited ones.

        Nothing is created for it: screens may be read from a replica.
        """
        keys = {order: order._o2c_credit_key() for order in orders}
        accounts = self._find_accounts(keys.values())
        debtors = self.env["o2c.debtor"].union(*accounts.values())
        if not debtors:
            return {}
        facts = self._facts_of(debtors, {})
        free = {}
        for order, key in keys.items():
            amount = accounts.get(key) and self._free_of(accounts[key], facts)
            if amount is not None:
                free[order] = amount
        return free

    @api.model
    def _free_of(self, debtor, facts):
        """What an account may still order, None where nothing limits it."""
        nobody = self.env["sale.order"]
        need = {"amount": 0.0, "total": 0.0, "own_money": 0.0, "kind": "order"}
        result = self._check_one(nobody, debtor, need, facts)
        rooms = []
        if result["has_limit"]:
            rooms.append(result["limit"] - result["exposure"])
        if result["group_limited"]:
            rooms.append(result["group_limit"] - result["group_exposure"])
        return debtor.currency_id.round(min(rooms)) if rooms else None

    # ------------------------------------------------------------------
    # One order
    # ------------------------------------------------------------------

    @api.model
    def _check_one(self, order, debtor, need, facts):
        """The facts about one order and the rules it breaks."""
        head = debtor.group_id or debtor.filtered("group_member_ids")
        policy = facts["policies"][debtor]
        currency = debtor.currency_id
        taken = facts["taken"].get
        limit = facts["limits"].get(debtor) if head != debtor else None
        group_limit = facts["limits"].get(head) if head else None
        members = head | head.group_member_ids
        group_exposure = sum(self._exposure_of(m, facts) for m in members)
        result = {
            "order": order,
            "debtor": debtor,
            "head": head,
            "kind": need["kind"],
            "need": need["amount"],
            "total": need["total"],
            "own_money": need["own_money"],
            "parts": facts["exposures"].get(debtor.id, {}),
            "exposure": self._exposure_of(debtor, facts) + taken(debtor, 0.0),
            "limit": limit or 0.0,
            "has_limit": limit is not None,
            "group_exposure": group_exposure + (taken(head, 0.0) if head else 0.0),
            "group_limit": group_limit or 0.0,
            "group_limited": group_limit is not None,
            "overdue": facts["overdue"].get(debtor, 0.0),
            "ordered": facts["ordered"].get(debtor, set()) - {order.id},
        }
        result["rules"] = self._broken_rules(policy, result)
        result["over"] = currency.round(
            max((rule.get("over", 0.0) for rule in result["rules"]), default=0.0)
        )
        return result

    @api.model
    def _broken_rules(self, policy, result):
        """The hold rules of the policy that an order breaks, with their figures.

        An order that is paid for needs no credit.
        """
        debtor = result["debtor"]
        covered = debtor.currency_id.compare_amounts(result["need"], 0.0) <= 0
        if covered and (not policy or policy.prepaid_exempt):
            return []
        broken = []
        for name, rule in self._hold_rules().items():
            figures = rule(policy, result)
            if figures is not None:
                broken.append({"rule": name, **figures})
        return broken

    # ------------------------------------------------------------------
    # Rules
    # ------------------------------------------------------------------

    @api.model
    def _hold_rules(self):
        """Hook: the hold rules, in the order in which their reasons are told.

        :return: dict of name to a method that takes a policy (which may be empty) and
            the facts about an order, and returns None or a dict of figures for the
            reason: ``over`` the limit, and ``cure``, a payment that mends it
        """
        return {
            "over_limit": self._rule_over_limit,
            "over_group_limit": self._rule_over_group_limit,
            "overdue": self._rule_overdue,
            "first_order": self._rule_first_order,
        }

    @api.model
    def _rule_over_limit(self, policy, result):
        limit = result["limit"] if result["has_limit"] else None
        return self._over(policy, result, result["exposure"], limit)

    @api.model
    def _rule_over_group_limit(self, policy, result):
        limit = result["group_limit"] if result["group_limited"] else None
        return self._over(policy, result, result["group_exposure"], limit)

    @api.model
    def _over(self, policy, result, exposure, limit):
        if policy and not policy.over_limit_active:
            return None
        currency = result["debtor"].currency_id
        before = exposure + result["own_money"]
        over = excess(before, result["need"], limit, policy.over_limit_percent)
        if currency.is_zero(over):
            return None
        over = currency.round(over)
        return {"over": over, "cure": over, "limit": limit, "exposure": before}

    @api.model
    def _rule_overdue(self, policy, result):
        """Something is overdue for too long, and more than a trifle."""
        if not policy.overdue_active:
            return None
        debtor, amount = result["debtor"], result["overdue"]
        if debtor.currency_id.compare_amounts(amount, policy.overdue_amount) <= 0:
            return None
        return {
            "amount": amount,
            "days": policy.overdue_days,
            "cure": debtor.currency_id.round(amount - policy.overdue_amount),
        }

    @api.model
    def _rule_first_order(self, policy, result):
        """The customer has never ordered anything that was confirmed."""
        if not policy.first_order_active or result["kind"] == "growth":
            return None
        return None if result["ordered"] else {}
