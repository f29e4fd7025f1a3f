from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .release_common import ReleaseCommon


@tagged("post_install", "-at_install")
class TestRelease(ReleaseCommon):
    """A release is a decision somebody signs, or money that arrives."""

    # ------------------------------------------------------------------
    # By approval
    # ------------------------------------------------------------------

    def test_an_approved_order_is_confirmed(self):
        hold = self.held()
        hold.with_user(self.credit_manager).action_release(comment="He pays on Friday.")
        order = hold.sale_order_id
        self.assertEqual(order.state, "sale")
        self.assertEqual((hold.state, hold.released_by), ("released", "approval"))
        self.assertEqual(
            (hold.amount_cap, str(hold.date_expiry)), (1500.0, "2026-06-29")
        )
        self.assertEqual(hold.decided_by_id, self.credit_manager)
        self.assertTrue(hold.date_consumed)
        self.assertFalse(hold.activity_ids)
        check = self.env["o2c.credit.check"].search([("outcome", "=", "released")])
        self.assertEqual(check.sale_order_id, order)
        events = self.env["o2c.event"].search([("kind", "=", "credit_released")])
        self.assertEqual(events.payload["comment"], "He pays on Friday.")
        told = order.message_ids.filtered(lambda m: "released" in (m.body or ""))
        self.assertEqual(told.notified_partner_ids, self.salesman.partner_id)

    def test_a_credit_manager_without_sales_rights_can_release(self):
        hold = self.held()
        hold.with_user(self.second_manager).action_release()
        self.assertEqual(hold.sale_order_id.state, "sale")

    def test_asking_tells_those_who_decide(self):
        hold = self.held()
        order = hold.sale_order_id.with_user(self.salesman)
        wizard = self.env["o2c.credit.request"].with_user(self.salesman)
        wizard = wizard.create({"order_id": order.id, "comment": "Old customer"})
        wizard.action_ask()
        self.assertEqual(hold.state, "requested")
        self.assertEqual(hold.requested_by_id, self.salesman)
        told = hold.message_ids[0].notified_partner_ids
        self.assertIn(self.credit_manager.partner_id, told)
        with self.assertRaises(AccessError):
            hold.with_user(self.salesman).action_release()

    def test_nobody_releases_what_he_asked_for(self):
        hold = self.held(user=self.credit_manager)
        with self.assertRaisesRegex(AccessError, "Nobody releases what he asked for"):
            hold.with_user(self.credit_manager).action_release(comment="Please")
        self.assertFalse(hold.with_user(self.credit_manager).may_decide)
        hold.with_user(self.second_manager).action_release()
        self.assertEqual(hold.sale_order_id.state, "sale")

    def test_who_decides_alone_says_why_and_is_marked(self):
        hold = self.held(user=self.credit_manager)
        self.alone(self.credit_manager)
        with self.assertRaisesRegex(UserError, "nobody else can decide"):
            hold.with_user(self.credit_manager).action_release(comment="  ")
        window = hold.with_user(self.credit_manager).action_release()
        self.assertEqual(window["res_model"], "o2c.credit.decision")
        self.assertEqual(hold.state, "held", "one click does not do here")
        hold.with_user(self.credit_manager).action_release(comment="On my word")
        self.assertTrue(hold.is_self_released)
        self.assertEqual(hold.sale_order_id.state, "sale")

    def test_who_has_left_or_may_not_reach_so_far_cannot_release(self):
        hold = self.held()
        self.second_manager.active = False
        with self.assertRaises(AccessError):
            hold.with_user(self.second_manager).action_release()
        self.assertEqual(hold.state, "held")

    def test_refusing_leaves_the_order_as_it_is(self):
        hold = self.held()
        hold.with_user(self.credit_manager).action_refuse("Pay first")
        self.assertEqual((hold.state, hold.sale_order_id.state), ("refused", "draft"))
        for method in ("action_release", "action_refuse", "action_request"):
            with self.assertRaisesRegex(UserError, "decided already"):
                getattr(hold.with_user(self.credit_manager), method)()
        hold.sale_order_id.action_confirm()
        self.assertNotEqual(hold.sale_order_id.o2c_hold_id, hold)

    def test_a_release_has_a_cap(self):
        hold = self.held()
        hold.with_user(self.credit_manager).action_release(cap=1400.0)
        order = hold.sale_order_id
        self.assertEqual(order.state, "draft", "worth more than was released")
        self.assertEqual(order.o2c_hold_id.state, "held")
        order.order_line.price_unit = 1400.0
        order.action_confirm()
        self.assertEqual(order.state, "sale")

    def test_a_release_has_an_end(self):
        hold = self.held()
        with self.assertRaisesRegex(UserError, "before today"):
            hold.with_user(self.credit_manager).action_release(expiry="2026-06-14")
        hold.with_user(self.credit_manager).action_release(cap=1.0, expiry="2026-06-20")
        hold.sudo().amount_cap = 9999.0
        with freeze_time("2026-06-21 12:00:00"):
            self.env["o2c.credit.hold"].sudo()._cron_expire()
            hold.sale_order_id.action_confirm()
        self.assertEqual(hold.state, "expired")
        self.assertEqual(hold.sale_order_id.state, "draft")

    def test_cancelling_gives_the_release_back(self):
        hold = self.held()
        hold.with_user(self.credit_manager).action_release()
        order = hold.sale_order_id
        order._action_cancel()
        self.assertFalse(hold.date_consumed)
        order.action_draft()
        order.action_confirm()
        self.assertEqual(order.state, "sale")
        self.assertTrue(hold.date_consumed)

    def test_amounts_of_nonsense_are_refused(self):
        hold = self.held()
        for cap in (0.0, -5.0):
            with self.assertRaisesRegex(UserError, "above zero"):
                hold.with_user(self.credit_manager).action_release(cap=cap)
        self.assertEqual(hold.state, "held")

    def test_an_order_that_cannot_be_confirmed_says_so_and_stays_free(self):
        hold = self.held()
        problem = self.unconfirmable(hold.sale_order_id)
        hold.with_user(self.credit_manager).action_release()
        self.assertEqual((hold.state, hold.confirm_problem), ("released", problem))
        order = hold.sale_order_id
        self.assertEqual(order.state, "draft")
        self.assertIn(problem, order.message_ids[0].body)
        self.assertFalse(hold.date_consumed, "not used yet")

    def test_the_wizard_decides_with_bounds(self):
        hold = self.held()
        wizard = self.env["o2c.credit.decision"].with_user(self.second_manager)
        wizard = wizard.create({"hold_id": hold.id, "comment": "Once"})
        self.assertEqual(wizard.amount_cap, 1500.0)
        wizard.amount_cap = 2000.0
        wizard.action_release()
        self.assertEqual((hold.state, hold.amount_cap), ("released", 2000.0))
        order = hold.sale_order_id
        order.with_user(self.salesman).order_line.price_unit = 2000.0
        with self.assertRaises(UserError):
            order.with_user(self.salesman).order_line.price_unit = 2000.01

    # ------------------------------------------------------------------
    # Who sees what
    # ------------------------------------------------------------------

    def test_salespeople_see_their_own_holds_and_change_nothing(self):
        hold = self.held()
        self.assertEqual(hold.with_user(self.salesman).state, "held")
        self.assertIn("over the limit", hold.with_user(self.salesman).reason)
        other = self.new_user("other_salesman", "sales_team.group_sale_salesman")
        for user in (self.salesman, other):
            with self.assertRaises(AccessError):
                hold.with_user(user).write({"priority": "2"})
        with self.assertRaises(AccessError):
            hold.with_user(other).read(["reason"])
        self.assertFalse(self.env["o2c.credit.hold"].with_user(other).search([]))
        for model in ("o2c.credit.check", "o2c.credit.exposure", "o2c.credit.gate"):
            with self.assertRaises(AccessError):
                self.env[model].with_user(self.salesman).search([])

    def test_states_are_not_written(self):
        hold = self.held()
        for values in ({"state": "released"}, {"amount_cap": 9.0}):
            with self.assertRaises(AccessError):
                hold.with_user(self.credit_manager).write(values)
        with self.assertRaises(UserError):
            hold.check_id.sudo().write({"amount_limit": 9.0})
        with self.assertRaises(UserError):
            hold.check_id.sudo().unlink()

    def test_another_company_sees_and_decides_nothing(self):
        hold = self.held()
        other = self.setup_other_company()["company"]
        stranger = self.new_user(
            "stranger", "o2c_base.group_manager,sales_team.group_sale_manager", other
        )
        self.assertFalse(self.env["o2c.credit.hold"].with_user(stranger).search([]))
        for method in ("action_release", "action_refuse", "action_request"):
            with self.assertRaises(AccessError):
                getattr(hold.with_user(stranger), method)()
        wizards = self.env["o2c.credit.decision"].with_user(stranger)
        with self.assertRaises(AccessError):
            wizards.create({"hold_id": hold.id}).action_release()
        self.assertEqual(hold.state, "held")

    # ------------------------------------------------------------------
    # By money
    # ------------------------------------------------------------------

    def test_money_frees_what_fits_by_priority_then_age(self):
        invoice = self.invoice(1000.0)
        old, urgent = self.held(300.0), self.held(400.0)
        too_much = self.held(900.0)
        urgent.with_user(self.credit_manager).priority = "2"
        self.recheck()
        self.assertEqual(old.state, "held", "nothing has changed")
        self.match(invoice, self.payment(500.0))
        self.recheck()
        states = (urgent.state, old.state, too_much.state)
        self.assertEqual(states, ("released", "held", "held"))
        self.assertEqual(urgent.released_by, "credit")
        self.assertEqual(urgent.sale_order_id.state, "sale")
        told = urgent.sale_order_id.message_ids.mapped("notified_partner_ids")
        self.assertIn(self.salesman.partner_id, told)

    def test_the_smallest_payment_frees_it(self):
        self.invoice(800.0)
        hold = self.held(300.0)
        self.assertEqual(hold.amount_to_pay, 100.0)
        self.payment(99.99)
        self.recheck()
        self.assertEqual(hold.state, "held")
        self.payment(0.01)
        self.recheck()
        self.assertEqual(hold.sale_order_id.state, "sale")

    def test_a_raised_limit_frees_too(self):
        hold = self.held()
        self.env["o2c.credit.limit"].search([]).sudo().amount = 2000.0
        self.recheck()
        self.assertEqual(hold.sale_order_id.state, "sale")

    def test_money_of_a_member_frees_an_order_of_its_group(self):
        self.account(self.partner_b).sudo().group_id = self.account()
        invoice = self.invoice(900.0, partner=self.partner_b)
        hold = self.held(500.0)
        self.match(invoice, self.payment(900.0, partner=self.partner_b))
        self.recheck()
        self.assertEqual(hold.sale_order_id.state, "sale")

    def test_an_order_that_was_changed_waits_for_a_person(self):
        hold = self.held()
        hold.sale_order_id.order_line.price_unit = 500.0
        self.recheck()
        self.assertEqual((hold.state, hold.sale_order_id.state), ("held", "draft"))

    def test_a_refused_order_is_not_freed_by_money(self):
        invoice = self.invoice(1000.0)
        hold = self.held(100.0)
        hold.with_user(self.credit_manager).action_refuse()
        self.match(invoice, self.payment(1000.0))
        self.recheck()
        self.assertEqual(hold.sale_order_id.state, "draft")

    def test_one_order_that_fails_does_not_stop_the_others(self):
        invoice = self.invoice(1000.0)
        bad, good = self.held(100.0), self.held(200.0)
        self.match(invoice, self.payment(1000.0))
        problem = self.unconfirmable(bad.sale_order_id)
        self.recheck()
        self.assertEqual(good.sale_order_id.state, "sale")
        self.assertEqual((bad.state, bad.confirm_problem), ("held", problem))

    def test_merged_customers_keep_their_holds_and_checks(self):
        other = self.new_customer("Other")
        self.give_limit(10.0, other)
        hold = self.held(100.0, partner=other)
        member = self.account(self.partner_b)
        member.sudo().group_id = self.account(other)
        wizard = self.env["base.partner.merge.automatic.wizard"].sudo().create({})
        wizard._merge((other + self.customer).ids, self.customer, extra_checks=False)
        self.env.invalidate_all()
        self.assertEqual(hold.debtor_id, self.account())
        self.assertEqual(hold.check_id.debtor_id, self.account())
        self.assertEqual(member.group_id, self.account())
        self.recheck()
        self.assertEqual(hold.sale_order_id.state, "sale", "by the target's limit")
