from odoo import api, models


class O2cCreditCheck(models.Model):
    """A chase that has come far enough stops new orders."""

    _inherit = "o2c.credit.check"

    @api.model
    def _watched_sql(self):
        """EXTENDS o2c_credit_risk: whose chase stops orders is looked at."""
        debtors = self.env["o2c.debtor"]
        debtors._flush_stops()
        return [*super()._watched_sql(), debtors._is_stopped_sql()]

    @api.model
    def _rule_facts(self, debtors, policies):
        """EXTENDS o2c_credit_risk: what is overdue where the chase stops orders."""
        stopped = debtors._stopped_by_chase()
        chased = stopped._overdue_longer_than(0) if stopped else {}
        return {**super()._rule_facts(debtors, policies), "chased": chased}

    @api.model
    def _facts_for_rules(self, order, debtor, facts):
        """EXTENDS o2c_credit_risk."""
        found = super()._facts_for_rules(order, debtor, facts)
        return {**found, "chased": facts["chased"].get(debtor, 0.0)}

    @api.model
    def _hold_rules(self):
        """EXTENDS o2c_credit_risk."""
        return {**super()._hold_rules(), "chased": self._rule_chased}

    @api.model
    def _rule_chased(self, policy, result):
        """The customer has passed a level that stops orders, and still owes.

        What is within the tolerance of his plan does not count.
        """
        debtor, amount = result["debtor"], result["chased"]
        if not amount:
            return None
        tolerance = debtor.level_step_id.plan_id.tolerance
        if debtor.currency_id.compare_amounts(amount, tolerance) <= 0:
            return None
        return {
            "amount": amount,
            "level": debtor.level,
            "cure": debtor.currency_id.round(amount - tolerance),
        }

    @api.model
    def _rule_words(self):
        """EXTENDS o2c_credit_risk."""
        return {**super()._rule_words(), "chased": self._words_chased}

    def _words_chased(self, rule, money):
        return self.env._(
            "Level %(level)s of the chase was passed and %(amount)s are overdue.",
            level=rule["level"],
            amount=money(rule["amount"]),
        )
