from odoo import api, models

from ..domain.credit_check import excess


class O2cCreditCheck(models.Model):
    """How a check comes to its result: facts first, then the rules of the policy."""

    _inherit = "o2c.credit.check"

    @api.model
    def _evaluate(self, needs, counted=False, gated=True, apart=False):
        """Check orders one after the other, as if those that fit were confirmed.

        Where no limit and no rule asks for it, nothing is read, and nobody waits.

        :param needs: dict of sale.order to its need, see ``sale.order._o2c_need``;
            None stands for what the order needs by itself
        :param counted: whether the exposure has these needs in it already
        :param gated: whether to go through the gate first, so that two orders cannot
            use the same credit
        :param apart: whether each one is looked at as if it were the only one
        :return: list of dicts, one per order, in the same order
        """
        terms = self._terms_for(needs) if needs else {}
        watched = {order for order, term in terms.items() if term["is_watched"]}
        if gated:
            gates_sudo = self.env["o2c.credit.gate"].sudo()  # sudo: nobody else's
            gates_sudo._pass_terms([terms[order] for order in watched])
        needs = {
            order: order in watched
            and (need or order.sudo()._o2c_need(terms[order]["has_payments"]))
            for order, need in needs.items()
        }
        facts = self._facts_of(
            [terms[order] for order in watched],
            self._needs_by(terms, needs) if counted else {},
        )
        results = []
        for order, need in needs.items():
            if not need:
                results.append(self._unlimited(order, terms[order]))
                continue
            result = self._check_one(order, terms[order], need, facts)
            results.append(result)
            if not (apart or result["rules"]):
                for account in result["debtor"] | result["head"]:
                    taken = facts["taken"]
                    taken[account] = taken.get(account, 0.0) + need["amount"]
        return results

    @api.model
    def _needs_by(self, terms, needs):
        """Per account, the needs that are in its exposure already."""
        sums = {}
        for order, need in needs.items():
            if need:
                debtor = terms[order]["debtor"]
                sums[debtor] = sums.get(debtor, 0.0) + need["amount"]
        return sums

    # ------------------------------------------------------------------
    # Facts
    # ------------------------------------------------------------------

    @api.model
    def _facts_of(self, terms, counted):
        """Exposures of customers and of their groups, and what rules ask for.

        :param terms: those of the customers
        :param counted: dict of account to what its exposure is to be lowered by
        """
        if not terms:
            return {}
        debtors = self.env["o2c.debtor"].sudo()
        exposures = {}
        for root, ids in self._asked_about(terms).items():
            exposures |= debtors._exposures_of(root, ids)
        paid_ahead = debtors.browse(
            number for number, parts in exposures.items() if parts["unapplied"]
        )
        policies = {term["debtor"]: term["policy"] for term in terms}
        return {
            "exposures": exposures,
            "reserved": paid_ahead._reserved(),
            "counted": counted,
            "taken": {},
            **self._rule_facts(debtors.union(*policies), policies),
        }

    @api.model
    def _asked_about(self, terms):
        """dict of root company to ids of accounts, by customer, with their groups."""
        found = {}
        for term in terms:
            accounts = found.setdefault(term["root"], {})
            accounts[term["partner_id"]] = term["debtor"].id
            for account in term["head"] | term["head"].group_member_ids:
                accounts[account.partner_id.id] = account.id
        return found

    @api.model
    def _parts_of(self, debtor, facts):
        """The parts of an account's exposure, of unapplied credit what counts."""
        parts = facts["exposures"].get(debtor.id, {})
        if debtor not in facts["reserved"]:
            return parts
        unapplied = parts["unapplied"] - facts["reserved"][debtor]
        return {**parts, "unapplied": debtor.currency_id.round(unapplied)}

    @api.model
    def _exposure_of(self, debtor, facts):
        """An account's own exposure before the order that is looked at.

        Deposits lie with their orders and do not lower it.
        """
        exposure = facts["exposures"].get(debtor.id, {}).get("exposure", 0.0)
        reserved = facts["reserved"].get(debtor, 0.0)
        return exposure + reserved - facts["counted"].get(debtor, 0.0)

    @api.model
    def _free_credit(self, orders):
        """dict of order to what its customer may still order; only of limited ones.

        Nothing is created for it: screens may be read from a replica.
        """
        keys = {order: order._o2c_credit_key() for order in orders}
        terms = self._terms_of(keys.values())
        facts = self._facts_of([t for t in terms.values() if t["is_watched"]], {})
        free = {}
        for order, key in keys.items():
            if key in terms and terms[key]["is_watched"]:
                amount = self._free_of(terms[key], facts)
                if amount is not None:
                    free[order] = amount
        return free

    @api.model
    def _free_of(self, terms, facts):
        """What a customer may still order, None where nothing limits it."""
        nobody = self.env["sale.order"]
        need = {"amount": 0.0, "total": 0.0, "own_money": 0.0, "kind": "order"}
        result = self._check_one(nobody, terms, need, facts)
        rooms = []
        if result["has_limit"]:
            rooms.append(result["limit"] - result["exposure"])
        if result["group_limited"]:
            rooms.append(result["group_limit"] - result["group_exposure"])
        return terms["currency"].round(min(rooms)) if rooms else None

    # ------------------------------------------------------------------
    # One order
    # ------------------------------------------------------------------

    @api.model
    def _unlimited(self, order, terms):
        """The result for an order of a customer whom nothing limits."""
        return {
            "order": order,
            "debtor": terms["debtor"],
            "head": terms["head"],
            "has_limit": False,
            "has_holds": terms["has_holds"],
            "group_limited": False,
            "over": 0.0,
            "rules": [],
        }

    @api.model
    def _check_one(self, order, terms, need, facts):
        """The facts about one order and the rules it breaks."""
        debtor, head = terms["debtor"], terms["head"]
        taken = facts["taken"].get
        limit, group_limit = terms["limit"], terms["group_limit"]
        members = head | head.group_member_ids
        group_exposure = sum(self._exposure_of(m, facts) for m in members)
        result = {
            "order": order,
            "debtor": debtor,
            "head": head,
            "has_holds": terms["has_holds"],
            "root": terms["root"],
            "currency": terms["currency"],
            "kind": need["kind"],
            "need": need["amount"],
            "total": need["total"],
            "own_money": need["own_money"],
            "parts": self._parts_of(debtor, facts),
            "exposure": self._exposure_of(debtor, facts) + taken(debtor, 0.0),
            "limit": limit or 0.0,
            "has_limit": limit is not None,
            "group_exposure": group_exposure + (taken(head, 0.0) if head else 0.0),
            "group_limit": group_limit or 0.0,
            "group_limited": group_limit is not None,
            **self._facts_for_rules(order, debtor, facts),
        }
        result["rules"] = self._broken_rules(terms["policy"], result)
        over = max((rule.get("over", 0.0) for rule in result["rules"]), default=0.0)
        result["over"] = terms["currency"].round(over)
        return result

    @api.model
    def _broken_rules(self, policy, result):
        """The hold rules of the policy that an order breaks, with their figures.

        An order that is paid for needs no credit.
        """
        covered = result["currency"].compare_amounts(result["need"], 0.0) <= 0
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
        currency = result["currency"]
        over = excess(exposure, result["need"], limit, policy.over_limit_percent)
        if currency.is_zero(over):
            return None
        over = currency.round(over)
        return {"over": over, "cure": over, "limit": limit, "exposure": exposure}

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
