from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import CreditCommon


@tagged("post_install", "-at_install")
class TestGrowth(CreditCommon):
    """Confirmed orders grow only as far as the credit reaches."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.give_limit(1000.0)
        cls.sold = cls.order(100.0, qty=9)
        cls.sold.action_confirm()
        cls.mine = cls.sold.with_user(cls.salesman)

    def refused(self, action):
        with self.assertRaises(UserError) as caught:
            action()
        self.assertIn("cannot grow", str(caught.exception))
        self.env.invalidate_all()
        self.assertEqual(self.sold.amount_total, 900.0)
        self.assertFalse(self.sold.o2c_hold_ids)

    def add(self, price, order=None, **values):
        return (order or self.mine).write(
            {
                "order_line": [
                    Command.create(
                        {
                            "product_id": self.work.id,
                            "price_unit": price,
                            "tax_ids": [],
                            **values,
                        }
                    )
                ]
            }
        )

    def test_growth_within_the_credit_goes_through(self):
        self.mine.order_line.product_uom_qty = 10
        self.assertEqual(self.sold.amount_total, 1000.0)

    def test_growth_by_quantity_price_and_line_is_refused(self):
        line = self.mine.order_line
        self.refused(lambda: line.write({"product_uom_qty": 11}))
        self.refused(lambda: line.write({"price_unit": 120.0}))
        self.refused(lambda: self.add(100.01))
        for values in ({"product_uom_qty": 11}, {"price_unit": 120.0}):
            change = [Command.update(line.id, values)]
            self.refused(lambda change=change: self.mine.write({"order_line": change}))
        values = {"order_id": self.sold.id, "product_id": self.work.id}
        lines = self.env["sale.order.line"].with_user(self.salesman)
        self.refused(lambda: lines.create({**values, "price_unit": 101.0}))

    def test_the_message_tells_amount_and_way(self):
        with self.assertRaises(UserError) as caught:
            self.mine.order_line.product_uom_qty = 20
        message = str(caught.exception).replace("$\xa0", "")
        for part in (self.sold.name, "1,100.00", "1,000.00", "Ask for more credit"):
            self.assertIn(part, message)

    def test_dropping_a_discount_is_growth(self):
        self.add(-500.0)
        other = self.order(600.0)
        other.action_confirm()
        self.assertEqual(other.state, "sale")
        discount = self.mine.order_line[1]
        with self.assertRaises(UserError):
            discount.write({"price_unit": 0.0})
        with self.assertRaises(UserError):
            self.mine.write({"order_line": [Command.delete(discount.id)]})

    def test_an_exchange_within_one_change_is_judged_as_a_whole(self):
        self.mine.order_line.product_uom_qty = 10
        line = self.mine.order_line
        self.mine.write(
            {
                "order_line": [
                    Command.create(
                        {
                            "product_id": self.work.id,
                            "price_unit": 400.0,
                            "tax_ids": [],
                        }
                    ),
                    Command.update(line.id, {"product_uom_qty": 6}),
                ]
            }
        )
        self.assertEqual(self.sold.amount_total, 1000.0)

    def test_a_change_that_is_no_growth_is_not_checked(self):
        self.invoice(5000.0)
        self.mine.order_line.product_uom_qty = 8
        self.mine.order_line.name = "Other words"
        self.mine.client_order_ref = "4711"
        self.assertEqual(self.sold.amount_total, 800.0)

    def test_another_payer_needs_the_credit(self):
        poor = self.new_customer("Poor")
        self.give_limit(899.0, poor)
        with self.assertRaises(UserError):
            self.sold.partner_invoice_id = poor
        rich = self.new_customer("Rich")
        self.give_limit(900.0, rich)
        self.sold.partner_invoice_id = rich
        self.assertEqual(self.account(rich).amount_exposure, 900.0)

    def test_no_context_opens_the_guard(self):
        keys = ("o2c_credit_by_core", "o2c_credit_watched", "bypass_risk")
        line = self.mine.order_line.with_context(**dict.fromkeys(keys, True))
        self.refused(lambda: line.write({"product_uom_qty": 11}))

    def test_saying_that_it_is_an_expense_does_not_help(self):
        self.refused(lambda: self.add(101.0, is_expense=True))

    # ------------------------------------------------------------------
    # What Odoo adds itself
    # ------------------------------------------------------------------

    def test_what_core_adds_is_held_and_never_refused(self):
        self.add(600.0, order=self.sold.sudo())
        self.assertEqual(self.sold.amount_total, 1500.0)
        hold = self.sold.o2c_hold_id
        self.assertEqual((hold.kind, hold.state), ("growth", "held"))
        self.assertEqual((hold.amount_need, hold.amount_over), (600.0, 500.0))
        self.assertEqual(self.sold.state, "sale")
        self.assertEqual(hold.amount_to_pay, 500.0)
        hold.with_user(self.credit_manager).action_release()
        self.assertEqual(hold.state, "released")

    def test_a_reinvoiced_bill_is_held_and_never_refused(self):
        cost = self.new_product("Cost", expense_policy="cost")
        bill = self.env["account.move"].create(
            {
                "move_type": "in_invoice",
                "partner_id": self.partner_b.id,
                "invoice_date": "2026-06-15",
                "invoice_line_ids": [
                    Command.create(
                        {"product_id": cost.id, "price_unit": 250.0, "tax_ids": []}
                    )
                ],
            }
        )
        line = bill.invoice_line_ids
        self.patch(
            type(line),
            "_sale_determine_order",
            lambda lines: dict.fromkeys(lines.ids, self.sold),
        )
        created = line._sale_create_reinvoice_sale_line()[line.id]
        self.assertEqual(created.order_id, self.sold)
        hold = self.sold.o2c_hold_id
        self.assertEqual((hold.kind, hold.amount_over), ("growth", 150.0))

    # ------------------------------------------------------------------
    # Asking first
    # ------------------------------------------------------------------

    def ask(self, total):
        wizard = self.env["o2c.credit.request"].with_user(self.salesman)
        wizard = wizard.create(
            {"order_id": self.sold.id, "amount": total, "comment": "More to do"}
        )
        self.assertTrue(wizard.is_growth)
        wizard.action_ask()
        return self.sold.o2c_hold_id

    def test_asking_first_lets_it_grow_that_far(self):
        hold = self.ask(1500.0)
        self.assertEqual((hold.state, hold.kind), ("requested", "growth"))
        self.assertEqual((hold.amount_need, hold.amount_over), (600.0, 500.0))
        hold.with_user(self.credit_manager).action_release()
        self.assertEqual(hold.amount_cap, 1500.0)
        self.mine.order_line.product_uom_qty = 15
        self.assertEqual(self.sold.amount_total, 1500.0)
        with self.assertRaises(UserError):
            self.mine.order_line.product_uom_qty = 16

    def test_a_down_payment_does_not_stretch_what_was_released(self):
        hold = self.ask(1500.0)
        hold.with_user(self.credit_manager).action_release()
        wizard = (
            self.env["sale.advance.payment.inv"]
            .with_context(active_ids=self.sold.ids)
            .create({"advance_payment_method": "fixed", "fixed_amount": 400.0})
        )
        wizard.create_invoices()
        self.sold.invoice_ids.action_post()
        self.mine.order_line[0].product_uom_qty = 15
        self.assertEqual(self.sold.amount_total, 1500.0)
        with self.assertRaises(UserError):
            self.mine.order_line[0].product_uom_qty = 16

    def test_asking_for_what_is_free_or_less_is_answered(self):
        with self.assertRaisesRegex(UserError, "There is credit"):
            self.ask(950.0)
        with self.assertRaisesRegex(UserError, "more than the order has"):
            self.ask(100.0)
