from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import tagged

from odoo.addons.o2c_credit_risk.tests.common import CreditCommon


@tagged("post_install", "-at_install")
class TestCreditStock(CreditCommon):
    """What waits for credit is not delivered."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.give_limit(1000.0)
        cls.goods = cls.new_product("Goods", type="consu", is_storable=True)

    def sold(self, qty=5):
        order = self.order(100.0, qty=qty, product=self.goods)
        order.action_confirm()
        return order

    def planned(self, order):
        """How many pieces are to be delivered."""
        moves = order.picking_ids.move_ids.filtered(lambda move: move.state != "cancel")
        return sum(moves.mapped("product_uom_qty"))

    def grow(self, order, price, qty=1):
        """Core adds a line itself."""
        order.sudo().order_line = [
            Command.create(
                {
                    "product_id": self.goods.id,
                    "price_unit": price,
                    "product_uom_qty": qty,
                    "tax_ids": [],
                }
            )
        ]

    def test_what_fits_is_delivered_as_always(self):
        order = self.sold(5)
        self.assertEqual(self.planned(order), 5)
        order.order_line.product_uom_qty = 8
        self.assertEqual(self.planned(order), 8)
        order.order_line.product_uom_qty = 6
        self.assertEqual(self.planned(order), 6)

    def test_a_held_order_has_no_deliveries_until_it_is_released(self):
        order = self.sold(15)
        self.assertEqual(order.state, "draft")
        self.assertFalse(order.picking_ids)
        order.o2c_hold_id.with_user(self.credit_manager).action_release()
        self.assertEqual(order.state, "sale")
        self.assertEqual(self.planned(order), 15)

    def test_of_growth_only_what_was_added_waits(self):
        order = self.sold(5)
        self.grow(order, 600.0, qty=2)
        hold = order.o2c_hold_id
        self.assertEqual(hold.kind, "growth")
        self.assertEqual(self.planned(order), 5)
        order.order_line[0].product_uom_qty = 4
        self.assertEqual(self.planned(order), 4, "less may still be asked for")
        hold.with_user(self.credit_manager).action_release()
        self.assertEqual(self.planned(order), 6)

    def test_more_of_a_line_waits_too(self):
        order = self.sold(5)
        order.sudo().order_line.product_uom_qty = 20
        self.assertEqual(order.o2c_hold_id.kind, "growth")
        self.assertEqual(self.planned(order), 5)
        order.o2c_hold_id.with_user(self.credit_manager).action_release()
        self.assertEqual(self.planned(order), 20)

    def test_refused_growth_is_not_delivered(self):
        order = self.sold(5)
        order.sudo().order_line.product_uom_qty = 20
        order.o2c_hold_id.with_user(self.credit_manager).action_refuse()
        order.order_line._action_launch_stock_rule()
        self.assertEqual(self.planned(order), 5)

    def test_money_frees_growth(self):
        order = self.sold(5)
        order.sudo().order_line.product_uom_qty = 20
        self.payment(1000.0)
        self.recheck()
        self.assertEqual(order.o2c_hold_ids.state, "released")
        self.assertEqual(self.planned(order), 20)

    def test_growth_that_is_freed_by_a_later_check_is_delivered(self):
        order = self.sold(5)
        order.sudo().order_line.product_uom_qty = 20
        hold = order.o2c_hold_id
        self.payment(2000.0)
        self.grow(order, 1.0)
        self.assertEqual((hold.state, hold.released_by), ("released", "credit"))
        self.assertEqual(self.planned(order), 21)

    def test_refused_growth_that_was_taken_back_blocks_nothing_after(self):
        order = self.sold(5)
        order.sudo().order_line.product_uom_qty = 20
        order.o2c_hold_id.with_user(self.credit_manager).action_refuse()
        order.sudo().order_line.product_uom_qty = 5
        order.order_line.product_uom_qty = 6
        self.assertEqual(self.planned(order), 6)

    def test_the_latest_word_on_growth_counts(self):
        order = self.sold(5)
        order.sudo().order_line.product_uom_qty = 20
        order.o2c_hold_id.with_user(self.credit_manager).action_refuse()
        order.sudo().order_line.product_uom_qty = 22
        self.assertEqual(self.planned(order), 5)
        order.o2c_hold_id.with_user(self.credit_manager).action_release()
        self.assertEqual(self.planned(order), 22)

    def check_deliveries(self):
        account = self.account()
        policies = self.env["o2c.credit.policy"].sudo()
        policies._for_debtors(account)[account].delivery_check_active = True

    def test_what_was_approved_is_delivered_after_the_release_has_ended(self):
        self.check_deliveries()
        order = self.sold(15)
        order.o2c_hold_id.with_user(self.credit_manager).action_release()
        self.startPatcher(freeze_time("2026-08-01 12:00:00"))
        self.env["o2c.credit.hold"].sudo()._cron_expire()
        self.deliver(order)
        self.assertEqual(order.picking_ids.state, "done")

    def test_approved_growth_is_delivered_after_the_release_has_ended(self):
        self.check_deliveries()
        order = self.sold(5)
        order.sudo().order_line.product_uom_qty = 20
        order.o2c_hold_id.with_user(self.credit_manager).action_release()
        self.startPatcher(freeze_time("2026-08-01 12:00:00"))
        self.env["o2c.credit.hold"].sudo()._cron_expire()
        self.assertFalse(order._o2c_check_delivery())

    def test_looking_at_a_release_does_not_use_it(self):
        self.check_deliveries()
        order = self.sold(15)
        order.o2c_hold_id.with_user(self.credit_manager).action_release()
        hold = order.o2c_hold_ids.sudo()
        hold.date_consumed = False
        self.assertFalse(order._o2c_check_delivery())
        self.assertFalse(hold.date_consumed)
        hold.amount_cap = 1499.0
        self.assertIn("over the limit", order._o2c_check_delivery())
        hold.write({"amount_cap": 1500.0, "date_expiry": "2026-06-14"})
        self.assertIn("over the limit", order._o2c_check_delivery())

    def test_a_release_for_another_customer_covers_no_delivery(self):
        self.check_deliveries()
        order = self.sold(15)
        order.o2c_hold_id.with_user(self.credit_manager).action_release()
        self.assertFalse(order._o2c_check_delivery())
        self.give_limit(1.0, partner=self.new_customer("Other"))
        order.o2c_hold_ids.sudo().debtor_id = self.debtor_model.sudo().search(
            [("partner_id.name", "=", "Other")]
        )
        self.assertIn("over the limit", order._o2c_check_delivery())

    def deliver(self, order):
        picking = order.picking_ids
        picking.move_ids.quantity = order.order_line.product_uom_qty
        picking.move_ids.picked = True
        return picking._action_done()

    def test_the_delivery_is_checked_where_the_policy_says_so(self):
        order = self.sold(5)
        self.invoice(800.0)
        account = self.account()
        policies = self.env["o2c.credit.policy"].sudo()
        policy = policies._for_debtors(account)[account]
        policy.delivery_check_active = True
        with self.assertRaises(UserError) as caught:
            self.deliver(order)
        self.assertIn("over the limit", str(caught.exception))
        policy.delivery_check_active = False
        self.deliver(order)
        self.assertEqual(order.picking_ids.state, "done")
        self.assertEqual(account.amount_delivered_not_invoiced, 500.0)
