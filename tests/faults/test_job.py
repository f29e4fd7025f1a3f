"""The nightly job in a process of its own, where every transaction is a real one."""

from dev import testing

NIGHTLY = """
from odoo import fields
hour = fields.Datetime.now().hour
env.company.partner_id.tz = "UTC" if hour >= 5 else "Etc/GMT-12"  # past 5:00 there
env.cr.commit()
env["o2c.chase.run"]._cron_run()
"""


def test_a_nightly_run_with_nothing_left_to_do_ends_well(house):
    """Goal: all letters were written by an earlier run; the night's run is made in
    another transaction than the job's, which must not trip over it."""
    testing.run_script(house.database, NIGHTLY)
    runs = testing.query(
        house.database,
        "SELECT kind, state FROM o2c_chase_run",
    )
    assert ("nightly", "done") in runs
