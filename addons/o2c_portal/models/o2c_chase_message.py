from odoo import api, models

#: Where messages that are written together find their tokens.
TOKENS = "portal_tokens"


class O2cChaseMessage(models.Model):
    """A message brings the customer to his account in one click."""

    _inherit = "o2c.chase.message"

    def _claim_days(self, addressees):
        """EXTENDS o2c_collections: links of all that are written together, at once."""
        messages = super()._claim_days(addressees)
        together = self.env.context.get("o2c_compiled")
        if together is not None:
            waiting = self.browse(m.id for m in messages if m.state == "outgoing")
            together.setdefault(TOKENS, {}).update(waiting._issue_links())
        return messages

    def _fill(self, actions, items=None):
        """EXTENDS o2c_collections: the words are written with a link of their own."""
        together = self.env.context.get("o2c_compiled") or {}
        tokens = together.get(TOKENS) or self._issue_links()
        message = self.with_context(o2c_portal_token=tokens.get(self.id, ""))
        return super(O2cChaseMessage, message)._fill(actions, items)

    def _render_letter(self, template, language):
        """EXTENDS o2c_collections: the template sees the link."""
        token = self.env.context.get("o2c_portal_token")
        template = template.with_context(o2c_portal_token=token)
        return super()._render_letter(template, language)

    @api.depends_context("o2c_portal_token")
    def _compute_access_url(self):
        """EXTENDS o2c_collections: a link while it is written, else the login page.

        A preview makes no link, as nobody gets it; paper cannot be clicked.
        """
        token = self.env.context.get("o2c_portal_token")
        path = f"/o2c/r/{token}" if token else "/my/receivables"
        for message in self:
            is_paper = message.channel == "letter"
            message.access_url = not is_paper and f"{message.get_base_url()}{path}"

    def _issue_links(self):
        """Links for e-mails, by message id.

        Who is written to for the customer without belonging to him gets none: the
        link would open the account to another company.

        :return: dict of message id to token
        """
        own = self.sudo().filtered(  # sudo: the contact may be another branch's
            lambda message: (
                message.channel == "email"
                and message.partner_id.commercial_partner_id
                == message.debtor_id.partner_id
            )
        )
        # Written anew before it left: what it said before reaches nobody.
        own.env["o2c.portal.link"].search([("message_id", "in", own.ids)]).unlink()
        values = [
            {
                "debtor_id": message.debtor_id.id,
                "partner_id": message.partner_id.id,
                "purpose": "message",
                "message_id": message.id,
            }
            for message in own
        ]
        tokens = own.env["o2c.portal.link"]._issue(values)
        return dict(zip(own.ids, tokens, strict=True))
