from odoo import fields, models
from odoo.exceptions import UserError


class O2cDebtor(models.Model):
    """The customer's own page: the way to it, as the collector gives it."""

    _inherit = "o2c.debtor"

    portal_link_ids = fields.One2many(
        "o2c.portal.link",
        "debtor_id",
        "Customer links",
        readonly=True,
        groups="o2c_base.group_collector,o2c_base.group_credit_manager",
    )

    def action_portal_link(self):
        """Make a link to hand on, shown once."""
        self.ensure_one()
        self.check_access("write")
        [token] = self.env["o2c.portal.link"]._issue(
            [
                {
                    "debtor_id": self.id,
                    "partner_id": self.partner_id.id,
                    "purpose": "shared",
                }
            ]
        )
        self.env["o2c.event"]._record("link_shared", self)
        wizard = self.env["o2c.portal.link.shown"].create(
            {"url": f"{self.get_base_url()}/o2c/r/{token}"}
        )
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Customer link"),
            "res_model": wizard._name,
            "res_id": wizard.id,
            "view_mode": "form",
            "target": "new",
        }

    def action_revoke_links(self):
        """No link that was given or sent opens the account any more."""
        self.check_access("write")
        links = self.portal_link_ids.filtered(lambda link: link.state == "open")
        if not links:
            raise UserError(self.env._("No link of this customer is valid."))
        links.action_revoke()

    def _merge_into(self, target):
        """EXTENDS o2c_base: links of the merged account open the one that is left."""
        result = super()._merge_into(target)
        # sudo: links are written by their model alone
        links_sudo = self.env["o2c.portal.link"].sudo()
        links_sudo.search([("debtor_id", "in", self.ids)]).debtor_id = target
        return result
