import random
from datetime import timedelta

from odoo import fields
from odoo.tests import tagged

from .chase_common import ChaseCommon

PENDING = ("planned", "queued", "failed", "unknown")
SEEDS = (1, 2, 3)
CUSTOMERS = 15
DAYS = (0, 5, 9, 33, 95)


@tagged("post_install", "-at_install", "o2c_random")
class TestChaseSilence(ChaseCommon):
    """Whatever happens, nobody who owes something overdue is forgotten."""

    def _somebody(self, dice, number):
        partner = self.new_debtor(
            f"Customer {number}",
            email=dice.choice(
                ["a@x.example", False, "broken", "a@x.example b@y.example"]
            ),
            lang=dice.choice(["en_US", False]),
        )
        for _invoice in range(dice.randint(1, 3)):
            amount, days = dice.choice([2, 80, 3000]), dice.randint(-3, 250)
            self.invoices.append((partner, amount, days, dice.random() < 0.2))
        if dice.random() < 0.3:
            self.payment(dice.choice([5, 500]), partner=partner)
        return partner

    def _post_invoices(self):
        """All of them at once."""
        values = []
        for partner, amount, days, _is_excluded in self.invoices:
            due = fields.Date.today() - timedelta(days=days)
            values.append(self.invoice_values(amount, due, partner=partner))
        moves = self.env["account.move"].create(values)
        moves.action_post()
        for move, (*_values, is_excluded) in zip(moves, self.invoices, strict=True):
            if is_excluded:
                self.receivable_lines(move).no_followup = True

    def _something_happens(self, dice, partner):
        debtor = self.debtor(partner)
        deed = dice.choice(["pause", "pay", "archive", "plan", "steps", "nothing"])
        if deed == "pause":
            days = dice.choice([2, 400])
            debtor.sudo().paused_until = fields.Date.today() + timedelta(days=days)
        elif deed == "pay":
            self.payment(80, date=fields.Date.today(), partner=partner)
        elif deed == "archive":
            partner.active = not partner.active
        elif deed == "plan":
            self.give_plan(dice.choice(self.plans), partner)
        elif deed == "steps":
            for action in self.actions(("state", "in", PENDING), partner=partner):
                getattr(action, dice.choice(["_set_done", "_set_unknown"]))()

    def _assert_nobody_is_forgotten(self):
        self.engine.invalidate_all()
        today = fields.Date.today()
        overdue = self.engine["o2c.debtor"].search([("amount_overdue", ">", 0)])
        self.assertTrue(overdue)
        for debtor in overdue:
            told = f"{debtor.display_name}: {debtor.chase_reason}"
            self.assertTrue(debtor.chase_reason, told)
            self.assertTrue(debtor.next_action_date, told)
            latest = today + timedelta(days=90)
            self.assertLessEqual(debtor.next_action_date, latest, told)
            if debtor.chase_reason in ("due", "in_progress", "failed", "unknown"):
                at_work = debtor.action_ids.filtered(
                    lambda a: a.state in PENDING or a.date_done == today
                )
                steps = debtor.action_ids.mapped(
                    lambda a: (a.level, a.channel, a.state, a.reason, a.error)
                )
                self.assertTrue(at_work, f"{told}, {steps}")
            self.assertTrue(debtor.explanation, told)

    def _assert_no_level_twice(self):
        steps = self.engine["o2c.chase.action"].search(
            [("state", "not in", ("skipped", "cancelled"))]
        )
        keys = steps.mapped(lambda a: (a.debtor_id, a.cycle, a.level))
        self.assertEqual(len(keys), len(set(keys)))

    def test_everybody_overdue_has_a_next_step_or_a_day_of_review(self):
        """Random customers, random deeds, a run now and then; fixed seeds."""
        bands = self.new_plan([(1, 3, {"amount_min": 1000})], sequence=90)
        empty = self.new_plan([], sequence=91)
        self.plans = [self.plan, bands, empty, self.env["o2c.chase.plan"]]
        self.company.o2c_chase_from = "2026-01-01"
        for seed in SEEDS:
            with self.subTest(seed=seed), self.env.cr.savepoint() as savepoint:
                dice = random.Random(seed)  # noqa: S311
                self.invoices = []
                partners = [self._somebody(dice, n) for n in range(CUSTOMERS)]
                self._post_invoices()
                for day in DAYS:
                    with self.on_day(day):
                        self.chase()
                        self._assert_nobody_is_forgotten()
                        self._assert_no_level_twice()
                        for partner in partners:
                            self._something_happens(dice, partner)
                savepoint.rollback()
                self.env.invalidate_all()
