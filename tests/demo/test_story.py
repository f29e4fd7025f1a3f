"""The story of the demo, booked: what is told is what stands in the ledger."""

from collections import defaultdict

from odoo.tests import TransactionCase, tagged

from dev.demo.cast import CUSTOMERS
from dev.demo.companies import prepare_companies, prepare_users
from dev.demo.history import plan_history
from dev.demo.owners import give_owners
from dev.demo.story import write_history

# One of each kind that books differently; the whole cast takes a minute.
PLAYED = ("eder", "iberia", "meridian", "meridian_us", "norden", "ostsee", "wien")


@tagged("post_install", "-at_install")
class TestStory(TransactionCase):
    """A part of the cast, all companies, posted once for all tests."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.companies = prepare_companies(cls.env)
        ids = [company.id for company in cls.companies.values()]
        cls.env = cls.env(context=dict(cls.env.context, allowed_company_ids=ids))
        cls.roots = cls.companies["main"] + cls.companies["us"]
        cls.today = cls.companies["main"]._o2c_today()
        cls.customers = [who for who in CUSTOMERS if who.key in PLAYED]
        cls.lines = write_history(cls.env, cls.companies, cls.today, cls.customers)
        cls.env.flush_all()

    def test_open_items_sum_to_the_receivable_accounts(self):
        """Goal: ledger truth, per root company, in its currency."""
        for root in self.roots:
            branches = self.env["res.company"].search([("id", "child_of", root.id)])
            lines = self.env["account.move.line"].search(
                [
                    ("company_id", "in", branches.ids),
                    ("account_id.account_type", "=", "asset_receivable"),
                    ("parent_state", "=", "posted"),
                ]
            )
            items = self.env["o2c.open.item"].search(
                [("company_id", "in", branches.ids)]
            )
            self.assertTrue(items)
            self.assertAlmostEqual(
                sum(items.mapped("amount_residual")), sum(lines.mapped("balance")), 2
            )

    def test_what_is_open_is_what_the_plan_leaves_open(self):
        """Goal: no cent gets lost between the plan and the ledger.

        Method: per customer and currency, planned documents less planned
        payments equal the open items in document currency.
        """
        documents, payments = plan_history(self.today, self.customers)
        planned = defaultdict(float)
        for document in documents:
            sign = -1 if document.is_credit else 1
            planned[document.customer.name] += sign * document.amount
        for payment in payments:
            planned[payment.customer.name] -= payment.amount
        names = set(planned)
        items = self.env["o2c.open.item"].search([("partner_id.name", "in", names)])
        for name in names:
            own = items.filtered(lambda item, name=name: item.partner_id.name == name)
            total = sum(own.mapped("amount_residual_currency"))
            self.assertAlmostEqual(total, planned[name], 2, name)

    def test_instalments_are_items_of_their_own(self):
        items = self.env["o2c.open.item"].search(
            [("partner_id.name", "=", "Iberia Bombas SL")]
        )
        self.assertGreater(len(items), len(items.move_id))

    def test_the_branch_owes_to_its_root(self):
        branch = self.companies["branch"]
        items = self.env["o2c.open.item"].search([("company_id", "=", branch.id)])
        self.assertTrue(items)
        moves = items.move_id
        self.assertEqual(moves.company_id, branch)
        self.assertEqual(branch._o2c_root(), self.companies["main"])

    def test_unmatched_money_is_a_negative_item(self):
        items = self.env["o2c.open.item"].search(
            [("partner_id.name", "=", "Norden Fjernvarme A/S")]
        )
        self.assertEqual(len(items.filtered(lambda i: i.amount_residual < 0)), 1)

    def test_a_second_call_of_the_plan_is_what_was_told(self):
        documents, payments = plan_history(self.today, self.customers)
        credit_notes = sum(document.is_credit for document in documents)
        self.assertEqual(
            self.lines[1],
            f"  {len(documents) - credit_notes} invoices, {credit_notes} credit notes, "
            f"{len(payments)} payments",
        )

    def test_who_owes_has_a_segment_with_a_past_and_somebody_who_acts(self):
        users = prepare_users(self.env, self.companies)
        with self.enter_registry_test_mode():
            self.env["o2c.debtor"]._refresh_now()
        give_owners(self.env, self.companies, users)
        accounts = self.env["o2c.debtor"].search([("company_id", "in", self.roots.ids)])
        self.assertTrue(accounts)
        self.assertNotIn(False, [bool(account.segment_id) for account in accounts])
        first_days = accounts.membership_ids.mapped("date_from")
        self.assertGreater((self.today - min(first_days)).days, 300)
        owing = accounts.filtered("date_oldest_due")
        self.assertNotIn(False, [bool(account.collector_id) for account in owing])
        away = owing.filtered("absence_text").collector_id
        self.assertEqual(
            set(away.mapped("login")),
            {"jonas"} & set(owing.mapped("collector_id.login")),
        )
        self.assertEqual(self.env["o2c.kpi.goal"].search_count([]), 1)
