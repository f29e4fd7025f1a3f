from odoo import Command
from odoo.tests import tagged

from odoo.addons.o2c_collections.tests.dispute_common import DisputeCommon


@tagged("post_install", "-at_install", "o2c_dispute")
class TestDisputeWarehouse(DisputeCommon):
    """What is disputed of which warehouse."""

    def test_causes_are_told_by_the_warehouse_that_delivered(self):
        warehouse = self.engine["stock.warehouse"].create(
            {"name": "North", "code": "NO", "company_id": self.company.id}
        )
        order = self.engine["sale.order"].create(
            {
                "partner_id": self.customer.id,
                "company_id": self.company.id,
                "warehouse_id": warehouse.id,
                "order_line": [
                    Command.create(
                        {
                            "product_id": self.product_a.id,
                            "price_unit": 100,
                            "tax_ids": False,
                        }
                    )
                ],
            }
        )
        sold = self.late(100, days=20)
        sold.sudo().invoice_line_ids.sale_line_ids = order.order_line
        other = self.dispute(self.late(50, days=20))
        dispute = self.dispute(sold, 40)
        self.assertEqual(dispute.warehouse_id, warehouse)
        self.assertFalse(other.warehouse_id)
        found = self.disputes.with_user(self.collector).formatted_read_group(
            [("debtor_id", "=", dispute.debtor_id.id)],
            ["warehouse_id"],
            ["amount_company:sum"],
        )
        self.assertEqual(
            {row["warehouse_id"]: row["amount_company:sum"] for row in found},
            {(warehouse.id, "North"): 40, False: 50},
        )
