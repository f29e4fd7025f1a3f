from odoo import Command
from odoo.tests import tagged

from .credit_portal_common import CreditPortalCommon


@tagged("post_install", "-at_install")
class TestHeldOrders(CreditPortalCommon):
    """A waiting order tells what frees it, and paying that frees it."""

    def pay_order(self, order, amount):
        """Money for the order itself, as Odoo's own page takes it."""
        payment = self.env["payment.transaction"].sudo()
        payment = payment.create(
            {
                "provider_id": self.provider.id,
                "payment_method_id": self.provider.payment_method_ids[:1].id,
                "reference": f"{order.name}-{amount}",
                "amount": amount,
                "currency_id": order.currency_id.id,
                "partner_id": self.user_a.partner_id.id,
                "operation": "online_redirect",
                "sale_order_ids": order.ids,
            }
        )
        payment._set_done()
        payment._post_process()

    def test_paying_the_smallest_payment_frees_the_order_at_the_next_recheck(self):
        late = self.invoice(80, date="2026-05-01", due="2026-05-02")
        self.invoice(900, due="2026-07-01")
        order, other = self.held(200.0), self.held(300.0)
        [told, _second] = self.told()
        self.assertEqual((told["order"], told["to_pay"]), (order, 180))
        self.assertEqual(told["to_pay"], order.o2c_hold_id.amount_to_pay)
        self.assertEqual(told["way"], "items")
        self.assertNotIn("person", told, "nobody is needed")
        amounts = {i.move_line_id.id: part for i, part in told["items"].items()}
        self.assertEqual(list(amounts.values()), [None, 100], "oldest first, a part")
        remittance = self.account()._take_payment_choice(
            "key1", amounts, set(), self.user_a.partner_id
        )
        self.assertEqual(remittance.amount_total, 180)
        self.pay(remittance)
        self.assertEqual(late.amount_residual, 0)
        self.assertEqual(order.state, "draft", "the job frees it")
        self.recheck()
        self.assertEqual((order.state, other.state), ("sale", "draft"))
        self.assertEqual([held["order"] for held in self.told()], [other])

    def test_a_cent_less_frees_nothing(self):
        invoice = self.invoice(900)
        order = self.held(200.0)
        self.pay(self.choose({invoice: 99.99}))
        self.recheck()
        self.assertEqual(order.state, "draft")
        [told] = self.told()
        self.assertEqual((told["to_pay"], told["way"]), (0.01, "items"))

    def test_money_under_way_is_not_asked_for_again(self):
        invoice = self.invoice(900)
        order = self.held(200.0)
        transaction = self.transaction(self.choose({invoice: 100}))
        transaction._set_pending()
        [told] = self.told()
        self.assertEqual((told["way"], told["items"]), ("arriving", {}))
        transaction._set_done()
        transaction._post_process()
        self.recheck()
        self.assertEqual(order.state, "sale")

    def test_without_open_items_a_part_of_the_order_is_paid_in_advance(self):
        order = self.held(1500.0)
        [told] = self.told()
        self.assertEqual((told["way"], told["advance"]), ("order", 500))
        self.pay_order(order, 500.0)
        self.recheck()
        self.assertEqual(order.state, "sale")

    def test_an_order_paid_in_full_needs_no_credit(self):
        order = self.order(1000.0)
        order.action_confirm()
        self.credit_note(1)  # of what is open, nothing can be paid
        self.give_limit_of(100)
        order = self.held(50.0)
        [told] = self.told()
        self.assertEqual(told["to_pay"], 949)
        self.assertEqual((told["way"], told["advance"]), ("order", 50))
        self.pay_order(order, 50.0)
        self.recheck()
        self.assertEqual(order.state, "sale")

    def give_limit_of(self, amount):
        limits = self.env["o2c.credit.limit"].sudo()
        limits.search([("debtor_id", "=", self.account().id)]).amount = amount
        self.account()._refresh_credit_limit()

    def test_what_money_does_not_mend_waits_for_a_person(self):
        policy = self.env.ref("o2c_credit_risk.policy_standard").sudo()
        policy.first_order_active = True
        self.held(10.0)
        [told] = self.told()
        self.assertEqual((told["way"], told["to_pay"]), ("decision", 0))

    def test_whom_to_ask_is_told_where_he_cannot_do_it_himself(self):
        address = self.customer.child_ids[:1]
        order = self.held(
            1500.0, partner=self.other_customer, partner_invoice_id=address.id
        )
        order.sudo().user_id = self.salesman
        self.assertEqual(self.told()[0]["person"], self.salesman.partner_id)
        order.sudo().user_id = False
        collector = self.account()._responsible() or self.company
        self.assertEqual(self.told()[0]["person"], collector.partner_id)

    def test_disputed_invoices_are_not_asked_for(self):
        disputed, good = self.invoice(500), self.invoice(450)
        self.account()._say_dispute(
            self.account()._portal_items([self.line(disputed)]),
            500,
            self.env["o2c.dispute.reason"].search([], limit=1),
            "Broken",
            [],
            self.user_a.partner_id,
        )
        self.held(100.0)
        [told] = self.told()
        chosen = [item.move_id for item in told["items"]]
        self.assertEqual(chosen, [good])

    def test_one_payment_has_one_currency(self):
        foreign = self.setup_other_currency("EUR", rates=[("2016-01-01", 0.3)])
        self.invoice(30, due="2026-06-01", currency_id=foreign.id)  # worth 100
        self.invoice(900)
        self.held(100.0)
        self.held(150.0)
        for told, expected in zip(
            self.told(),
            ((foreign, None), (self.company.currency_id, 150)),
            strict=True,
        ):
            [(item, amount)] = told["items"].items()
            self.assertEqual((item.currency_id, amount), expected)

    def test_a_part_in_a_foreign_currency_is_enough(self):
        foreign = self.setup_other_currency("EUR", rates=[("2016-01-01", 0.3)])
        self.invoice(300, currency_id=foreign.id)  # worth 1000
        order = self.held(50.01)
        [told] = self.told()
        [(item, amount)] = told["items"].items()
        self.assertEqual(amount, 15.01)  # 15.003, rounded up
        remittance = self.account()._take_payment_choice(
            "key1", {item.move_line_id.id: amount}, set(), self.user_a.partner_id
        )
        self.provider.available_currency_ids = False
        self.pay(remittance)
        self.recheck()
        self.assertEqual(order.state, "sale")

    def test_what_was_added_to_a_confirmed_order_is_told_and_freed_by_paying(self):
        self.invoice(500, date="2026-05-01", due="2026-05-02")
        order = self.order(400.0)
        order.action_confirm()
        values = {"product_id": self.work.id, "price_unit": 600.0, "tax_ids": []}
        order.sudo().order_line = [Command.create(values)]
        hold = order.o2c_hold_id
        self.assertEqual((hold.kind, hold.state), ("growth", "held"))
        [told] = self.told()
        self.assertEqual((told["order"], told["added"]), (order, 600))
        self.assertEqual((told["way"], told["to_pay"]), ("items", 500))
        amounts = {i.move_line_id.id: part for i, part in told["items"].items()}
        self.pay(
            self.account()._take_payment_choice(
                "key1", amounts, set(), self.user_a.partner_id
            )
        )
        self.recheck()
        self.assertEqual(hold.state, "released")
        self.assertEqual(self.told(), [])

    def test_what_was_added_is_not_paid_for_in_advance(self):
        order = self.order(900.0)
        order.action_confirm()
        values = {"product_id": self.work.id, "price_unit": 600.0, "tax_ids": []}
        order.sudo().order_line = [Command.create(values)]
        [told] = self.told()
        self.assertEqual((told["way"], told["to_pay"]), ("ask", 500))

    def test_others_orders_and_growth_asked_for_ahead_are_not_told(self):
        self.give_limit(10.0, self.other_customer)
        theirs = self.held(100.0, partner=self.other_customer)
        confirmed = self.order(900.0)
        confirmed.action_confirm()
        confirmed.with_user(self.salesman)._o2c_ask_growth(5000.0, "More")
        self.assertEqual(self.told(), [])
        [told] = self.told(self.other_customer)
        self.assertEqual(told["order"], theirs)

    def test_an_order_of_another_company_s_page_is_not_linked(self):
        address = self.customer.child_ids[:1]
        self.held(1500.0, partner=self.other_customer, partner_invoice_id=address.id)
        [told] = self.told()
        self.assertEqual((told["way"], told["to_pay"]), ("ask", 500))
