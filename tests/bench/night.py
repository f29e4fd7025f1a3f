"""The whole nightly run: decide, plan, write every message and hand it to a server.

    python -m tests.bench.night [--sizes 20000] [--workers 1,4] [--keep]

Every customer is due. Each measurement works on a copy of the ledger of its own, as it
commits; the messages go to an SMTP server on this machine that keeps nothing.
"""

import argparse
import tempfile
import time
from pathlib import Path

from aiosmtpd.controller import Controller

from dev import paths, testing

from .run import GENERATE, MARK, SETTINGS, read_result, say, sizes

RUN = """
import json, pathlib, resource, time
if {decides}:
    env.company.o2c_sending = True
    env["o2c.chase.plan"].search([]).active = False
    template = env.ref("o2c_collections.mail_template_chase_1")
    level = {{"level": 1, "days": 1, "channel": "email", "template_id": template.id}}
    values = {{"name": "Letters", "company_id": env.company.id}}
    env["o2c.chase.plan"].create(values | {{"step_ids": [(0, 0, level)]}})
env.cr.commit()
gate = pathlib.Path({gate!r})
(gate / {name!r}).touch()
while not (gate / "open").exists():
    time.sleep(0.01)
start = time.perf_counter()
begin = time.process_time()
result = {{}}
if {decides}:
    run = env["o2c.chase.run"]._execute(env.company, "manual")
    env.cr.rollback()
    result["write_seconds"] = time.perf_counter() - start
    result["write_cpu"] = time.process_time() - begin
    result["written"] = run.performed_count
while True:
    env.cr.rollback()
    is_done = env["o2c.chase.run"].search_count([("state", "=", "done")])
    waiting = [("state", "in", ("outgoing", "sending"))]
    if not env["o2c.chase.message"].search_count(waiting, limit=1) and is_done:
        break
    env["o2c.chase.message"]._cron_send()
    env.cr.commit()
    time.sleep(0.05)
result["cpu_seconds"] = time.process_time() - begin
result["seconds"] = time.perf_counter() - start
result["peak_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print({mark!r} + json.dumps(result))
"""


class Swallow:
    """A mail server that accepts everything and counts it."""

    def __init__(self):
        self.count = 0

    async def handle_DATA(self, server, session, envelope):
        """Accept one mail."""
        self.count += 1
        return "250 OK"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sizes", type=sizes, default=[20000])
    parser.add_argument("--workers", type=sizes, default=[1, 4])
    parser.add_argument("--keep", action="store_true", help="keep the databases")
    options = parser.parse_args()
    print("| customers | workers | seconds | writing | mails | peak MB |")
    print("|---|---|---|---|---|---|")
    for invoices in options.sizes:
        _measure_ledger(invoices, options)


def _measure_ledger(invoices, options):
    ledger = testing.new_database(f"night_{invoices}")
    try:
        say(f"{invoices} invoices: generating")
        settings = SETTINGS.format(root=str(paths.ROOT))
        generate = GENERATE.format(invoices=invoices, share=1.0)
        testing.run_script(ledger, settings + generate)
        testing.query(ledger, "VACUUM ANALYZE")
        for count in options.workers:
            row = _measure(invoices, ledger, count)
            print("| " + " | ".join(str(value) for value in row) + " |", flush=True)
    finally:
        if not options.keep:
            testing.drop_database(ledger)


def _measure(invoices, ledger, count):
    """One night with so many processes that send; the first one also decides."""
    database = testing.new_database("night_copy", template=ledger)
    server = Swallow()
    controller = Controller(server, hostname="127.0.0.1", port=testing.free_port())
    controller.start()
    try:
        results = _run_workers(database, count, controller.port)
    finally:
        controller.stop()
        testing.drop_database(database)
    first = results[0]
    for result in results:
        say(f"  {count} workers: {result}")
    peak = max(result["peak_mb"] for result in results)
    longest = max(result["seconds"] for result in results)
    writing = first["write_seconds"]
    customers = invoices // 10
    return (
        customers,
        count,
        f"{longest:.0f}",
        f"{writing:.0f}",
        server.count,
        f"{peak:.0f}",
    )


def _run_workers(database, count, port):
    """Start the processes, let them begin together, and wait for their figures."""
    options = testing.smtp_options(port)
    with tempfile.TemporaryDirectory() as folder:
        processes = []
        for number in range(count):
            script = RUN.format(
                decides=not number, mark=MARK, gate=folder, name=str(number)
            )
            processes.append(testing.start_script(database, script, *options))
        gate = Path(folder)
        while len(list(gate.iterdir())) < count:
            time.sleep(0.05)
        (gate / "open").touch()
        return [_result_of(process) for process in processes]


def _result_of(process):
    output, errors = process.communicate()
    if process.returncode or MARK not in output:
        raise AssertionError(errors)
    return read_result(output)


if __name__ == "__main__":
    main()
