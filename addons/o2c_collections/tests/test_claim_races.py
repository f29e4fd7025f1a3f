from datetime import date, timedelta
from unittest.mock import patch

from freezegun import freeze_time

from odoo import Command, fields
from odoo.exceptions import LockError, UserError, ValidationError
from odoo.tests import tagged

from odoo.addons.o2c_base.tests.race_common import RaceCase

NAME = "Claim race"
UNTIL = date(2026, 5, 31)


@tagged("post_install", "-at_install", "-standard", "database_breaking")
class TestClaimRaces(RaceCase):
    """Promises, late charges and disputes, decided twice at the same moment."""

    def setUp(self):
        super().setUp()
        self.startPatcher(freeze_time("2026-06-15 12:00:00"))
        self.move_id, self.debtor_id = self.committed(self._make)

    def _root(self, env):
        return env["res.company"].search([("parent_id", "=", False)], limit=1)

    def _make(self, env):
        """A customer with an invoice of 100 that was due at the end of March."""
        root = self._root(env)
        income = env["account.account"].search(
            [("account_type", "=", "income"), ("company_ids", "in", root.ids)], limit=1
        )
        root.write(
            {
                "o2c_late_charges": True,
                "o2c_late_scheme": "contract",
                "o2c_late_points": 10,
                "o2c_late_from": "2026-01-01",
                "o2c_late_account_id": income.id,
            }
        )
        root.o2c_chase_from = "2026-01-01"
        partner = env["res.partner"].create({"name": NAME, "is_company": True})
        move = env["account.move"].create(
            {
                "move_type": "out_invoice",
                "company_id": root.id,
                "partner_id": partner.id,
                "invoice_date": "2026-03-01",
                "invoice_date_due": "2026-03-31",
                "invoice_line_ids": [
                    Command.create({"name": NAME, "price_unit": 100, "tax_ids": []})
                ],
            }
        )
        move.action_post()
        return move.id, env["o2c.debtor"]._ensure([(partner, root)]).id

    def _remove(self, env):
        root = self._root(env)
        root.write(
            {"o2c_late_charges": False, "o2c_late_from": False, "o2c_late_points": 0}
        )
        partners = env["res.partner"].search([("name", "=", NAME)])
        mine = [("debtor_id.partner_id", "in", partners.ids)]
        for model in ("o2c.late.charge", "o2c.promise", "o2c.dispute"):
            records = env[model].search(mine)
            if "activity_ids" in records:
                records.activity_ids.unlink()
            records.unlink()
        debtors = env["o2c.debtor"].search([("partner_id", "in", partners.ids)])
        debtors.activity_ids.unlink()
        moves = env["account.move"].search([("partner_id", "in", partners.ids)])
        moves.filtered(lambda move: move.state != "draft").button_draft()
        moves.with_context(force_delete=True).unlink()
        debtors.unlink()
        partners.unlink()

    def race(self, *acts):
        """Do all of it at once, each having read the invoice before.

        :return: what went wrong
        """
        by_number = dict(enumerate(acts))
        _tries, errors = self.at_once(
            list(by_number),
            lambda env, _number: env["account.move"].browse(self.move_id).amount_total,
            lambda env, number: by_number[number](env),
        )
        return errors

    def events(self, env, kind):
        return env["o2c.event"].search_count(
            [("debtor_id", "=", self.debtor_id), ("kind", "=", kind)]
        )

    # ------------------------------------------------------------------
    # Promises
    # ------------------------------------------------------------------

    def test_two_jobs_judge_a_promise_once(self):
        def promise(env):
            day = fields.Date.to_date("2026-06-01")
            return (
                env["o2c.debtor"]
                .browse(self.debtor_id)
                ._take_promise([(day, 100)], date=day - timedelta(days=1))
                .id
            )

        promise_id = self.committed(promise)
        judge = [lambda env: env["o2c.promise"]._judge_batch([self.debtor_id])] * 2
        self.assertEqual(self.race(*judge), [])

        def read(env):
            debtor = env["o2c.debtor"].browse(self.debtor_id)
            state = env["o2c.promise"].browse(promise_id).state
            return state, self.events(env, "promise_judged"), len(debtor.activity_ids)

        self.assertEqual(self.committed(read), ("broken", 1, 1))

    # ------------------------------------------------------------------
    # Late charges
    # ------------------------------------------------------------------

    def _propose(self, env):
        debtor = env["o2c.debtor"].browse(self.debtor_id)
        return env["o2c.late.charge"]._propose(self._root(env), UNTIL, debtor)

    def _charges(self, env):
        charges = env["o2c.late.charge"].search([("debtor_id", "=", self.debtor_id)])
        return charges.mapped("state"), len(charges.invoice_id)

    def _press(self, env):
        charges = env["o2c.late.charge"].with_company(self._root(env))
        charges.action_propose()

    def test_two_who_propose_late_charges_propose_each_once(self):
        self.assertEqual(self.race(self._propose, self._propose), [])
        self.assertEqual(self.committed(self._charges), (["proposed"], 0))
        with patch.object(
            self.registry["o2c.late.charge"], "_last_month_end", lambda *_args: UNTIL
        ):
            self.assertEqual(self.race(self._press, self._press), [])
        self.assertEqual(self.committed(self._charges), (["proposed"], 0))

    def test_a_charge_is_approved_or_waived_once(self):
        self.committed(lambda env: bool(self._propose(env)))

        def approve(env):
            env["o2c.late.charge"].search(
                [("debtor_id", "=", self.debtor_id)]
            ).action_approve()

        def waive(env):
            env["o2c.late.charge"].search([("debtor_id", "=", self.debtor_id)])._waive(
                "Goodwill"
            )

        errors = self.race(approve, approve, waive)
        self.assertEqual([type(error) for error in errors], [UserError] * 2)
        [state], invoices = self.committed(self._charges)
        self.assertIn((state, invoices), [("invoiced", 1), ("waived", 0)])

    # ------------------------------------------------------------------
    # Disputes
    # ------------------------------------------------------------------

    def _dispute(self, amount):
        def make(env):
            reason = env.ref("o2c_collections.reason_price").id
            values = {"move_id": self.move_id, "reason_id": reason, "amount": amount}
            return env["o2c.dispute"].create(values).id

        return make

    def test_a_dispute_is_decided_once(self):
        dispute_id = self.committed(self._dispute(60))

        def decide(outcome):
            return lambda env: (
                env["o2c.dispute"].browse(dispute_id)._decide(outcome, answer="So")
            )

        errors = self.race(decide("credit"), decide("credit"), decide("rejected"))
        self.assertEqual(len(errors), 2)
        self.assertLessEqual({type(error) for error in errors}, {UserError, LockError})

        def read(env):
            dispute = env["o2c.dispute"].browse(dispute_id)
            credits = dispute.move_id.reversal_move_ids
            decided = self.events(env, "dispute_decided")
            return dispute.outcome, len(credits), decided

        outcome, credits, decided = self.committed(read)
        self.assertIn(
            (outcome, credits, decided), [("credit", 1, 1), ("rejected", 0, 0)]
        )

    def test_two_disputes_do_not_share_the_last_of_an_invoice(self):
        errors = self.race(self._dispute(60), self._dispute(60))
        self.assertEqual([type(error) for error in errors], [ValidationError])

        def read(env):
            disputes = env["o2c.dispute"].search([("move_id", "=", self.move_id)])
            return disputes.mapped("amount")

        self.assertEqual(self.committed(read), [60])
