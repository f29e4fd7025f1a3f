"""One measurement, in the process it is run in; nothing it does is kept."""

import resource
import statistics
import time
from pathlib import Path

FLOOR = Path(__file__).with_name("floor.sql")
FLOOR_RUNS = 20


def floor(env):
    """Seconds PostgreSQL needs to read all open receivables once, warm."""
    statement = FLOOR.read_text()
    seconds = []
    for _run in range(FLOOR_RUNS + 1):
        start = time.perf_counter()
        env.cr.execute(statement)  # pylint: disable=sql-injection  # our own file
        env.cr.fetchall()
        seconds.append(time.perf_counter() - start)
    return {"seconds": statistics.median(seconds[1:])}


def plan(env):
    """Seconds to decide about all customers and to plan what is due."""
    runs = env["o2c.chase.run"].sudo()
    root = env.company._o2c_root()
    env["res.company"].browse(root.id).sudo().o2c_sending = True
    env.flush_all()
    base = peak_mb()
    start = time.perf_counter()
    run = runs.browse(runs._evaluate_and_plan(root.id, "manual"))
    seconds = time.perf_counter() - start
    result = {
        "seconds": seconds,
        "evaluated": run.evaluated_count,
        "planned": run.planned_count,
        "peak_mb": peak_mb(),
        "base_mb": base,
    }
    env.cr.rollback()
    return result


def evaluate(env):
    """Seconds to decide about all customers, without planning, set up as a run is."""
    # Here, as the floor is also measured where the add-on is not installed.
    from odoo.addons.o2c_base.tools.transaction import with_room

    decisions = env["o2c.chase.decision"].sudo()
    roots = env.company._o2c_root()
    start = time.perf_counter()
    run = env["o2c.chase.run"].sudo()
    with_room(env.cr)
    env.cr.execute(run._count_sql(decisions._decision_sql(roots=roots)))
    env.cr.fetchall()
    return {"seconds": time.perf_counter() - start, "peak_mb": peak_mb()}


def refresh(env):
    """Seconds to bring the stored facts of all customers up to date."""
    debtors = env["o2c.debtor"].sudo().search([])
    start = time.perf_counter()
    debtors._refresh_facts()
    seconds = time.perf_counter() - start
    env.cr.rollback()
    return {"seconds": seconds, "accounts": len(debtors), "peak_mb": peak_mb()}


def items_page(env):
    """Seconds for the first page of open items, and of customers."""
    start = time.perf_counter()
    env["o2c.open.item"].search_read([], ["name", "amount_residual"], limit=80)
    items = time.perf_counter() - start
    start = time.perf_counter()
    env["o2c.debtor"].search_read(
        [("amount_overdue", ">", 0)], ["partner_id", "amount_overdue"], limit=80
    )
    return {"seconds": time.perf_counter() - start, "items_seconds": items}


def peak_mb():
    """Largest memory of this process so far, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
