from datetime import timedelta

from odoo import Command
from odoo.tests import tagged

from .chase_common import TODAY_DATE, ChaseCommon


@tagged("post_install", "-at_install")
class TestPlanSoon(ChaseCommon):
    """Reminders before the due date: of single invoices, in one message a day."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        template = cls.engine.ref("o2c_collections.mail_template_chase_soon")
        cls.plan.step_ids = [
            Command.create(
                {
                    "level": level,
                    "days": days,
                    "channel": "email",
                    "template_id": template.id,
                }
            )
            for level, days in ((1, -14), (2, -3))
        ]

    def coming(self, amount, days, posted_days=30, **values):
        """An invoice that is due in so many days."""
        return self.invoice(
            amount,
            date=TODAY_DATE - timedelta(days=posted_days),
            due=TODAY_DATE + timedelta(days=days),
            **values,
        )

    def items_reminded(self):
        return [
            (action.level, action.item_id.move_id, action.state)
            for action in self.actions(("cycle", "=", 0))
        ]

    def test_an_invoice_is_reminded_of_before_it_is_due(self):
        invoice = self.coming(100, days=14)
        decision = self.decide()
        self.assertEqual(decision["reason"], "due_soon")
        self.assertEqual(
            (decision["level"], decision["channel"], decision["amount_due"]),
            (1, "email", 100),
        )
        self.chase()
        self.assertEqual(self.items_reminded(), [(1, invoice, "done")])
        self.assertEqual(self.standing(), (0, 0), "no cycle, no level")
        self.assertFalse(self.debtor().level_date)

    def test_each_reminder_is_sent_once_and_none_after_the_due_date(self):
        invoice = self.coming(100, days=20)
        for day in range(22):
            with self.on_day(day):
                self.chase()
        self.assertEqual(
            self.items_reminded(), [(1, invoice, "done"), (2, invoice, "done")]
        )
        days = [a.date_done - TODAY_DATE for a in self.actions(("cycle", "=", 0))]
        self.assertEqual([day.days for day in days], [6, 17])

    def test_several_invoices_go_into_one_message_a_day(self):
        invoices = [self.coming(100 + n, days=10 + n) for n in range(3)]
        run = self.run_chase()
        self.assertEqual(run.planned_count, 3)
        actions = self.actions()
        self.assertEqual(actions.item_id.move_id, sum(invoices[1:], invoices[0]))
        [message] = actions.message_id
        figures = message.figures
        self.assertEqual(
            [item["amount_open"] for item in figures["items"]], [100, 101, 102]
        )
        self.assertEqual([total["amount"] for total in figures["totals"]], [303])
        self.assertIn("due soon", message.subject.lower())
        self.run_chase()
        self.assertEqual(len(self.actions()), 3)

    def test_only_the_reminder_nearest_to_the_due_date_is_sent(self):
        self.coming(100, days=2)
        self.chase()
        self.assertEqual([action.level for action in self.actions()], [2])

    def test_an_invoice_younger_than_its_reminder_gets_none(self):
        self.coming(100, days=2, posted_days=0)
        self.assertEqual(self.reason(), "not_due")

    def test_what_is_paid_disputed_or_excluded_is_not_reminded_of(self):
        paid, excluded = self.coming(100, days=3), self.coming(50, days=3)
        self.receivable_lines(excluded).no_followup = True
        disputed = self.receivable_lines(self.coming(70, days=3))
        self.pay(paid)
        with self.taken(disputed, disputed=70):
            self.assertEqual(self.decide()["outcome"], "none")

    def test_paid_before_sending_is_not_sent(self):
        invoice = self.coming(100, days=3)
        self.run_chase()
        [message] = self.actions().message_id
        self.pay(invoice)
        self.assertEqual(message._stale_reason(), "figures_changed")

    def test_a_reminder_that_comes_after_the_due_date_is_not_sent(self):
        self.coming(100, days=0)
        self.run_chase()
        [message] = self.actions().message_id
        self.assertFalse(message._stale_reason())
        with self.on_day(1):
            self.assertEqual(message._stale_reason(), "step_changed")

    def test_a_pause_holds_for_reminders_too(self):
        self.coming(100, days=3)
        self.refresh()
        self.debtor().sudo().paused_until = TODAY_DATE
        self.assertEqual(self.decide()["outcome"], "none")
        self.assertEqual(self.run_chase().planned_count, 0)

    def test_who_is_reminded_of_what_is_overdue_gets_one_letter_that_day(self):
        self.coming(100, days=3)
        overdue = self.late(80, days=5)
        self.chase()
        self.assertEqual(self.story(), [(1, "email", "done")])
        [message] = self.actions().message_id
        self.assertEqual(
            [item["number"] for item in message.figures["items"]], [overdue.name]
        )
        with self.on_day(1):
            self.chase()
        self.assertEqual(
            [(action.cycle, action.level) for action in self.actions()],
            [(1, 1), (0, 2)],
        )

    def test_without_an_address_somebody_calls_about_all_of_them_at_once(self):
        self.customer.email = False
        self.coming(100, days=3)
        self.coming(50, days=2)
        self.chase()
        actions = self.actions()
        self.assertEqual(set(actions.mapped("channel")), {"call"})
        [activity] = actions.activity_id
        activity._action_done()
        self.assertEqual(set(self.actions().mapped("state")), {"done"})

    def test_the_account_says_when_the_next_reminder_comes(self):
        self.coming(100, days=10)
        self.chase()
        self.assertEqual(self.debtor().chase_reason, "not_due")
        self.assertEqual(self.debtor().next_action_date, TODAY_DATE + timedelta(days=7))

    def test_preview_and_run_tell_the_same(self):
        for number in range(4):
            partner = self.new_debtor(f"Soon {number}")
            self.coming(100, days=3 + number, partner=partner)
            self.coming(60, days=2, partner=partner)
        self.refresh()
        rows = self.env["o2c.chase.decision"].search([("outcome", "=", "due")])
        shown = {(d.debtor_id.id, d.channel, d.reason, d.amount_due) for d in rows}
        run = self.run_chase()
        planned = {
            (debtor.id, *set(acts.mapped("channel")), *set(acts.mapped("reason")),
             sum(acts.mapped("amount_due")))
            for debtor, acts in run.action_ids.grouped("debtor_id").items()
        }  # fmt: skip
        self.assertEqual(len(shown), 4)
        self.assertEqual(shown, planned)

    def test_plans_that_nobody_has_cost_nothing(self):
        """The shipped plans with reminders leave the statement as it was."""
        decisions = self.engine["o2c.chase.decision"]
        self.assertEqual(decisions._wanted_parts(self.company), {"soon"})
        self.plan.step_ids.filtered("is_before_due").unlink()
        self.new_plan([(1, -5)], sequence=99)
        self.assertEqual(decisions._wanted_parts(self.company), set())
