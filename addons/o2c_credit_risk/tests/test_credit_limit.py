from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from .limit_common import LimitCommon


@tagged("post_install", "-at_install")
class TestCreditLimit(LimitCommon):
    def test_a_salesperson_asks_and_a_credit_manager_decides(self):
        limit = self.limit(5000, user=self.salesman, reason="Grows fast")
        self.assertEqual(self.now(), (0, False))
        limit.action_request()
        self.assertEqual(limit.state, "requested")
        activity = limit.sudo().activity_ids
        self.assertEqual(activity.summary, "Decide on a credit limit")
        with self.assertRaises(AccessError):
            limit.action_approve()
        own = limit.with_user(self.credit_manager).activity_schedule(
            "mail.mail_activity_data_todo", user_id=self.credit_manager.id
        )
        limit.with_user(self.credit_manager).action_approve()
        self.assertEqual(limit.state, "active")
        self.assertEqual(limit.sudo().decided_by_id, self.credit_manager)
        self.assertEqual(limit.sudo().activity_ids, own, "only the request is closed")
        self.assertEqual(self.now(), (5000, True))

    def test_nobody_approves_what_he_asked_for(self):
        self.new_user("other", "o2c_base.group_credit_manager")
        limit = self.limit(5000)
        limit.action_request()
        with self.assertRaisesRegex(UserError, "Nobody approves what he asked for"):
            limit.action_approve()
        self.assertEqual(limit.state, "requested")

    def test_the_only_one_who_can_decide_gives_a_reason_that_stays_marked(self):
        policy = self.env.ref("o2c_credit_risk.policy_standard")
        policy.level_ids = [(0, 0, {"user_ids": [(4, self.credit_manager.id)]})]
        limit = self.limit(5000)
        limit.action_request()
        with self.assertRaisesRegex(UserError, "Nobody else can decide"):
            limit.action_approve()
        limit.decision_note = "The colleague is ill, the order is urgent"
        limit.action_approve()
        self.assertEqual((limit.state, limit.is_self_approved), ("active", True))

    def test_levels_bound_what_a_credit_manager_may_approve(self):
        policy = self.env.ref("o2c_credit_risk.policy_standard")
        policy.level_ids = [
            (0, 0, {"role": "credit_manager", "amount": 10000}),
            (0, 0, {"role": "manager", "amount": 0}),
        ]
        big = self.limit(10000.01, user=self.salesman)
        big.action_request()
        with self.assertRaisesRegex(AccessError, "beyond what you may approve"):
            big.with_user(self.credit_manager).action_approve()
        manager = self.new_user("manager", "o2c_base.group_manager")
        big.with_user(manager).action_approve()
        self.assertEqual(big.state, "active")

    def test_a_temporary_increase_is_judged_with_the_base_it_comes_on(self):
        policy = self.env.ref("o2c_credit_risk.policy_standard")
        policy.level_ids = [(0, 0, {"role": "credit_manager", "amount": 10000})]
        self.active_limit(8000)
        more = self.limit(
            3000, user=self.salesman, kind="temporary", date_to="2026-06-30"
        )
        more.action_request()
        with self.assertRaises(AccessError):
            more.with_user(self.credit_manager).action_approve()

    def levels(self, amount=10000):
        """Credit managers decide up to an amount, managers on anything."""
        policy = self.env.ref("o2c_credit_risk.policy_standard")
        policy.level_ids = [
            (0, 0, {"role": "credit_manager", "amount": amount}),
            (0, 0, {"role": "manager", "amount": 0}),
        ]
        manager = self.new_user("manager", "o2c_base.group_manager")
        return policy, manager

    def asked(self, amount, **values):
        limit = self.limit(amount, user=self.salesman, **values)
        limit.action_request()
        return limit.with_user(self.credit_manager)

    def test_an_increase_is_judged_by_the_total_it_leads_to(self):
        """Also where the base is the policy's, or begins only later."""
        policy, _manager = self.levels()
        policy.default_limit = 8000
        more = self.asked(2000.01, kind="temporary", date_to="2026-06-30")
        with self.assertRaises(AccessError):
            more.action_approve()
        self.active_limit(1000)
        with self.assertRaises(AccessError):
            self.asked(9000.01, kind="temporary", date_to="2026-06-30").action_approve()
        later = self.asked(9000, date_from="2026-06-20")
        later.action_approve()
        with self.assertRaises(AccessError):
            more.action_approve()
        self.asked(1000, kind="temporary", date_to="2026-06-30").action_approve()
        self.assertEqual(self.now(), (2000, True))

    def test_a_base_limit_is_judged_with_the_increase_that_comes_on_top(self):
        _policy, manager = self.levels()
        self.active_limit(1000)
        self.active_limit(3000, kind="temporary", date_to="2026-06-30")
        bigger = self.asked(7000.01)
        with self.assertRaises(AccessError):
            bigger.action_approve()
        self.asked(7000).action_approve()
        self.assertEqual(self.now(), (10000, True))
        bigger.with_user(manager).action_approve()
        later = self.asked(10000, date_from="2026-07-01")
        later.action_approve()
        self.assertEqual(later.state, "approved", "the increase is over by then")

    def big_limit(self, manager, **values):
        limit = self.limit(50000, user=self.salesman, **values)
        limit.action_request()
        limit.with_user(manager).action_approve()

    def test_a_small_limit_that_ends_soon_is_no_way_round_a_big_one(self):
        """It would lapse to what holds without a limit: credit without bound."""
        policy, manager = self.levels()
        self.big_limit(manager)
        small = self.asked(4000, date_to="2026-06-16")
        with self.assertRaisesRegex(AccessError, "After .* more credit"):
            small.action_approve()
        self.assertEqual(self.now(), (50000, True))
        policy.default_limit = 50000
        small.action_approve()
        self.assertEqual(self.now(), (4000, True), "afterwards no more than before")

    def test_a_cover_that_ends_soon_is_no_way_round_either(self):
        _policy, manager = self.levels()
        self.big_limit(manager)
        cover = self.env["o2c.credit.cover"].create(
            {
                "debtor_id": self.account().id,
                "amount": 4000,
                "date_from": "2026-01-01",
                "date_to": "2026-06-16",
            }
        )
        small = self.limit(4000, cover_id=cover.id)
        with self.assertRaisesRegex(AccessError, "After .* more credit"):
            small.action_approve()

    def test_the_cover_of_a_big_limit_is_not_a_small_approvers_to_move(self):
        """Without it credit without bound would hold."""
        _policy, manager = self.levels()
        cover = self.env["o2c.credit.cover"].create(
            {
                "debtor_id": self.account().id,
                "amount": 50000,
                "date_from": "2026-01-01",
                "date_to": "2026-12-31",
            }
        )
        self.big_limit(manager, cover_id=cover.id)
        junior = cover.with_user(self.credit_manager)
        for values in ({"active": False}, {"date_to": "2026-06-16"}):
            with self.assertRaises(AccessError), self.cr.savepoint():
                junior.write(values)
        self.assertEqual(self.now(), (50000, True))
        junior.reference = "4711"
        cover.with_user(manager).date_to = "2026-11-30"

    def test_less_credit_without_end_is_everybodys_to_decide(self):
        _policy, manager = self.levels()
        self.big_limit(manager)
        self.asked(4000).action_approve()
        self.assertEqual(self.now(), (4000, True))

    def test_who_may_decide_about_what_comes_after_gives_an_early_end(self):
        _policy, manager = self.levels()
        self.big_limit(manager)
        self.asked(4000, date_to="2026-06-16").with_user(manager).action_approve()
        self.assertEqual(self.now(), (4000, True))

    def test_a_limit_may_end_where_the_old_one_ended_or_another_follows(self):
        _policy, manager = self.levels()
        self.big_limit(manager, date_to="2026-06-30")
        self.asked(4000, date_to="2026-06-30").action_approve()
        self.big_limit(manager, date_from="2026-07-01", partner=self.partner_b)
        self.asked(4000, date_to="2026-06-30", partner=self.partner_b).action_approve()
        self.assertEqual(self.now(self.partner_b), (4000, True))

    def test_who_has_left_approves_nothing(self):
        limit = self.limit(5000, user=self.salesman)
        limit.action_request()
        self.credit_manager.active = False
        with self.assertRaisesRegex(AccessError, "has left"):
            limit.with_user(self.credit_manager).action_approve()
        self.assertEqual(limit.state, "requested")

    def test_a_temporary_increase_comes_on_top_while_it_runs(self):
        self.active_limit(5000)
        self.active_limit(1000, kind="temporary", date_to="2026-06-30")
        self.assertEqual(self.now(), (6000, True))

    def test_a_new_base_limit_supersedes_the_active_one(self):
        old = self.active_limit(5000, date_from="2026-01-01")
        new = self.active_limit(8000)
        self.assertEqual((old.state, new.state), ("superseded", "active"))
        self.assertEqual(str(old.date_ended), "2026-06-14")
        self.assertEqual(self.now(), (8000, True))

    def test_past_days_read_what_counted_then(self):
        self.active_limit(5000, date_from="2026-01-01")
        self.active_limit(8000)
        limits = self.env["o2c.credit.limit"].sudo()
        debtor = self.account()
        for day, amount in (
            ("2025-12-31", 0),
            ("2026-01-01", 5000),
            ("2026-06-14", 5000),
        ):
            rows = self.env.execute_query(
                limits._active_sql(self.company, self.day(day))
            )
            self.assertEqual({row[0]: row[1] for row in rows}[debtor.id], amount, day)

    def test_a_limit_of_zero_is_a_limit(self):
        self.active_limit(0)
        self.assertEqual(self.now(), (0, True))
        self.assertEqual(self.customer.credit_limit, 0)

    def test_the_default_of_the_policy_counts_for_who_has_none(self):
        policy = self.env.ref("o2c_credit_risk.policy_standard")
        self.account()
        policy.default_limit = 700
        self.assertEqual(self.now(), (700, True))
        self.active_limit(5000)
        self.assertEqual(self.now(), (5000, True))
        policy.write({"default_limit": 0, "is_default_zero": True})
        self.assertEqual(self.now(self.new_customer("Other")), (0, True))

    def test_the_default_of_the_settings_is_policy_too(self):
        self.company.account_use_credit_limit = True
        self.env["ir.default"].set(
            "res.partner", "credit_limit", 300, company_id=self.company.id
        )
        self.env["o2c.debtor"].sudo()._refresh_all_limits()
        self.assertEqual(self.now(), (300, True))
        self.active_limit(5000)
        self.assertEqual(self.customer.credit_limit, 5000)
        self.customer.credit_limit = 0
        self.assertEqual(self.now(), (300, True))

    def test_states_are_changed_by_the_gate_only(self):
        limit = self.limit(5000, user=self.salesman)
        with self.assertRaises(AccessError):
            limit.write({"state": "active"})
        with self.assertRaises(AccessError):
            self.limit(1, state="active")
        limit.action_request()
        with self.assertRaises(AccessError):
            limit.write({"amount": 9000})
        limit.with_user(self.credit_manager).action_approve()
        with self.assertRaises(AccessError):
            limit.with_user(self.credit_manager).write({"amount": 9000})
        with self.assertRaisesRegex(UserError, "cannot become"):
            limit.with_user(self.credit_manager).action_approve()

    def test_a_limit_can_be_ended_and_refused(self):
        limit = self.active_limit(5000)
        limit.action_end()
        self.assertEqual(limit.state, "expired")
        self.assertEqual(self.now(), (0, False))
        asked = self.limit(100, user=self.salesman)
        asked.action_request()
        asked = asked.with_user(self.credit_manager)
        with self.assertRaisesRegex(UserError, "why it is refused"):
            asked.action_refuse()
        asked.decision_note = "No balance sheet"
        asked.action_refuse()
        self.assertEqual(asked.state, "refused")

    def test_two_active_limits_of_a_kind_are_impossible(self):
        self.active_limit(500, kind="temporary", date_to="2026-06-30")
        second = self.limit(
            500,
            user=self.salesman,
            kind="temporary",
            date_from="2026-06-30",
            date_to="2026-07-31",
        )
        second.action_request()
        with self.assertRaisesRegex(ValidationError, "overlap"):
            second.with_user(self.credit_manager).action_approve()

    def test_the_recommended_limit_shows_its_formula(self):
        self.invoice(36500, date="2026-01-01", due="2026-01-31")
        debtor = self.account()
        limit = self.limit(1, user=self.salesman).with_user(self.credit_manager)
        self.assertEqual(debtor.amount_recommended, 2900)  # 100 * 30 * 1.2 * 0.8
        self.assertEqual(limit.amount_recommended, 2900)
        self.assertIn("30 days until paid", limit.recommended_text)
        self.assertIn("class C", limit.recommended_text)
        policy = self.env.ref("o2c_credit_risk.policy_standard")
        policy.formula_max = 1000
        debtor.invalidate_recordset()
        self.assertEqual(debtor.amount_recommended, 1000)
        other = self.account(self.new_customer("Other"))
        self.assertIn("n/a", other.recommended_text)

    def test_the_picture_shows_the_limits_of_a_year(self):
        self.active_limit(5000, date_from="2026-01-10")
        self.active_limit(8000)
        months = dict(self.account()._limits_by_month())
        self.assertEqual(len(months), 12)
        self.assertEqual(months[self.day("2025-12-31")], None)
        self.assertEqual(months[self.day("2026-05-31")], 5000)
        self.assertEqual(months[self.day("2026-06-15")], 8000)
        self.assertIn("2026-05-31", self.account().limit_picture)
        self.assertFalse(self.account(self.new_customer("Other")).limit_picture)

    def test_the_desk_tells_what_would_be_held_at_another_amount(self):
        limit = self.active_limit(1000)
        self.invoice(400)
        self.order(500)
        self.order(100)
        self.assertEqual(limit.held_text, "nothing")
        limit.amount_proposed = 800
        self.assertIn("1 of 2 quotations", limit.held_text)
        limit.amount_proposed = 300
        self.assertIn("2 of 2 quotations", limit.held_text)
        self.assertEqual(self.now(), (1000, True), "nothing has changed yet")
        found = limit.action_ask_proposed()
        asked = self.env["o2c.credit.limit"].search(found["domain"])
        self.assertEqual((asked.amount, asked.state), (300, "requested"))
        self.assertFalse(limit.amount_proposed)

    def test_the_gauge_shows_what_is_used(self):
        self.active_limit(1000)
        self.invoice(400)
        debtor = self.account()
        self.assertEqual(debtor.credit_utilisation, 40)
        self.assertEqual(debtor.amount_credit_free, 600)
        self.assertIn("width: 40.0%", debtor.exposure_bar)
        self.assertFalse(self.account(self.new_customer("Other")).exposure_bar)

    def test_a_limit_that_ran_out_and_a_missing_document_hold_if_wanted(self):
        policy = self.env.ref("o2c_credit_risk.policy_standard")
        limit = self.active_limit(1000)
        order = self.order(100)
        checks = self.env["o2c.credit.check"].sudo()

        def broken():
            [result] = checks._evaluate({order: order._o2c_need()}, gated=False)
            return [rule["rule"] for rule in result["rules"]]

        self.assertEqual(broken(), [])
        policy.write({"missing_document_active": True, "expired_limit_active": True})
        self.assertEqual(broken(), ["missing_document"])
        limit.sudo().document_ids = self.env["ir.attachment"].create({"name": "Sheet"})
        self.assertEqual(broken(), [])
        limit.sudo().write({"state": "expired", "date_to": "2026-06-15"})
        self.startPatcher(self.freeze("2026-06-16"))
        self.assertEqual(broken(), ["expired_limit"])
