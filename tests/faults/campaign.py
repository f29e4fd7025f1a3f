"""Break the chase on purpose, again and again, and count what went wrong.

    make faults                        every scenario, a few rounds each
    make faults ARGS="--rounds 50 --what kill_at_points,kill_at_random"

Each round begins with the same twelve late customers, breaks something while real
processes decide, write and send, lets others finish, and then counts: customers who
got a letter twice (doubled), customers whom nobody will contact (lost), letters about
what was paid before they left (wrong). The last line of the output names the seed.
"""

import argparse
import random
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

from dev import testing
from tests.faults.house import HERE, House
from tests.faults.scenarios import SCENARIOS

COLUMNS = ("scenario", "rounds", "cases", "doubled", "lost", "wrong", "seconds")


def main() -> int:
    """Play the scenarios and print a table; 1 if anything went wrong."""
    options = _options()
    dice = random.Random(options.seed)  # noqa: S311
    rows = []
    template = testing.new_database("fault_fresh")
    with ExitStack() as stack:
        stack.callback(testing.drop_database, template)
        stack.enter_context(testing.nursery())
        testing.run_script(template, (HERE / "seed.py").read_text())
        for name in options.what:
            rows.append(_play(name, template, options.rounds, dice))
    print("| " + " | ".join(COLUMNS) + " |")
    print("|" + "---|" * len(COLUMNS))
    for row in rows:
        print("| " + " | ".join(str(row[column]) for column in COLUMNS) + " |")
    print(f"Seed: {options.seed}")
    return int(any(row["doubled"] or row["lost"] or row["wrong"] for row in rows))


def _options():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seed", type=int, default=20260615)
    parser.add_argument(
        "--what",
        type=lambda text: text.split(","),
        default=list(SCENARIOS),
        help=", ".join(SCENARIOS),
    )
    return parser.parse_args()


def _play(name, template, rounds, dice):
    """Play one scenario; each of its cases in a database of its own."""
    begin = time.monotonic()
    row = dict.fromkeys(COLUMNS, 0) | {"scenario": name, "rounds": rounds}
    for number in range(rounds):
        for case in SCENARIOS[name](dice):
            print(f"{name} {number + 1}: {case.__doc__}", file=sys.stderr, flush=True)
            for key, count in _play_case(case, template).items():
                row[key] += count
            row["cases"] += 1
    return row | {"seconds": round(time.monotonic() - begin)}


def _play_case(case, template):
    database = testing.new_database("fault_case", template=template)
    with ExitStack() as stack, tempfile.TemporaryDirectory() as folder:
        stack.callback(testing.drop_database, database)
        house = House(database, stack, Path(folder))
        paid = case(house) or ()
        return house.audit(paid)


if __name__ == "__main__":
    sys.exit(main())
