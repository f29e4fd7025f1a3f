from odoo import fields, models


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
        """EXTENDS base: moving a partner under another one moves what he owes."""
        if "parent_id" not in vals and "is_company" not in vals:
            return super().write(vals)
        before = self.commercial_partner_id
        result = super().write(vals)
        # sudo: whoever may move the contact need not be able to read its new parent
        after = self.sudo().commercial_partner_id
        self.env["o2c.debtor.mark"]._mark_partners(before | after)
        return result

    def unlink(self):
        """EXTENDS base: take the accounts of deleted contacts along, chatter included.

        Core refuses to delete whoever has journal items, so nothing was ever owed.
        """
        # sudo: whoever may delete contacts need not have a receivables role
        accounts_sudo = self.env["o2c.debtor"].sudo()
        accounts_sudo.search([("partner_id", "in", self.ids)]).unlink()
        return super().unlink()
