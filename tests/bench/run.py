"""Generate ledgers, measure in fresh processes, print a table.

    python -m tests.bench.run [--sizes 20000,200000] [--repeat 5] [--keep]

Every figure is the median of fresh processes that roll back; times are set against
the floor, the time PostgreSQL itself needs to read the same rows once.
"""

import argparse
import json
import statistics
import sys

from dev import testing

MARK = "RESULT "
SETTINGS = """
import json, sys
sys.path.insert(0, {root!r})
from tests.bench import ledger, measure
"""
GENERATE = """
ledger.generate(env, {invoices}, {share})
env.cr.commit()
print("checked", ledger.check(env), file=sys.stderr)
env.cr.rollback()
env.ref("o2c_base.ir_cron_build_debtors")
while env["o2c.debtor"]._build_batch()[1]:
    env.cr.commit()
ledger.analyze(env)
env["o2c.debtor"].search([])._refresh_facts()
env.cr.commit()
"""
MEASURE = "print({mark!r} + json.dumps(measure.{name}(env)))"
WHAT = (
    "floor",
    "evaluate",
    "plan",
    "refresh",
    "items_page",
    "overview",
    "ageing",
    "ageing_as_of",
    "ageing_list",
    "ageing_pivot",
    "ledger_tie",
    "ledger_differences",
    "export_10k",
    "export_100k",
    "debtor_form",
    "debtor_list",
    "kpi",
    "kpi_past",
    "snapshot",
    "statement",
    "statement_page",
)


def main():
    options = _options()
    rows = []
    for invoices in options.sizes:
        for share in options.shares:
            rows += _measure_ledger(invoices, share, options)
    _print_table(rows)


def _options():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sizes", type=sizes, default=[20000, 200000])
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument("--keep", action="store_true", help="keep the databases")
    parser.add_argument("--shares", type=_shares, default=[0.1, 1.0], help="0.1,1")
    parser.add_argument("--what", type=_names, default=WHAT, help="floor,ageing")
    return parser.parse_args()


def sizes(text):
    return [int(part) for part in text.split(",")]


def _shares(text):
    return [float(part) for part in text.split(",")]


def _names(text):
    """What to measure; the floor always."""
    return ["floor", *(name for name in text.split(",") if name != "floor")]


def _measure_ledger(invoices, share, options):
    """Generate one ledger and measure everything on it."""
    database = testing.new_database(f"bench_{invoices}_{int(share * 100)}")
    say(f"{invoices} invoices, {share:.0%} of the customers due: generating")
    try:
        _run(database, GENERATE.format(invoices=invoices, share=share))
        testing.query(database, "VACUUM ANALYZE")
        results = {
            name: _measure_often(database, name, options.repeat)
            for name in options.what
        }
    finally:
        if not options.keep:
            testing.drop_database(database)
    floor = statistics.median(r["seconds"] for r in results["floor"])
    return [_row(invoices, share, name, results[name], floor) for name in results]


def _measure_often(database, name, times):
    """Measure, and tell at once: what comes later may fail."""
    results = []
    for _turn in range(times):
        # What the turn before rolled back still lies in the tables.
        testing.query(database, "VACUUM o2c_debtor, o2c_chase_action")
        results.append(_measure(database, name))
    seconds = ", ".join(f"{result['seconds']:.3f}" for result in results)
    say(f"  {name}: {seconds} s")
    return results


def _measure(database, name):
    output = _run(database, MEASURE.format(mark=MARK, name=name))
    return read_result(output)


def read_result(output):
    """The figures that a measuring process printed."""
    line = next(line for line in output.splitlines() if line.startswith(MARK))
    return json.loads(line[len(MARK) :])


def _run(database, script):
    settings = SETTINGS.format(root=str(testing.paths.ROOT))
    return testing.run_script(database, settings + script)


def _row(invoices, share, name, results, floor):
    seconds = [result["seconds"] for result in results]
    middle = statistics.median(seconds)
    return {
        "invoices": invoices,
        "due": f"{share:.0%}",
        "what": name,
        "median s": f"{middle:.3f}",
        "min s": f"{min(seconds):.3f}",
        "x floor": f"{middle / floor:.1f}",
        "peak MB": f"{max(result.get('peak_mb', 0) for result in results):.0f}",
        "rest": json.dumps(
            {
                key: value
                for key, value in results[-1].items()
                if key not in ("seconds", "peak_mb")
            }
        ),
    }


def _print_table(rows):
    names = list(rows[0])
    print("| " + " | ".join(names) + " |")
    print("|" + "---|" * len(names))
    for row in rows:
        print("| " + " | ".join(str(row[name]) for name in names) + " |")


def say(text):
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
