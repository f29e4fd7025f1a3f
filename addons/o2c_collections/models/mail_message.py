import logging

from odoo import models

from odoo.addons.o2c_base.tools.transaction import RETRIABLE

_logger = logging.getLogger(__name__)


class MailMessage(models.Model):
    _inherit = "mail.message"

    def _o2c_take_up(self, text, is_automatic):
        """Let the account draw its conclusions from a mail that is stored by now.

        What goes wrong in that must not lose the mail: a person gets to see it then,
        with nothing read out of it.
        """
        self.ensure_one()
        record = self.env[self.model].browse(self.res_id)
        if self._o2c_try(lambda: record._take_reply(self, text, is_automatic)):
            return
        for part in record._parts_without_text(self, is_automatic):
            self._o2c_try(part)

    def _o2c_try(self, call):
        """Do something that must not lose the mail.

        :return: whether it went well
        """
        try:
            with self.env.cr.savepoint():
                call()
        except RETRIABLE:
            raise
        except Exception:
            _logger.exception("%s is kept, but was not taken up", self)
            return False
        return True
