"""What makes a green run of pytest mean something.

- A warning or error in Odoo's log fails the test it appears in, unless the test
  expects it with `assertLogs` or it is listed in dev/log_allowed.py.
- A skipped test fails: nothing here may be skipped.
- Tests marked or tagged `data` run only when asked for; those marked or tagged
  `pdf` are left out where there is no wkhtmltopdf, and the summary says so.
- What `make test` ran before pytest, and Odoo's own runner beside it, is counted in
  pytest's summary. What that runner tests is not tested here a second time.
"""

import ast
import gc
import inspect
import json
import logging
import os
import threading
from contextlib import contextmanager
from pathlib import Path

import freezegun
import pytest

from dev import databases, odoo_runner
from dev.log_allowed import is_allowed

TAGS_AS_MARKERS = ("data", "pdf")


class LogWatch(logging.Handler):
    """Keeps the warnings and errors of Odoo's loggers until they are taken."""

    def __init__(self):
        super().__init__(logging.WARNING)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep one record."""
        line = f"{record.levelname} {record.name}: {record.getMessage()}"
        if record.exc_info and record.exc_info[1]:
            line += f"\n{logging.Formatter().formatException(record.exc_info)}"
        if not is_allowed(line):
            self.lines.append(line)

    def take(self) -> list[str]:
        """Return what was kept, and keep it no longer."""
        lines, self.lines = self.lines, []
        return lines


watch = LogWatch()


def pytest_configure(config: pytest.Config) -> None:
    """Name the markers and begin to listen."""
    # Tests freeze the clock; how long they take is measured with the real one.
    freezegun.configure(extend_ignore_list=["_pytest.timing"])
    config.addinivalue_line("markers", "data: needs data that is not in the repository")
    config.addinivalue_line("markers", "pdf: needs wkhtmltopdf")
    runner = "is run by Odoo's own runner, where that runs beside pytest"
    config.addinivalue_line("markers", f"{odoo_runner.TAG}: {runner}")
    for name in ("odoo", "py.warnings"):
        logging.getLogger(name).addHandler(watch)


@pytest.fixture(autouse=True, scope="session")
def load_registry():
    """OVERRIDE pytest-odoo: a worker's copy of the database has files of its own.

    Where workers shared them, a class that ends would remove those that only
    another worker's database knows.
    """
    from odoo.modules.registry import Registry

    threading.current_thread().testing = True
    with _database_of_worker() as name:
        Registry(name)
        yield


@contextmanager
def _database_of_worker():
    """Give a worker of pytest-xdist a copy of the database; without, the original."""
    from odoo.sql_db import close_db
    from odoo.tools import config as settings

    (original,) = settings["db_name"]
    worker = os.environ.get("PYTEST_XDIST_WORKER")
    if not worker:
        yield original
        return
    copy = f"{original}_{worker}"
    databases.create(copy, original)
    settings["db_name"], settings["dbfilter"] = [copy], f"^{copy}$"
    try:
        yield copy
    finally:
        close_db(copy)
        databases.drop(copy)


@pytest.fixture(autouse=True, scope="session")
def no_search_for_garbage_in_what_stays(request):
    """Odoo's models fill the memory once and stay; looking at them costs a tenth."""
    if request.config.pluginmanager.hasplugin("odoo"):
        request.getfixturevalue("load_registry")
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo):
    """Fail a test that was skipped or that left a warning in the log."""
    report = yield
    lines = watch.take()
    if report.outcome == "skipped" and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"{item.nodeid} was skipped: {call.excinfo.value}"
    elif report.outcome == "passed" and lines:
        report.outcome = "failed"
        report.longrepr = "Unexpected in Odoo's log:\n" + "\n".join(lines)
    return report


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(
    session: pytest.Session, config: pytest.Config, items: list[pytest.Item]
) -> None:
    """Turn Odoo's tags into markers, and put the earlier runs in front."""
    for item in items:
        tags = getattr(getattr(item, "cls", None), "test_tags", ())
        for name in TAGS_AS_MARKERS:
            if name in tags:
                item.add_marker(name)
        if odoo_runner.TAG in tags and _is_of_addon(item):
            item.add_marker(odoo_runner.TAG)
    before = _earlier_runs(session, items)
    _deselect(config, items, _names_left_out(config))
    items[:0] = before
    items += _runs_beside(session)


def _is_of_addon(item: pytest.Item) -> bool:
    return item.module.__name__.startswith("odoo.addons.")


