"""What the credit check costs: confirming an order, and everybody's exposure.

    python -m tests.bench.credit [--sizes 20000,200000] [--repeat 3] [--keep]

Orders of ten lines are confirmed one after the other in one process, in turn as Odoo
does it without the guard, for a customer without a limit and for one with a limit; what
is told is the median of each and its ratio to the first. The exposure of everybody is
set against the floor plus one aggregate over the lines of open orders. There are a
quarter as many open orders as invoices, of four lines each.
"""

import argparse
import json
import statistics
import sys

from dev import paths, testing

from .run import GENERATE, MARK, SETTINGS, read_result, say, sizes

IMPORTS = "from tests.bench import credit_measure\n"
ORDERS = "credit_measure.generate(env, {invoices})\nenv.cr.commit()\n"
MEASURE = "print({mark!r} + json.dumps(credit_measure.{name}(env)))"
WHAT = ("confirm", "exposure")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sizes", type=sizes, default=[20000])
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--keep", action="store_true", help="keep the databases")
    parser.add_argument("--database", help="measure on one that was kept")
    options = parser.parse_args()
    for invoices in options.sizes:
        _measure_ledger(invoices, options)


def _measure_ledger(invoices, options):
    database = options.database or testing.new_database(f"credit_{invoices}")
    try:
        if not options.database:
            say(f"{invoices} invoices, {invoices // 4} open orders: generating")
            _run(database, GENERATE.format(invoices=invoices, share=1.0))
            _run(database, ORDERS.format(invoices=invoices))
            testing.query(database, "VACUUM ANALYZE")
        for name in WHAT:
            results = [_measure(database, name) for _turn in range(options.repeat)]
            print(f"{invoices} invoices, {name}: {json.dumps(_medians(results))}")
            sys.stdout.flush()
    finally:
        if not (options.keep or options.database):
            testing.drop_database(database)


def _measure(database, name):
    result = read_result(_run(database, MEASURE.format(mark=MARK, name=name)))
    say(f"  {name}: {result}")
    return result


def _medians(results):
    """The median of each figure; all turns have the same."""
    return {
        key: round(statistics.median(result[key] for result in results), 4)
        for key in results[0]
    }


def _run(database, script):
    settings = SETTINGS.format(root=str(paths.ROOT)) + IMPORTS
    return testing.run_script(database, settings + script)


if __name__ == "__main__":
    main()
