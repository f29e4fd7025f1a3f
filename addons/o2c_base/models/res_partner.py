from odoo import fields, models
from odoo.fields import Domain


class ResPartner(models.Model):
    _inherit = "res.partner"

    o2c_contact_role = fields.Selection(
        [
            ("accounts_payable", "Accounts payable"),
            ("approver", "Approves invoices"),
            ("escalation", "Escalation"),
        ],
        string="Receivables role",
        help="Reminders go to the contact for accounts payable first, then to the "
        "invoice address, then to the company itself. Who approves invoices, and whom "
        "to turn to when nothing else helps, is shown on the customer account.",
    )

    def write(self, vals):
        """EXTENDS base: moving a partner under another one moves what he owes.

        The time zone of a company's contact decides on its day.
        """
        moves = "parent_id" in vals or "is_company" in vals
        before = self.commercial_partner_id if moves else self.browse()
        result = super().write(vals)
        if "tz" in vals:
            self._o2c_forget_zones()
        if not moves:
            return result
        # sudo: whoever may move the contact need not be able to read its new parent
        after = self.sudo().commercial_partner_id
        self.env["o2c.debtor.mark"]._mark_partners(before | after)
        return result

    def _o2c_forget_zones(self):
        # sudo: whether a contact is a company's, of whichever company
        companies_sudo = self.env["res.company"].sudo()
        of_companies = Domain("partner_id", "in", self.ids)
        if companies_sudo.with_context(active_test=False).search_count(of_companies):
            self.env.registry.clear_cache()

    def unlink(self):
        """EXTENDS base: take the accounts of deleted contacts along, chatter included.

        Core refuses to delete whoever has journal items, so nothing was ever owed.
        """
        # sudo: whoever may delete contacts need not have a receivables role
        accounts_sudo = self.env["o2c.debtor"].sudo()
        accounts_sudo.search([("partner_id", "in", self.ids)]).unlink()
        return super().unlink()
