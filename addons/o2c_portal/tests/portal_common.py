from lxml import html

from odoo import Command
from odoo.tests import HttpCase, new_test_user

from odoo.addons.o2c_base.tests.common import ReceivablesCommon


class PortalCommon(ReceivablesCommon):
    """Two customers with a portal user each, and a provider that pays at once."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other_customer = cls.new_customer("Stranger")
        cls.user_a = cls._portal_user("customer_a", cls.customer)
        cls.user_b = cls._portal_user("customer_b", cls.other_customer)
        cls.provider = cls._provider()

    @classmethod
    def _portal_user(cls, login, customer):
        contact = cls.env["res.partner"].create(
            {"name": login, "parent_id": customer.id, "email": f"{login}@example.com"}
        )
        return new_test_user(
            cls.env,
            login=login,
            groups="base.group_portal",
            partner_id=contact.id,
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
        )

    @classmethod
    def _provider(cls):
        method = cls.env.ref("payment.payment_method_unknown")
        provider = cls.env["payment.provider"].create(
            {
                "name": "Dummy",
                "code": "none",
                "state": "test",
                "is_published": True,
                "company_id": cls.company.id,
                "payment_method_ids": [Command.set(method.ids)],
            }
        )
        method.active = True
        bank = cls.company_data["default_journal_bank"]
        kind = cls.env["account.payment.method"].sudo()
        kind = kind.search([("code", "=", "none")]) or kind.create(
            {"name": "Dummy", "code": "none", "payment_type": "inbound"}
        )
        cls.env["account.payment.method.line"].create(
            {
                "name": "Dummy",
                "payment_method_id": kind[:1].id,
                "journal_id": bank.id,
                "payment_provider_id": provider.id,
                "payment_account_id": bank.inbound_payment_method_line_ids[
                    :1
                ].payment_account_id.id,
            }
        )
        return provider

    def account(self, partner=None):
        """The customer's account, with all rights, as pages hold it."""
        self.env.flush_all()
        self.refresh()
        return self.debtor(partner).sudo().with_company(self.company)

    def discounted(self, amount):
        """An invoice with 2 percent off within ten days."""
        term = self.env["account.payment.term"].create(
            {
                "name": "2/10 net 30",
                "early_discount": True,
                "discount_percentage": 2,
                "discount_days": 10,
                "line_ids": [
                    Command.create(
                        {"value": "percent", "value_amount": 100, "nb_days": 30}
                    )
                ],
            }
        )
        return self.invoice(amount, invoice_payment_term_id=term.id)

    def line(self, move):
        return self.receivable_lines(move).id

    def choose(self, amounts, credits=(), key="key1", partner=None):
        """What a customer chose to pay: invoice to amount, None for all."""
        chosen = {self.line(move): amount for move, amount in amounts.items()}
        return self.account(partner)._take_payment_choice(
            key, chosen, {self.line(move) for move in credits}, self.user_a.partner_id
        )

    def transaction(self, remittance, **values):
        """An attempt to pay it."""
        return (
            self.env["payment.transaction"]
            .sudo()
            .create(
                {
                    "provider_id": self.provider.id,
                    "payment_method_id": self.provider.payment_method_ids[:1].id,
                    "reference": f"T{remittance.id}-{len(remittance.transaction_ids)}",
                    "amount": remittance.amount_total,
                    "currency_id": remittance.currency_id.id,
                    "partner_id": self.user_a.partner_id.id,
                    "o2c_remittance_id": remittance.id,
                    "operation": "online_redirect",
                    **values,
                }
            )
        )

    def pay(self, remittance):
        """The money arrives."""
        transaction = self.transaction(remittance)
        transaction._set_done()
        transaction._post_process()
        return transaction


class PortalHttpCommon(PortalCommon, HttpCase):
    """Pages, opened and sent as a browser does without JavaScript."""

    def get(self, url):
        return self.url_open(url, allow_redirects=True)

    def form(self, page, **values):
        """Fill in the first form of ours on a page and send it."""
        tree = html.fromstring(page.text)
        [form] = tree.xpath(
            "//*[contains(@class, 'o_o2c_portal')]//form[@method='post']"
        )[:1]
        data = {
            field.get("name"): field.get("value") or field.text or ""
            for field in form.xpath(".//input[@name]|.//textarea[@name]")
            if field.get("type") not in ("checkbox", "file")
        }
        action = form.get("action")
        return self.url_open(action, data={**data, **values}, allow_redirects=True)

    def csrf(self, page):
        marker = 'name="csrf_token" value="'
        return page.text.split(marker, 1)[1].split('"', 1)[0]

    def words(self, page):
        """The text of a page's own part."""
        [main] = html.fromstring(page.text).xpath(
            "//*[contains(@class, 'o_o2c_portal')] | //main"
        )[-1:]
        return " ".join(main.text_content().split())
