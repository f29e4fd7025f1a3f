from unittest.mock import patch

from odoo import fields
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..domain.smtp_verdict import CONTENT, SENT, Verdict
from ..tools.postman import Postman
from .chase_common import ChaseCommon


@tagged("post_install", "-at_install")
class TestMessageLook(ChaseCommon):
    """One decision serves the next few messages; whatever happens after it counts."""

    def setUp(self):
        super().setUp()
        self.partners = [self.new_debtor(f"Customer {number}") for number in range(4)]
        self.moves = [self.late(100, days=5, partner=p) for p in self.partners]
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
