import random

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from ..domain import deduction
from ..domain.dispute import resting, shares
from .dispute_common import DisputeCommon

CODES = {
    "discount",
    "freight",
    "quantity",
    "withholding",
    "bank_fee",
    "unexplained",
}


@tagged("post_install", "-at_install", "o2c_dispute")
class TestDeduction(DisputeCommon):
    """Payments that are short of their invoices."""

    def short(self, total=1000, missing=20, **values):
        invoice = self.late(total, days=20, **values)
        self.match(invoice, self.payment(total - missing))
        return invoice

    def proposals(self, user=None):
        self.env.flush_all()
        self.env.invalidate_all()
        shorts = self.env["o2c.short.payment"].with_user(user or self.env.user)
        return shorts.search([("partner_id", "=", self.customer.id)])

    # The guess

    def test_a_guess_is_always_one_of_the_reasons(self):
        """Random amounts, absurd ones too; and all have a shipped reason."""
        rng = random.Random(7)  # noqa: S311 repeatable
        for _time in range(2000):
            total = rng.choice([0, 0.01, 100, 1190, 1e9, -5])
            facts = deduction.ShortPayment(
                amount=round(rng.uniform(-10, 2) * total, 2) or rng.random(),
                total=total,
                untaxed=total / 1.19,
                discount_percent=rng.choice([0, 2, 100]),
                lines=((rng.uniform(-5, 50), rng.choice(["", None, "Freight"])),),
            )
            self.assertIn(deduction.guess(facts), CODES)
        for code in CODES:
            self.assertTrue(self.env.ref(f"o2c_collections.reason_{code}"))

    def test_a_discount_is_found_whatever_the_amount(self):
        rng = random.Random(11)  # noqa: S311 repeatable
        for _time in range(500):
            total = round(rng.uniform(10, 90000), 2)
            facts = deduction.ShortPayment(round(total * 0.03, 2), total, total / 1.19)
            self.assertEqual(deduction.guess(facts), "discount")

    def test_shares_always_sum_to_the_amount(self):
        rng = random.Random(13)  # noqa: S311 repeatable
        for _time in range(500):
            parts = [
                round(rng.uniform(0, 900), 2) for _part in range(rng.randint(1, 9))
            ]
            amount = round(rng.uniform(0.01, sum(parts) + 1), 2)
            self.assertAlmostEqual(sum(shares(amount, parts)), amount, 6)
            self.assertLessEqual(resting(amount, sum(parts)), amount)

    # The list

    def test_a_little_left_by_a_payment_is_proposed_with_a_guess(self):
        invoice = self.short()
        self.late(500, days=3)  # unpaid
        self.short(1000, 700)  # paid in part
        [proposal] = self.proposals()
        self.assertEqual(proposal.move_id, invoice)
        self.assertEqual((proposal.amount, proposal.reason_id.code), (20, "discount"))

    def test_what_a_credit_note_left_is_no_short_payment(self):
        self.match(self.late(100, days=3), self.credit_note(95))
        self.assertFalse(self.proposals())

    def test_one_click_makes_a_deduction_once(self):
        self.short()
        proposal = self.proposals(self.collector)
        proposal.action_make_deduction()
        dispute = self.disputes.search([("partner_id", "=", self.customer.id)])
        self.assertEqual((dispute.kind, dispute.amount), ("deduction", 20))
        self.assertEqual(self.figures(), [(20, 20, 0)])
        self.assertFalse(self.proposals())
        proposal.invalidate_recordset()
        proposal.action_make_deduction()  # a second click
        self.assertEqual(
            self.disputes.search_count([("partner_id", "=", self.customer.id)]), 1
        )

    def test_an_auditor_makes_none(self):
        self.short()
        auditor = self.new_user("dedu_auditor", "o2c_base.group_auditor")
        with self.assertRaises(AccessError):
            self.proposals(auditor).action_make_deduction()

    # How it ends

    def deduction(self, missing=20, **values):
        invoice = self.short(missing=missing, **values)
        self.proposals().action_make_deduction()
        return self.disputes.search([("move_id", "=", invoice.id)])

    def allow_write_off(self, most=50):
        account = self.company_data["default_account_expense"]
        self.company.sudo().write(
            {"o2c_write_off_max": most, "o2c_write_off_account_id": account.id}
        )
        return account

    def test_a_small_one_is_written_off_by_policy(self):
        account = self.allow_write_off()
        dispute = self.deduction()
        self.end(dispute, "write_off")
        entry = dispute.credit_move_id
        self.assertEqual((entry.state, dispute.state), ("draft", "open"))
        entry.action_post()
        self.assertEqual(dispute.state, "accepted")
        self.assertEqual(dispute.move_id.amount_residual, 0)
        booked = entry.line_ids.filtered(lambda line: line.account_id == account)
        self.assertEqual(booked.balance, 20)

    def test_in_another_currency_nothing_is_left_over(self):
        self.allow_write_off(500)
        euro = self.setup_other_currency("EUR", rates=[("2026-01-01", 0.5)])
        invoice = self.late(1000, days=20, currency_id=euro.id)
        self.match(invoice, self.payment(980, currency_id=euro.id))
        self.proposals().action_make_deduction()
        dispute = self.disputes.search([("move_id", "=", invoice.id)])
        self.end(dispute, "write_off")
        dispute.credit_move_id.action_post()
        self.assertEqual(invoice.amount_residual, 0)
        self.assertFalse(self.figures())

    def test_beyond_policy_and_for_disputes_there_is_no_write_off(self):
        dispute = self.deduction()
        with self.assertRaises(UserError):
            self.end(dispute, "write_off")
        self.allow_write_off(19.99)
        with self.assertRaises(UserError):
            self.end(dispute, "write_off")
        said = self.dispute(self.late(10, days=2), 5)
        with self.assertRaises(UserError):
            self.end(said, "write_off")

    def test_a_rejected_one_is_chased(self):
        dispute = self.deduction()
        self.end(dispute, "rejected", answer="It was too late for the discount.")
        self.assertEqual(self.figures(), [(20, 0, 20)])

    def test_the_figures_say_na_rather_than_nothing(self):
        with self.on_day(-200):
            dispute = self.deduction()
        self.env.flush_all()
        figures = self.env["o2c.dispute.figure"]
        domain = [("company_id", "=", self.company.id), ("kind", "=", "deduction")]
        [figure] = figures.search(domain)
        self.assertEqual((figure.count_open, figure.amount_open), (1, 20))
        self.assertIn("n/a", figure.outstanding_text)
        self.assertIn("n/a", figure.invalid_text)
        dispute.sudo().date_raised = "2026-06-01 08:00:00"
        self.end(dispute, "rejected", answer="No.")
        self.env.flush_all()
        figure.invalidate_recordset()
        self.assertIn("100", figure.invalid_text)
        self.assertIn("0", figure.outstanding_text)
