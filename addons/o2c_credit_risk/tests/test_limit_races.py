import threading
from unittest.mock import patch

from odoo import SUPERUSER_ID, api
from odoo.exceptions import ValidationError
from odoo.orm.registry import Registry
from odoo.service.model import retrying
from odoo.tests import BaseCase, get_db_name, tagged
from odoo.tools import mute_logger

QUIET = {
    "mail_activity_quick_update": True,
    "mail_create_nosubscribe": True,
    "mail_notify_force_send": False,
    "tracking_disable": True,
}
NAME = "Limit race"
WAIT_SECONDS = 60


@tagged("post_install", "-at_install", "-standard", "database_breaking")
class TestLimitRaces(BaseCase):
    """Several decide on one customer at once; what this leaves is removed again."""

    def setUp(self):
        super().setUp()
        self.startPatcher(patch.object(Registry, "_lock", threading.RLock()))
        self.registry = Registry(get_db_name())
        self.addCleanup(self.committed, self._remove)
        self.committed(self._remove)

    def committed(self, function):
        with self.registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, QUIET)
            result = function(env)
            env.flush_all()
            return result

    def _make(self, env, amounts, **values):
        """A customer with a request per amount."""
        root = env.company
        partner = env["res.partner"].create({"name": NAME})
        account = env["o2c.debtor"]._ensure([(partner, root)])
        limits = env["o2c.credit.limit"].create(
            [
                {
                    "debtor_id": account.id,
                    "amount": amount,
                    "state": "requested",
                    "currency_id": root.currency_id.id,
                    **values,
                }
                for amount in amounts
            ]
        )
        return limits.ids

    def _remove(self, env):
        partners = env["res.partner"].search([("name", "=", NAME)])
        env.cr.execute(
            "DELETE FROM o2c_credit_limit WHERE partner_id = ANY(%s)", [partners.ids]
        )
        env.invalidate_all(flush=False)
        partners.unlink()

    def approve_at_once(self, limit_ids):
        everybody_has_read = threading.Barrier(len(limit_ids))
        tries = dict.fromkeys(limit_ids, 0)
        errors = []

        def approve(limit_id):
            with self.registry.cursor() as cr:
                env = api.Environment(cr, SUPERUSER_ID, QUIET)

                def work():
                    tries[limit_id] += 1
                    limit = env["o2c.credit.limit"].browse(limit_id)
                    _read = limit.debtor_id._active_limits()
                    if tries[limit_id] == 1:
                        everybody_has_read.wait(WAIT_SECONDS)
                    limit.action_approve()

                retrying(work, env)

        def run(limit_id):
            try:
                approve(limit_id)
            except Exception as error:  # noqa: BLE001 handed to the test
                errors.append(error)

        threads = [threading.Thread(target=run, args=[i]) for i in limit_ids]
        with mute_logger("odoo.sql_db", "odoo.service.model"):
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join(WAIT_SECONDS)
        return tries, errors

    def test_of_two_limits_approved_at_once_one_supersedes_the_other(self):
        limit_ids = self.committed(lambda env: self._make(env, [1000.0, 2000.0]))
        tries, errors = self.approve_at_once(limit_ids)
        self.assertEqual(errors, [])
        self.assertGreater(max(tries.values()), 1, "one of them had to look again")

        def read(env):
            limits = env["o2c.credit.limit"].browse(limit_ids)
            active = limits.filtered(lambda limit: limit.state == "active")
            debtor = limits.debtor_id
            return (
                sorted(limits.mapped("state")),
                active.amount == debtor.amount_credit_limit,
                active.amount == debtor.partner_id.credit_limit,
            )

        self.assertEqual(self.committed(read), (["active", "superseded"], True, True))

    def test_of_two_overlapping_future_limits_one_is_refused(self):
        limit_ids = self.committed(
            lambda env: self._make(env, [1000.0, 2000.0], date_from="2099-01-01")
        )
        tries, errors = self.approve_at_once(limit_ids)
        self.assertGreater(max(tries.values()), 1, "one of them had to look again")
        [error] = errors
        self.assertIsInstance(error, ValidationError)
        states = self.committed(
            lambda env: sorted(
                env["o2c.credit.limit"].browse(limit_ids).mapped("state")
            )
        )
        self.assertEqual(states, ["approved", "requested"])
