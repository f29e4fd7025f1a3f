"""The nightly chase done by OCA's account_credit_control, for comparison.

    python -m tests.bench.peers_night [--sizes 20000] [--pdf] [--keep]

The same ledger as `tests.bench.night`, every customer due, one process, the mails
handed to a server on this machine that keeps nothing. Without --pdf the report that
the add-on attaches to each mail is taken off its template, as ours attach none.
"""

import argparse

from aiosmtpd.controller import Controller

from dev import odoo, paths, testing

from .night import Swallow
from .peers import fetch, install
from .run import GENERATE, MARK, SETTINGS, read_result, say, sizes

PACKAGES = ("account-credit-control",)
INSTALL = "account_credit_control"
NIGHT = """
import json, resource, time
policy = env.ref("account_credit_control.credit_control_3_time")
receivable = env["account.account"].search([("account_type", "=", "asset_receivable")])
policy.account_ids = receivable
env.company.credit_policy_id = policy
template = env.ref("account_credit_control.email_template_credit_control_base")
if not {pdf}:
    template.report_template_ids = False
env.cr.commit()
env = env(user=env.ref("base.user_admin"), su=True)
seconds = {{}}


def step(name, function):
    start = time.perf_counter()
    function()
    env.cr.commit()
    seconds[name] = time.perf_counter() - start


run = env["credit.control.run"].create({{"date": "{day}"}})
step("lines", run.generate_credit_lines)
run.set_to_ready_lines()
env.cr.commit()
step("communications", run.run_channel_action)
mails = env["mail.mail"].search([("state", "=", "outgoing")])
step("mails", lambda: mails.send(auto_commit=True))
result = {{
    "seconds": sum(seconds.values()),
    "customers": len(run.line_ids.communication_id.partner_id),
    **seconds,
    "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
}}
print({mark!r} + json.dumps(result))
"""


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sizes", type=sizes, default=[20000])
    parser.add_argument("--pdf", action="store_true", help="with the report attached")
    parser.add_argument("--keep", action="store_true", help="keep the databases")
    options = parser.parse_args()
    addons = fetch(PACKAGES)
    print("| customers | seconds | lines | communications | mails | peak MB |")
    print("|---|---|---|---|---|---|")
    for invoices in options.sizes:
        _measure(invoices, f"--addons-path={odoo.addons_path()},{addons}", options)


def _measure(invoices, path, options):
    database = testing.new_database(f"peers_night_{invoices}")
    server = Swallow()
    controller = Controller(server, hostname="127.0.0.1", port=testing.free_port())
    controller.start()
    try:
        say(f"{invoices} invoices: generating")
        settings = SETTINGS.format(root=str(paths.ROOT))
        generate = GENERATE.format(invoices=invoices, share=1.0)
        testing.run_script(database, settings + generate)
        install(database, path, INSTALL)
        testing.query(database, "VACUUM ANALYZE")
        [[day]] = testing.query(database, "SELECT current_date")
        script = NIGHT.format(pdf=options.pdf, mark=MARK, day=day)
        smtp = testing.smtp_options(controller.port)
        result = read_result(testing.run_script(database, script, path, *smtp))
    finally:
        controller.stop()
        if not options.keep:
            testing.drop_database(database)
    parts = (result[name] for name in ("lines", "communications", "mails"))
    figures = " | ".join(f"{seconds:.0f}" for seconds in (result["seconds"], *parts))
    print(f"| {result['customers']} | {figures} | {result['peak_mb']:.0f} |")
    say(f"{server.count} mails arrived")


if __name__ == "__main__":
    main()
