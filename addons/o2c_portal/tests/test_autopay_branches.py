from odoo.tests import tagged

from .test_autopay import AutopayCommon


@tagged("post_install", "-at_install")
class TestAutopayBranches(AutopayCommon):
    """One charge takes what the company and its branches are owed."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.branch = cls.env["res.company"].create(
            {"name": "Branch", "parent_id": cls.company.id}
        )
        cls.cr.precommit.run()  # the branch gets its root's chart of accounts
        cls.env.user.company_ids += cls.branch
        both = cls.company | cls.branch
        cls.env = cls.env(context={**cls.env.context, "allowed_company_ids": both.ids})

    def at_branch(self, amount, **values):
        return self.invoice(amount, company=self.branch, **values)

    def on_own_account(self, amount):
        """An invoice on an account that the branch shares with nobody."""
        move = self.at_branch(amount)
        account = self.receivable_lines(move).account_id
        move.button_draft()
        own = account.copy({"company_ids": self.branch.ids})
        self.receivable_lines(move).account_id = own
        move.action_post()
        return move

    def test_company_and_branches_are_charged_at_once_within_one_limit(self):
        first = self.invoice(60, due="2026-06-16")
        second = self.at_branch(50, due="2026-06-17")
        third = self.at_branch(40, due="2026-06-18")
        mandate = self.mandate(cap=100)
        self.assertIn("with its branches", mandate.consent_text)
        self.run_job()
        [charge] = self.charges()
        self.assertEqual(charge.amount_announced, 100)
        for move in (first, third):
            self.assertIn(move.name, charge.message_id.body)
        asked = self.run_job("2026-06-18")
        self.assertEqual([amount for _reference, amount in asked], [100])
        moves = first | second | third
        self.assertEqual(moves.mapped("amount_residual"), [0, 50, 0])
        payment = charge.transaction_ids.payment_id
        self.assertEqual((len(payment), payment.company_id), (1, self.company))
        self.assertEqual(self.run_job("2026-06-18 13:00:00"), [], "once")
        self.run_job("2026-06-21")
        self.assertEqual(self.states(), ["done", "done"])
        self.assertEqual(second.amount_residual, 0)

    def test_what_failed_is_tried_again_as_one_and_never_twice(self):
        moves = self.invoice(60) | self.at_branch(40)
        self.mandate()
        self.run_job()
        self.assertEqual(len(self.run_job("2026-06-18", "error")), 1)
        self.match(moves[1], self.payment(40, company=self.branch))
        asked = self.run_job("2026-06-19")
        self.assertEqual([amount for _reference, amount in asked], [60])
        self.assertEqual(moves.mapped("amount_residual"), [0, 0])
        self.assertEqual(len(self.charges()), 1)

    def test_who_did_not_agree_to_branches_is_not_charged_for_them(self):
        self.branch.active = False
        mandate = self.mandate()
        self.assertNotIn("branches", mandate.consent_text)
        self.branch.active = True
        here, there = self.invoice(60), self.at_branch(40)
        self.run_job()
        self.run_job("2026-06-18")
        self.assertEqual((here.amount_residual, there.amount_residual), (0, 40))

    def test_what_the_company_cannot_book_is_left_to_the_pay_page(self):
        here, there = self.invoice(60), self.on_own_account(40)
        self.mandate()
        self.run_job()
        self.run_job("2026-06-18")
        self.assertEqual((here.amount_residual, there.amount_residual), (0, 40))

    def test_money_that_cannot_be_booked_to_its_invoice_stays_the_customer_s(self):
        there = self.on_own_account(40)
        transaction = self.pay(self.choose({there: 40}))
        self.assertTrue(transaction.is_post_processed)
        lines = self.receivable_lines(transaction.payment_id)
        self.assertEqual((there.amount_residual, lines.amount_residual), (40, -40))
