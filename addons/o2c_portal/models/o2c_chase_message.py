from odoo import api, models


class O2cChaseMessage(models.Model):
    """A message brings the customer to his account in one click."""

    _inherit = "o2c.chase.message"

    def _fill(self, actions, items=None):
        """EXTENDS o2c_collections: the words are written with a link of their own."""
        message = self.with_context(o2c_portal_token=self._issue_link())
        return super(O2cChaseMessage, message)._fill(actions, items)

    @api.depends_context("o2c_portal_token")
    def _compute_access_url(self):
        """EXTENDS o2c_collections: a link while it is written, else the login page.

        A preview makes no link, as nobody gets it.
        """
        token = self.env.context.get("o2c_portal_token")
        path = f"/o2c/r/{token}" if token else "/my/receivables"
        for message in self:
            message.access_url = f"{message.get_base_url()}{path}"

    def _issue_link(self):
        """A token for this message; empty where it cannot carry one.

        Who is written to for the customer without belonging to him gets none: the
        link would open the account to another company.
        """
        self.ensure_one()
        owner = self.partner_id.sudo().commercial_partner_id  # sudo: maybe a branch's
        if self.channel != "email" or owner != self.debtor_id.sudo().partner_id:
            return ""
        links_sudo = self.env["o2c.portal.link"].sudo()  # sudo: the engine's
        # Written anew before it left: what it said before reaches nobody.
        links_sudo.search([("message_id", "=", self.id)]).unlink()
        [token] = links_sudo._issue(
            [
                {
                    "debtor_id": self.debtor_id.id,
                    "partner_id": self.partner_id.id,
                    "purpose": "message",
                    "message_id": self.id,
                }
            ]
        )
        return token
