from unittest.mock import patch

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged
from odoo.tools import SQL, mute_logger

from odoo.addons.o2c_base.models import o2c_event

from .chase_common import ChaseCommon

DAILY = ("ledger", "once", "silence")


@tagged("post_install", "-at_install")
class TestSelfCheck(ChaseCommon):
    """The suite checks itself: each result is stored, a bad one alarms once."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.manager = cls.new_user("check_manager", "o2c_base.group_manager")
        cls.company.sudo().o2c_owner_id = cls.manager
        cls.checks = cls.engine["o2c.self.check"]
        cls.late(100, days=5)

    def setUp(self):
        super().setUp()
        self.refresh()

    def check(self, kind):
        """Make one check, as the job does."""
        self.env.flush_all()
        self.env.invalidate_all()
        self.checks._check(self.company.id, kind)
        return self.result(kind)

    def result(self, kind):
        company = False if kind == "chain" else self.company.id
        domain = [("kind", "=", kind), ("company_id", "=", company)]
        return self.checks.search(domain, limit=1)

    def run_job(self):
        with self.enter_registry_test_mode(), self.registry.cursor() as cr:
            self.engine(cr=cr)["o2c.self.check"]._cron_check()
        self.engine.invalidate_all()

    def seal(self):
        self.engine.flush_all()
        while self.engine["o2c.event"]._seal_batch():
            pass
        self.engine.invalidate_all()

    def alarms(self):
        activities = self.engine["mail.activity"]
        return activities.search([("res_model", "=", "o2c.self.check")])

    def panel(self, user=None):
        self.env.flush_all()
        self.env.invalidate_all()
        overview = self.env["o2c.overview"].with_user(user or self.manager)
        return overview.with_company(self.company).get_panel("control")

    # The job

    def test_a_day_of_right_checks_is_green(self):
        self.chase()
        self.seal()
        self.run_job()
        for kind in (*DAILY, "chain"):
            self.assertEqual(self.result(kind).state, "good", kind)
        self.assertEqual(self.panel()["state"], "good")
        self.assertFalse(self.alarms())

    def test_daily_checks_are_made_once_a_day_and_after_the_night(self):
        with self.on_day(1):
            with patch.object(type(self.checks), "_is_time", lambda self, root: False):
                self.run_job()
            self.assertFalse(self.result("ledger"))
            self.run_job()
            first = self.result("ledger")
            self.assertTrue(first)
            self.run_job()
            self.assertEqual(self.result("ledger"), first)
        with self.on_day(2):
            self.run_job()
            self.assertNotEqual(self.result("ledger"), first)

    def test_a_check_that_breaks_is_red_and_stops_no_other(self):
        with (
            patch.object(
                type(self.checks), "_check_ledger", side_effect=ValueError("x")
            ),
            mute_logger("odoo.addons.o2c_collections.models.o2c_self_check"),
        ):
            self.run_job()
        self.assertEqual(self.result("ledger").state, "error")
        self.assertEqual(self.result("once").state, "good")
        self.assertEqual(self.panel()["state"], "bad")

    def test_a_missing_check_is_red(self):
        self.run_job()
        self.seal()
        with self.on_day(3):
            self.assertEqual(self.panel()["state"], "bad")

    # Invariants

    def test_a_ledger_changed_past_odoo_is_found(self):
        self.assertEqual(self.check("ledger").state, "good")
        move = self.late(70, days=3)
        self.env.flush_all()
        line = self.receivable_lines(move)
        self.env.cr.execute(
            SQL(
                "UPDATE account_move_line SET amount_residual = 60,"
                " amount_residual_currency = 60 WHERE id = %s",
                line.id,
            )
        )
        result = self.check("ledger")
        self.assertEqual((result.state, result.count), ("bad", 1))
        self.assertIn("10.00", result.words)
        self.assertIn(move.name, result.words)

    def test_a_level_done_twice_is_found(self):
        self.chase()
        self.assertEqual(self.check("once").state, "good")
        self.env.cr.execute("DROP INDEX o2c_chase_action_once")
        self.actions().copy({"state": "done"})
        result = self.check("once")
        self.assertEqual((result.state, result.count), ("bad", 1))
        self.assertIn("Bolt", result.words)

    def test_a_forgotten_customer_is_found(self):
        self.chase()
        self.assertEqual(self.check("silence").state, "good")
        account = self.debtor().sudo()
        cases = (
            {"chase_reason": False},
            {"next_action_date": False},
            {"next_action_date": self.day("2026-06-13")},
            {"next_action_date": self.day("2026-09-14")},
            {"chase_reason": "in_progress", "next_action_date": self.day("2026-06-16")},
        )
        for values in cases:
            with self.subTest(values), self.env.cr.savepoint() as savepoint:
                account.write(values)
                result = self.check("silence")
                self.assertEqual((result.state, result.count), ("bad", 1))
                self.assertIn("Bolt", result.words)
                seen = account.with_user(self.manager)
                self.assertTrue(seen.lacks_next_step)
                found = seen.search([("lacks_next_step", "=", True)])
                self.assertEqual(found, seen)
                savepoint.rollback()
                self.env.invalidate_all()
        account.next_action_date = self.day("2026-09-13")
        self.assertEqual(self.check("silence").state, "good")
        self.assertFalse(account.lacks_next_step)

    def test_while_nobody_is_chased_nobody_is_forgotten(self):
        self.company.sudo().o2c_sending = False
        self.assertEqual(self.check("silence").state, "good")

    # The history

    def test_a_changed_history_is_red_with_its_first_broken_number(self):
        self.chase()
        self.seal()
        self.env.cr.execute(
            "SELECT sequence FROM o2c_event WHERE sequence IS NOT NULL"
            " ORDER BY sequence DESC LIMIT 1 OFFSET 1"
        )
        [place] = self.env.cr.fetchone()
        self.env.cr.execute(
            "UPDATE o2c_event SET kind = 'nothing' WHERE sequence = %s", [place]
        )
        self.engine.invalidate_all()
        with patch.object(o2c_event, "EVENTS_PER_BATCH", 50):
            self.run_job()
        result = self.result("chain")
        self.assertEqual((result.state, result.count), ("bad", place))
        [row] = [c for c in self.panel()["checks"] if c["code"] == "chain"]
        self.assertIn(str(place), row["words"])

    def test_the_history_is_checked_on_from_where_it_was_cut_off(self):
        for _number in range(7):
            self.engine["o2c.event"]._record("tested", self.company)
        self.seal()
        with patch.object(o2c_event, "EVENTS_PER_BATCH", 3):
            self.assertTrue(self.checks._chain_step())
        row = self.result("chain")
        self.assertEqual((row.state, row.position), ("running", 3))
        self.run_job()
        self.assertEqual(self.result("chain"), row)
        self.assertEqual(row.state, "good")
        self.assertGreaterEqual(row.position, 7)

    def test_yesterday_s_end_bears_witness(self):
        """A history made anew, seals and all, differs from what was checked."""
        for _number in range(4):
            self.engine["o2c.event"]._record("tested", self.company)
        self.seal()
        self.run_job()
        self.result("chain").position_hash = "0" * 64
        with self.on_day(1):
            self.run_job()
            self.assertEqual(self.result("chain").state, "bad")

    # What waits for somebody

    def test_stuck_steps_and_messages_are_listed_with_an_alarm(self):
        self.run_chase()
        message = self.engine["o2c.chase.message"].search([])
        message._set_sending()
        self.actions().write({"state": "claimed"})
        self.assertEqual(self.check("stuck_steps").state, "good")
        self.assertEqual(self.check("stuck_messages").state, "good")
        self.env.flush_all()
        for table in ("o2c_chase_message", "o2c_chase_action"):
            self.env.cr.execute(f"UPDATE {table} SET write_date = '2026-06-15 10:00'")  # noqa: S608
        for kind in ("stuck_steps", "stuck_messages"):
            result = self.check(kind)
            self.assertEqual((result.state, result.count), ("bad", 1), kind)
            self.assertEqual(result.activity_ids.user_id, self.manager)
            action = result.with_user(self.manager).action_open_found()
            model = self.env[action["res_model"]].with_user(self.manager)
            self.assertEqual(model.search_count(action["domain"]), 1)

    def test_failed_unknown_and_unmatched_are_counted(self):
        self.chase()
        action = self.actions()
        action.state = "failed"
        self.assertEqual(self.check("failed").count, 1)
        action.state = "unknown"
        self.assertEqual(self.check("failed").count, 0)
        self.assertEqual(self.check("unknown").count, 1)
        reply = {"company_id": self.company.id, "date": "2026-06-15 10:00:00"}
        self.engine["o2c.reply"].create({**reply, "state": "unmatched"})
        self.engine["o2c.reply"].create(
            {**reply, "state": "unmatched", "is_automatic": True}
        )
        self.assertEqual(self.check("unmatched").count, 1)
        counts = {row["code"]: row["count"] for row in self.panel()["lists"]}
        self.assertEqual(
            counts,
            {
                "stuck_steps": 0,
                "stuck_messages": 0,
                "to_review": 0,
                "failed": 0,
                "unknown": 1,
                "unmatched": 1,
                "excluded": 0,
            },
        )

    def test_a_message_that_nobody_reads_alarms_after_three_days(self):
        self.plan.step_ids.needs_review = True
        self.run_chase()
        self.assertEqual(self.actions().state, "to_review")
        with self.on_day(3):
            self.assertEqual(self.check("to_review").state, "good")
        with self.on_day(4):
            result = self.check("to_review")
            self.assertEqual((result.state, result.count), ("bad", 1))
            self.assertIn("Bolt", result.words)
            self.assertEqual(result.activity_ids.user_id, self.manager)
            action = result.with_user(self.manager).action_open_found()
            steps = self.env[action["res_model"]].with_user(self.manager)
            self.assertEqual(steps.search(action["domain"]), self.actions())
            counts = {row["code"]: row["count"] for row in self.panel()["lists"]}
            self.assertEqual(counts["to_review"], 1)
            self.actions().with_user(self.manager)._pass_over()
            self.assertEqual(self.check("to_review").state, "good")
            self.assertFalse(self.alarms())

    def test_an_excluded_item_is_asked_about_once_on_its_day(self):
        collector = self.new_user("check_asked", "o2c_base.group_collector")
        self.debtor().sudo().collector_id = collector
        moves = self.late(70, days=5) + self.late(30, days=5)
        moves.no_followup = True
        tasks = self.engine["mail.activity"]
        kind = self.engine.ref("o2c_collections.mail_activity_type_exclusion")
        mine = [("activity_type_id", "=", kind.id)]
        with self.on_day(89):
            self.check("excluded")
            self.assertFalse(tasks.search(mine))
        for day in (90, 90, 93):
            with self.on_day(day):
                self.assertEqual(self.check("excluded").state, "good")
                [task] = tasks.search(mine)
        self.assertEqual(task.user_id, collector)
        self.assertEqual(str(task.date_deadline), "2026-09-13")
        for move in moves:
            self.assertIn(move.name, task.note)
        with self.on_day(94):
            result = self.check("excluded")
            self.assertEqual((result.state, result.count), ("bad", 2))
            self.assertEqual(result.activity_ids.user_id, self.manager)
            action = result.with_user(self.manager).action_open_found()
            items = self.env["o2c.open.item"].with_user(self.manager)
            items = items.search(action["domain"])
            self.assertEqual(items.move_id, moves)
            task.action_feedback()
            self.check("excluded")
            self.assertFalse(tasks.search(mine), "nobody is asked twice")
            items[0].with_user(collector).action_exclude()
            items[1].with_user(collector).action_follow_up()
            self.assertEqual(self.check("excluded").state, "good")
        with self.on_day(184):
            self.check("excluded")
            [task] = tasks.search(mine)
            self.pay(items[0].move_id)
            self.check("excluded")
            self.assertFalse(tasks.search(mine), "what is paid is decided")

    # Alarms

    def test_an_alarm_is_raised_once_and_ends_by_itself(self):
        self.chase()
        self.actions().state = "failed"
        for day in (0, 1, 2):
            with self.on_day(day):
                self.check("failed")
        alarm = self.alarms()
        self.assertEqual(len(alarm), 1)
        self.assertEqual(alarm.user_id, self.manager)
        self.actions().state = "done"
        with self.on_day(3):
            self.assertEqual(self.check("failed").state, "good")
        self.assertFalse(self.alarms())
        events = self.engine["o2c.event"].search(
            [("kind", "in", ("check_failed", "check_passed"))], order="id"
        )
        self.assertEqual(events.mapped("kind"), ["check_failed", "check_passed"])

    def test_who_watches_is_somebody_with_a_role_in_the_company(self):
        employee = self.new_user("check_employee", "base.group_user")
        company = self.company.sudo()
        self.assertEqual(company._o2c_owner(), self.manager)
        company.o2c_owner_id = employee
        self.assertNotEqual(company._o2c_owner(), employee)
        self.assertTrue(company._o2c_owner().has_group("o2c_base.group_manager"))
        company.o2c_preview_seen_by = self.manager
        self.assertEqual(company._o2c_owner(), self.manager)

    # Rights

    def test_checks_are_read_only_and_of_one_s_company(self):
        self.run_job()
        other = self.setup_other_company()["company"]
        outsider = new_test_user(
            self.engine,
            login="check_outsider",
            groups="o2c_base.group_manager",
            company_id=other.id,
            company_ids=[Command.set(other.ids)],
        )
        seen = self.env["o2c.self.check"].with_user(outsider).search([])
        self.assertFalse(seen.company_id & self.company)
        row = self.result("ledger")
        with self.assertRaises(AccessError):
            row.with_user(outsider).action_open_found()
        mine = row.with_user(self.manager)
        for call in (
            lambda: mine.write({"state": "good"}),
            mine.unlink,
            lambda: mine.create({"kind": "once", "date": "2026-06-15"}),
        ):
            with self.assertRaises(AccessError):
                call()

    def test_a_manager_asks_for_new_checks(self):
        self.run_job()
        collector = self.new_user("check_collector", "o2c_base.group_collector")
        model = self.env["o2c.self.check"].with_company(self.company)
        with self.assertRaises(AccessError):
            model.with_user(collector).action_check_now()
        branch = self.env["res.company"].create(
            {"name": "Branch", "parent_id": self.company.id}
        )
        of_branch = self.new_user("check_branch", "o2c_base.group_manager")
        of_branch.write({"company_id": branch.id, "company_ids": [(6, 0, branch.ids)]})
        with self.assertRaises(AccessError):
            model.with_user(of_branch).with_company(branch).action_check_now()
        model.with_user(self.manager).action_check_now()
        self.assertEqual(self.result("ledger").state, "running")
        self.assertIn(self.panel()["state"], ("good", "bad"))
        self.run_job()
        self.assertEqual(self.result("ledger").state, "good")

    def test_every_role_sees_the_card(self):
        self.run_job()
        for group in ("collector", "credit_manager", "auditor", "manager"):
            user = self.new_user(f"card_{group}", f"o2c_base.group_{group}")
            panel = self.panel(user)
            self.assertEqual(len(panel["checks"]), 5, group)
            self.assertEqual(len(panel["lists"]), 7, group)
            self.assertEqual(panel["may_check"], group == "manager")
            for row in panel["checks"] + panel["lists"]:
                self.assertTrue(row["link"]["action"])
