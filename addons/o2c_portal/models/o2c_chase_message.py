import re

from markupsafe import Markup

from odoo import api, models

#: Where messages that are written together find their tokens.
TOKENS = "portal_tokens"
LINK_PATH = "/o2c/r/"
LOGIN_PATH = "/my/receivables"
#: Where one of them stands, alone, in words that a person has read.
PLACES = rf"(?:{LOGIN_PATH}|{LINK_PATH}[\w-]+)(?=[\"'\s<])"


class O2cChaseMessage(models.Model):
    """A message brings the customer to his account in one click."""

    _inherit = "o2c.chase.message"

    def _claim_days(self, addressees):
        """EXTENDS o2c_collections: links of all that are written together, at once."""
        messages = super()._claim_days(addressees)
        together = self.env.context.get("o2c_together")
        if together is not None:
            waiting = self.browse(m.id for m in messages if m.state == "outgoing")
            together.setdefault(TOKENS, {}).update(waiting._issue_links())
        return messages

    @api.depends_context("o2c_together")
    def _compute_access_url(self):
        """EXTENDS o2c_collections: a link while it is written, else the login page.

        A preview and a draft make no link, as nobody gets them; paper cannot be
        clicked.
        """
        tokens = (self.env.context.get("o2c_together") or {}).get(TOKENS, {})
        for message in self:
            token = tokens.get(message.id)
            path = f"{LINK_PATH}{token}" if token else LOGIN_PATH
            is_paper = message.channel == "letter"
            message.access_url = not is_paper and f"{message.get_base_url()}{path}"

    def _with_items_of_now(self, body):
        """EXTENDS o2c_collections: the draft a person read had no link of its own."""
        body = super()._with_items_of_now(body)
        places = re.compile(f"{re.escape(self.get_base_url())}{PLACES}")
        url = self.access_url or f"{self.get_base_url()}{LOGIN_PATH}"
        # an address of ours, of letters that mean nothing in HTML
        return Markup(places.sub(url, body))  # noqa: S704

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
