from unittest.mock import patch

from odoo.exceptions import UserError
from odoo.tests import tagged

from ..models import o2c_event
from .common import ReceivablesCommon


@tagged("post_install", "-at_install")
class TestEvent(ReceivablesCommon):
    """The history is only ever added to, and shows when somebody changed it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.events = cls.env["o2c.event"].sudo()
        cls.account = cls.debtor_model._ensure([(cls.customer, cls.company)])

    def setUp(self):
        super().setUp()
        self.env.cr.execute("DELETE FROM o2c_event; DELETE FROM o2c_event_seal")

    def record(self, count):
        for number in range(count):
            self.events._record("tested", self.account, {"number": number})
        return self.events.search([], order="id")

    def seal(self):
        self.env.flush_all()
        done = self.events._seal_batch()
        self.events.invalidate_model()
        return done

    def test_an_event_says_what_who_when_and_about_whom(self):
        self.env["o2c.event"]._record("tested", self.account, {"amount": 12.5})
        [event] = self.events.search([])
        self.assertRecordValues(
            event,
            [
                {
                    "kind": "tested",
                    "user_number": self.env.uid,
                    "user_name": self.env.user.name,
                    "company_id": self.company.id,
                    "debtor_id": self.account.id,
                    "res_model": "o2c.debtor",
                    "res_id": self.account.id,
                    "payload": {"amount": 12.5, "debtor": self.account.id},
                    "payload_text": "amount: 12.5",
                }
            ],
        )

    def test_several_records_get_an_event_each_with_its_own_details(self):
        other = self.debtor_model._ensure([(self.partner_a, self.company)])
        both = self.account + other
        payload = {self.account.id: {"level": 1}, other.id: {"level": 2}}
        self.events._record("tested", both, payload)
        found = self.events.search([], order="id")
        self.assertEqual(found.mapped("res_id"), both.ids)
        self.assertEqual([event.payload["level"] for event in found], [1, 2])

    def test_an_event_of_a_company_belongs_to_it(self):
        self.events._record("tested", self.company)
        self.assertEqual(self.events.search([]).company_id, self.company)

    def test_nobody_changes_or_deletes_an_event_through_odoo(self):
        events = self.record(1)
        for env in (self.env, self.env(su=True), self.env(user=1)):
            for refused in (
                lambda event: event.write({"kind": "other"}),
                lambda event: event.unlink(),
            ):
                with self.assertRaises(UserError):
                    refused(events.with_env(env))
        self.assertEqual(events.kind, "tested")

    def test_sealing_follows_the_order_of_recording_and_counts_on(self):
        first = self.record(3)
        self.assertEqual(self.seal(), 3)
        self.assertEqual(first.mapped("sequence"), [1, 2, 3])
        self.record(2)
        self.assertEqual(self.seal(), 2)
        events = self.events.search([], order="id")
        self.assertEqual(events.mapped("sequence"), [1, 2, 3, 4, 5])
        self.assertEqual(len(set(events.mapped("hash"))), 5)
        self.assertEqual(self.events._find_tampering(), 0)

    def test_an_event_not_yet_sealed_breaks_nothing(self):
        self.record(2)
        self.seal()
        self.record(1)
        self.assertEqual(self.events._find_tampering(), 0)

    def test_every_changed_column_is_found(self):
        for assignment in (
            "kind = 'other'",
            "date = date + interval '1 second'",
            "user_number = user_number + 1",
            "user_name = 'Somebody else'",
            "company_number = 0",
            "res_model = 'res.partner'",
            "res_id = res_id + 1",
            "payload = payload || '{\"number\": 7}'",
            "payload = NULL",
            "hash = repeat('0', 64)",
        ):
            with self.subTest(assignment):
                self.setUp()
                self.record(3)
                self.seal()
                statement = f"UPDATE o2c_event SET {assignment} WHERE sequence = 2"  # noqa: S608
                self.tamper(statement)
                self.assertEqual(self.events._find_tampering(), 2)

    def test_a_missing_event_is_found_wherever_it_was(self):
        for missing in (1, 2, 3):
            with self.subTest(missing=missing):
                self.setUp()
                self.record(3)
                self.seal()
                self.tamper("DELETE FROM o2c_event WHERE sequence = %s", [missing])
                self.assertEqual(self.events._find_tampering(), missing)

    def test_a_history_that_is_gone_altogether_is_found(self):
        self.record(3)
        self.seal()
        self.tamper("DELETE FROM o2c_event")
        self.assertEqual(self.events._find_tampering(), 1)

    def test_a_forged_event_at_the_end_is_found(self):
        self.record(2)
        self.seal()
        self.tamper(
            "INSERT INTO o2c_event (kind, date, sequence, hash)"
            " VALUES ('forged', now(), 3, 'x')"
        )
        self.assertEqual(self.events._find_tampering(), 3)

    def test_the_customers_link_may_move_without_breaking_the_chain(self):
        self.record(2)
        self.seal()
        other = self.debtor_model._ensure([(self.partner_a, self.company)])
        self.account._merge_into(other)
        self.assertEqual(self.events._find_tampering(), 0)

    def test_a_chain_made_anew_differs_from_the_seals_of_its_time(self):
        """Even where the last seal was made anew as well."""
        for _batch in range(3):
            self.record(2)
            self.seal()
        self.tamper("UPDATE o2c_event SET kind = 'other' WHERE sequence = 3")
        events = self.events.search([("sequence", ">=", 3)], order="sequence")
        before = self.events.search([("sequence", "=", 2)])
        last = ""
        for _id, place, last in events._chain(2, before.hash):
            self.tamper(
                "UPDATE o2c_event SET hash = %s WHERE sequence = %s", [last, place]
            )
        self.tamper("UPDATE o2c_event_seal SET hash = %s WHERE sequence = 6", [last])
        self.assertEqual(self.events._find_tampering(), 4)

    def test_the_chain_is_checked_in_batches(self):
        self.record(5)
        self.seal()
        with patch.object(o2c_event, "EVENTS_PER_BATCH", 2):
            place, previous, broken, is_end = self.events._check_chain(0, "")
            self.assertEqual((place, broken, is_end), (2, 0, False))
            witnesses = {4: "another hash"}
            found = self.events._check_chain(place, previous, witnesses)
            self.assertEqual(found[2], 4)
            place, previous, *_rest = self.events._check_chain(place, previous)
            place, previous, *_rest = self.events._check_chain(place, previous)
            self.assertEqual(place, 5)
            self.assertEqual(
                self.events._check_chain(place, previous), (5, previous, 0, True)
            )

    def tamper(self, statement, parameters=()):
        self.env.cr.execute(statement, parameters)
        self.events.invalidate_model()
