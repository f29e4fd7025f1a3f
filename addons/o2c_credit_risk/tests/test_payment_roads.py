from odoo.tests import tagged

from odoo.addons.account_payment.tests.common import AccountPaymentCommon

from .common import CreditCommon


@tagged("post_install", "-at_install")
class TestPaymentRoads(CreditCommon, AccountPaymentCommon):
    """Orders that are paid online: what is covered passes, the rest waits."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        del cls.account, cls.invoice  # core's records, by the names of our words
        provider = type(cls.provider)
        support = provider._compute_feature_support_fields

        def supports_authorizing(self):
            support(self)
            self.support_manual_capture = "full_only"

        cls.classPatch(
            provider, "_compute_feature_support_fields", supports_authorizing
        )
        cls.provider.invalidate_recordset()
        cls.give_limit(1000.0)
        cls.provider.journal_id.inbound_payment_method_line_ids.filtered(
            lambda line: line.payment_provider_id == cls.provider
        ).payment_account_id = cls.inbound_payment_method_line.payment_account_id

    def pay(self, order, amount, state):
        payment = self._create_transaction(
            flow="direct",
            amount=amount,
            currency_id=order.currency_id.id,
            partner_id=order.partner_id.id,
            sale_order_ids=[order.id],
            state=state,
            reference=f"{order.name}-{amount}",
        )
        payment._post_process()
        return payment

    def settle(self, payment, amount, state, refund=False):
        """Draw, call off or give back a part of a payment."""
        part = payment._create_child_transaction(amount, is_refund=refund)
        {"done": part._set_done, "cancel": part._set_canceled}[state]()
        part._post_process()
        return part

    def need(self, order):
        """What the order needs by a new check, and by how much that is too much."""
        order.invalidate_recordset()
        order.action_confirm()
        hold = order.o2c_hold_id
        self.assertEqual(order.state in ("draft", "sent"), bool(hold))
        return hold.amount_need, hold.amount_over

    def quotation(self, amount, **values):
        return self.order(amount, require_payment=True, **values)

    def test_an_order_that_is_paid_passes_whatever_is_owed(self):
        self.invoice(5000.0)
        for state in ("done", "authorized"):
            order = self.quotation(1500.0)
            self.pay(order, 1500.0, state)
            self.assertEqual(order.state, "sale", state)

    def test_a_held_order_does_not_break_its_payment(self):
        self.invoice(900.0)
        order = self.quotation(1500.0, prepayment_percent=0.5)
        payment = self.pay(order, 750.0, "done")
        self.assertEqual(order.state, "draft")
        self.assertEqual(order.o2c_hold_id.state, "held")
        self.assertEqual(order.o2c_hold_id.amount_need, 750.0)
        self.assertTrue(payment.is_post_processed)
        self.assertTrue(payment.payment_id, "the money is in the books")

    def test_own_money_is_not_counted_twice(self):
        """It lowers the need; as unapplied credit it must not lower the exposure."""
        self.invoice(900.0)
        order = self.quotation(1500.0, prepayment_percent=0.5)
        self.pay(order, 750.0, "done")
        order.action_confirm()
        hold = order.o2c_hold_id
        self.assertEqual(hold.amount_over, 650.0)
        self.assertEqual(hold.check_id.amount_own_money, 750.0)

    def test_a_pending_payment_confirms_nothing_and_covers_nothing(self):
        order = self.quotation(1500.0)
        self.pay(order, 1500.0, "pending")
        self.assertEqual(order.state, "sent")
        order.action_confirm()
        self.assertEqual(order.o2c_hold_id.amount_need, 1500.0)

    def test_authorized_money_stays_as_good_as_paid(self):
        order = self.quotation(1500.0)
        self.pay(order, 1500.0, "authorized")
        self.assertEqual(self.account().amount_exposure, 0.0)
        other = self.order(1000.0)
        other.action_confirm()
        self.assertEqual(other.state, "sale")

    # ------------------------------------------------------------------
    # What came, what went back
    # ------------------------------------------------------------------

    def test_refunded_money_is_not_the_orders_any_more(self):
        self.invoice(900.0)
        order = self.quotation(1500.0, prepayment_percent=0.9)
        payment = self.pay(order, 800.0, "done")
        self.assertEqual(self.need(order), (700.0, 600.0))
        self.settle(payment, 300.0, "done", refund=True)
        self.assertEqual(self.need(order), (1000.0, 900.0))
        self.assertEqual(order.o2c_hold_id.check_id.amount_own_money, 500.0)
        refund = payment._create_child_transaction(500.0, is_refund=True)
        self.assertEqual(self.need(order)[0], 1000.0, "not sent yet")
        refund._set_pending()
        self.assertEqual(self.need(order)[0], 1500.0, "on its way")

    def test_a_refused_refund_changes_nothing(self):
        order = self.quotation(1500.0, prepayment_percent=0.9)
        payment = self.pay(order, 400.0, "done")
        refund = payment._create_child_transaction(400.0, is_refund=True)
        refund._set_error("No")
        self.assertEqual(self.need(order)[0], 1100.0)

    def test_of_an_authorized_payment_counts_what_is_drawn_or_blocked(self):
        self.invoice(900.0)
        order = self.quotation(1500.0, prepayment_percent=0.9)
        payment = self.pay(order, 1000.0, "authorized")
        self.assertEqual(self.need(order), (500.0, 400.0))
        self.settle(payment, 600.0, "done")
        self.assertEqual(self.need(order), (500.0, 400.0), "the rest stays blocked")
        self.settle(payment, 400.0, "cancel")
        self.assertEqual(payment.state, "done")
        self.assertEqual(self.need(order), (900.0, 800.0))
        self.assertEqual(order.o2c_hold_id.check_id.amount_own_money, 600.0)

    def test_a_part_that_was_drawn_may_go_back_too(self):
        order = self.quotation(1500.0, prepayment_percent=0.9)
        payment = self.pay(order, 1000.0, "authorized")
        drawn = self.settle(payment, 600.0, "done")
        self.settle(drawn, 600.0, "done", refund=True)
        self.settle(payment, 400.0, "cancel")
        self.assertEqual(self.need(order), (1500.0, 500.0))

    def test_money_that_came_back_from_the_bank_does_not_count(self):
        order = self.quotation(1500.0, prepayment_percent=0.9)
        payment = self.pay(order, 1000.0, "done")
        payment.payment_id.action_draft()
        payment.payment_id.action_cancel()
        self.assertEqual(self.need(order)[0], 1500.0)

    def test_the_exposure_counts_drawn_money_once(self):
        """It is unapplied credit; of what was authorized only the rest is as good."""
        order = self.quotation(1500.0)
        payment = self.pay(order, 1500.0, "authorized")
        self.assertEqual(order.state, "sale")
        self.settle(payment, 600.0, "done")
        self.assertEqual(self.account().amount_exposure, 0.0)
        self.settle(payment, 900.0, "cancel")
        debtor = self.account()
        debtor.invalidate_recordset()
        self.assertEqual(debtor.amount_exposure, 900.0)

    # ------------------------------------------------------------------
    # Deposits
    # ------------------------------------------------------------------

    def test_a_deposit_frees_no_other_order_while_it_lies_with_its_own(self):
        self.invoice(900.0)
        order = self.quotation(1500.0, prepayment_percent=0.5)
        self.pay(order, 750.0, "done")
        self.assertEqual(order.o2c_hold_id.amount_over, 650.0)
        self.assertEqual(self.account().amount_exposure, 150.0, "it is his money")
        other = self.order(101.0)
        self.assertEqual(other.o2c_free_credit, 100.0)
        self.assertEqual(self.need(other), (101.0, 1.0))
        check = other.o2c_hold_id.check_id
        self.assertEqual((check.amount_exposure, check.amount_unapplied), (900.0, 0.0))
        small = self.order(100.0)
        small.action_confirm()
        self.assertEqual(small.state, "sale")

    def test_a_deposit_is_free_again_without_its_order(self):
        self.invoice(900.0)
        order = self.quotation(1500.0, prepayment_percent=0.5)
        self.pay(order, 750.0, "done")
        other = self.order(300.0)
        self.assertEqual(self.need(other), (300.0, 200.0))
        order._action_cancel()
        other.action_confirm()
        self.assertEqual(other.state, "sale")

    def test_a_deposit_of_a_confirmed_order_counts_against_that_order(self):
        order = self.quotation(1500.0, prepayment_percent=0.5)
        self.pay(order, 750.0, "done")
        self.assertEqual(order.state, "sale")
        other = self.order(251.0)
        self.assertEqual(self.need(other), (251.0, 1.0))

    def test_a_deposit_that_was_matched_with_an_invoice_is_not_the_orders(self):
        invoice = self.invoice(900.0)
        order = self.quotation(1500.0, prepayment_percent=0.5)
        payment = self.pay(order, 750.0, "done")
        self.match(invoice, payment.payment_id.move_id)
        self.assertEqual(self.need(order), (1500.0, 650.0))
        other = self.order(850.0)
        other.action_confirm()
        self.assertEqual(other.state, "sale")

    def test_a_deposit_is_the_orders_whoever_of_the_group_buys(self):
        member = self.account(self.partner_b)
        member.sudo().group_id = self.account()
        self.invoice(900.0)
        order = self.quotation(1500.0, prepayment_percent=0.5)
        self.pay(order, 750.0, "done")
        other = self.order(101.0, partner=self.partner_b)
        self.assertEqual(self.need(other), (101.0, 1.0))

    def test_of_several_orders_each_keeps_its_deposit(self):
        orders = self.quotation(600.0, prepayment_percent=0.9)
        orders |= self.quotation(700.0, prepayment_percent=0.9)
        for order in orders:
            self.pay(order, 100.0, "done")
        orders.action_confirm()
        self.assertEqual(orders.mapped("state"), ["sale", "draft"])
        self.assertEqual(orders[1].o2c_hold_id.amount_over, 100.0)

    def test_what_is_written_as_confirmed_counts_its_deposit_once(self):
        order = self.quotation(1750.0, prepayment_percent=0.9)
        self.pay(order, 750.0, "done")
        self.assertEqual(order.state, "draft")
        order.write({"state": "sale"})
        self.assertEqual(self.account().amount_exposure, 1000.0)
