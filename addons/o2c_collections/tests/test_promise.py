import doctest

from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

from ..domain import promise as rules
from .promise_common import PromiseCommon


@tagged("post_install", "-at_install")
class TestPromise(PromiseCommon):
    """Taking a promise: what rests, what it is about, and who may agree to it."""

    def test_doctests(self):
        self.assertEqual(doctest.testmod(rules).failed, 0)

    def test_what_is_promised_rests_and_the_rest_is_asked_for(self):
        self.late(100, days=9)
        self.late(50, days=3)
        self.promise((7, 120))
        self.assertEqual(self.rested(), [(100, 0), (20, 30)])
        self.assert_resting_is_right()
        self.assertEqual(self.debtor().amount_collectable, 30)

    def test_the_overview_tells_what_was_promised_thirty_days_ago(self):
        self.late(100, days=9)
        self.promise((20, 60))
        self.refresh()
        snapshots = self.engine["o2c.kpi.snapshot"]
        snapshots._take(self.company)
        with freeze_time(f"{self.on(30)} 12:00:00"):
            self.promise((40, 90))
            self.refresh()
            snapshots._take(self.company)
            panel = self.engine["o2c.overview"]._panel_tiles(self.company)
        [tile] = [tile for tile in panel["tiles"] if tile["code"] == "promised"]
        self.assertEqual([value for _day, value in tile["points"]], [60, 90])
        self.assertEqual((tile["value"], tile["change"]["value"]), (90, 30))

    def test_a_promise_of_all_lets_the_chase_rest_and_says_until_when(self):
        self.late(100, days=5)
        self.assertEqual(self.reason(), "due")
        self.promise((7, 100))
        self.assertEqual(self.reason(), "promised")
        self.assertEqual(self.debtor().chase_reason, "promised")
        text = self.debtor().with_env(self.engine).explanation
        self.assertIn("100.00", text)
        self.assertIn("06/22/2026", text)
        self.run_chase()
        self.assertFalse(self.actions())

    def test_the_calendar_has_each_instalment_with_amount_and_colour(self):
        self.late(100, days=9)
        plan = self.promise((7, 40), (37, 60)).with_user(self.collector)
        view = self.env.ref("o2c_collections.o2c_promise_line_action")
        self.assertEqual(view.res_model, plan.line_ids._name)
        names = plan.line_ids.mapped("display_name")
        self.assertTrue(names[0].endswith("40.00 Bolt"), names)
        self.assertEqual(plan.line_ids.mapped("color"), [4, 4])
        plan.action_cancel()
        self.assertEqual(plan.line_ids.mapped("color"), [5, 5])
        opened = plan.line_ids[1].action_open_promise()
        self.assertEqual((opened["res_model"], opened["res_id"]), (plan._name, plan.id))

    def test_named_items_rest_and_the_others_do_not(self):
        self.late(100, days=9)
        second = self.late(50, days=3)
        promise = self.promise((7, 50), moves=[second])
        self.assertFalse(promise.is_account)
        self.assertEqual(self.rested(), [(0, 100), (50, 0)])
        self.assert_resting_is_right()

    def test_a_named_item_that_is_gone_does_not_become_the_account(self):
        self.late(100, days=9)
        second = self.late(50, days=3)
        promise = self.promise((7, 50), moves=[second])
        promise.move_line_ids = False
        self.assertEqual(self.rested(), [(0, 100), (0, 50)])
        self.assert_resting_is_right()

    def test_what_was_paid_of_it_rests_no_longer(self):
        invoice = self.late(100, days=9)
        promise = self.promise((7, 60))
        self.paid_in(25, 1, invoice)
        self.refresh()
        self.assertEqual(promise.amount_paid, 25)
        self.assertEqual(self.rested(), [(35, 40)])
        self.paid_in(35, 2, invoice)
        self.refresh()
        self.assertEqual(self.rested(), [(0, 40)])
        self.assert_resting_is_right()

    def test_money_on_account_counts_for_the_account_alone(self):
        invoice = self.late(100, days=9)
        account = self.promise((7, 50))
        named = self.promise((8, 50), moves=[invoice])
        self.paid_in(30, 1)
        self.refresh()
        self.assertEqual((account.amount_paid, named.amount_paid), (30, 0))
        self.assert_resting_is_right()

    def test_money_that_was_there_already_is_not_paid_once_more(self):
        invoice = self.late(100, days=9)
        self.paid_in(50, 0, invoice)
        promise = self.promise((7, 50))
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE o2c_promise SET create_date = create_date + interval '1 hour'"
            " WHERE id = %s",
            [promise.id],
        )
        self.engine.invalidate_all()
        promise._refresh_paid()
        self.assertEqual(promise.amount_paid, 0)
        self.assertEqual(self.rested(), [(50, 0)])

    def test_a_returned_payment_lets_the_promise_rest_again(self):
        invoice = self.late(100, days=9)
        promise = self.promise((7, 100))
        payment = self.paid_in(60, 1, invoice)
        self.refresh()
        self.assertEqual(promise.amount_paid, 60)
        payment.action_draft()
        payment.action_cancel()
        self.refresh()
        self.assertEqual(promise.amount_paid, 0)
        self.assertEqual(self.rested(), [(100, 0)])
        self.assert_resting_is_right()

    def test_a_promise_and_a_plan_are_named_by_what_they_are(self):
        self.late(300, days=9)
        single = self.promise((7, 50))
        plan = self.promise((7, 100), (14, 100))
        self.assertFalse(single.is_plan)
        self.assertTrue(plan.is_plan)
        self.assertEqual(plan.date_due, self.on(7))
        self.assertIn("$", single.display_name)

    # ------------------------------------------------------------------
    # Who may agree to what
    # ------------------------------------------------------------------

    def test_beyond_the_policy_it_takes_a_manager(self):
        self.late(700, days=9)
        manager = self.new_user("promise_boss", "o2c_base.group_manager")
        weekly = [(7 * number, 100) for number in range(1, 8)]
        for lines in ([(31, 50)], weekly, [(7, 10), (14, 90)]):
            with self.subTest(lines=lines):
                with self.assertRaises(UserError):
                    self.promise(*lines, user=self.collector)
                self.assertTrue(self.promise(*lines, user=manager))

    def test_what_makes_no_sense_is_refused(self):
        invoice = self.late(100, days=9)
        paid = self.late(10, days=2)
        self.pay(paid)
        other = self.new_debtor("Other")
        foreign = self.late(10, days=2, partner=other)
        for lines, more in (
            ([], {}),
            ([(7, 0)], {}),
            ([(7, -5)], {}),
            ([(7, 0.001)], {}),
            ([(7, 10)], {"date": self.on(1)}),
            ([(-3, 10)], {}),
            ([(7, 10)], {"moves": [paid]}),
            ([(7, 10)], {"moves": [foreign]}),
            ([(7, 10)], {"person_id": other.id}),
        ):
            with self.subTest(lines=lines, more=more), self.assertRaises(UserError):
                self.promise(*lines, **more)
        self.assertTrue(self.promise((7, 10), moves=[invoice]))

    def test_a_past_day_may_be_recorded(self):
        self.late(100, days=9)
        promise = self.promise((-4, 100), date=self.on(-5))
        self.assertEqual(promise.state, "open")
        self.assertEqual(self.rested(), [(0, 100)])

    def test_after_a_broken_one_only_a_collector_grants_another(self):
        self.late(100, days=9)
        self.promise((1, 100))
        self.judge(days=4)
        self.assertTrue(self.debtor()._missed_last())
        self.assertTrue(self.promise((7, 100), user=self.collector))

    def test_amounts_and_states_are_nobody_s_to_write(self):
        self.late(100, days=9)
        promise = self.promise((7, 100)).with_user(self.collector)
        promise.note = "He was friendly"
        for values in ({"state": "kept"}, {"amount_paid": 5}, {"date": "2026-01-01"}):
            with self.subTest(values), self.assertRaises(AccessError):
                promise.write(values)
        with self.assertRaises(AccessError):
            promise.line_ids.write({"amount": 5})
        with self.assertRaises(AccessError):
            promise.copy()

    # ------------------------------------------------------------------
    # The dialog
    # ------------------------------------------------------------------

    def dialog(self, **defaults):
        self.refresh()
        debtor = self.debtor().with_user(self.collector)
        context = debtor.action_promise()["context"] | defaults
        model = self.env["o2c.promise.taking"].with_user(self.collector)
        return Form(model.with_context(**context))

    def test_the_dialog_proposes_what_is_overdue(self):
        self.late(100, days=9)
        self.late(70, days=-9)
        with self.dialog() as form:
            self.assertEqual(form.amount, 100)
            self.assertEqual(form.date_due, self.on(7))
            form.note = "<b>Friday</b>"
        form.record.action_take()
        promise = self.debtor().promise_ids
        self.assertRecordValues(
            promise,
            [{"amount": 100, "state": "open", "note": "<b>Friday</b>"}],
        )
        self.assertEqual(promise.user_id, self.collector)
        self.assertEqual(self.debtor().promise_count, 1)

    def test_from_the_list_the_dialog_asks_whose_promise_it_is(self):
        self.late(100, days=9)
        self.refresh()
        promises = self.env["o2c.promise"].with_user(self.collector)
        context = promises.action_new()["context"]
        model = self.env["o2c.promise.taking"].with_user(self.collector)
        with Form(model.with_context(**context)) as form:
            self.assertFalse(form.amount)
            form.debtor_id = self.debtor().with_user(self.collector)
            self.assertEqual(form.amount, 100)
        form.record.action_take()
        self.assertEqual(self.debtor().promise_ids.amount, 100)

    def test_the_timeline_tells_what_became_of_promises(self):
        self.late(100, days=9)
        self.promise((1, 100))
        self.judge(days=4)
        rows = [r for r in self.debtor().timeline_rows() if r["kind"] == "promises"]
        self.assertEqual(len(rows), 1)
        self.assertIn("Broken", rows[0]["title"])
        self.assertIn("100.00", rows[0]["text"])
        self.assertTrue(rows[0]["in_all"])

    def test_the_overview_has_a_tile_whose_list_sums_to_it(self):
        self.late(100, days=9)
        self.promise((7, 60))
        self.refresh()
        panel = self.env["o2c.overview"].with_user(self.collector).get_panel("tiles")
        [tile] = [tile for tile in panel["tiles"] if tile["code"] == "promised"]
        self.assertEqual(tile["value"], 60)
        found = self.env["o2c.debtor"].search(tile["link"]["domain"])
        self.assertEqual(sum(found.mapped("amount_promised")), 60)

    def test_the_dialog_makes_a_plan_with_a_deposit(self):
        self.late(1000, days=9)
        with self.dialog() as form:
            form.is_plan = True
            form.deposit = 250
            form.number = 3
            form.every = "weekly"
        self.assertEqual(form.record.line_ids.mapped("amount"), [250, 250, 250, 250])
        form.record.action_take()
        promise = self.debtor().promise_ids
        self.assertEqual(
            promise.line_ids.mapped("date_due"),
            [self.on(7), self.on(14), self.on(21), self.on(28)],
        )
        self.assertEqual(self.rested(), [(1000, 0)])

    def test_an_instalment_on_a_day_off_moves_to_the_next_working_day(self):
        self.late(1000, days=9)
        with self.dialog() as form:
            form.is_plan = True
            form.date_due = self.on(5)  # a Saturday
            form.number = 2
            form.every = "weekly"
        self.assertEqual(
            form.record.line_ids.mapped("date_due"), [self.on(7), self.on(14)]
        )

    def test_instalments_that_do_not_add_up_are_refused(self):
        self.late(1000, days=9)
        with self.dialog() as form:
            form.is_plan = True
            form.number = 2
            with form.line_ids.edit(0) as line:
                line.amount = 400
        with self.assertRaises(UserError):
            form.record.action_take()

    def test_the_dialog_says_when_it_takes_a_manager(self):
        self.late(1000, days=9)
        with self.dialog() as form:
            self.assertFalse(form.obstacle)
            form.date_due = self.on(60)
            self.assertIn("first payment", form.obstacle)

    def test_the_agreement_is_printed(self):
        self.late(300, days=9)
        promise = self.promise((7, 100), (14, 200))
        action = promise.with_user(self.collector).action_print()
        self.assertEqual(action["type"], "ir.actions.report")
        html, _kind = self.env["ir.actions.report"]._render_qweb_html(
            "o2c_collections.report_promise_action", promise.ids
        )
        text = html.decode()
        for part in (
            "Bolt",
            "06/22/2026",
            "06/29/2026",
            "300.00",
            "instalment is missed",
        ):
            self.assertIn(part, text)

    def test_the_last_day_of_a_plan_is_a_managers_to_agree_to(self):
        """Thirty days for the first of six instalments, a month for each other one."""
        self.late(100, days=9)
        collector = self.collector
        with self.assertRaisesRegex(UserError, "last payment is due by"):
            self.promise((7, 50), (30 + 5 * 31 + 1, 50), user=collector)
        promise = self.promise((7, 50), (30 + 5 * 31, 50), user=collector)
        self.assertEqual(promise.state, "open")

    def test_a_day_out_of_reach_is_refused_to_everybody(self):
        self.late(100, days=9)
        with self.assertRaisesRegex(UserError, "within the next 5 years"):
            self.promise((7, 50), (6 * 366, 50))
