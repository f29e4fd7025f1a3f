from odoo import models


class O2cDebtor(models.Model):
    """Merging what was decided about two customers."""

    _inherit = "o2c.debtor"

    def _merge_into(self, target):
        """EXTENDS o2c_base: limits, covers and alerts are kept as history.

        Where both have an active limit of a kind, the target's stays.
        """
        result = super()._merge_into(target)
        kept = target.credit_limit_ids.filtered(lambda limit: limit.state == "active")
        for limit in self.credit_limit_ids:
            same = kept.filtered(lambda other, kind=limit.kind: other.kind == kind)
            if limit.state == "active" and same:
                limit._end("superseded")
            elif limit.state == "active":
                kept |= limit
            elif limit.state == "approved":
                limit._set_state("superseded")
        # sudo: whoever may merge contacts need not have a receivables role
        covers_sudo = self.env["o2c.credit.cover"].sudo()
        covers_sudo.search([("debtor_id", "in", self.ids)]).debtor_id = target
        alerts_sudo = self.env["o2c.credit.alert"].sudo()
        alerts_sudo.search([("debtor_id", "in", self.ids)])._merge_into(target)
        self.credit_limit_ids.sudo().write({"debtor_id": target.id})
        self.risk_score_ids.sudo().write({"debtor_id": target.id})
        target.credit_limit_ids._after_change()
        return result
