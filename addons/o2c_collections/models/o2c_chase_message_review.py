from contextlib import closing

from lxml import html
from markupsafe import Markup

from odoo import api, models

from .o2c_chase_message_render import ITEMS_CLASS


class O2cChaseMessage(models.Model):
    """Messages that a person reads first: the draft he sees, and his own words."""

    _inherit = "o2c.chase.message"

    @api.model
    def _draft_for(self, action):
        """What would be written for a step now. Nothing of it is kept.

        The letter is written as ever, and taken back: so the draft cannot differ from
        what is sent.

        :return: dict of ``subject, body, text, figures, language``
        """
        # sudo: messages are the engine's; its callers decide who may see one
        action_sudo = action.sudo()
        with closing(self.env.cr.savepoint()):
            message_sudo = self.sudo().create(
                {
                    "debtor_id": action_sudo.debtor_id.id,
                    "company_id": action_sudo.company_id.id,
                    "partner_id": action_sudo.recipient_id.id,
                    "recipient": action_sudo.recipient_email,
                    "channel": action_sudo.channel,
                    "date": action_sudo.company_id._o2c_today(),
                    "state": "cancelled",  # outside of the unique key
                }
            )
            body = message_sudo._fill(action_sudo)
            is_text = action_sudo.channel == "sms"
            return {
                "subject": message_sudo.subject,
                "body": False if is_text else str(body),
                "text": message_sudo.body_text if is_text else False,
                "language": message_sudo.language,
                "figures": action_sudo._figures_now(),
            }

    def _may_carry(self, actions):
        """EXTENDS o2c_collections: what a person has read is not changed any more."""
        steps = actions | self._open_actions()
        is_read = any(step._own_words(self.channel) for step in steps)
        return super()._may_carry(actions) and not (is_read and len(steps) > 1)

    def _fill(self, actions, items=None):
        """EXTENDS o2c_collections: a person's own words take the template's place."""
        letter = super()._fill(actions, items)
        words = (action._own_words(self.channel) for action in actions)
        review = next(filter(None, words), None)
        if not review:
            return letter
        if self.channel == "sms":
            return self._set_text(review["text"])
        body = self._with_items_of_now(review["body"])
        subject = review["subject"]
        self.write(
            {
                "subject": subject,
                "body_html": self._lay_out(body, subject, self.language),
                "body_text": self._to_text(body, self.language),
            }
        )
        return body

    def _with_items_of_now(self, body):
        """Put the table of items into reviewed words anew: figures are not edited.

        :param body: sanitized HTML
        """
        localized = self.with_context(lang=self.language)
        tree = html.fragment_fromstring(body, create_parent="div")
        for place in tree.find_class(ITEMS_CLASS):
            new = html.fragment_fromstring(str(localized.items_html).strip())
            new.tail = place.tail
            place.getparent().replace(place, new)
        # The words were sanitized, the values escaped; parsing keeps both.
        return Markup(html.tostring(tree, encoding="unicode"))  # noqa: S704
