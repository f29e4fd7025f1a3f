"""Measurements of the credit check, in the process they are run in; none is kept."""

import statistics
import time

from odoo import Command
from odoo.tools import SQL

from . import ledger, measure

LINES_OPEN = 4
LINES = 10
#: Orders confirmed of each kind, the first ones to warm up.
ORDERS = 40
WARM_UP = 10
#: What reading the lines of open orders once costs at the least.
ORDER_FLOOR = """
SELECT sale.partner_invoice_id, sum(line.price_total) AS total,
       sum(line.price_unit * line.qty_to_invoice) AS to_invoice
  FROM sale_order_line line
  JOIN sale_order sale ON sale.id = line.order_id
 WHERE sale.state = 'sale' AND sale.invoice_status IN ('no', 'to invoice')
GROUP BY sale.partner_invoice_id
"""
REPEAT = 7


# ----------------------------------------------------------------------
# Open orders
# ----------------------------------------------------------------------


def generate(env, invoices):
    """Copy an order that the ORM made and confirmed, spread over all customers."""
    env.company.o2c_credit_enforce = False
    order = _new_order(env, _customers(env, 1), LINES_OPEN)
    order.action_confirm()
    env.flush_all()
    env.cr.execute("SET LOCAL session_replication_role = replica")
    env.cr.execute(
        SQL(
            """
            CREATE TABLE bench_order AS
            SELECT place.number, customer.partner_id,
                   nextval('sale_order_id_seq')::int AS order_id
              FROM generate_series(1, %s) place(number)
              JOIN bench_customer customer ON customer.number
                   = place.number %% (SELECT count(*) FROM bench_customer) + 1
            """,
            invoices // 4,
        )
    )
    partner = dict.fromkeys(
        ("partner_id", "partner_invoice_id", "partner_shipping_id"), "n.partner_id"
    )
    numbers = {"id": "n.order_id", "name": "'BENCH/' || n.number", **partner}
    ledger._copy(
        env, "sale_order", order.id, {**numbers, "access_token": "NULL"}, "bench_order"
    )
    for line in order.order_line:
        own = {"id": "nextval('sale_order_line_id_seq')", "order_id": "n.order_id"}
        own["order_partner_id"] = "n.partner_id"
        ledger._copy(env, "sale_order_line", line.id, own, "bench_order")
    ledger.analyze(env)


def _customers(env, count):
    return env["res.partner"].search([("name", "=like", "Customer %")], limit=count)


def _new_order(env, partner, lines):
    product = env["product.product"].search([("name", "=", "Bench")], limit=1)
    product = product or env["product.product"].create(
        {"name": "Bench", "type": "service", "invoice_policy": "order"}
    )
    line = {"product_id": product.id, "price_unit": 10.0, "tax_ids": False}
    return env["sale.order"].create(
        {
            "partner_id": partner.id,
            "order_line": [Command.create(line) for _number in range(lines)],
        }
    )


# ----------------------------------------------------------------------
# Confirming
# ----------------------------------------------------------------------


def confirm(env):
    """Seconds to confirm an order of ten lines: plain, without and with a limit."""
    bounded, free = _customers(env, 2)
    env.company.o2c_credit_enforce = True
    bounded.credit_limit = 10**9
    owners = {"plain": bounded, "without": free, "with": bounded}
    seconds = {kind: [] for kind in owners}
    queries = dict.fromkeys(owners, 0)
    for _turn in range(ORDERS):
        for kind, partner in owners.items():
            env.cr.execute("SAVEPOINT bench")  # each one finds the same open orders
            order = _new_order(env, partner, LINES)
            before, took = _confirm(env, order, kind == "plain")
            queries[kind] = env.cr.sql_log_count - before
            seconds[kind].append(took)
            if order.state != "sale":
                raise AssertionError(f"{kind}: {order.state}")
            env.cr.execute("ROLLBACK TO SAVEPOINT bench")
            env.invalidate_all(flush=False)
    env.cr.rollback()
    result = {
        kind: statistics.median(values[WARM_UP:]) for kind, values in seconds.items()
    }
    return {
        **{f"{kind}_ms": 1000 * value for kind, value in result.items()},
        **{f"{kind}_queries": count for kind, count in queries.items()},
        "without_x": result["without"] / result["plain"],
        "with_x": result["with"] / result["plain"],
    }


def _confirm(env, order, plain):
    """Confirm as a request does that has read nothing yet."""
    env.flush_all()
    env.invalidate_all()
    method = type(order).action_confirm
    before = env.cr.sql_log_count
    start = time.perf_counter()
    if plain:
        with order._o2c_admitted():
            method.__wrapped__(order)
    else:
        order.action_confirm()
    env.flush_all()
    return before, time.perf_counter() - start


# ----------------------------------------------------------------------
# Everybody's exposure
# ----------------------------------------------------------------------


def exposure(env):
    """Seconds for the exposure of all customers, and for the floor of it."""
    floors = measure.floor(env)["seconds"] + _timed(env, ORDER_FLOOR)
    start = time.perf_counter()
    rows = env["o2c.credit.exposure"].search_read(
        [], ["amount_exposure"], order="amount_exposure DESC", limit=80
    )
    page = time.perf_counter() - start
    debtors = env["o2c.debtor"]
    debtors._flush_exposure()
    seconds = _timed(env, debtors._exposure_sql(env.company._o2c_root()))
    return {
        "floor_s": floors,
        "exposure_s": seconds,
        "x_floor": seconds / floors,
        "page_s": page,
        "rows": len(rows),
        "peak_mb": measure.peak_mb(),
    }


def _timed(env, statement):
    """Median seconds of a statement, set up as the list is, fetched whole."""
    from odoo.addons.o2c_base.tools.transaction import with_room

    with_room(env.cr)
    seconds = []
    for _run in range(REPEAT):
        start = time.perf_counter()
        env.cr.execute(statement)  # pylint: disable=sql-injection  # our own
        env.cr.fetchall()
        seconds.append(time.perf_counter() - start)
    return statistics.median(seconds[1:])
