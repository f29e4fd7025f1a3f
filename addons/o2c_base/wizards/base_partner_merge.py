from odoo import models


class MergePartnerAutomatic(models.TransientModel):
    _inherit = "base.partner.merge.automatic.wizard"

    def _update_foreign_keys(self, src_partners, dst_partner):
        """EXTENDS base: merge customer accounts before core re-points the partners.

        Core's re-pointing would run into the key (partner, company) and abort or
        delete. Afterwards the merged customers' figures are refreshed.
        """
        entity = dst_partner.commercial_partner_id
        # sudo: whoever may merge contacts need not have a receivables role
        accounts_sudo = (
            self.env["o2c.debtor"]
            .sudo()
            .search([("partner_id", "in", (src_partners | entity).ids)])
        )
        for company_accounts in accounts_sudo.grouped("company_id").values():
            self._o2c_merge_accounts(company_accounts, entity)
        result = super()._update_foreign_keys(src_partners, dst_partner)
        self.env["o2c.debtor.mark"]._mark_partners(entity)
        return result

    def _o2c_merge_accounts(self, accounts, entity):
        """Leave one account: the entity's, else the first, handed over to it."""
        target = accounts.filtered(lambda a: a.partner_id == entity)[:1] or accounts[:1]
        sources = accounts - target
        if sources:
            sources._merge_into(target)
            sources.unlink()
        if target.partner_id != entity:
            target.partner_id = entity
