from odoo import Command
from odoo.tests import tagged

from .common import CreditCommon


@tagged("post_install", "-at_install")
class TestGuardCost(CreditCommon):
    """What the guard adds to a confirmation: a constant number of statements."""

    def statements(self, partner, plain=False):
        """How many it takes to confirm an order of ten lines."""
        line = {"product_id": self.work.id, "price_unit": 1.0, "tax_ids": []}
        order = self.env["sale.order"].create(
            {
                "partner_id": partner.id,
                "order_line": [Command.create(line) for _number in range(10)],
            }
        )
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        confirm = type(order).action_confirm
        if plain:
            with order._o2c_admitted():
                confirm.__wrapped__(order)
        else:
            confirm(order)
        self.env.flush_all()
        self.assertEqual(order.state, "sale")
        return self.env.cr.sql_log_count - before

    def test_the_guard_adds_few_statements(self):
        """Terms, gate, exposure, check, and the time zone of the company."""
        self.give_limit(10000.0)
        for partner in (self.customer, self.partner_b):
            self.statements(partner)  # the first ones plan and make accounts
        plain = self.statements(self.customer, plain=True)
        self.assertLessEqual(self.statements(self.customer) - plain, 5)
        self.assertLessEqual(self.statements(self.partner_b) - plain, 2)
