from unittest.mock import patch

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import tagged

from .promise_common import PromiseCommon


@tagged("post_install", "-at_install")
class TestPromiseJudge(PromiseCommon):
    """What became of promises: by value date, once, each leaving the books right."""

    def test_paid_in_time_is_kept(self):
        invoice = self.late(100, days=9)
        promise = self.promise((7, 100))
        self.paid_in(100, 7, invoice)
        self.judge(days=7)
        self.assertEqual(promise.state, "kept")
        self.assertEqual(self.judgements(promise), [("kept", 100)])
        self.judge(days=9)
        self.assertEqual(self.judgements(promise), [("kept", 100)], "judged once")
        self.assert_resting_is_right(days=9)

    def test_it_is_open_until_its_day_has_passed(self):
        self.late(100, days=9)
        promise = self.promise((7, 100))
        self.judge(days=7)
        self.assertEqual(promise.state, "open")
        self.judge(days=8)
        self.assertEqual(promise.state, "broken")
        self.assert_resting_is_right(days=8)

    def test_a_broken_one_wakes_the_plan_and_tells_the_collector(self):
        self.late(100, days=20)
        self.promise((1, 100))
        self.assertEqual(self.debtor().chase_reason, "promised")
        self.judge(days=2)
        debtor = self.debtor()
        activity = debtor.with_env(self.engine).activity_ids
        self.assertEqual(len(activity), 1)
        self.assertIn("Promise missed", activity.summary)
        self.assertEqual(debtor.chase_reason, "due")
        with self.on_day(2):
            self.run_chase()
            self.assertEqual(len(self.actions()), 1)

    def test_paid_in_part_is_partly_kept_with_its_share(self):
        invoice = self.late(100, days=9)
        promise = self.promise((7, 80))
        self.paid_in(60, 6, invoice)
        self.judge(days=8)
        self.assertRecordValues(
            promise, [{"state": "partly_kept", "amount_paid": 60, "share": 75}]
        )
        self.assertEqual(self.rested(), [(0, 40)])
        self.assert_resting_is_right(days=8)

    def test_the_value_date_decides_whenever_it_was_entered(self):
        first, second = self.late(100, days=9), self.late(100, days=8)
        early = self.promise((7, 100), moves=[first])
        late = self.promise((7, 100), moves=[second])
        self.paid_in(100, 7, first)
        self.paid_in(100, 8, second)
        self.judge(days=9)
        self.assertEqual((early.state, late.state), ("kept", "broken"))
        self.assert_resting_is_right(days=9)

    def test_grace_is_in_working_days(self):
        self.company.sudo().o2c_promise_grace_days = 2
        self.late(100, days=9)
        promise = self.promise((4, 100))  # a Friday
        self.assertEqual(promise.line_ids.date_deadline, self.on(8))
        self.judge(days=8)
        self.assertEqual(promise.state, "open")
        self.judge(days=9)
        self.assertEqual(promise.state, "broken")

    def test_an_instalment_due_on_a_holiday_may_be_paid_on_the_next_working_day(self):
        self.env["resource.calendar.leaves"].sudo().create(
            {
                "name": "Holiday",
                "calendar_id": self.company.resource_calendar_id.id,
                "company_id": self.company.id,
                "date_from": f"{self.on(7)} 00:00:00",
                "date_to": f"{self.on(7)} 23:59:59",
            }
        )
        invoice = self.late(100, days=9)
        promise = self.promise((7, 100))
        self.assertEqual(promise.line_ids.date_deadline, self.on(8))
        self.paid_in(100, 8, invoice)
        self.judge(days=8)
        self.assertEqual(promise.state, "kept")
        self.assert_resting_is_right(days=8)

    def test_part_of_it_a_minute_before_local_midnight(self):
        self.company.sudo().partner_id.tz = "Pacific/Auckland"
        invoice = self.late(100, days=9)
        promise = self.promise((7, 100))
        self.paid_in(40, 7, invoice)
        self.judge(days=7, clock="11:59:00")  # 23:59 there
        self.assertEqual(promise.state, "open")
        self.judge(days=7, clock="12:01:00")  # the next day there
        self.assertRecordValues(promise, [{"state": "partly_kept", "amount_paid": 40}])
        self.assert_resting_is_right(days=7)

    def test_money_counts_once_for_the_promise_that_is_due_first(self):
        invoice = self.late(100, days=9)
        later = self.promise((9, 60), moves=[invoice])
        first = self.promise((7, 60))
        self.paid_in(80, 5, invoice)
        self.refresh()
        self.assertEqual((first.amount_paid, later.amount_paid), (60, 20))
        self.judge(days=10)
        self.assertEqual((first.state, later.state), ("kept", "partly_kept"))
        self.assert_resting_is_right(days=10)

    def test_what_a_judged_one_has_got_is_not_counted_again(self):
        invoice = self.late(200, days=9)
        first = self.promise((3, 100))
        self.paid_in(100, 2, invoice)
        self.judge(days=4)
        second = self.promise((7, 100))
        self.refresh()
        self.assertEqual(second.amount_paid, 0)
        self.assertEqual(first.state, "kept")
        self.assertEqual(self.rested(), [(100, 0)])

    # ------------------------------------------------------------------
    # Money that is not matched yet
    # ------------------------------------------------------------------

    def test_unmatched_money_in_time_keeps_a_promise_on_named_items(self):
        self.late(50, days=30)
        invoice = self.late(100, days=9)
        promise = self.promise((7, 100), moves=[invoice])
        self.paid_in(100, 7)
        self.judge(days=7)
        self.assertEqual(promise.state, "kept")
        self.assertEqual(promise.line_ids.amount_unmatched, 100)
        self.assertEqual(promise.line_ids.date_paid, self.on(7))
        [task] = self.debtor().with_env(self.engine).activity_ids
        self.assertIn(f"with {invoice.name}", task.summary)
        self.assertEqual(task.user_id, self.debtor()._responsible() or task.user_id)
        self.judge(days=9)
        self.assertEqual(len(self.debtor().with_env(self.engine).activity_ids), 1)
        self.assert_resting_is_right(days=9)

    def test_unmatched_money_that_is_late_keeps_nothing(self):
        invoice = self.late(100, days=9)
        promise = self.promise((7, 100), moves=[invoice])
        self.paid_in(100, 8)
        self.judge(days=9)
        self.assertRecordValues(promise, [{"state": "broken", "amount_paid": 0}])
        self.assert_resting_is_right(days=9)

    def test_unmatched_money_does_not_turn_what_was_credited_into_a_broken_one(self):
        invoice = self.late(100, days=9)
        promise = self.promise((7, 100), moves=[invoice])
        self.match(invoice, self.credit_note(100))
        self.paid_in(20, 8)
        self.judge(days=9)
        self.assertEqual(promise.state, "cancelled")

    def test_unmatched_money_counts_once_after_what_is_matched(self):
        first, second = self.late(100, days=9), self.late(100, days=8)
        early = self.promise((5, 100), moves=[first])
        later = self.promise((7, 100), moves=[second])
        self.paid_in(50, 3)
        self.paid_in(70, 4, first)
        self.refresh()
        self.assertEqual(early.line_ids.amount_unmatched, 30)
        self.assertEqual((early.amount_paid, later.amount_paid), (100, 20))
        self.judge(days=8)
        self.assertEqual((early.state, later.state), ("kept", "partly_kept"))
        self.assert_resting_is_right(days=8)

    def test_money_that_paid_something_else_keeps_no_promise(self):
        named, other = self.late(100, days=9), self.late(100, days=8)
        promise = self.promise((7, 100), moves=[named])
        money = self.paid_in(100, 5)
        self.refresh()
        self.assertEqual(promise.amount_paid, 100)
        self.match(money, other)
        self.judge(days=8)
        self.assertEqual(promise.state, "broken")
        self.assert_resting_is_right(days=8)

    # ------------------------------------------------------------------
    # Meanwhile
    # ------------------------------------------------------------------

    def test_credited_meanwhile_leaves_nothing_to_keep(self):
        invoice = self.late(100, days=9)
        promise = self.promise((7, 100), moves=[invoice])
        self.match(invoice, self.credit_note(100))
        self.assertEqual(self.rested(), [])
        self.judge(days=8)
        self.assertEqual(promise.state, "cancelled")
        self.assertFalse(self.debtor().with_env(self.engine).activity_ids)
        self.assert_resting_is_right(days=8)

    def test_credited_in_part_and_the_rest_paid_is_kept(self):
        invoice = self.late(100, days=9)
        promise = self.promise((7, 100), moves=[invoice])
        self.match(invoice, self.credit_note(30))
        self.paid_in(70, 5, invoice)
        self.judge(days=8)
        self.assertRecordValues(promise, [{"state": "kept", "amount_paid": 70}])
        self.assert_resting_is_right(days=8)

    def test_a_cancelled_invoice_leaves_nothing_to_keep(self):
        invoice = self.late(100, days=9)
        self.late(50, days=3)
        promise = self.promise((7, 100), moves=[invoice])
        invoice.button_draft()
        invoice.button_cancel()
        self.assertEqual(self.rested(), [(0, 50)])
        self.judge(days=8)
        self.assertEqual(promise.state, "cancelled")
        self.assert_resting_is_right(days=8)

    def test_money_in_another_currency_than_the_promise(self):
        euro = self.setup_other_currency("EUR", rates=[("2016-01-01", 2.0)])
        invoice = self.invoice(100, due="2026-06-01", currency_id=euro.id)
        promise = self.promise((7, 100), moves=[invoice], currency_id=euro.id)
        self.assertEqual(self.rested(), [(50, 0)])
        self.assert_resting_is_right()
        self.paid_in(25, 3, invoice)  # dollars, worth 50 euros
        self.refresh()
        self.assertEqual(promise.amount_paid, 50)
        self.assertEqual(self.rested(), [(25, 0)])
        self.judge(days=8)
        self.assertEqual(promise.state, "partly_kept")
        self.assert_resting_is_right(days=8)

    # ------------------------------------------------------------------
    # Plans
    # ------------------------------------------------------------------

    def test_one_missed_instalment_ends_the_plan(self):
        invoice = self.late(300, days=9)
        plan = self.promise((2, 100), (9, 100), (16, 100))
        self.paid_in(100, 2, invoice)
        self.judge(days=3)
        self.assertEqual(plan.state, "open")
        self.assertEqual(self.rested(), [(200, 0)])
        self.judge(days=10)
        self.assertEqual(plan.state, "partly_kept")
        self.assertEqual(plan.line_ids.mapped("state"), ["kept", "broken", "cancelled"])
        self.assertEqual(self.rested(), [(0, 200)])
        self.assert_resting_is_right(days=10)

    def test_a_plan_that_is_paid_early_is_kept(self):
        invoice = self.late(300, days=9)
        plan = self.promise((2, 100), (9, 100), (16, 100))
        self.paid_in(300, 1, invoice)
        self.judge(days=1)
        self.assertEqual(plan.state, "kept")
        self.assertEqual(len(self.judgements(plan)), 3)
        self.assert_resting_is_right(days=1)

    # ------------------------------------------------------------------
    # Renegotiated, cancelled
    # ------------------------------------------------------------------

    def test_renegotiated_before_the_day_is_not_broken(self):
        self.late(100, days=9)
        old = self.promise((7, 100))
        with self.on_day(3):
            new = self.promise((12, 100), previous=old)
        self.assertEqual((old.state, new.state), ("renegotiated", "open"))
        self.assertEqual(new.previous_id, old)
        self.assertEqual(self.rested(), [(100, 0)])
        self.assertFalse(self.judgements(old))
        self.assert_resting_is_right()

    def test_renegotiated_after_the_day_is_broken(self):
        self.company.sudo().o2c_promise_grace_days = 5
        self.late(100, days=9)
        old = self.promise((2, 100))
        with self.on_day(3):
            new = self.promise((12, 100), previous=old)
        self.assertEqual((old.state, new.state), ("broken", "open"))
        self.assertEqual(self.judgements(old), [("broken", 0)])

    def test_a_cancelled_one_counts_for_nothing(self):
        self.late(100, days=9)
        promise = self.promise((7, 100))
        promise.with_user(self.collector).action_cancel()
        self.assertEqual(promise.state, "cancelled")
        self.assertEqual(self.rested(), [(0, 100)])
        self.assertFalse(self.debtor()._promise_figures())
        self.assertEqual(self.debtor().chase_reason, "due")
        self.assert_resting_is_right()

    def test_nobody_calls_off_a_promise_whose_day_has_passed(self):
        self.late(100, days=9)
        promise = self.promise((7, 100)).with_user(self.collector)
        with self.on_day(7):
            promise._check_not_over()
        with self.on_day(8), self.assertRaisesRegex(UserError, "day has passed"):
            promise.action_cancel()
        self.judge(days=8)
        self.assertEqual(promise.state, "broken")

    def test_a_customer_who_cannot_be_judged_stops_no_other(self):
        self.late(100, days=9)
        bad = self.promise((7, 100))
        other = self.new_debtor("Fine")
        self.late(50, days=9, partner=other)
        good = self.promise((7, 50), partner=other)
        model = self.registry["o2c.promise.line"]
        judged = model._set_judged

        def fail(line, *args, **options):
            if line.promise_id.id == bad.id:
                raise ValueError("no judgement")
            return judged(line, *args, **options)

        with (
            patch.object(model, "_set_judged", fail),
            self.assertLogs("odoo.addons.o2c_base.tools.transaction", "ERROR") as log,
        ):
            self.judge(days=8)
        self.assertIn(f"customer account {bad.debtor_id.id} failed", log.output[0])
        self.assertEqual((bad.state, good.state), ("open", "broken"))

    # ------------------------------------------------------------------
    # How they are kept
    # ------------------------------------------------------------------

    def test_how_promises_were_kept_by_customer_and_by_person(self):
        self.company.sudo().o2c_promise_grace_days = 3
        person = self.env["res.partner"].create(
            {"name": "Ms Ward", "parent_id": self.customer.id}
        )
        for days, paid in ((2, 4), (2, 3), (2, None)):
            invoice = self.late(100, days=9)
            self.promise((days, 100), moves=[invoice], person_id=person.id)
            if paid:
                self.paid_in(100, paid, invoice)
        self.judge(days=30)
        debtor = self.debtor().with_env(self.engine)
        self.assertEqual(
            debtor.promise_reliability, "kept 2 of 3, median 1.5 days late"
        )
        promise = debtor.promise_ids[0]
        self.assertIn("Ms Ward: kept 2 of 3", promise.reliability)

    def test_judging_costs_as_many_queries_for_any_number_of_customers(self):
        def cost(count, name):
            for number in range(count):
                partner = self.new_debtor(f"{name} {number}")
                invoice = self.late(100, days=9, partner=partner)
                self.promise((1, 100), moves=[invoice], partner=partner)
                self.paid_in(100, 1, invoice, partner=partner)
            self.refresh()
            judge = self.engine["o2c.promise"]
            lines = judge.env["o2c.promise.line"].search([("state", "=", "open")])
            self.engine.flush_all()
            self.engine.invalidate_all()
            before = self.engine.cr.sql_log_count
            judge._refresh_paid_of(lines.debtor_id)
            judge._what_is_owed(lines.promise_id)
            spent = self.engine.cr.sql_log_count - before
            lines.write({"state": "cancelled"})
            return spent

        cost(1, "Warm")
        self.assertEqual(cost(2, "Few"), cost(6, "Many"))

    def test_promises_go_along_when_customers_are_merged(self):
        twin = self.new_debtor("Twin")
        self.late(100, days=9, partner=twin)
        promise = self.promise((7, 100), partner=twin)
        self.late(30, days=9)
        self.refresh()
        wizard = self.env["base.partner.merge.automatic.wizard"].create(
            {
                "partner_ids": [Command.set((twin + self.customer).ids)],
                "dst_partner_id": self.customer.id,
            }
        )
        wizard.with_env(self.engine).action_merge()
        self.engine.invalidate_all()
        self.assertEqual(promise.debtor_id, self.debtor())
        self.assertEqual(sum(p for p, _c in self.rested()), 100)
        self.assert_resting_is_right()

    # ------------------------------------------------------------------
    # Figures
    # ------------------------------------------------------------------

    def figures(self, days):
        with self.on_day(days):
            model = self.engine["o2c.promise.figure"]
            model.invalidate_model()
            return model.search([("company_id", "=", self.company.id)])

    def test_promises_kept_by_number_and_by_value(self):
        """Half of three hundred came in time; the one that is open does not count."""
        invoices = [self.late(100, days=9) for _number in range(4)]
        for invoice, paid in zip(invoices, (100, 50, 0), strict=False):
            self.promise((7, 100), moves=[invoice])
            if paid:
                self.paid_in(paid, 7, invoice)
        self.promise((20, 100), moves=invoices[3:])
        self.judge(days=8)
        [figure] = self.figures(8)
        self.assertEqual((figure.count_due, figure.count_kept), (3, 1))
        self.assertEqual((figure.amount_promised, figure.amount_paid), (300, 150))
        self.assertEqual((figure.count_ratio, figure.value_ratio), ("33.3 %", "50.0 %"))
        action = figure.action_open_promises()
        found = self.engine["o2c.promise"].search(action["domain"])
        self.assertEqual(len(found), 3)
        self.assertFalse(self.figures(7 + 91), "out of the window")

    def test_promises_kept_count_in_company_currency(self):
        invoice = self.late(100, days=9)
        euro = self.setup_other_currency("EUR", rates=[("2026-01-01", 2.0)])
        self.promise((7, 200), moves=[invoice], currency_id=euro.id)
        self.judge(days=8)
        [figure] = self.figures(8)
        self.assertEqual((figure.amount_promised, figure.amount_paid), (100, 0))

    def test_who_has_no_role_and_who_works_elsewhere_sees_no_figures(self):
        self.late(100, days=9)
        self.promise((7, 100))
        self.judge(days=8)
        figures = self.env["o2c.promise.figure"]
        self.assertEqual(len(figures.with_user(self.collector).search([])), 1)
        company = self.setup_other_company()["company"]
        other = self.new_user("promise_elsewhere", "o2c_base.group_collector")
        other.write(
            {"company_ids": [Command.set(company.ids)], "company_id": company.id}
        )
        self.assertFalse(figures.with_user(other).search([]))
