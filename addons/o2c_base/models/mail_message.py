from odoo import api, models
from odoo.fields import Domain


class MailMessage(models.Model):
    _inherit = "mail.message"

    @api.model
    def _message_fetch(self, domain, **kwargs):
        """EXTENDS mail: the timeline of a customer account, by kind of message.

        The client asks for a kind beside what core knows; other threads ignore it.
        """
        kind = kwargs.pop("o2c_kind", None)
        thread = kwargs.get("thread")
        if kind and thread is not None and thread._name == "o2c.debtor":
            narrowed = Domain(True if domain is None else domain)
            domain = narrowed & thread._timeline_domain(kind)
        return super()._message_fetch(domain, **kwargs)
