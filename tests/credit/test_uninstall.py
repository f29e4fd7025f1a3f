"""Removing the add-on: orders go on, and core's limits are what they were."""

import pytest

from dev import testing

BEFORE = """
from odoo import Command

company = env.company
company.o2c_credit_enforce = True
product = env["product.product"].create(
    {"name": "Work", "type": "service", "taxes_id": [Command.clear()]}
)
customer, poor = env["res.partner"].create(
    [{"name": "Removal Works", "is_company": True}, {"name": "Removal & Sons"}]
)
customer.credit_limit, poor.credit_limit = 1000.0, 50.0


def order(partner, amount):
    line = {"product_id": product.id, "price_unit": amount, "tax_ids": False}
    return env["sale.order"].create(
        {"partner_id": partner.id, "order_line": [Command.create(line)]}
    )


good, held, released = order(customer, 400.0), order(poor, 500.0), order(poor, 600.0)
(good + held + released).action_confirm()
released.o2c_hold_id.action_release(comment="Once")
env["o2c.credit.alert"]._evaluate(company._o2c_root())
assert good.state == "sale" and released.state == "sale", (good.state, released.state)
assert held.state == "draft" and held.o2c_hold_id
for number, each in enumerate((good, held, released)):
    each.client_order_ref = f"removal-{number}"
env.cr.commit()
"""

REMOVE = """
env["ir.module.module"].search(
    [("name", "=", "o2c_credit_risk")]
).button_immediate_uninstall()
"""

AFTER = """
left = env["ir.module.module"].search(
    [("name", "like", "o2c_credit_risk"), ("state", "!=", "uninstalled")]
)
assert not left, left.mapped("name")
good, held, released = env["sale.order"].search(
    [("client_order_ref", "like", "removal-")], order="client_order_ref"
)
assert (good.state, held.state, released.state) == ("sale", "draft", "sale")
assert good.partner_id.credit_limit == 1000.0, good.partner_id.credit_limit
assert held.partner_id.credit_limit == 50.0, held.partner_id.credit_limit
held.action_confirm()
assert held.state == "sale", "nothing holds it any more"
good.order_line.product_uom_qty = 9
invoice = good._create_invoices()
invoice.action_post()
good.partner_id.credit_limit = 2000.0
assert good.partner_id.credit_limit == 2000.0
env.company.account_use_credit_limit = True
held.partner_id.invalidate_recordset()
assert held.partner_id.use_partner_credit_limit
env["o2c.debtor"]._refresh_now()
env.cr.commit()
print("REMOVED AND WELL")
"""

LEFT = """
    SELECT relname FROM pg_class
     WHERE relname LIKE 'o2c_credit%%' AND relkind IN ('r', 'v')
 UNION ALL
    SELECT name FROM ir_model_data
     WHERE module IN ('o2c_credit_risk', 'o2c_credit_risk_stock',
                      'o2c_credit_collections', 'o2c_portal_credit')
 UNION ALL
    SELECT cron.cron_name FROM ir_cron cron
      JOIN ir_act_server action ON action.id = cron.ir_actions_server_id
     WHERE action.code LIKE '%%_cron_recheck%%' OR action.code LIKE '%%_cron_risk%%'
"""


@pytest.fixture
def database():
    """All add-ons, and a database of one's own to take some away."""
    name = testing.new_database("credit_removed")
    yield name
    testing.drop_database(name)


def test_orders_and_limits_stay_usable(database):
    """Goal: line "uninstall leaves orders and core limits usable".

    Method: orders confirmed, held and released; uninstall in a process of its own;
    a third one confirms, changes and invoices them.
    """
    testing.run_script(database, BEFORE)
    testing.run_script(database, REMOVE, fresh=True)
    # A process that has never seen the add-on.
    assert "REMOVED AND WELL" in testing.run_script(database, AFTER, fresh=True)
    assert testing.query(database, LEFT) == []
