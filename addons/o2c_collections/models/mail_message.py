import logging

from odoo import models

from odoo.addons.o2c_base.tools.transaction import RETRIABLE

_logger = logging.getLogger(__name__)


class MailMessage(models.Model):
    _inherit = "mail.message"

    def _o2c_take_up(self, text, is_automatic):
        """Let the account draw its conclusions from a mail that is stored by now.

        What goes wrong in that must not lose the mail.
        """
        self.ensure_one()
        record = self.env[self.model].browse(self.res_id)
        take_up = (
            record._take_reply if record._name == "o2c.debtor" else record._take_up
        )
        try:
            with self.env.cr.savepoint():
                take_up(self, text, is_automatic)
        except RETRIABLE:
            raise
        except Exception:
            _logger.exception("%s is kept, but %s did not take it up", self, record)
