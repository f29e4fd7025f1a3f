from unittest.mock import patch

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common import CreditCommon


@tagged("post_install", "-at_install")
class TestGuard(CreditCommon):
    """An order beyond the credit waits, whichever road it comes."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.give_limit(1000.0)

    def held(self, order):
        self.assertEqual(order.state, "draft")
        return order.o2c_hold_id

    def checks(self, *domain):
        return self.env["o2c.credit.check"].search([*domain])

    def test_what_fits_is_confirmed_to_the_cent(self):
        order = self.order(1000.0)
        self.assertIs(order.action_confirm(), True)
        self.assertEqual(order.state, "sale")
        self.assertFalse(order.o2c_hold_ids)
        check = self.checks()
        self.assertEqual(check.outcome, "passed")
        self.assertEqual((check.amount_need, check.amount_limit), (1000.0, 1000.0))

    def test_what_does_not_fit_waits_with_its_reason(self):
        self.invoice(400.0)
        order = self.order(600.01)
        answer = order.with_user(self.salesman).action_confirm()
        hold = self.held(order)
        self.assertEqual((hold.state, hold.kind), ("held", "order"))
        self.assertEqual(hold.amount_over, 0.01)
        self.assertEqual(hold.amount_to_pay, 0.01)
        self.assertIn("0.01 over the limit", hold.reason.replace("$\xa0", ""))
        self.assertEqual(hold.user_id, self.salesman)
        self.assertEqual(hold.debtor_id, self.account())
        self.assertIn(hold.activity_ids.user_id, hold._approvers())
        message = order.message_ids[0]
        self.assertIn("waits for credit", message.body)
        self.assertFalse(message.notified_partner_ids, "he knows: he pressed it")
        self.assertIn(order.name, answer["params"]["message"])
        check = hold.check_id
        self.assertEqual((check.outcome, check.amount_open_items), ("held", 400.0))

    def test_without_a_limit_nothing_waits_and_nothing_is_recorded(self):
        order = self.order(10**9, partner=self.partner_b)
        order.action_confirm()
        self.assertEqual(order.state, "sale")
        self.assertFalse(self.checks())

    def test_the_exposure_is_read_only_where_something_asks_for_it(self):
        def reads(order):
            read = []
            model = type(self.env["o2c.debtor"])
            original = model._exposure_sql

            def exposure_sql(this, *args):
                read.append(args)
                return original(this, *args)

            with patch.object(model, "_exposure_sql", exposure_sql):
                order.action_confirm()
            return len(read)

        self.assertEqual(reads(self.order(10.0, partner=self.partner_b)), 0)
        self.assertEqual(reads(self.order(10.0)), 1)

    def test_a_limit_of_zero_is_one(self):
        self.give_limit(0.0, self.partner_b)
        order = self.order(1.0, partner=self.partner_b)
        order.action_confirm()
        self.assertTrue(self.held(order))
        free = self.order(0.0, partner=self.partner_b)
        free.action_confirm()
        self.assertEqual(free.state, "sale", "what costs nothing needs no credit")

    def test_an_order_without_lines_passes(self):
        self.invoice(5000.0)
        order = self.order(1.0, order_line=[])
        order.action_confirm()
        self.assertEqual(order.state, "sale")

    def test_of_several_the_good_ones_go(self):
        first, second, third = (self.order(a) for a in (600.0, 500.0, 400.0))
        other = self.order(9999.0, partner=self.partner_b)
        orders = first | second | third | other
        answer = orders.action_confirm()
        self.assertEqual(orders.mapped("state"), ["sale", "draft", "sale", "sale"])
        message = answer["params"]["message"]
        for order in orders:
            self.assertIn(order.name, message)

    def test_the_salesperson_is_told_what_somebody_else_confirmed(self):
        order = self.order(1500.0)
        order.action_confirm()
        told = order.message_ids[0].notified_partner_ids
        self.assertEqual(told, self.salesman.partner_id)

    def test_confirming_again_makes_no_second_hold(self):
        order = self.order(1500.0)
        order.action_confirm()
        hold = order.o2c_hold_id
        messages = len(order.message_ids)
        self.invoice(100.0)
        order.action_confirm()
        self.assertEqual(order.o2c_hold_ids, hold)
        self.assertEqual(hold.amount_over, 600.0)
        self.assertEqual(len(order.message_ids), messages, "told once")

    def test_a_smaller_order_is_freed_by_confirming_again(self):
        order = self.order(1500.0)
        order.action_confirm()
        hold = order.o2c_hold_id
        order.order_line.price_unit = 900.0
        order.action_confirm()
        self.assertEqual(order.state, "sale")
        self.assertEqual((hold.state, hold.released_by), ("released", "credit"))
        self.assertFalse(hold.activity_ids)

    def test_held_orders_do_not_count(self):
        self.order(1500.0).action_confirm()
        order = self.order(1000.0)
        order.action_confirm()
        self.assertEqual(order.state, "sale")

    def test_a_cancelled_order_waits_no_longer(self):
        order = self.order(1500.0)
        order.action_confirm()
        hold = order.o2c_hold_id
        order._action_cancel()
        self.assertEqual(hold.state, "expired")
        order.action_draft()
        order.action_confirm()
        self.assertNotEqual(self.held(order), hold)

    # ------------------------------------------------------------------
    # Other roads
    # ------------------------------------------------------------------

    def test_writing_the_state_is_checked(self):
        order = self.order(1500.0)
        with self.assertRaises(UserError) as caught:
            order.write({"state": "sale"})
        self.assertIn("Beyond the customer's credit", str(caught.exception))
        good = self.order(100.0)
        good.write({"state": "sale"})
        self.assertEqual(good.state, "sale")

    def test_the_state_is_written_along_with_another_customer(self):
        """Whoever is invoiced in the end needs the credit, for its worth then."""
        currency = self.setup_other_currency("EUR", rates=[("2026-01-01", 0.1)])
        pricelist = self.env["product.pricelist"].create(
            {"name": "EUR", "currency_id": currency.id}
        )
        rich = self.new_customer("Rich")
        for values in (
            {"partner_invoice_id": self.customer.id},
            dict.fromkeys(("partner_id", "partner_invoice_id"), self.customer.id),
        ):
            order = self.order(1500.0, partner=rich)
            with self.assertRaises(UserError), self.env.cr.savepoint():
                order.write({"state": "sale", **values})
            self.assertEqual(order.state, "draft")
        order = self.order(900.0)
        with self.assertRaises(UserError), self.env.cr.savepoint():
            order.write({"state": "sale", "pricelist_id": pricelist.id})
        self.assertEqual(order.state, "draft")
        order.write({"state": "sale", "partner_invoice_id": self.customer.id})
        self.assertEqual(order.state, "sale", "and is not counted twice")

    def test_what_changes_while_it_is_confirmed_is_checked_again(self):
        prices = {}

        def values(this):
            for order in this.filtered(lambda order: order.id in prices):
                order.order_line.price_unit = prices[order.id]
            return {"state": "sale"}

        self.patch(type(self.env["sale.order"]), "_prepare_confirmation_values", values)
        less, more, beyond = self.order(200.0), self.order(300.0), self.order(400.0)
        prices.update({less.id: 100.0, more.id: 400.0, beyond.id: 501.0})
        for order in (less, more):
            order.action_confirm()
            self.assertEqual(order.state, "sale")
        with self.assertRaisesRegex(UserError, "Beyond"), self.env.cr.savepoint():
            beyond.action_confirm()
        self.assertEqual(beyond.state, "draft")
        prices[beyond.id] = 500.0
        beyond.action_confirm()
        self.assertEqual(beyond.state, "sale")

    def test_no_context_opens_the_guard(self):
        hostile = dict.fromkeys(
            (
                "bypass_risk",
                "o2c_credit_admitted",
                "o2c_credit_by_core",
                "o2c_credit_watched",
                "tracking_disable",
                "install_mode",
                "import_file",
            ),
            True,
        )
        order = self.order(1500.0).with_context(**hostile)
        order.action_confirm()
        self.assertEqual(order.state, "draft")
        with self.assertRaises(UserError):
            order.write({"state": "sale"})

    def test_writing_computed_figures_does_not_help(self):
        order = self.order(1500.0).with_user(self.salesman)
        order.write({"amount_total": 1.0, "amount_untaxed": 1.0})
        order.order_line.write({"price_total": 1.0, "price_subtotal": 1.0})
        order.action_confirm()
        self.assertEqual((order.state, order.amount_total), ("draft", 1500.0))
        good = self.order(1000.0).with_user(self.salesman)
        good.action_confirm()
        good.write({"invoice_status": "invoiced"})
        good.order_line.write({"qty_invoiced": 1.0, "price_total": 0.0})
        self.assertEqual(self.account().amount_exposure, 1000.0)
        created = self.order(1500.0, line={"price_total": 1.0}, amount_total=1.0)
        self.assertEqual(created.amount_total, 1500.0)

    def test_creating_it_as_confirmed_is_checked(self):
        with self.assertRaises(UserError):
            self.order(1500.0, state="sale")
        self.assertEqual(self.order(1000.0, state="sale").state, "sale")
        with self.assertRaises(UserError):
            self.order(0.01, state="sale")

    def test_importing_it_as_confirmed_is_checked(self):
        fields = ["partner_id/.id", "state", "order_line/product_id/.id"]
        fields += ["order_line/price_unit", "order_line/tax_ids/.id"]

        def load(price):
            row = [str(self.customer.id), "Sales Order", str(self.work.id), price, ""]
            return self.env["sale.order"].load(fields, [row])

        failed = load("1500")
        self.assertFalse(failed["ids"])
        self.assertIn("credit", failed["messages"][0]["message"])
        self.assertTrue(load("900")["ids"])

    def test_superuser_and_server_actions_are_checked(self):
        order = self.order(1500.0)
        order.sudo().action_confirm()
        self.assertEqual(order.state, "draft")
        action = self.env["ir.actions.server"].create(
            {
                "name": "Confirm",
                "model_id": self.env["ir.model"]._get_id("sale.order"),
                "state": "code",
                "code": "records.action_confirm()",
            }
        )
        action.with_context(active_model="sale.order", active_ids=order.ids).run()
        self.assertEqual(order.state, "draft")

    def test_the_guard_is_the_outermost_layer(self):
        """It stays so when the registry is set up again, and does not wrap itself."""
        cls = type(self.env["sale.order"])
        guarded = vars(self.registry["sale.order"])["action_confirm"]
        self.assertTrue(guarded.o2c_guarded)
        self.env["sale.order"]._register_hook()
        again = cls.action_confirm
        self.assertTrue(again.o2c_guarded)
        self.assertFalse(hasattr(again.__wrapped__, "o2c_guarded"))

    def test_who_may_not_write_the_order_holds_nothing(self):
        order = self.order(1500.0)
        outsider = self.new_user("outsider", "base.group_user")
        with self.assertRaises(AccessError):
            order.with_user(outsider).action_confirm()
        self.assertFalse(order.o2c_hold_ids)

    # ------------------------------------------------------------------
    # Observing
    # ------------------------------------------------------------------

    def test_a_company_that_observes_records_and_lets_pass(self):
        self.company.o2c_credit_enforce = False
        order = self.order(1500.0)
        self.assertIs(order.action_confirm(), True)
        self.assertEqual(order.state, "sale")
        check = self.checks(("outcome", "=", "observed"))
        self.assertEqual((check.sale_order_id, check.amount_over), (order, 500.0))
        self.assertIn("over the limit", check.reason)
        self.assertFalse(order.o2c_hold_ids)
        order.order_line.price_unit = 2000.0
        self.assertEqual(self.checks()[0].kind, "growth")

    def test_the_root_company_decides_for_its_branches(self):
        branch = self._create_company(name="Branch", parent_id=self.company.id)
        self.cr.precommit.run()
        order = self.order(1500.0, company=branch)
        order.action_confirm()
        self.assertEqual(order.state, "draft")
        self.assertEqual(order.o2c_hold_id.company_id, self.company)

    # ------------------------------------------------------------------
    # Group, currency
    # ------------------------------------------------------------------

    def test_members_share_the_limit_of_their_group(self):
        head = self.account()
        member = self.account(self.partner_b)
        member.sudo().group_id = head
        self.order(700.0, partner=self.partner_b).action_confirm()
        order = self.order(400.0)
        order.action_confirm()
        self.assertIn("group's limit", self.held(order).reason)
        second = self.order(301.0, partner=self.partner_b)
        second.action_confirm()
        self.assertEqual(self.held(second).amount_over, 1.0)

    def test_a_member_has_a_limit_of_its_own_too(self):
        self.account(self.partner_b).sudo().group_id = self.account()
        self.give_limit(50.0, self.partner_b)
        order = self.order(51.0, partner=self.partner_b)
        order.action_confirm()
        self.assertNotIn("group", self.held(order).reason)

    def test_foreign_orders_are_checked_in_company_currency(self):
        currency = self.setup_other_currency("EUR", rates=[("2026-01-01", 2.0)])
        pricelist = self.env["product.pricelist"].create(
            {"name": "EUR", "currency_id": currency.id}
        )
        good = self.order(2000.0, pricelist_id=pricelist.id)
        good.action_confirm()
        self.assertEqual(good.state, "sale")
        bad = self.order(0.02, pricelist_id=pricelist.id)
        bad.action_confirm()
        self.assertEqual(self.held(bad).amount_over, 0.01)

    def test_free_credit_is_seen_before_confirming(self):
        order = self.order(1500.0)
        self.invoice(300.0)
        order.invalidate_recordset()
        seen = order.with_user(self.salesman)
        self.assertTrue(seen.o2c_has_credit_limit)
        self.assertEqual(seen.o2c_free_credit, 700.0)
        other = self.order(1.0, partner=self.partner_b)
        self.assertFalse(other.o2c_has_credit_limit)

    def test_held_orders_are_found_by_the_filter(self):
        held, good = self.order(1500.0), self.order(10.0)
        (held | good).action_confirm()
        search = self.env["sale.order"].search
        own = [("partner_id", "=", self.customer.id)]
        self.assertEqual(search([*own, ("o2c_hold_id", "!=", False)]), held)
        self.assertEqual(search([*own, ("o2c_hold_id", "=", False)]), good)
        self.assertEqual(search([("o2c_hold_id.state", "=", "held"), *own]), held)
