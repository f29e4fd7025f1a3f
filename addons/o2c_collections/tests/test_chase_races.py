import threading

from freezegun import freeze_time

from odoo import SUPERUSER_ID, api
from odoo.orm.registry import Registry
from odoo.tests import BaseCase, get_db_name, tagged

from odoo.addons.o2c_base.tools.transaction import in_new_transaction

#: A day on which nobody else has runs.
THE_DAY = "2001-02-03 12:00:00"


@tagged("post_install", "-at_install", "-standard", "database_breaking")
class TestChaseRaces(BaseCase):
    """Two real connections at once; what they leave is removed again."""

    def setUp(self):
        super().setUp()
        self.registry = Registry(get_db_name())
        self.startPatcher(freeze_time(THE_DAY))
        self.addCleanup(self._remove_runs)

    def _remove_runs(self):
        with self.registry.cursor() as cr:
            cr.execute("DELETE FROM o2c_chase_run WHERE date < '2002-01-01'")

    def _find_or_create(self, env):
        root = env["res.company"].search([("parent_id", "=", False)], limit=1)
        return env["o2c.chase.run"]._find_or_create(root, "manual").id

    def test_two_who_ask_for_a_run_at_once_get_the_same_one(self):
        found = []

        def second():
            with self.registry.cursor() as cr:
                env = api.Environment(cr, SUPERUSER_ID, {})
                cr.execute("SELECT 1")  # its snapshot is older than the other's commit
                began.set()
                found.append(in_new_transaction(env, self._find_or_create))

        began = threading.Event()
        with self.registry.cursor() as cr:
            first = self._find_or_create(api.Environment(cr, SUPERUSER_ID, {}))
            other = threading.Thread(target=second)
            other.start()
            began.wait(10)
            other.join(0.3)
            self.assertTrue(other.is_alive(), "it waits for the first one's commit")
        other.join(10)
        self.assertEqual(found, [first])
