from psycopg2.errors import UniqueViolation

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .promise_common import PromiseCommon


@tagged("post_install", "-at_install")
class TestCallOutcome(PromiseCommon):
    """The answers customers really give, each with one click."""

    def log(self, outcome, user=None, **values):
        """Log a call in call mode, as the client does."""
        self.refresh()
        self.env.invalidate_all()
        mode = self.env["o2c.worklist"].with_user(user or self.collector)
        return mode.log_call(self.debtor().id, {"outcome": outcome, **values})

    def in_transit(self):
        return [
            (item.amount_in_transit, item.amount_collectable)
            for item in self.open_items(("amount_residual", ">", 0))
        ]

    # ------------------------------------------------------------------
    # Promised
    # ------------------------------------------------------------------

    def test_a_call_makes_the_promise_in_place(self):
        self.late(100, days=9)
        self.log(
            "promised",
            promise_amount="60.5",
            promise_date=str(self.on(4)),
            note="<i>sure</i>",
        )
        promise = self.debtor().promise_ids
        self.assertRecordValues(
            promise,
            [
                {
                    "amount": 60.5,
                    "date_due": self.on(4),
                    "channel": "call",
                    "note": "<i>sure</i>",
                    "user_id": self.collector.id,
                }
            ],
        )
        self.assertEqual(self.rested(), [(60.5, 39.5)])
        self.assert_resting_is_right()

    def test_the_card_proposes_what_is_due_and_tells_how_promises_are_kept(self):
        self.late(100, days=9)
        self.promise((1, 100))
        self.judge(days=4)
        card = (
            self.env["o2c.worklist"]
            .with_user(self.collector)
            .call_card(self.debtor().id)
        )
        self.assertEqual(card["promise"]["amount"], 100)
        self.assertEqual(card["promise"]["date"], str(self.on(7)))
        self.assertEqual(card["promise"]["reliability"], "kept 0 of 1")

    def test_a_promise_beyond_the_policy_is_refused_and_nothing_is_logged(self):
        self.late(100, days=9)
        with self.assertRaises(UserError), self.env.cr.savepoint():
            self.log("promised", promise_amount=100, promise_date=str(self.on(50)))
        self.assertFalse(self.debtor().promise_ids)

    # ------------------------------------------------------------------
    # Paid already
    # ------------------------------------------------------------------

    def test_an_announced_payment_rests_five_working_days(self):
        self.late(100, days=9)
        self.late(70, days=-9)
        self.log("paid")
        self.assertEqual(self.in_transit(), [(100, 0), (0, 70)])
        self.assertEqual(self.reason(), "in_transit")
        self.assertIn("06/22/2026", self.debtor().with_env(self.engine).explanation)
        self.assert_resting_is_right()
        with self.on_day(7):
            self.assertEqual(self.in_transit(), [(100, 0), (0, 70)])
        with self.on_day(8):
            self.assertEqual(self.in_transit(), [(0, 100), (0, 70)])
            self.assertEqual(self.reason(), "due")
        self.assert_resting_is_right(days=8)

    def test_an_item_rests_so_once(self):
        self.late(100, days=9)
        self.log("paid")
        with self.on_day(8):
            with self.assertRaises(UserError), self.env.cr.savepoint():
                self.log("paid")
            self.late(30, days=1)
            self.log("paid")
            self.assertEqual(self.in_transit(), [(0, 100), (30, 0)])

    def test_what_has_come_in_is_no_longer_in_transit(self):
        invoice = self.late(100, days=9)
        self.refresh()
        debtor = self.debtor().with_user(self.collector)
        remittance = debtor._take_remittance("call", self.receivable_lines(invoice))
        remittance.sudo().line_ids.amount = 60
        self.assertEqual(self.in_transit(), [(60, 40)])
        self.paid_in(60, 0, invoice)
        self.assertEqual(self.in_transit(), [(0, 40)])
        self.assert_resting_is_right()

    def test_a_promise_and_an_announced_payment_on_the_same_invoice(self):
        invoice = self.late(100, days=9)
        self.promise((7, 80), moves=[invoice])
        self.log("paid")
        [item] = self.open_items()
        self.assertEqual((item.amount_in_transit, item.amount_promised), (100, 0))
        self.assert_resting_is_right()

    def test_in_a_foreign_currency_all_of_it_rests(self):
        euro = self.setup_other_currency("EUR", rates=[("2016-01-01", 3.0)])
        self.invoice(100, due="2026-06-01", currency_id=euro.id)
        self.log("paid")
        self.assertEqual(self.in_transit()[0][1], 0)
        self.assert_resting_is_right()

    def test_a_reference_counts_once_and_foreign_items_are_refused(self):
        invoice, second = self.late(100, days=9), self.late(50, days=9)
        stranger = self.late(10, days=3, partner=self.new_debtor("Stranger"))
        self.refresh()
        debtor = self.debtor()
        lines = [self.receivable_lines(move) for move in (invoice, second, stranger)]
        debtor._take_remittance("email", lines[0], reference="A1")
        with self.assertRaises(UserError):
            debtor._take_remittance("email", lines[2])
        with (
            self.assertRaises(UniqueViolation),
            mute_logger("odoo.sql_db"),
            self.env.cr.savepoint(),
        ):
            debtor._take_remittance("email", lines[1], reference="A1")

    # ------------------------------------------------------------------
    # Wrong person, wrong address
    # ------------------------------------------------------------------

    def test_who_does_not_pay_is_no_longer_asked(self):
        self.late(100, days=9)
        person = self.new_customer(
            "Ann", parent_id=self.customer.id, o2c_contact_role="accounts_payable"
        )
        self.log("wrong_person", partner_id=person.id)
        self.assertFalse(person.o2c_contact_role)
        tasks = self.debtor().with_env(self.engine).activity_ids
        self.assertEqual(tasks.summary, "Find out who pays invoices")

    def test_a_wrong_address_becomes_somebody_s_task(self):
        self.late(100, days=9)
        self.log("wrong_address", note="They moved")
        tasks = self.debtor().with_env(self.engine).activity_ids
        self.assertEqual(tasks.summary, "Find the right address")

    # ------------------------------------------------------------------

    def test_who_may_not_write_does_nothing(self):
        self.late(100, days=9)
        auditor = self.new_user("outcome_auditor", "o2c_base.group_auditor")
        for outcome in ("paid", "wrong_person"):
            with self.subTest(outcome), self.assertRaises(AccessError):
                self.log(outcome, user=auditor)
        remittances = self.env["o2c.remittance"]
        self.assertTrue(remittances.with_user(auditor).has_access("read"))
        self.assertFalse(remittances.with_user(self.collector).has_access("create"))

    def test_a_dispute_opens_its_form_where_there_is_one(self):
        self.late(100, days=9)
        found = self.log("disputed", note="Damaged")
        action = self.env.ref(
            "o2c_collections.o2c_dispute_action_new", raise_if_not_found=False
        )
        self.assertEqual(bool(action), isinstance(found, dict))
