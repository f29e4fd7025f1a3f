from odoo import Command

from .portal_common import PortalCommon

IBAN, BIC = "BE72 0000 0000 1616", "BPOTBEB1"


class WireCommon(PortalCommon):
    """A company that takes transfers, to an account of each currency."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.euro = cls.setup_other_currency("EUR", rates=[("2016-01-01", 0.5)])
        cls.journal = cls.company_data["default_journal_bank"]
        cls.dollars = cls.new_journal("USD account", "12-34", False)
        cls.euros = cls.new_journal("EUR account", IBAN, cls.euro)
        cls.method = cls.env.ref("payment_custom.payment_method_wire_transfer")
        cls.wire = cls.env["payment.provider"].create(
            {
                "name": "Wire transfer",
                "code": "custom",
                "custom_mode": "wire_transfer",
                "state": "enabled",
                "is_published": True,
                "company_id": cls.company.id,
                "payment_method_ids": [Command.set(cls.method.ids)],
                "redirect_form_view_id": cls.env.ref("payment_custom.redirect_form").id,
            }
        )
        cls.method.active = True

    @classmethod
    def new_journal(cls, name, number, currency):
        bank = cls.env["res.bank"].create({"name": f"Bank of {name}", "bic": BIC})
        account = cls.env["res.partner.bank"].create(
            {
                "acc_number": number,
                "acc_holder_name": "Ümlaut & Co",
                "partner_id": cls.company.partner_id.id,
                "bank_id": bank.id,
            }
        )
        return cls.env["account.journal"].create(
            {
                "name": name,
                "type": "bank",
                "code": name[:3],
                "company_id": cls.company.id,
                "currency_id": currency and currency.id,
                "bank_account_id": account.id,
            }
        )

    def begin(self, remittance):
        transaction = self.transaction(
            remittance,
            provider_id=self.wire.id,
            payment_method_id=self.method.id,
        )
        transaction._set_pending()
        return transaction
