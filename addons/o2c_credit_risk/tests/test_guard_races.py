from unittest.mock import patch

from odoo import Command
from odoo.tests import tagged

from odoo.addons.o2c_base.tests.race_common import QUIET, RaceCase

NAME = "Credit race"


@tagged("post_install", "-at_install", "-standard", "database_breaking")
class TestGuardRaces(RaceCase):
    """Several orders want the last credit at once."""

    def _root(self, env):
        return env["res.company"].search([("parent_id", "=", False)], limit=1)

    def _make(self, env, limit, amounts, members=0):
        """Customers, a limit on the first one, an order per amount."""
        root = self._root(env)
        root.o2c_credit_enforce = True
        env = env(context={**QUIET, "allowed_company_ids": root.ids})
        product = env["product.product"].create(
            {"name": NAME, "type": "service", "invoice_policy": "order"}
        )
        partners = env["res.partner"].create(
            [{"name": NAME} for _number in range(members + 1)]
        )
        accounts = env["o2c.debtor"]._ensure([(partner, root) for partner in partners])
        head = accounts.filtered(lambda account: account.partner_id == partners[0])
        (accounts - head).group_id = head
        env["o2c.credit.limit"].create(
            {"debtor_id": head.id, "amount": limit, "state": "active"}
        )
        orders = env["sale.order"].create(
            [
                {
                    "partner_id": partners[number % len(partners)].id,
                    "user_id": False,
                    "order_line": [
                        Command.create(
                            {
                                "product_id": product.id,
                                "price_unit": amount,
                                "tax_ids": [],
                            }
                        )
                    ],
                }
                for number, amount in enumerate(amounts)
            ]
        )
        return orders.ids

    def _remove(self, env):
        self._root(env).o2c_credit_enforce = False
        partners = env["res.partner"].search([("name", "=", NAME)])
        orders = env["sale.order"].search([("partner_id", "in", partners.ids)])
        holds = env["o2c.credit.hold"].search([("sale_order_id", "in", orders.ids)])
        holds.unlink()
        env.flush_all()
        env.cr.execute(
            "DELETE FROM o2c_credit_check WHERE sale_order_id = ANY(%s)",
            [orders.ids],
        )
        env.cr.execute(
            "DELETE FROM o2c_credit_gate WHERE partner_id = ANY(%s)",
            [partners.ids],
        )
        env.cr.execute(
            "DELETE FROM o2c_credit_limit WHERE partner_id = ANY(%s)",
            [partners.ids],
        )
        env.invalidate_all(flush=False)
        orders._action_cancel()
        orders.unlink()
        env["product.product"].search([("name", "=", NAME)]).unlink()
        partners.unlink()

    # ------------------------------------------------------------------
    # Racing
    # ------------------------------------------------------------------

    def race(self, order_ids):
        """Confirm orders at once, each by a worker that has read before.

        :return: how often each worker had to begin
        """
        tries, errors = self.at_once(
            order_ids,
            lambda env, number: env["sale.order"].browse(number).o2c_free_credit,
            self._confirm,
        )
        self.assertEqual(errors, [])
        return tries

    @staticmethod
    def _confirm(env, order_id):
        order = env["sale.order"].browse(order_id)
        order.with_company(order.company_id).action_confirm()

    def outcome(self, order_ids):
        """(amounts confirmed, states of the holds of the others)."""

        def read(env):
            orders = env["sale.order"].browse(order_ids)
            confirmed = orders.filtered(lambda order: order.state == "sale")
            waiting = (orders - confirmed).o2c_hold_ids.mapped("state")
            return confirmed.mapped("amount_untaxed"), waiting

        return self.committed(read)

    def test_two_orders_do_not_share_the_last_credit(self):
        order_ids = self.committed(lambda env: self._make(env, 1000.0, [600.0, 600.0]))
        tries = self.race(order_ids)
        self.assertEqual(self.outcome(order_ids), ([600.0], ["held"]))
        self.assertGreater(max(tries.values()), 1, "one of them had to look again")

    def test_eight_orders_of_a_group_do_not_share_the_last_credit(self):
        order_ids = self.committed(
            lambda env: self._make(env, 1000.0, [300.0] * 8, members=3)
        )
        with patch("odoo.service.model.MAX_TRIES_ON_CONCURRENCY_FAILURE", 20):
            self.race(order_ids)
        confirmed, waiting = self.outcome(order_ids)
        self.assertEqual(confirmed, [300.0] * 3)
        self.assertEqual(waiting, ["held"] * 5)

    def test_customers_of_their_own_do_not_wait_for_each_other(self):
        first = self.committed(lambda env: self._make(env, 1000.0, [600.0]))
        second = self.committed(lambda env: self._make(env, 1000.0, [600.0]))
        tries = self.race(first + second)
        self.assertEqual(self.outcome(first + second)[0], [600.0, 600.0])
        self.assertEqual(set(tries.values()), {1})
