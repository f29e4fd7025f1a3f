import threading
from unittest.mock import patch

from psycopg2 import errors

from odoo import api
from odoo.modules.registry import Registry
from odoo.tests import TransactionCase, tagged
from odoo.tools import mute_logger

from ..models import o2c_debtor_refresh, o2c_event
from ..tools import transaction

#: A partner that does not exist; marks have no foreign key.
NOBODY = 2_000_000_001
WAIT_SECONDS = 30


@tagged("post_install", "-at_install")
class TestConcurrency(TransactionCase):
    """Real transactions side by side; what they commit is removed again."""

    def setUp(self):
        super().setUp()
        self.addCleanup(self._clean)
        # Odoo's own runner holds the lock on registries, other threads would wait
        self.startPatcher(patch.object(Registry, "_lock", threading.RLock()))
        self.partner = self.env.ref("base.main_partner")
        self.company = self.env.ref("base.main_company")
        self.key = (self.partner.id, self.company.id)

    def _clean(self):
        with self.registry.cursor() as cr:
            cr.execute("DELETE FROM o2c_debtor_mark WHERE partner_id >= %s", [NOBODY])
            if not self.had_account:
                cr.execute(
                    "DELETE FROM o2c_debtor WHERE (partner_id, company_id) = (%s, %s)",
                    self.key,
                )

    @property
    def had_account(self):
        """Whether the account was there when the test's own snapshot was taken."""
        self.env.cr.execute(
            "SELECT 1 FROM o2c_debtor WHERE (partner_id, company_id) = (%s, %s)",
            self.key,
        )
        return bool(self.env.cr.fetchone())

    def worker(self):
        """The superuser's environment in a transaction of its own."""
        cr = self.registry.cursor()
        self.addCleanup(cr.close)
        return api.Environment(cr, api.SUPERUSER_ID, {})

    def in_thread(self, function):
        """Run in a thread that keeps what it returned or raised."""

        def run():
            try:
                thread.result = function()
            except Exception as error:  # noqa: BLE001 handed to the test
                thread.result = error

        thread = threading.Thread(target=run, daemon=True)
        thread.start()
        return thread

    def wait_until_blocked(self, thread):
        """Until some backend of this database waits for a lock."""
        with self.registry.cursor() as cr:
            for _poll in range(WAIT_SECONDS * 20):
                cr.execute(
                    "SELECT count(*) FROM pg_stat_activity"
                    " WHERE wait_event_type = 'Lock' AND datname = current_database()"
                )
                if cr.fetchone()[0]:
                    return
                cr.rollback()
                thread.join(0.05)
        self.fail("nobody waits")

    def mark(self, number):
        with self.registry.cursor() as cr:
            cr.execute(
                "INSERT INTO o2c_debtor_mark (partner_id, company_id) VALUES (%s, %s)",
                [NOBODY + number, self.company.id],
            )

    def marks(self):
        with self.registry.cursor() as cr:
            cr.execute(
                "SELECT partner_id FROM o2c_debtor_mark WHERE partner_id >= %s",
                [NOBODY],
            )
            return {partner - NOBODY for [partner] in cr.fetchall()}

    # ------------------------------------------------------------------
    # Tests
    # ------------------------------------------------------------------

    def test_while_one_worker_refreshes_another_does_nothing(self):
        self.mark(1)
        first, second = self.worker(), self.worker()
        self.assertGreater(first["o2c.debtor"]._refresh_batch(), 0)
        self.assertEqual(second["o2c.debtor"]._refresh_batch(), 0)
        first.cr.rollback()
        self.assertEqual(self.marks(), {1}, "a refresh that failed loses no mark")
        second.cr.rollback()
        self.assertGreater(second["o2c.debtor"]._refresh_batch(), 0)

    def test_marks_set_while_a_refresher_works_are_kept_for_the_next(self):
        self.mark(1)
        worker = self.worker()
        worker["o2c.debtor"]._refresh_batch()
        self.mark(2)
        worker.cr.commit()
        self.assertEqual(self.marks(), {2})

    def test_setting_a_mark_never_waits_for_the_refresher(self):
        """The same customer is marked twice while his mark is being worked off."""
        self.mark(1)
        worker = self.worker()
        worker["o2c.debtor"]._refresh_batch()
        with self.registry.cursor() as cr:
            cr.execute("SET LOCAL lock_timeout = '1ms'")
            for _time in range(2):
                cr.execute(
                    "INSERT INTO o2c_debtor_mark (partner_id, company_id)"
                    " VALUES (%s, %s)",
                    [NOBODY + 1, self.company.id],
                )
                self.assertEqual(cr.rowcount, 1, "set at once, beside the other")
        worker.cr.rollback()

    def test_an_explicit_refresh_waits_for_the_other_worker_and_goes_on(self):
        self.mark(1)
        other = self.worker()
        self.assertTrue(transaction.try_lock(other.cr, o2c_debtor_refresh.LOCK))
        mine = self.worker()
        thread = self.in_thread(mine["o2c.debtor"]._refresh_now)
        self.wait_until_blocked(thread)
        self.assertEqual(self.marks(), {1})
        other.cr.rollback()
        thread.join(WAIT_SECONDS)
        self.assertIsInstance(thread.result, int)
        self.assertEqual(self.marks(), set())

    def test_two_workers_ensure_one_account(self):
        first = self.worker()
        first["o2c.debtor"]._ensure_keys({self.key})
        thread = self.in_thread(
            lambda: transaction.in_new_transaction(
                self.worker(), lambda env: env["o2c.debtor"]._ensure_keys({self.key})
            )
        )
        if not self.had_account:
            self.wait_until_blocked(thread)
        with mute_logger("odoo.sql_db"):
            first.cr.commit()
            thread.join(WAIT_SECONDS)
        self.assertIsNone(thread.result)
        with self.registry.cursor() as cr:
            cr.execute(
                "SELECT count(*) FROM o2c_debtor"
                " WHERE (partner_id, company_id) = (%s, %s)",
                self.key,
            )
            self.assertEqual(cr.fetchone()[0], 1)

    def test_there_is_one_sealer_at_a_time(self):
        first, second = self.worker(), self.worker()
        self.assertTrue(transaction.try_lock(first.cr, o2c_event.LOCK))
        second["o2c.event"]._record("tested", second["res.company"].browse(1))
        self.assertEqual(second["o2c.event"]._seal_batch(), 0)
        first.cr.rollback()
        self.assertGreater(second["o2c.event"]._seal_batch(), 0)
        second.cr.rollback()

    def test_work_that_collides_is_done_again_from_fresh_facts(self):
        cursors = []

        def collide_twice(env):
            cursors.append(env.cr)
            if len(cursors) < 3:
                raise errors.SerializationFailure
            return "done"

        with patch.object(transaction.time, "sleep") as sleep:
            result = transaction.in_new_transaction(self.env, collide_twice)
        self.assertEqual(result, "done")
        self.assertEqual(len(set(cursors)), 3)
        waits = [call.args[0] for call in sleep.call_args_list]
        self.assertEqual(len(waits), 2)
        self.assertTrue(0 < waits[0] < 0.1 and 0 < waits[1] < 0.2, waits)

    def test_work_that_keeps_colliding_fails_in_the_end(self):
        tries = []

        def collide(_env):
            tries.append(1)
            raise errors.SerializationFailure

        with (
            patch.object(transaction.time, "sleep"),
            self.assertRaises(errors.SerializationFailure),
        ):
            transaction.in_new_transaction(self.env, collide)
        self.assertEqual(len(tries), transaction.TRIES_MAX)

    def test_work_that_fails_for_another_reason_is_not_repeated(self):
        tries = []

        def fail(_env):
            tries.append(1)
            raise ValueError

        with self.assertRaises(ValueError):
            transaction.in_new_transaction(self.env, fail)
        self.assertEqual(len(tries), 1)
