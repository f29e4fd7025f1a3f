from functools import partial

from odoo import api, models
from odoo.tools import formatLang


class O2cCreditCheck(models.Model):
    """Why an order is held, in the reader's language."""

    _inherit = "o2c.credit.check"

    def _reason_text(self, rules):
        """The broken rules as one text, with money in the currency of this check."""
        money = partial(formatLang, self.env, currency_obj=self.currency_id)
        words = self._rule_words()
        return " ".join(
            words[rule["rule"]](rule, money) for rule in rules if rule["rule"] in words
        )

    @api.model
    def _reason_of(self, result):
        """The reason of a result that is not recorded."""
        check = self.new({"debtor_id": result["debtor"].id})
        return check._reason_text(result["rules"])

    @api.model
    def _rule_words(self):
        """Hook: for each rule a method of its figures and of a way to write money."""
        return {
            "over_limit": self._words_over_limit,
            "over_group_limit": self._words_over_group_limit,
            "overdue": self._words_overdue,
            "first_order": self._words_first_order,
        }

    def _words_over_limit(self, rule, money):
        return self.env._(
            "%(over)s over the limit of %(limit)s, with %(exposure)s in use.",
            over=money(rule["over"]),
            limit=money(rule["limit"]),
            exposure=money(rule["exposure"]),
        )

    def _words_over_group_limit(self, rule, money):
        return self.env._(
            "%(over)s over the group's limit of %(limit)s, with %(exposure)s in use.",
            over=money(rule["over"]),
            limit=money(rule["limit"]),
            exposure=money(rule["exposure"]),
        )

    def _words_overdue(self, rule, money):
        return self.env._(
            "%(amount)s overdue for more than %(days)s days.",
            amount=money(rule["amount"]),
            days=rule["days"],
        )

    def _words_first_order(self, rule, money):
        return self.env._("First order of a new customer.")
