"""A warning in a log is found with all its lines, and nothing else is."""

from dev import log_allowed, odoo_log

STAMP = "2026-01-31 10:00:00,123 77"
LOG = f"""\
{STAMP} INFO db odoo.modules.loading: Loading module o2c_base (1/2)
{STAMP} WARNING db odoo.domains: The domain is odd
  in this place
{STAMP} INFO db odoo.modules.loading: WARNING is only a word here
{STAMP} ERROR ? odoo.sql_db: bad query
Traceback (most recent call last):
  File "x.py", line 1
{STAMP} INFO db odoo.tests.result: 0 failed, 0 error(s) of 12 tests
{STAMP} INFO db odoo.service.server: done
"""


def test_problems_are_the_warnings_and_errors_with_what_follows(tmp_path):
    log = tmp_path / "odoo.log"
    log.write_text(LOG)
    assert odoo_log.problems(log) == [
        "WARNING odoo.domains: The domain is odd\n  in this place",
        (
            "ERROR odoo.sql_db: bad query\n"
            'Traceback (most recent call last):\n  File "x.py", line 1'
        ),
    ]
    assert odoo_log.tests_run(log) == 12


def test_a_traceback_without_a_log_line_is_a_problem(tmp_path):
    log = tmp_path / "odoo.log"
    log.write_text("Traceback (most recent call last):\nImportError: no\n")
    assert odoo_log.problems(log) == [log.read_text().rstrip()]
    assert odoo_log.tests_run(log) == 0


def test_an_error_that_is_handled_and_logged_as_information_is_none(tmp_path):
    log = tmp_path / "odoo.log"
    handled = f"{STAMP} INFO db odoo.render: Failed to render\nTraceback (most recent"
    log.write_text(f"{handled}\n  a\n\nThe above exception\n\nTraceback (m\n  b\n")
    assert odoo_log.problems(log) == []
    log.write_text(f"{STAMP} INFO db odoo.x: well\nException in thread\nTraceback (m\n")
    assert odoo_log.problems(log) == ["Traceback (m"]


def test_every_allowed_warning_has_a_reason():
    for pattern, reason in log_allowed.ALLOWED:
        assert pattern.startswith(("WARNING ", "ERROR ", "(WARNING"))
        assert len(reason.split()) > 3
