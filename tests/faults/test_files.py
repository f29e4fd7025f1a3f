"""Files and statements when workers are killed or work at once."""

import time

BEGIN = """
import time
from odoo.addons.o2c_base.models import o2c_export
from odoo.addons.o2c_base.tools import workbook
o2c_export.SMALL_ROWS = 0
env(user=env.ref("base.user_admin"))["o2c.export"].start("o2c.open.item", [])
env.cr.commit()
"""
GO_ON = 'env["o2c.export"]._cron_run()'
# Puts the file together, and then takes its time.
SLOWLY = """
write = workbook.write
def slowly(*arguments):
    write(*arguments)
    time.sleep(600)
workbook.write = slowly
"""
# The third of next month, at noon, whatever day it is.
CLOCK = """
from datetime import date, timedelta
from freezegun import freeze_time
day = (date.today().replace(day=28) + timedelta(days=4)).replace(day=3)
freeze_time(f"{day} 12:00:00", tick=True).start()
"""
MONTHLY = """
env["o2c.debtor"].search([]).write({"statement_frequency": "monthly"})
env["o2c.chase.run"].search([]).write({"kind": "nightly", "date": day})  # is over
"""
STATEMENTS = 'env["o2c.statement"]._cron_send_scheduled()'
WAIT_SECONDS = 120
CUSTOMERS = 12


def _files(house):
    return house.query(
        "SELECT export.state, export.tries, count(file.id) FROM o2c_export export"
        " LEFT JOIN ir_attachment file ON file.res_model = 'o2c.export'"
        " AND file.res_id = export.id GROUP BY export.id"
    )


def _wait_for(house, wanted):
    for _poll in range(WAIT_SECONDS * 10):
        if _files(house) == wanted:
            return
        time.sleep(0.1)
    raise AssertionError(f"{_files(house)} instead of {wanted}")


def test_a_file_whose_worker_was_killed_is_written_once_by_the_next(house):
    first, second = house.start_worker(), house.start_worker()
    first.order(BEGIN + SLOWLY + GO_ON, house.sink.port)
    _wait_for(house, [("running", 1, 0)])
    house.work(second, GO_ON)
    assert _files(house) == [("running", 1, 0)], "the first one is still at it"
    first.kill()
    house.forget(first)
    _wait_until_gone(house)
    house.work(second, GO_ON)
    assert _files(house) == [("done", 2, 1)]
    house.work(second, GO_ON)
    assert _files(house) == [("done", 2, 1)]


def _wait_until_gone(house):
    """Until the server has noticed that the killed process hangs up."""
    for _poll in range(WAIT_SECONDS * 10):
        [(left,)] = house.query(
            "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'"
            " AND database = (SELECT oid FROM pg_database"
            " WHERE datname = current_database())"
        )
        if not left:
            return
        time.sleep(0.1)
    raise AssertionError("the killed worker's lock is still held")


def test_two_workers_send_each_customer_one_statement(house):
    workers = [house.start_worker(), house.start_worker()]
    house.work(workers[0], CLOCK + MONTHLY)
    house.work(workers[1], CLOCK)
    for worker in workers:
        house.begin(worker, STATEMENTS)
    for worker in workers:
        worker.wait()
    rows = house.query(
        "SELECT statement.debtor_id, count(DISTINCT statement.id), count(message.id)"
        "  FROM o2c_statement statement"
        "  LEFT JOIN o2c_chase_message message ON message.statement_id = statement.id"
        " WHERE statement.kind = 'scheduled' GROUP BY statement.debtor_id"
    )
    assert len(rows) == CUSTOMERS
    assert {(statements, letters) for _id, statements, letters in rows} == {(1, 1)}
