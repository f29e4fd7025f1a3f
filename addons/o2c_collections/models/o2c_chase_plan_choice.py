from odoo import api, models
from odoo.tools import SQL


class O2cChasePlan(models.Model):
    """Which plan applies to whom.

    A customer's own plan comes first, as long as it lasts. Else it is the first
    plan whose rule fits: a company's own plans before those for all companies, in
    their order. A plan without conditions fits everybody.
    """

    _inherit = "o2c.chase.plan"

    @api.model
    def _candidates(self, root):
        """The plans of a company in the order in which they are tried.

        :param root: root company
        """
        plans = self.search([("company_id", "in", [root.id, False])])
        return plans.filtered("company_id") + plans.filtered(
            lambda plan: not plan.company_id
        )

    @api.model
    def _default_for(self, root):
        """The plan of customers to whom no rule applies; empty if there is none."""
        return self._candidates(root).filtered(lambda plan: not plan._has_rule())[:1]

    @api.model
    def _reachable(self, root):
        """The plans that a rule may choose: none after one that fits everybody."""
        reachable = self.browse()
        for plan in self._candidates(root):
            reachable += plan
            if not plan._has_rule():
                break
        return reachable

    @api.model
    def _in_use(self, roots, by_rule=None):
        """The plans that apply to anybody, by rule or as a customer's own.

        :param by_rule: see ``_by_rule``, where it is known
        """
        groups = self.env["o2c.debtor"]._read_group(
            [("plan_id.active", "=", True), ("company_id", "in", roots.ids)],
            ["plan_id"],
        )
        plans = self.browse().concat(*(plan for (plan,) in groups))
        return plans.union(*(by_rule or self._by_rule(roots)).values())

    @api.model
    def _by_rule(self, roots):
        """Dict of root company to the plans that its rules may choose."""
        return {root: self._reachable(root) for root in roots}

    def _has_rule(self):
        return bool(self.segment_ids or self.country_ids or self.amount_min)

    @api.model
    def _choice_sql(self, roots, by_rule=None):
        """The plan by rule, as an expression over ``debtor`` and ``partner``.

        The conditions stand in the expression itself: deciding reads no further
        table for them.
        """
        cases = [
            SQL("WHEN %s THEN %s", plan._condition_sql(root), plan.id)
            for root, plans in (by_rule or self._by_rule(roots)).items()
            for plan in plans
        ]
        if not cases:
            return SQL("NULL::int")
        return SQL("CASE %s END", SQL(" ").join(cases))

    def _condition_sql(self, root):
        self.ensure_one()
        conditions = [SQL("debtor.company_id = %s", root.id)]
        if self.segment_ids:
            conditions.append(SQL("debtor.segment_id = ANY(%s)", self.segment_ids.ids))
        if self.country_ids:
            conditions.append(SQL("partner.country_id = ANY(%s)", self.country_ids.ids))
        if self.amount_min:
            conditions.append(
                SQL("COALESCE(debtor.amount_outstanding, 0) >= %s", self.amount_min)
            )
        return SQL(" AND ").join(conditions)
