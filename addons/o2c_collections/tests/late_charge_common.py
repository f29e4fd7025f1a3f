from odoo.addons.o2c_base.tests.common import ReceivablesCommon


class LateChargeCommon(ReceivablesCommon):
    """A company by EU law with rates of its own, on 15 June 2026."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.rates = cls.env["o2c.reference.rate"]
        cls.charges = cls.env["o2c.late.charge"]
        cls.rates.search([]).unlink()
        for series, points in (("ecb", 2.15), ("boe", 3.75), ("de_base", 1.27)):
            for year in (2025, 2026):
                for month in (1, 7):
                    if (year, month) != (2026, 7):
                        cls.rates.create(
                            {
                                "series": series,
                                "date_from": f"{year}-{month:02d}-01",
                                "rate": points,
                                "source": "Test",
                            }
                        )
        cls.account = cls.company_data["default_account_revenue"].copy(
            {"name": "Late charges"}
        )
        cls.company.write(
            {
                "o2c_late_charges": True,
                "o2c_late_scheme": "eu",
                "o2c_late_from": "2025-01-01",
                "o2c_late_account_id": cls.account.id,
            }
        )
        euro = cls.env.ref("base.EUR")
        euro.active = True
        euro.rate_ids.filtered(lambda r: r.company_id == cls.company).unlink()
        cls.env["res.currency.rate"].create(
            {
                "currency_id": euro.id,
                "company_id": cls.company.id,
                "name": "2025-01-01",
                "rate": 0.5,
            }
        )
        cls.euro = euro
        cls.customer.is_company = True

    def propose(self, until="2026-05-31", root=None):
        """Propose for everybody; the proposals of the company."""
        root = (root or self.company).sudo()
        charges = self.charges.sudo()
        until = self.day(until)
        self.env.flush_all()
        ids = charges._due_debtors(root, until)
        debtors = self.debtor_model.sudo().browse(ids)
        self.found, self.missing = charges._propose(root, until, debtors)
        return self.found

    @classmethod
    def late_invoice(cls, amount=10000, due="2026-03-31", **values):
        date = values.pop("date", "2026-03-01")
        return cls.invoice(amount, date=date, due=due, **values)

    def paid(self, invoice, amount, date):
        payment = self.payment(amount, date=date, partner=invoice.partner_id)
        self.match(invoice, payment)
        return payment

    def approve(self, charges):
        charges.sudo().action_approve()
        return charges.invoice_id

    def refreshed(self):
        self.refresh()
        self.env.invalidate_all()
