from odoo import models


class O2cDebtor(models.Model):
    """Orders that wait, and what was checked, when customers are merged."""

    _inherit = "o2c.debtor"

    def _merge_into(self, target):
        """EXTENDS o2c_base: holds and checks go along, a group keeps its members."""
        result = super()._merge_into(target)
        # sudo: whoever may merge contacts need not have a receivables role
        holds_sudo = self.env["o2c.credit.hold"].sudo()
        holds_sudo.search([("debtor_id", "in", self.ids)]).debtor_id = target
        if target.group_id in self:
            target.sudo().group_id = False
        # one level: who belongs to a group heads none
        members_sudo = self.sudo().group_member_ids - target
        members_sudo.group_id = target.group_id or target
        self.env.flush_all()
        # checks are frozen, but for whom they were
        self.env.cr.execute(
            "UPDATE o2c_credit_check SET debtor_id = %s WHERE debtor_id = ANY(%s)",
            [target.id, self.ids],
        )
        self.env.cr.execute(
            "UPDATE o2c_credit_check SET group_id = %s WHERE group_id = ANY(%s)",
            [target.id, self.ids],
        )
        self.env["o2c.credit.check"].invalidate_model()
        return result
