import re

from odoo import Command
from odoo.tests import tagged

from .portal_common import PortalHttpCommon


@tagged("post_install", "-at_install", "o2c_boundary")
class TestAccounts(PortalHttpCommon):
    """One login, several accounts: of two companies and of a branch."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other_company = cls.setup_other_company(name="Other root")["company"]
        cls.branch = cls.env["res.company"].create(
            {"name": "Branch", "parent_id": cls.company.id}
        )
        cls.cr.precommit.run()  # the branch gets its root's chart of accounts
        cls.env.user.company_ids += cls.branch | cls.other_company
        cls.here = cls.invoice(100, date="2026-05-01", due="2026-05-02")
        cls.at_branch = cls.invoice(30, company=cls.branch)
        cls.there = cls.invoice(70, company=cls.other_company)

    def setUp(self):
        super().setUp()
        self.refresh()
        self.first = self.debtor()
        self.second = self.debtor(company=self.other_company)
        self.authenticate("customer_a", "customer_a")

    def page(self, path="", account=None, **query):
        query |= {"account": (account or self.first).id}
        words = "&".join(f"{key}={value}" for key, value in query.items())
        return self.get(f"/my/receivables{path}?{words}")

    def test_each_account_shows_its_own_company_and_its_branches(self):
        first = self.words(self.page())
        self.assertIn("Other root", first, "the way to the other account")
        for move in (self.here, self.at_branch):
            self.assertIn(move.name, first)
        self.assertIn("$ 130.00", first)
        second = self.words(self.page(account=self.second))
        self.assertIn("70.00", second)
        self.assertNotIn("130.00", second)

    def test_forms_and_documents_stay_in_their_account(self):
        line = self.line(self.there)
        page = self.page("/pay", account=self.second, line=line)
        chosen = self.form(page, **{f"amount_{line}": "20"})
        self.assertIn(f"account={self.second.id}", chosen.url)
        remittance = self.env["o2c.remittance"].search([], limit=1, order="id desc")
        self.assertEqual(remittance.debtor_id, self.second)
        self.assertEqual(remittance.company_id, self.other_company)
        wrong = self.page("/pay", line=line)
        self.assertNotIn(f'name="amount_{line}"', wrong.text)
        path = f"/pay/{remittance.id}"
        self.assertEqual(self.page(path).status_code, 404)
        self.assertEqual(self.page(f"/document/{line}").status_code, 404)

    def test_companies_and_branches_are_paid_one_by_one(self):
        lines = [self.line(self.here), self.line(self.at_branch)]
        data = {
            "csrf_token": self.csrf(self.page("/pay")),
            "key": "both",
            "account": self.first.id,
            "line": lines,
            **{f"amount_{line}": "10" for line in lines},
        }
        refused = self.url_open("/my/receivables/pay", data=data)
        self.assertIn("one by one", self.words(refused))

    def test_what_is_announced_for_several_is_paid_to_the_company_above(self):
        own = self.provider.copy({"name": "Branch bank", "company_id": self.branch.id})
        own.write({"state": "test", "is_published": True})
        lines = (self.line(self.at_branch), self.line(self.here))
        for amounts, provider in ((lines[:1], own), (lines, self.provider)):
            remittance = self.account()._take_payment_choice(
                f"key{len(amounts)}",
                dict.fromkeys(amounts),
                set(),
                self.user_a.partner_id,
                is_at_once=True,
            )
            page = self.page(f"/pay/{remittance.id}").text
            offered = re.findall(r'data-provider-id="(\d+)"', page)
            self.assertEqual(offered, [str(provider.id)])

    def test_what_is_settled_can_be_fetched_still(self):
        self.assertNotIn("Settled lately", self.words(self.page()))
        self.match(self.here, self.payment(100))
        stranger = self.invoice(5, partner=self.other_customer)
        self.match(stranger, self.payment(5, partner=self.other_customer))
        first = self.page()
        self.assertIn(f"Settled lately {self.here.name}", self.words(first))
        self.assertNotIn(f"/document/{self.line(stranger)}", first.text)
        self.assertEqual(
            self.page(f"/document/{self.line(self.here)}").status_code, 200
        )
        foreign = self.page(f"/document/{self.line(stranger)}")
        self.assertEqual(foreign.status_code, 404)
        self.assertNotIn("Settled lately", self.words(self.page(account=self.second)))

    def test_instalments_say_which_of_how_many(self):
        thirds = [(33.33, 10), (33.33, 40), (33.34, 70)]
        term = self.env["account.payment.term"].create(
            {
                "name": "Three",
                "line_ids": [
                    Command.create(
                        {"value": "percent", "value_amount": share, "nb_days": days}
                    )
                    for share, days in thirds
                ],
            }
        )
        parts = self.invoice(300, invoice_payment_term_id=term.id)
        lines = self.receivable_lines(parts).sorted("date_maturity")
        self.assertIn("2 of 3", self.words(self.page()))
        page = self.words(self.page("/pay", line=lines[1].id))
        self.assertIn("2 of 3", page)
        self.assertNotIn("1 of 3", page)
        texts = self.first.sudo()._portal_instalments(self.open_items())
        self.assertEqual(
            [texts.pop(line.id) for line in lines],
            [f"Instalment {number} of 3" for number in (1, 2, 3)],
        )
        self.assertFalse(texts)

    def test_an_error_is_shown_at_its_field(self):
        line = self.line(self.here)
        page = self.page("/pay", line=line)
        self.assertNotIn("aria-invalid", page.text)
        for typed in ("100.01", "ten"):
            with self.subTest(typed):
                refused = self.form(page, **{f"amount_{line}": typed})
                self.assertIn(f'aria-describedby="wrong_{line}"', refused.text)
                self.assertEqual(refused.text.count('aria-invalid="true"'), 1)
                self.assertIn(f'id="wrong_{line}"', refused.text)
