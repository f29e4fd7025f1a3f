from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .release_common import ReleaseCommon


@tagged("post_install", "-at_install")
class TestReleaseAttacks(ReleaseCommon):
    """A release serves what it was given for, by whom it may be given, and no more."""

    def test_a_release_is_for_one_customer(self):
        rich = self.new_customer("Rich")
        self.give_limit(1400.0, rich)
        hold = self.held(partner=rich)
        hold.with_user(self.credit_manager).action_release(cap=1499.0)
        order = hold.sale_order_id
        order.partner_invoice_id = self.customer
        order.order_line.price_unit = 1450.0
        order.action_confirm()
        self.assertEqual(order.state, "draft", "nobody released it for this one")
        self.assertEqual(order.o2c_hold_id.debtor_id, self.account())
        order.partner_invoice_id = rich
        order.action_confirm()
        self.assertEqual(order.state, "sale")
        self.assertEqual(hold.state, "released")

    def test_who_releases_is_told_that_the_customer_has_changed(self):
        rich = self.new_customer("Rich")
        self.give_limit(1400.0, rich)
        hold = self.held(partner=rich)
        order = hold.sale_order_id
        order.partner_invoice_id = self.customer
        self.assertFalse(hold._is_as_checked())
        for bounds in ({}, {"cap": 1500.0}):
            with self.assertRaisesRegex(UserError, "another customer"):
                hold.with_user(self.credit_manager).action_release(**bounds)
        self.assertEqual((hold.state, order.state), ("held", "draft"))
        order.action_confirm()
        self.assertEqual(hold.debtor_id, self.account())
        hold.with_user(self.credit_manager).action_release()
        self.assertEqual(order.state, "sale")

    def test_no_hold_stays_open_on_a_confirmed_order(self):
        hold = self.held()
        hold.with_user(self.credit_manager).action_release(cap=1400.0)
        order = hold.sale_order_id
        again = order.o2c_hold_id
        self.assertNotEqual(again, hold)
        order.order_line.price_unit = 1400.0
        order.action_confirm()
        self.assertEqual((order.state, again.state), ("sale", "expired"))
        self.assertFalse(order.o2c_hold_id)
        self.assertFalse(again.activity_ids)

    def test_a_company_that_only_observes_again_closes_its_holds(self):
        hold, small = self.held(), self.held(1001.0)
        self.company.o2c_credit_enforce = False
        self.env["o2c.credit.limit"].search([]).sudo().amount = 1100.0
        for each in (small, hold):
            each.sale_order_id.action_confirm()
            self.assertEqual(each.sale_order_id.state, "sale")
            self.assertEqual(each.state, "expired")

    def test_levels_are_judged_by_what_is_released_now(self):
        levels = [
            Command.create(
                {"role": "credit_manager", "amount": amount, "user_ids": user.ids}
            )
            for user, amount in ((self.credit_manager, 600.0), (self.second_manager, 0))
        ]
        policies = self.env["o2c.credit.policy"].sudo()
        policies._for_debtors(self.account())[self.account()].level_ids = levels
        hold = self.held()
        small = hold.with_user(self.credit_manager)
        with self.assertRaisesRegex(AccessError, "not about this amount"):
            small.action_release(cap=1600.01)
        hold.sale_order_id.order_line.price_unit = 5000.0
        with self.assertRaisesRegex(UserError, "changed since.*confirm it again"):
            small.action_release()
        with self.assertRaisesRegex(AccessError, "not about this amount"):
            small.action_release(cap=5000.0)
        hold.sale_order_id.order_line.price_unit = 1500.0
        invoice = self.invoice(101.0)
        with self.assertRaisesRegex(AccessError, "not about this amount"):
            small.action_release()
        self.match(invoice, self.payment(101.0))
        self.assertEqual(hold.state, "held")
        small.action_release(cap=1600.0)
        self.assertEqual(hold.sale_order_id.state, "sale")

    def test_who_reaches_far_enough_releases_more(self):
        hold = self.held()
        hold.sale_order_id.order_line.price_unit = 5000.0
        hold.with_user(self.second_manager).action_release(cap=5000.0)
        self.assertEqual(hold.sale_order_id.state, "sale")

    def test_everybody_who_asked_is_remembered(self):
        """A hold forgets nobody because somebody else confirms, or asks, as well."""
        third = self.new_user("third_manager", "o2c_base.group_credit_manager")
        hold = self.held(user=self.credit_manager)
        order = hold.sale_order_id
        order.with_user(self.salesman).action_confirm()
        hold.with_user(self.second_manager).action_request()
        hold.with_user(self.salesman).action_request()
        askers = self.credit_manager | self.second_manager | self.salesman
        self.assertEqual(hold.asked_by_ids, askers)
        self.assertEqual(hold.user_id, self.credit_manager)
        for user in (self.credit_manager, self.second_manager):
            with self.assertRaisesRegex(AccessError, "Nobody releases"):
                hold.with_user(user).action_release(comment="Please")
        hold.with_user(third).action_release(cap=1400.0)
        again = order.o2c_hold_id
        self.assertNotEqual(again, hold)
        self.assertEqual(again.asked_by_ids, askers, "who decided has not asked")
        again.with_user(third).action_release()
        self.assertEqual(order.state, "sale")

    def test_who_tried_first_does_not_release_an_old_hold(self):
        """Holds of before everybody was remembered know only who tried it first."""
        hold = self.held(user=self.credit_manager)
        hold.sudo().asked_by_ids = False
        with self.assertRaisesRegex(AccessError, "Nobody releases"):
            hold.with_user(self.credit_manager).action_release(comment="Mine")
        hold.with_user(self.second_manager).action_release()
        self.assertEqual(hold.sale_order_id.state, "sale")

    def test_superuser_and_job_are_not_among_those_who_asked(self):
        hold = self.held(user=self.env.ref("base.user_root"))
        self.assertFalse(hold.asked_by_ids)
        self.unconfirmable(hold.sale_order_id)
        self.env["o2c.credit.limit"].search([]).sudo().amount = 2000.0
        self.recheck()
        self.assertFalse(hold.asked_by_ids)
        self.assertEqual(hold.state, "held")

    def test_nobody_asks_about_orders_he_does_not_see(self):
        """The window would tell limit, exposure and total of another's customer."""
        hold = self.held()
        order = hold.sale_order_id
        other = self.new_user("curious", "sales_team.group_sale_salesman")
        wizards = self.env["o2c.credit.request"].with_user(other)
        own = self.order(1500.0, partner=self.partner_b, user=other)
        wizard = wizards.create({"order_id": own.id, "comment": "Mine"})
        self.assertEqual(wizard.amount, 1500.0)
        values = {"order_id": order.id, "comment": "Tell me"}
        spec = {"order_id": {}, "amount": {}, "reason": {}}
        opened = wizards.with_context(default_order_id=order.id)
        for attack in (
            lambda: wizards.create(values),
            lambda: opened.create({"comment": "Tell me"}),
            lambda: wizard.write({"order_id": order.id}),
            lambda: opened.default_get(["order_id"]),
            lambda: wizards.onchange(values, ["order_id"], spec),
            lambda: wizards.new(values).reason,
        ):
            with self.assertRaises(AccessError):
                attack()
        mine = self.env["o2c.credit.request"].with_user(self.salesman)
        mine = mine.create({"order_id": order.id, "comment": "Mine"})
        self.assertIn("over the limit", mine.reason)
