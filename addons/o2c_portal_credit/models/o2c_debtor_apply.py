from odoo import Command, models
from odoo.exceptions import UserError
from odoo.tools import format_amount

#: Applications that a page tells about.
SHOWN_MOST = 10


class O2cDebtor(models.Model):
    """A customer applies for credit; a person decides, as about any limit."""

    _inherit = "o2c.debtor"

    def _apply_for_credit(self, amount, reason, files, applicant):
        """Ask for a base limit in the customer's name.

        :param float amount: the whole limit he wishes, in company currency
        :param files: list of (name, content)
        :param applicant: res.partner in whose name it is asked for
        :return: the limit, requested
        """
        self.ensure_one()
        currency = self.currency_id
        amount = currency.round(amount or 0.0)
        if currency.compare_amounts(amount, 0) <= 0:
            raise UserError(self.env._("Enter how much credit you wish."))
        # Two applications at once: the second one waits here, and is tried again.
        self.env["o2c.credit.gate"]._pass(self)
        if "requested" in self._portal_applications().mapped("state"):
            raise UserError(
                self.env._("You have applied already. You get an answer from us.")
            )
        limits = self.env["o2c.credit.limit"].with_context(mail_create_nolog=True)
        if not self.env["o2c.credit.policy"]._for_debtors(self)[self]:
            raise UserError(
                self.env._("We cannot take applications here now. Please write to us.")
            )
        limit = limits.create(
            {
                "debtor_id": self.id,
                "amount": amount,
                "amount_applied": amount,
                "currency_id": currency.id,
                "reason": reason,
                "applicant_id": applicant.id,
            }
        )
        limit.document_ids = [Command.set(self._keep_files(limit, files).ids)]
        limit.action_request()
        limit.requested_by_id = False  # nobody of ours has asked
        self._post_note(
            self.env._(
                "%(person)s applied for credit on the customer's page: %(amount)s",
                person=applicant.display_name,
                amount=format_amount(self.env, amount, currency),
            )
        )
        return limit

    def _portal_applications(self):
        """What the customer has applied for, latest first."""
        return self.env["o2c.credit.limit"].search(
            [("debtor_id", "=", self.id), ("amount_applied", ">", 0)],
            order="id DESC",
            limit=SHOWN_MOST,
        )

    def _portal_credit(self):
        """The account's own limit, what is used of it and free, as the desk sees it.

        :return: None where the company does not show it, or nothing limits the credit
        """
        self.ensure_one()
        if not (self.company_id.o2c_portal_shows_credit and self.has_credit_limit):
            return None
        return {
            "limit": self.amount_credit_limit,
            "used": self.amount_exposure,
            "free": self.amount_credit_free,
        }
