from unittest.mock import patch

from freezegun import freeze_time
from psycopg2 import errors

from odoo import fields
from odoo.tests import tagged
from odoo.tools import SQL, mute_logger

from ..domain.smtp_verdict import CONTENT, SENT, Verdict
from ..tools.postman import Postman
from .chase_common import TODAY_DATE, ChaseCommon


@tagged("post_install", "-at_install")
class TestMessageLook(ChaseCommon):
    """One decision serves the next few messages; whatever happens after it counts."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.partners = [cls.new_debtor(f"Customer {number}") for number in range(4)]
        cls.moves = [cls.late(100, days=5, partner=p) for p in cls.partners]

    def setUp(self):
        super().setUp()
        self.refresh()
        self.run_chase()
        self.messages = self.engine["o2c.chase.message"].search([], order="id")

    def send(self):
        """Send them all, as the job does; count the decisions it takes."""
        decisions = self.env.registry["o2c.chase.decision"]
        original, decided = decisions._decide, []

        def decide(model, debtors):
            decided.append(debtors.ids)
            return original(model, debtors)

        sent = []

        def deliver(postman, mail_id):
            sent.append(mail_id)
            return Verdict(SENT, CONTENT)

        with (
            patch.object(Postman, "deliver", deliver),
            patch.object(decisions, "_decide", decide),
            self.enter_registry_test_mode(),
            self.registry.cursor() as cr,
        ):
            self.engine(cr=cr)["o2c.chase.message"]._cron_send()
        self.engine.invalidate_all()
        return decided, sent

    # ------------------------------------------------------------------

    def test_one_decision_before_and_one_after_serve_all_that_leave(self):
        decided, sent = self.send()
        self.assertEqual(len(sent), 4)
        self.assertEqual(set(self.messages.mapped("state")), {"sent"})
        # before they left, and what comes next after they had
        self.assertEqual([len(ids) for ids in decided], [4, 4])
        for partner in self.partners:
            self.assertEqual(self.debtor(partner).chase_reason, "waiting_level")

    def test_a_look_is_good_as_long_as_nothing_changed(self):
        message = self.messages[0]
        look = self.messages._look()
        self.assertEqual(
            message._facts_of_look(look[message.id]), {message.id: look[message.id][1]}
        )
        self.assertIsNone(message._facts_of_look(None))

    def assert_it_is_looked_at_anew(self, change):
        message = self.messages[0]
        look = self.messages._look()
        change()
        self.env.flush_all()
        self.engine.invalidate_all()
        self.assertIsNone(message._facts_of_look(look[message.id]))
        return message, look[message.id]

    def test_who_pays_after_the_look_gets_no_message(self):
        message, look = self.assert_it_is_looked_at_anew(
            lambda: self.pay(self.moves[0])
        )
        self.assertFalse(message._claim(look))
        self.assertEqual(message.state, "cancelled")

    def test_who_pays_a_part_after_the_look_gets_no_message_with_old_figures(self):
        def pay_a_part():
            payment = self.payment(40, partner=self.partners[0])
            self.match(self.moves[0], payment)

        message, look = self.assert_it_is_looked_at_anew(pay_a_part)
        self.assertFalse(message._claim(look))
        self.assertEqual(message.reason, "figures_changed")

    def test_money_on_account_after_the_look_is_seen(self):
        self.assert_it_is_looked_at_anew(
            lambda: self.payment(100, partner=self.partners[0])
        )

    def test_a_draft_payment_that_is_posted_after_the_look_is_seen(self):
        draft = self.payment(100, partner=self.partners[0])
        self.match(self.moves[0], draft)
        draft.move_id.button_draft()
        self.assert_it_is_looked_at_anew(draft.move_id.action_post)

    def test_what_comes_to_rest_on_an_item_after_the_look_is_seen(self):
        message = self.messages[0]
        look = self.messages._look()[message.id]
        with self.taken(self.receivable_lines(self.moves[0]), disputed=100):
            self.assertIsNone(message._facts_of_look(look))
            self.assertFalse(message._claim(look))

    def test_a_look_ends_with_its_day(self):
        message = self.messages[0]
        look = self.messages._look()[message.id]
        with self.on_day(1):
            self.assertIsNone(message._facts_of_look(look))

    def test_another_plan_after_the_look_is_seen(self):
        self.assert_it_is_looked_at_anew(
            lambda: self.plan.step_ids[0].write({"days": 4})
        )

    def test_a_pause_after_the_look_holds(self):
        def pause():
            debtor = self.debtor(self.partners[0]).sudo()
            debtor.paused_until = fields.Date.add(fields.Date.today(), days=9)

        message, look = self.assert_it_is_looked_at_anew(pause)
        self.assertFalse(message._claim(look))

    def test_another_address_after_the_look_is_seen(self):
        def change():
            self.partners[0].email = "new@right.example"

        message, look = self.assert_it_is_looked_at_anew(change)
        self.assertFalse(message._claim(look))

    def test_a_step_that_is_closed_is_seen(self):
        steps = self.messages[0].action_ids
        self.assert_it_is_looked_at_anew(lambda: steps._set_skipped("paid"))

    def test_a_look_that_fails_leaves_each_to_itself(self):
        messages = self.env.registry["o2c.chase.message"]

        def look(_messages):
            raise ZeroDivisionError

        with patch.object(messages, "_look", look), mute_logger("odoo.addons"):
            _decided, sent = self.send()
        self.assertEqual(len(sent), 4)

    # ------------------------------------------------------------------
    # The short way of those that are clear to go
    # ------------------------------------------------------------------

    def ready(self):
        """What is needed to claim each of the messages."""
        looks = self.messages._look()
        return self.messages._clear_to_go(looks)

    def test_what_is_clear_to_go_is_claimed_by_its_stamp_alone(self):
        first, *others = self.ready()
        self.assertEqual(len(others), 3)
        message = self.messages[0]
        self.assertTrue(message._claim_ready(first))
        self.engine.invalidate_all()
        self.assertRecordValues(message, [{"state": "sending", "attempts": 1}])
        event = self.engine["o2c.event"].search(
            [("res_model", "=", message._name), ("res_id", "=", message.id)],
            order="id DESC",
            limit=1,
        )
        self.assertEqual(event.kind, "message_sending")
        self.assertEqual(event.date, fields.Datetime.now())
        self.assertEqual(message.next_try_at, fields.Datetime.now(), "to the second")
        self.assertEqual(event.payload["attempt"], 1)
        self.assertEqual(event.payload["recipient"], message.recipient)
        self.assertFalse(message._claim_ready(first), "it is claimed once")

    def assert_it_goes_the_long_way(self, change):
        first = self.ready()[0]
        change()
        self.env.flush_all()
        self.engine.invalidate_all()
        self.assertFalse(self.messages[0]._claim_ready(first))
        self.assertEqual(self.messages[0].state, "outgoing")

    def test_whatever_changes_after_the_look_takes_the_long_way(self):
        message = self.messages[0]
        changes = {
            "paid": lambda: self.pay(self.moves[0]),
            "switched off": lambda: self.company.sudo().write({"o2c_sending": False}),
            "address": lambda: self.partners[0].write({"email": "x@right.example"}),
            "waits": lambda: message.write({"next_try_at": fields.Datetime.now()}),
            "text": lambda: message.mail_id.write({"body_html": "<p>Other</p>"}),
            "subject": lambda: message.mail_message_id.write({"subject": "Other"}),
        }
        for name, change in changes.items():
            with self.subTest(name), self.env.cr.savepoint() as savepoint:
                self.assert_it_goes_the_long_way(change)
                savepoint.rollback()

    def test_who_has_something_resting_takes_the_long_way(self):
        model = self.env.registry["o2c.open.item"]
        debtor = self.debtor(self.partners[0])
        for partner, is_ours in ((self.partners[0], False), (self.partners[1], True)):
            claim = SQL(
                "SELECT %s AS root_id, id AS partner_id, 'promised' AS kind,"
                " NULL::int[] AS line_ids, %s AS currency_id, 5.0 AS amount,"
                " CURRENT_DATE AS date, 1 AS id FROM res_partner WHERE id = %s",
                debtor.company_id.id,
                debtor.currency_id.id,
                partner.id,
            )
            with self.subTest(partner.name), self.env.cr.savepoint() as savepoint:
                with patch.object(model, "_taken_sources", return_value=[claim]):
                    claims = self.engine["o2c.open.item"]._has_claims_sql(
                        SQL("debtor.partner_id")
                    )
                first = self.ready()[0]._replace(claims=claims)
                self.assertIs(self.messages[0]._claim_ready(first), is_ours)
                savepoint.rollback()

    def test_what_left_is_noted_with_the_next_claim(self):
        first, second, third, _fourth = self.ready()
        moment = fields.Datetime.now()
        self.messages[0]._claim_ready(first)
        left = (first.message_id, moment)
        self.assertTrue(self.messages[1]._claim_ready(second, left))
        self.assertFalse(self.messages[1]._claim_ready(second, left), "it is ours")
        self.engine.invalidate_all()
        self.assertEqual(self.messages.mapped("sent_at"), [moment, False, False, False])
        with self.on_day(1):  # what cannot be claimed hinders no note
            left = (second.message_id, moment)
            self.assertFalse(self.messages[2]._claim_ready(third, left))
        self.engine.invalidate_all()
        self.assertEqual(self.messages[1].sent_at, moment)

    def test_a_claim_ahead_ends_with_its_day(self):
        first = self.ready()[0]
        with self.on_day(1):
            self.assertFalse(self.messages[0]._claim_ready(first))

    def test_quiet_hours_that_begin_soon_take_the_long_way(self):
        self.company.sudo().write({"o2c_quiet_email": True})
        for partner in self.partners:
            partner.tz = "UTC"
        self.company.sudo().partner_id.tz = "UTC"
        for clock, count in (("19:59:00", 4), ("19:59:45", 0), ("20:00:15", 0)):
            with self.subTest(clock), freeze_time(f"{TODAY_DATE} {clock}"):
                self.assertEqual(len(self.ready()), count)

    def test_two_messages_to_one_customer_do_not_both_take_the_short_way(self):
        twin = self.messages[0].copy({"recipient": "other@right.example"})
        messages = self.messages | twin
        clear = messages._clear_to_go(messages._look())
        self.assertEqual(
            [each.message_id for each in clear], self.messages.ids, "the first alone"
        )

    def test_what_left_before_a_crash_is_done_and_not_unclear(self):
        message = self.messages[0]
        message._claim_ready(self.ready()[0])
        message._claim_ready(None, (message.id, fields.Datetime.now()))
        self.engine.invalidate_all()
        _decided, sent = self.send()
        self.assertEqual(len(sent), 3)
        self.assertEqual(message.state, "sent")
        self.assertEqual(message.action_ids.state, "done")
        self.assertEqual(self.debtor(self.partners[0]).level, 1)

    def test_one_that_cannot_be_settled_harms_no_other(self):
        messages = self.env.registry["o2c.chase.message"]
        original, bad = messages._note_contact, self.messages[1]

        def note_contact(these):
            if bad in these:
                raise ZeroDivisionError("a bug")
            return original(these)

        with (
            patch.object(messages, "_note_contact", note_contact),
            mute_logger("odoo.addons.o2c_base.tools.transaction"),
        ):
            _decided, sent = self.send()
        self.assertEqual(len(sent), 4)
        others = self.messages - bad
        self.assertEqual(set(others.mapped("state")), {"sent"})
        self.assertEqual(bad.state, "sending")
        self.assertTrue(bad.sent_at)
        self.send()
        self.assertEqual(bad.state, "sent", "the next run makes up for it")

    def test_a_claim_that_collides_goes_the_long_way_once(self):
        messages = self.env.registry["o2c.chase.message"]

        def collide(_message, _ready, _left):
            raise errors.SerializationFailure("somebody else")

        with patch.object(messages, "_claim_ready", collide):
            _decided, sent = self.send()
        self.assertEqual(sorted(sent), self.messages.mail_id.sorted("id").ids)
        self.assertEqual(set(self.messages.mapped("state")), {"sent"})
        self.assertEqual(set(self.messages.mapped("attempts")), {1})