def _names_left_out(config: pytest.Config) -> list[str]:
    asked_for = config.getoption("markexpr") or ""
    names = [] if "data" in asked_for else ["data"]
    if os.environ.get("O2C_ODOO_RUNNER"):
        names.append(odoo_runner.TAG)
    return names if os.environ.get("O2C_HAS_PDF", "1") else [*names, "pdf"]


def _deselect(config: pytest.Config, items: list[pytest.Item], names: list[str]):
    out = [item for item in items if any(item.get_closest_marker(n) for n in names)]
    if out:
        config.hook.pytest_deselected(items=out)
        items[:] = [item for item in items if item not in out]


class EarlierRun(pytest.Item):
    """One step of `make test` before pytest: the installation, Odoo's runner."""

    def __init__(self, *, problems: str, **options):
        super().__init__(**options)
        self.problems = problems

    def runtest(self) -> None:
        """Fail with what that step found."""
        if self.problems:
            pytest.fail(self.problems, pytrace=False)

    def reportinfo(self) -> tuple:
        """Say where it stands in the report."""
        return "make test", None, self.name


def _earlier_runs(session: pytest.Session, items: list) -> list[EarlierRun]:
    results = os.environ.get("O2C_EARLIER_RUNS")
    runs = json.loads(Path(results).read_text()) if results else []
    if runs:
        found = {"name": "Tests that Odoo's own runner would not find"}
        runs.append(found | {"problems": "\n".join(_unknown_to_odoo(items))})
    return [EarlierRun.from_parent(session, **run) for run in runs]


def _unknown_to_odoo(items: list[pytest.Item]) -> list[str]:
    """Return the add-ons' test classes that `--test-tags` passes over in silence."""
    classes = {item.cls for item in items if _is_of_addon(item)}
    return sorted(
        f"{cls.__module__}.{cls.__name__}: "
        + "not imported by tests/__init__.py, or neither at_install nor post_install"
        for cls in classes - {None}
        if not {"post_install", "at_install"} & set(cls.test_tags)
        or not _is_imported(Path(inspect.getfile(cls)))
    )


def _is_imported(path: Path) -> bool:
    """Say whether its package imports a module, as Odoo's runner needs it."""
    tree = ast.parse((path.parent / "__init__.py").read_text())
    imports = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    return path.stem in {alias.name for node in imports for alias in node.names}


class RunBeside(pytest.Item):
    """Odoo's own runner, which works beside pytest: wait for it, then report it."""

    def __init__(self, *, pid: int, result: Path, **options):
        super().__init__(**options)
        self.pid, self.result = pid, result

    def runtest(self) -> None:
        """Fail with what its log said, or because it ended without a result."""
        waiting = threading.Event()
        while not self.result.exists() and _is_alive(self.pid):
            waiting.wait(1)
        if not self.result.exists():
            pytest.fail("Odoo's own runner ended without a result", pytrace=False)
        result = json.loads(self.result.read_text())
        if result["problems"]:
            pytest.fail(result["problems"], pytrace=False)

    def reportinfo(self) -> tuple:
        """Say where it stands in the report."""
        return "make test", None, self.name


def _is_alive(pid: int) -> bool:
    """Say whether a process runs; one that ended and is not yet waited for does not."""
    try:
        status = Path(f"/proc/{pid}/stat").read_text()
    except FileNotFoundError:
        return False
    return status.rpartition(")")[2].split()[0] != "Z"


def _runs_beside(session: pytest.Session) -> list[RunBeside]:
    if not os.environ.get("O2C_ODOO_RUNNER"):
        return []
    pid, _, path = os.environ["O2C_ODOO_RUNNER"].partition(" ")
    name = "Odoo's own runner"
    # A scope of its own, the last one: no worker waits while there is work.
    options = {"name": name, "nodeid": f"make test::{name}"}
    return [RunBeside.from_parent(session, pid=int(pid), result=Path(path), **options)]


def pytest_terminal_summary(terminalreporter) -> None:
    """Tell what was tested elsewhere, and what was left out for want of a program."""
    if os.environ.get("O2C_ODOO_RUNNER") and odoo_runner.RESULT.exists():
        count = json.loads(odoo_runner.RESULT.read_text())["tests"]
        terminalreporter.write_line(f"Odoo's own runner: {count} tests more")
    if not os.environ.get("O2C_HAS_PDF", "1"):
        terminalreporter.write_line(
            "PDF TESTS WERE LEFT OUT: there is no wkhtmltopdf here", yellow=True
        )
