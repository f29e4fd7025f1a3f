from odoo import Command, models
from odoo.exceptions import UserError
from odoo.tools import format_date, groupby


class O2cLateCharge(models.Model):
    """Charging what was approved: an invoice without tax, posted at once."""

    _inherit = "o2c.late.charge"

    def _invoice(self):
        """One invoice per customer, company and currency; a credit note below zero.

        The charges and their invoice are written in one transaction, the charges
        locked: who approves twice invoices once.
        """
        for (debtor, company, _currency), charges in groupby(
            self, lambda c: (c.debtor_id, c.company_id, c.currency_id)
        ):
            mine = self.browse().concat(*charges)
            invoice = mine._make_invoice(debtor, company)
            mine._decide("invoiced", invoice_id=invoice.id)
            debtor.message_post(
                body=self.env._("Late charges were invoiced: %s", invoice.name)
            )

    def _make_invoice(self, debtor, company):
        lang = debtor.statement_language
        localized = self.with_context(lang=lang)
        is_credit = sum(self.mapped("amount_total")) < 0
        root_sudo = company._o2c_root()
        account = root_sudo.o2c_late_account_id
        if not account:
            raise UserError(
                self.env._(
                    "Choose the account of late charges of %s first: Settings, "
                    "Receivables.",
                    root_sudo.name,
                )
            )
        values = {
            "move_type": "out_refund" if is_credit else "out_invoice",
            "partner_id": debtor.partner_id.id,
            "company_id": company.id,
            "currency_id": self.currency_id.id,
            "invoice_date": company._o2c_today(),
            "journal_id": self._late_journal(company).id,
            "invoice_origin": localized.env._("Late charges"),
            "invoice_line_ids": [
                Command.create(
                    {
                        "name": name,
                        "account_id": account.id,
                        "price_unit": -amount if is_credit else amount,
                        "quantity": 1,
                        "tax_ids": [Command.clear()],
                    }
                )
                for charge in localized
                for name, amount in charge._invoice_lines()
            ],
        }
        # sudo: who approves late charges need not be allowed to post; what is booked
        # is the engine's alone
        moves_sudo = self.env["account.move"].sudo().with_company(company)
        invoice_sudo = moves_sudo.create(values)
        invoice_sudo.action_post()
        return invoice_sudo

    def _late_journal(self, company):
        """The journal chosen, or the first one of the company for sales."""
        chosen = company._o2c_root().o2c_late_journal_id
        if chosen and chosen.company_id == company:
            return chosen
        # sudo: which journal it is, chosen by nobody
        journals_sudo = self.env["account.journal"].sudo()
        found = journals_sudo.search(
            [
                *journals_sudo._check_company_domain(company),
                ("type", "=", "sale"),
            ],
            limit=1,
        )
        if not found:
            raise UserError(self.env._("%s has no sales journal.", company.name))
        return found

    def _invoice_lines(self):
        """(text, amount) of the lines of this charge, in the customer's language."""
        number = self.move_id.name or ""
        span = {
            "number": number,
            "first": format_date(self.env, self.date_from),
            "last": format_date(self.env, self.date_to),
            "rates": self.rates_text,
        }
        if self.amount_interest:
            words = self.env._(
                "Interest on %(number)s, %(first)s to %(last)s, at %(rates)s", **span
            )
            yield words, self.amount_interest
        if self.amount_correction:
            words = self.env._(
                "Correction of earlier late charges on %(number)s", number=number
            )
            yield words, self.amount_correction
        if self.amount_fixed:
            words = self.env._(
                "Fixed sum for the late payment of %(number)s", number=number
            )
            yield words, self.amount_fixed
