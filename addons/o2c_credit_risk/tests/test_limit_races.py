from odoo.exceptions import ValidationError
from odoo.tests import tagged

from odoo.addons.o2c_base.tests.race_common import RaceCase

NAME = "Limit race"


@tagged("post_install", "-at_install", "-standard", "database_breaking")
class TestLimitRaces(RaceCase):
    """Several decide on one customer at once."""

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
        def limit(env, number):
            return env["o2c.credit.limit"].browse(number)

        return self.at_once(
            limit_ids,
            lambda env, number: limit(env, number).debtor_id._active_limits(),
            lambda env, number: limit(env, number).action_approve(),
        )

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
