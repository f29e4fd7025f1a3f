"""A worker that dies in the middle of a credit decision leaves nothing half done.

Whoever kills it here does so inside its transaction: before the hold and the orders
beside it, the release and the confirmation, are committed together.
"""

import pytest

from dev import testing

SEED = """
env.company.o2c_credit_enforce = True
product = env["product.product"].create(
    {"name": "Work", "type": "service", "invoice_policy": "order"}
)
for name, amounts in (("One", (600.0, 900.0)), ("Two", (2000.0,))):
    partner = env["res.partner"].create({"name": f"Fault {name}"})
    partner.credit_limit = 1000.0
    for amount in amounts:
        line = {"product_id": product.id, "price_unit": amount, "tax_ids": False}
        env["sale.order"].create(
            {"partner_id": partner.id, "order_line": [(0, 0, line)]}
        )
env.cr.commit()
"""
#: Kills the process before the n-th call of a method.
KILL = """
import os, signal
cls, calls = type(env[{model!r}]), []
original = getattr(cls, {method!r})
def killed(self, *args, **kwargs):
    calls.append(1)
    if len(calls) == {number}:
        os.kill(os.getpid(), signal.SIGKILL)
    return original(self, *args, **kwargs)
setattr(cls, {method!r}, killed)
"""
CONFIRM = """
orders = env["sale.order"].search([("partner_id.name", "=like", "Fault %")], order="id")
orders.action_confirm()
env.cr.commit()
"""
RELEASE = """
env["o2c.credit.hold"].search([]).action_release(comment="Yes")
env.cr.commit()
"""
RAISE = """
env["res.partner"].search([("name", "=like", "Fault %")]).credit_limit = 9000.0
env.cr.commit()
"""
RECHECK = 'env["o2c.credit.hold"]._cron_recheck()\n'
NOBODY_YET = ([(600.0, "draft"), (900.0, "draft"), (2000.0, "draft")], [])
HELD = ([(600.0, "sale"), (900.0, "draft"), (2000.0, "draft")], ["held", "held"])
FREE = ([(600.0, "sale"), (900.0, "sale"), (2000.0, "sale")], ["released"] * 2)


@pytest.fixture(scope="module")
def seeded():
    """A database with a limit of 1000 and orders beyond it."""
    database = testing.new_database("fault_credit_seed")
    try:
        testing.run_script(database, SEED)
        yield database
    finally:
        testing.drop_database(database)


@pytest.fixture
def database(seeded):
    """A copy of it."""
    name = testing.new_database("fault_credit", template=seeded)
    yield name
    testing.drop_database(name)


def state(database):
    """Orders with their states, and the states of all holds."""
    orders = testing.query(
        database,
        "SELECT amount_total::float, state FROM sale_order"
        " WHERE partner_id IN (SELECT id FROM res_partner WHERE name LIKE 'Fault %%')"
        " ORDER BY amount_total",
    )
    holds = testing.query(database, "SELECT state FROM o2c_credit_hold ORDER BY 1")
    return orders, [hold for (hold,) in holds]


def traces(database):
    """How many checks, tasks on holds, and counts at the gate there are."""
    return testing.query(
        database,
        "SELECT (SELECT count(*) FROM o2c_credit_check),"
        " (SELECT count(*) FROM mail_activity WHERE res_model = 'o2c.credit.hold'),"
        " (SELECT count(*) FROM o2c_credit_gate)",
    )[0]


def killed(database, script, model, method, number=1):
    """Run a script whose process dies before a call."""
    kill = KILL.format(model=model, method=method, number=number)
    process = testing.start_script(database, kill + script)
    process.communicate()
    assert process.returncode == -9, "it was to die"


@pytest.mark.parametrize(
    ("model", "method", "number"),
    [
        ("o2c.credit.hold", "_tell_opened", 1),
        ("o2c.credit.hold", "_tell_opened", 2),
        ("sale.order", "_action_confirm", 1),
        ("sale.order", "_o2c_tell_held", 1),
    ],
)
def test_killed_between_hold_and_confirmation(database, model, method, number):
    before = traces(database)
    killed(database, CONFIRM, model, method, number)
    assert state(database) == NOBODY_YET
    assert traces(database) == before
    testing.run_script(database, CONFIRM)
    assert state(database) == HELD


@pytest.mark.parametrize(
    ("model", "method", "number"),
    [
        ("o2c.credit.hold", "_confirm_order", 1),
        ("sale.order", "_action_confirm", 1),
        ("o2c.credit.hold", "_confirm_order", 2),
    ],
)
def test_killed_between_release_and_confirmation(database, model, method, number):
    testing.run_script(database, CONFIRM)
    before = traces(database)
    killed(database, RELEASE, model, method, number)
    assert state(database) == HELD
    assert traces(database) == before
    testing.run_script(database, RELEASE)
    assert state(database) == FREE


def test_killed_while_money_frees_orders(database):
    """Each customer has a transaction of his own: who was freed stays free."""
    testing.run_script(database, CONFIRM + RAISE)
    killed(database, RECHECK, "o2c.credit.hold", "_confirm_order", 2)
    assert state(database) == (
        [(600.0, "sale"), (900.0, "sale"), (2000.0, "draft")],
        ["held", "released"],
    )
    testing.run_script(database, RECHECK)
    assert state(database) == FREE
