"""The same jobs done by OCA's add-ons, on the same ledgers, for comparison.

    python -m tests.bench.peers [--sizes 20000,200000] [--repeat 3] [--keep]

Fetches the published packages into .odoo/ and installs them into databases of their
own; nothing of them is part of this project.
"""

import argparse
import statistics
import subprocess
import zipfile

from dev import odoo, paths, testing

from .run import GENERATE, SETTINGS, read_result, say, sizes

PACKAGES = ("account-financial-report", "partner-statement", "date-range")
HELPERS = ("report-xlsx", "report-xlsx-helper")
INSTALL = "account_financial_report,partner_statement"
FOLDER = paths.STATE / "peers"
FLOOR = "from tests.bench import measure\nresult = measure.floor(env)\n"
AGED = """
import time
wizard = env["aged.partner.balance.report.wizard"].create(
    {"receivable_accounts_only": True, "company_id": env.company.id})
wizard.onchange_type_accounts_only()
data = wizard._prepare_report_data() | {"date_at": str(wizard.date_at)}
report = env["report.account_financial_report.aged_partner_balance"]
start = time.perf_counter()
report._get_report_values(wizard.ids, data)
result = {"seconds": time.perf_counter() - start}
"""
STATEMENT = """
import time
partners = env["res.partner"].search([("name", "like", "Customer")], limit=100)
wizard = env["outstanding.statement.wizard"].with_context(
    active_ids=partners.ids, active_model="res.partner").create(
    {"show_aging_buckets": True})
data = wizard._prepare_statement()
report = env["report.partner_statement.outstanding_statement"]
start = time.perf_counter()
report._get_report_values(partners.ids, data)
result = {"seconds": time.perf_counter() - start}
"""
WHAT = {"floor": FLOOR, "aged balance": AGED, "100 statements, values": STATEMENT}
PRINT = """
import json, resource
result["peak_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print("RESULT " + json.dumps(result))
"""


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sizes", type=sizes, default=[20000, 200000])
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--keep", action="store_true", help="keep the databases")
    options = parser.parse_args()
    addons = fetch(PACKAGES + HELPERS)
    print("| invoices | what | median s | x floor | peak MB |\n|---|---|---|---|---|")
    for invoices in options.sizes:
        _measure_ledger(invoices, addons, options)


def fetch(packages):
    """Download and unpack OCA's packages; return the folder of their add-ons."""
    FOLDER.mkdir(exist_ok=True)
    names = [f"odoo-addon-{name}==19.0.*" for name in packages]
    subprocess.run(
        [odoo.PYTHON, "-m", "pip", "download", "--quiet", "--pre", "--no-deps"]
        + ["--dest", FOLDER, *names],
        check=True,
    )
    for wheel in FOLDER.glob("*.whl"):
        zipfile.ZipFile(wheel).extractall(FOLDER)
    return FOLDER / "odoo" / "addons"


def _measure_ledger(invoices, addons, options):
    database = testing.new_database(f"peers_{invoices}")
    path = f"--addons-path={odoo.addons_path()},{addons}"
    try:
        say(f"{invoices} invoices: generating")
        settings = SETTINGS.format(root=str(paths.ROOT))
        testing.run_script(
            database, settings + GENERATE.format(invoices=invoices, share=1.0)
        )
        install(database, path, INSTALL)
        testing.query(database, "VACUUM ANALYZE")
        results = {
            name: [
                read_result(
                    testing.run_script(database, settings + script + PRINT, path)
                )
                for _turn in range(options.repeat)
            ]
            for name, script in WHAT.items()
        }
    finally:
        if not options.keep:
            testing.drop_database(database)
    floor = statistics.median(result["seconds"] for result in results["floor"])
    for name, runs in results.items():
        seconds = statistics.median(result["seconds"] for result in runs)
        peak = max(result["peak_mb"] for result in runs)
        figures = f"{seconds:.3f} | {seconds / floor:.1f} | {peak:.0f}"
        print(f"| {invoices} | {name} | {figures} |")


def install(database, path, names):
    """Install OCA's add-ons into a database."""
    say("installing the peers")
    options = ["--database", database, "--init", names, "--stop-after-init"]
    subprocess.run(
        testing.odoo_command(*options, "--no-http", "--log-level=warn", path),
        env=testing.odoo_environment(),
        cwd=paths.ROOT,
        check=True,
    )


if __name__ == "__main__":
    main()
