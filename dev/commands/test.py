"""`make test`: installs, upgrades and tests all add-ons."""

import json
import os
import shlex
import subprocess

from dev import (
    addons,
    axe,
    chromium,
    databases,
    install,
    odoo,
    odoo_log,
    odoo_runner,
    paths,
    prepare,
    processes,
    stamps,
    wkhtmltopdf,
)
from dev.messages import Failure, step, warn

TEMPLATE = "o2c_test"
RUN_COPY = "o2c_test_run"
#: Each worker holds Odoo in memory, some 500 MB.
WORKERS_MAX = 8
#: Bundles what pages ask for, but not those that none of our tests opens (core's own
#: tests of scripts alone are as much again); one that is asked for is made then.
BUNDLING = """
unused = ("unit_tests", "qunit", "tests_assets", "_public", ".public_", "_dark")
qweb = env["ir.qweb"]
for kind, names in zip(("js", "css"), qweb._get_bundles_to_pregenarate()):
    for name in sorted(names):
        if not any(word in name for word in unused):
            only = {"js": kind == "js", "css": kind == "css"}
            getattr(qweb._get_asset_bundle(name, **only), kind)()
env.cr.commit()
"""
NO_PDF = (
    "There is no wkhtmltopdf here: the PDF TESTS ARE LEFT OUT, and with them every\n"
    "    letter and statement on paper. Install wkhtmltopdf to have them run."
)


def main() -> int:
    """Test everything, or with ARGS="..." what pytest selects with it."""
    prepare.everything("run", "test")
    chromium.ensure()
    axe.ensure()
    has_pdf = wkhtmltopdf.ensure()
    arguments = shlex.split(os.environ.get("ARGS", ""))
    install.ensure_core()
    earlier = ensure_template(always=not arguments)
    if arguments:
        return _run_pytest(arguments, earlier, has_pdf)
    runner = odoo_runner.start(TEMPLATE, has_pdf)
    try:
        return _run_pytest(arguments, [*earlier, *_lint_result()], has_pdf, runner)
    finally:
        odoo_runner.end(runner)


def ensure_template(always: bool) -> list[dict]:
    """Have a database with our add-ons as they are now.

    :param always: install even if nothing changed, to see the log of it
    :return: what the log of the installation said
    """
    key = stamps.fingerprint(addons.fingerprint(), (paths.STAMPS / "core").read_text())
    if not always and stamps.is_done("test", key) and databases.exists(TEMPLATE):
        return []
    names = addons.names()
    step(f"Installing {', '.join(names)}")
    building = f"{TEMPLATE}_building"
    databases.create(building, install.CORE)
    log, code = install.run_modules(
        building, "test-install", install=names, check=False
    )
    _prepare_browser_files(building)
    result = _result("The installation", log, code)
    if code or not _are_installed(building, names):
        raise Failure(f"The add-ons do not install:\n{result['problems']}\nLog: {log}")
    databases.rename(building, TEMPLATE)
    stamps.mark_done("test", key)
    return [result]


def _prepare_browser_files(database: str) -> None:
    """Have scripts and styles bundled once, for all browser tests of both runners."""
    step("Bundling scripts and styles for the browser tests")
    processes.run_with_progress(
        odoo.shell_command(database, "--no-http", "--log-level=warn"),
        what="Bundling the browser's files",
        log=paths.LOGS / "test-bundles.log",
        progress=install.ODOO_PROGRESS,
        script=BUNDLING,
        env=odoo.environment(),
    )


def _are_installed(database: str, names: list[str]) -> bool:
    """Odoo passes over a module it cannot install with a line in the log."""
    with databases.cursor(database) as cr:
        statement = "SELECT name FROM ir_module_module WHERE state = 'installed'"
        cr.execute(statement)
        return set(names) <= {name for (name,) in cr.fetchall()}


def _result(name: str, log, code: int) -> dict:
    found = odoo_log.problems(log)
    if code and not found:
        found = [f"Odoo ended with exit code {code}; log: {log}"]
    for problem in found:
        warn(f"{name}: {problem}")
    return {"name": name, "problems": "\n".join(found)}


def _lint_result() -> list[dict]:
    """Return what `make lint` said, where it was called just before."""
    code = os.environ.get("O2C_LINT_EXIT_CODE")
    if code is None:
        return []
    problems = "" if code == "0" else f"make lint failed (exit code {code}): see above"
    return [{"name": "make lint", "problems": problems}]


def _run_pytest(
    arguments: list[str],
    earlier: list[dict],
    has_pdf: bool,
    runner: subprocess.Popen | None = None,
) -> int:
    step("Running pytest")
    databases.create(RUN_COPY, TEMPLATE)
    _prepare_company(RUN_COPY)
    results = paths.RUN / "earlier_runs.json"
    results.write_text(json.dumps(earlier))
    if not has_pdf:
        warn(NO_PDF)
    env = {
        **odoo.environment(),
        "O2C_TEMPLATE_DATABASE": TEMPLATE,
        "O2C_EARLIER_RUNS": str(results),
        "O2C_HAS_PDF": "1" if has_pdf else "",
        "O2C_ODOO_RUNNER": f"{runner.pid} {odoo_runner.RESULT}" if runner else "",
        # No test waits that long for a lock; one that would wait for ever says so.
        "PGOPTIONS": "-c lock_timeout=2min",
    }
    command = [str(paths.PYTHON), "-m", "pytest", *_odoo_options(), *arguments]
    # A path among the arguments replaces the whole collection.
    if not any(
        (paths.ROOT / argument.partition("::")[0]).exists() for argument in arguments
    ):
        # Those with processes of their own wait a lot: best beside the other runner.
        command += ["tests", "addons"]
    if not arguments:
        command += _workers_options()
    try:
        return subprocess.run(command, env=env, cwd=paths.ROOT, check=False).returncode
    finally:
        databases.drop(RUN_COPY)


def _prepare_company(database: str) -> None:
    """Have the company made once that each class of tests begins with."""
    script = (
        "from odoo.addons.o2c_base.tests.common import ReceivablesCommon\n"
        "ReceivablesCommon.prepare(env)\nenv.cr.commit()\n"
    )
    processes.run_with_progress(
        odoo.shell_command(database, "--no-http", "--log-level=warn"),
        what="Making the company of the tests",
        log=paths.LOGS / "test-company.log",
        progress=install.ODOO_PROGRESS,
        script=script,
        env=odoo.environment(),
    )


def _workers_options() -> list[str]:
    """As many workers as there are cores; each class stays whole, in its order."""
    count = min(len(os.sched_getaffinity(0)), WORKERS_MAX)
    return [
        f"--numprocesses={count}",
        "--dist=loadscope",
        "--no-loadscope-reorder",
        "--max-worker-restart=0",
    ]


def _odoo_options() -> list[str]:
    return [
        f"--odoo-database={RUN_COPY}",
        f"--odoo-config={paths.CONFIG}",
        "--odoo-log-level=warn",
        "--odoo-http",
    ]
