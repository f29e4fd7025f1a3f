from odoo import api, models


class O2cCreditCheck(models.Model):
    """Hold rules about the limit itself: it ran out, or no document is with it."""

    _inherit = "o2c.credit.check"

    @api.model
    def _hold_rules(self):
        """EXTENDS: two more rules, off unless a policy switches them on."""
        return {
            **super()._hold_rules(),
            "expired_limit": self._rule_expired_limit,
            "missing_document": self._rule_missing_document,
        }

    @api.model
    def _rule_expired_limit(self, policy, result):
        """The customer's own limit ran out, and no other has taken its place."""
        if not policy.expired_limit_active:
            return None
        debtor = result["debtor"]
        today = debtor.company_id._o2c_today()
        bases = debtor.credit_limit_ids.filtered(
            lambda limit: limit.kind == "base" and limit.state in ("active", "expired")
        )
        if any(limit._counts_on(today) for limit in bases):
            return None
        last = bases.filtered(lambda limit: limit.date_to and not limit.date_ended)[:1]
        return {"day": last.date_to.isoformat()} if last else None

    @api.model
    def _rule_missing_document(self, policy, result):
        """The customer's limit has no document with it."""
        if not policy.missing_document_active:
            return None
        active = result["debtor"].credit_limit_ids.filtered(
            lambda limit: limit.kind == "base" and limit.state == "active"
        )
        return None if not active or active.document_ids else {}

    @api.model
    def _rule_words(self):
        """EXTENDS: the words of these rules."""
        return {
            **super()._rule_words(),
            "expired_limit": self._words_expired_limit,
            "missing_document": self._words_missing_document,
        }

    def _words_expired_limit(self, rule, money):
        return self.env._("The limit ended on %(day)s.", day=rule["day"])

    def _words_missing_document(self, rule, money):
        return self.env._("The limit has no document with it.")
