"""Removing add-ons: orders go on, core's limits and the books are what they were."""

import pytest

from dev import testing

BEFORE = """
import datetime
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




def invoice(amount):
    move = env["account.move"].create(
        {
            "move_type": "out_invoice",
            "partner_id": customer.id,
            "invoice_date": "2026-01-01",
            "invoice_date_due": "2026-01-31",
            "ref": "removal",
            "invoice_line_ids": [
                Command.create({"name": "Work", "price_unit": amount, "tax_ids": False})
            ],
        }
    )
    move.action_post()
    return move


def pay(move):
    wizard = env["account.payment.register"].with_context(
        active_model="account.move", active_ids=move.ids
    )
    return wizard.create({})._create_payments()


# In the books by our add-ons: a return, a credit note, a late charge.
disputed, returned, late = invoice(100.0), invoice(200.0), invoice(300.0)
context = pay(returned).action_o2c_return()["context"]
env["o2c.payment.return"].with_context(**context).create({}).action_return()
dispute = env["o2c.dispute"].create(
    {
        "move_id": disputed.id,
        "reason_id": env.ref("o2c_collections.reason_price").id,
        "amount": 40.0,
    }
)
dispute._decide("credit")
dispute.credit_move_id.action_post()
income = disputed.invoice_line_ids.account_id
company.write({"o2c_late_charges": True, "o2c_late_scheme": "contract"})
company.write({"o2c_late_points": 9, "o2c_late_from": "2026-01-01"})
company.write({"o2c_late_account_id": income.id, "o2c_chase_from": "2026-01-01"})
debtor = dispute.debtor_id
until = datetime.date(2026, 3, 31)
charges, _missing = env["o2c.late.charge"]._propose(company, until, debtor)
charges.action_approve()
assert charges.invoice_id.state == "posted"
debtor._take_promise([(company._o2c_today(), 50.0)])
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
env["ir.module.module"].search(
    [("name", "=", "o2c_base")]
).button_immediate_uninstall()
"""

#: Odoo alone goes on with what our add-ons had booked.
AFTER_ALL = """
moves = env["account.move"].search([("ref", "=", "removal")], order="amount_total")
assert moves.mapped("amount_residual") == [60.0, 200.0, 300.0], moves
disputed, returned, late = moves
disputed.reversal_move_ids.button_draft()
disputed.reversal_move_ids.action_post()
disputed.button_draft()
disputed.action_post()
wizard = env["account.payment.register"].with_context(
    active_model="account.move", active_ids=returned.ids
)
wizard.create({})._create_payments()
assert returned.payment_state in ("paid", "in_payment"), returned.payment_state
env.cr.commit()
print("ALONE AND WELL")
"""

#: What everybody owes, and each account's balance.
BOOKS = """
    SELECT account_id, partner_id, sum(balance), sum(amount_residual),
           count(*) FILTER (WHERE reconciled)
      FROM account_move_line
     WHERE parent_state = 'posted' AND create_date < %s
  GROUP BY account_id, partner_id ORDER BY account_id, partner_id
"""

LEFT_OF_ALL = """
    SELECT relname FROM pg_class WHERE relname LIKE 'o2c%%' AND relkind IN ('r', 'v')
 UNION ALL
    SELECT table_name || '.' || column_name FROM information_schema.columns
     WHERE column_name LIKE 'o2c%%'
 UNION ALL
    SELECT name FROM ir_model_data WHERE module LIKE 'o2c%%'
 UNION ALL
    SELECT action.code FROM ir_cron cron
      JOIN ir_act_server action ON action.id = cron.ir_actions_server_id
      JOIN ir_model model ON model.id = action.model_id
     WHERE model.model LIKE 'o2c%%'
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


def test_orders_limits_and_books_stay_usable(database):
    """Goal: line "uninstall leaves orders, core limits and correct books".

    Method: orders confirmed, held and released, and what our add-ons book; uninstall
    in a process of its own; a third one confirms, changes and invoices the orders, and
    removes all that is ours; a fourth goes on with the books as Odoo alone.
    """
    testing.run_script(database, BEFORE)
    [(now,)] = testing.query(database, "SELECT now() AT TIME ZONE 'UTC'")
    before = testing.query(database, BOOKS, (now,))
    testing.run_script(database, REMOVE, fresh=True)
    # A process that has never seen the add-on.
    assert "REMOVED AND WELL" in testing.run_script(database, AFTER, fresh=True)
    assert testing.query(database, LEFT) == []
    assert testing.query(database, LEFT_OF_ALL) == []
    assert testing.query(database, BOOKS, (now,)) == before
    assert "ALONE AND WELL" in testing.run_script(database, AFTER_ALL, fresh=True)
