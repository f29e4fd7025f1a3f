import base64

from odoo import models
from odoo.exceptions import UserError
from odoo.tools.image import image_data_uri

from ..domain.creditor_reference import grouped, is_iban
from ..domain.epc_qr import epc_payload

QR_PIXELS = 240


class PaymentTransaction(models.Model):
    """What a customer needs who transfers the money himself."""

    _inherit = "payment.transaction"

    def _get_communication(self):
        """EXTENDS payment_custom: the reference of what was chosen."""
        remittance = self.o2c_remittance_id
        return remittance._payment_reference_text() or super()._get_communication()

    def _o2c_reference_shown(self):
        """What tells this payment from others: what a transfer has to name, at best."""
        return self._get_communication() if self._o2c_is_wire() else self.reference

    def _o2c_is_wire(self):
        return self.provider_id.custom_mode == "wire_transfer"

    def _o2c_arrive(self, came):
        """The money is there: book it as chosen, unless a person has confirmed it.

        :param came: bank transaction by which it came
        :return: the payment's item that waits for the bank's
        :raise UserError: when there is none
        """
        if self.state != "done":
            self._set_done()
        if not self.payment_id:
            self.with_context(o2c_money=came)._post_process()
        payment = self.payment_id
        if payment.move_id.state != "posted":
            raise UserError(self.env._("Its payment was cancelled."))
        money = payment._seek_for_lines()[0]
        if len(money) == 1 and money.reconciled:
            raise UserError(self.env._("Its money came in before."))
        return money

    def _o2c_wire(self):
        """Account, amount, reference and QR code of a wire transfer.

        :return: dict, or None where the attempt is none or no account is known
        """
        if not self._o2c_is_wire():
            return None
        bank = self._o2c_bank_account()
        reference = self.o2c_remittance_id.payment_reference
        if not (bank and reference):
            return None
        number = bank.sanitized_acc_number
        return {
            "holder": self._o2c_holder(bank),
            "number": grouped(number) if is_iban(number) else bank.acc_number,
            "is_iban": is_iban(number),
            "bic": bank.bank_bic,
            "bank": bank.bank_name,
            "reference": grouped(reference),
            "qr_code": self._o2c_qr_code(bank, reference),
        }

    def _o2c_bank_account(self):
        """The company's account that takes this currency: the provider's at best."""
        journals = self.env["account.journal"].search(
            [
                *self.env["account.journal"]._check_company_domain(self.company_id),
                ("type", "=", "bank"),
                ("bank_account_id", "!=", False),
            ]
        )
        own = self.provider_id.journal_id
        fitting = journals.filtered(
            lambda journal: (
                (journal.currency_id or journal.company_id.currency_id)
                == self.currency_id
            )
        )
        best = (own & fitting) or fitting[:1] or (own & journals)
        return best.bank_account_id

    def _o2c_holder(self, bank):
        return bank.acc_holder_name or bank.partner_id.name

    def _o2c_qr_code(self, bank, reference):
        """The picture that banking apps read, as a data URI; None where there is none.

        Only euros, to an account in the area of SEPA.
        """
        number = bank.sanitized_acc_number or ""
        area = self.env.ref("base.sepa_zone", raise_if_not_found=False)
        if self.currency_id.name != "EUR" or not area:
            return None
        if number[:2] not in area.country_ids.mapped("code"):
            return None
        holder = self._o2c_holder(bank)
        payload = epc_payload(holder, number, self.amount, reference, bank.bank_bic)
        if not payload:
            return None
        reports = self.env["ir.actions.report"]
        size = {"width": QR_PIXELS, "height": QR_PIXELS}
        try:
            picture = reports.barcode("QR", payload, barLevel="M", **size)
        except (ValueError, AttributeError):  # what it takes is not installed
            return None
        return image_data_uri(base64.b64encode(picture))
