import contextlib

from odoo import api, models
from odoo.exceptions import AccessError, UserError

#: So many invoices that are not due yet are shown in the preview of a reminder.
ITEMS_MAX = 10


class _Undo(Exception):
    """The message was only to be looked at."""


class O2cChasePlan(models.Model):
    """What a level of a plan would say to a real customer, written and undone."""

    _inherit = "o2c.chase.plan"

    @api.model
    def preview_message(self, template_id, debtor_id, days):
        """The letter of a level as this customer would get it today.

        Nothing is kept and nobody is written to.

        :param template_id: id of an e-mail template for chase messages
        :param debtor_id: id of a customer account
        :param days: days late of the level, below 0 for one before the due date
        :return: dict of ``subject, body, problem``
        """
        self.check_access("read")
        template, debtor = self._preview_subject(template_id, debtor_id, days)
        letter = {"subject": "", "body": "", "problem": ""}
        with contextlib.suppress(_Undo), self.env.cr.savepoint():
            try:
                letter |= debtor._preview_letter(template, before_due=days < 0)
            except UserError as error:
                letter["problem"] = str(error)
            raise _Undo
        self.env.invalidate_all()
        return letter

    @api.model
    def _preview_subject(self, template_id, debtor_id, days):
        """Template and customer, if the user may see them and the call is sound."""
        if not all(type(number) is int for number in (template_id, debtor_id, days)):
            raise UserError(self.env._("Choose a template and a customer."))
        debtor = self.env["o2c.debtor"].browse(debtor_id)
        debtor.check_access("read")
        # sudo: templates for chase messages are no secret to who sees the plans
        template_sudo = self.env["mail.template"].sudo().browse(template_id).exists()
        if template_sudo.model != "o2c.chase.message":
            raise AccessError(
                self.env._("Only templates for chase messages can be previewed.")
            )
        return template_sudo, debtor
