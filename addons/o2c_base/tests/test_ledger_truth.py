import random

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import ReceivablesCommon

DATES = ("2026-01-10", "2026-02-20", "2026-03-31", "2026-05-05", "2026-06-15")
BETWEEN = ("2025-12-31", "2026-02-01", "2026-03-31", "2026-05-31", None)
#: What every history begins with, so that there is something to change.
OPENING = ("invoice", "payment", "invoice", "credit_note", "payment", "match", "match")
#: What then happens; few steps, so that each must leave its own mark.
STEPS = (
    "invoice",
    "payment",
    "credit_note",
    "match",
    "unmatch",
    "draft",
    "draft",
    "repost",
    "due",
    "move",
)


@tagged("post_install", "-at_install", "o2c_random")
class TestLedgerTruth(ReceivablesCommon):
    """Random histories: our figures equal the ledger's, stored equal recomputed.

    A history is an opening and a list of (what, seed): what is done, to whom, in
    which currency and when follows from the seed, so a failing example repeats.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other = cls.setup_other_company(name="Other root")["company"]
        companies = cls.company + cls.other
        cls.env = cls.env(
            context=dict(cls.env.context, allowed_company_ids=companies.ids)
        )
        cls.items_model = cls.items_model.with_env(cls.env)
        cls.debtor_model = cls.debtor_model.with_env(cls.env)
        cls.euro = cls.setup_other_currency(
            "EUR",
            rates=[("2016-01-01", 2.0), ("2026-03-01", 3.0), ("2026-05-01", 1.7)],
        )
        cls.yen = cls.setup_other_currency(
            "JPY", rates=[("2016-01-01", 123.0), ("2026-04-01", 140.0)]
        )
        cls.partners = cls.customer + cls.new_customer("Second")
        cls.partners += cls.new_customer("Contact", parent_id=cls.customer.id)

    @settings(
        max_examples=20,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(
        st.integers(0, 2**20),
        st.lists(
            st.tuples(st.sampled_from(STEPS), st.integers(0, 2**20)),
            min_size=1,
            max_size=4,
        ),
    )
    def test_open_items_equal_the_ledger_after_any_history(self, seed, history):
        with self._undone():
            self.clear_marks()
            self.documents = []
            dice = random.Random(seed)  # noqa: S311
            for step in OPENING:
                self._do(step, dice)
            self._work_marks_off()  # what follows goes by marks alone
            for step, number in history:
                self._do(step, random.Random(number))  # noqa: S311
            for root in (self.company, self.other):
                for as_of in BETWEEN:
                    self.assert_ledger_truth(root, as_of)
                    self.assert_statement_truth(root, as_of, BETWEEN[0])
            self._work_marks_off()
            self.assert_facts_are_fresh()
            self._assert_accounts_cover_the_ledger()

    def _undone(self):
        """Each example starts from the same ledger."""
        self.env.flush_all()
        return _Undone(self.env)

    def _work_marks_off(self):
        """Only marks: a full refresh would hide a change that nobody marked."""
        self.env.flush_all()
        keeper = self.debtor_model.sudo()
        keeper._debtors_of_marks(keeper._take_marks())._refresh_facts()

    def _assert_accounts_cover_the_ledger(self):
        lines = self.items_model.search([("partner_id", "!=", False)])
        self.assertTrue(all(line.debtor_id for line in lines))

    # ------------------------------------------------------------------
    # One step of a history
    # ------------------------------------------------------------------

    def _do(self, step, dice):
        try:
            with self.env.cr.savepoint():
                getattr(self, f"_step_{step}")(dice)
        except UserError:
            # core refuses some steps in some states, as it would a user
            self.env.invalidate_all()

    def _values(self, dice):
        currency = dice.choice([self.company.currency_id, self.euro, self.yen])
        return {
            "date": dice.choice(DATES),
            "partner": dice.choice(list(self.partners)),
            "company": dice.choice([self.company, self.company, self.other]),
            "currency_id": currency.id,
        }

    def _amount(self, dice):
        return dice.choice([1, 99.99, 100, 1234.56, 33.33])

    def _step_invoice(self, dice):
        due = dice.choice(DATES)
        document = self.invoice(self._amount(dice), due=due, **self._values(dice))
        self.documents.append(document)

    def _step_credit_note(self, dice):
        document = self.credit_note(self._amount(dice), **self._values(dice))
        self.documents.append(document)

    def _step_payment(self, dice):
        payment = self.payment(self._amount(dice), **self._values(dice))
        self.documents.append(payment.move_id)

    def _receivables(self):
        moves = self.env["account.move"].union(*self.documents)
        return self.receivable_lines(moves)

    def _step_match(self, dice):
        lines = self._receivables().filtered(
            lambda line: line.parent_state == "posted" and not line.reconciled
        )
        credits = lines.filtered(lambda line: line.balance < 0)
        if not credits:
            return
        credit = dice.choice(list(credits))
        owed = lines.filtered(
            lambda line: (
                line.balance > 0
                and line.account_id == credit.account_id
                and line.company_id == credit.company_id
            )
        )
        if owed:
            (dice.choice(list(owed)) + credit).reconcile()

    def _step_unmatch(self, dice):
        matched = self._receivables().filtered("matching_number")
        if matched:
            dice.choice(list(matched)).remove_move_reconcile()

    def _step_draft(self, dice):
        posted = [move for move in self.documents if move.state == "posted"]
        matched = [m for m in posted if any(m.line_ids.mapped("matching_number"))]
        if matched or posted:
            dice.choice(matched or posted).button_draft()

    def _step_repost(self, dice):
        drafts = [move for move in self.documents if move.state == "draft"]
        if drafts:
            dice.choice(drafts).action_post()

    def _step_due(self, dice):
        lines = self._receivables()
        if lines:
            line = dice.choice(list(lines))
            others = [day for day in DATES if day != str(line.date_maturity)]
            line.date_maturity = dice.choice(others)

    def _step_move(self, dice):
        contact = self.partners[2]
        contact.parent_id = dice.choice([self.partners[0], self.partners[1]])


class _Undone:
    """A savepoint that is always rolled back, cache included."""

    def __init__(self, env):
        self.env = env

    def __enter__(self):
        self.env.cr.execute("SAVEPOINT o2c_history")

    def __exit__(self, *_error):
        self.env.clear()
        self.env.cr.execute("ROLLBACK TO SAVEPOINT o2c_history")
        self.env.cr.execute("RELEASE SAVEPOINT o2c_history")
