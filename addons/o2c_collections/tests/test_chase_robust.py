from unittest.mock import patch

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .chase_common import ChaseCommon


@tagged("post_install", "-at_install")
class TestChaseRobust(ChaseCommon):
    """What an attacker or an accident once made of the chase."""

    def letter_total(self):
        items = self.debtor().with_env(self.engine)._chase_items()[self.debtor().id]
        return round(sum(item["amount_open"] for item in items), 2)

    def test_credit_that_covers_unlisted_items_is_not_taken_off_the_letter(self):
        self.company.o2c_chase_from = self.day("2026-05-01")
        self.invoice(1000, date="2026-03-01", due="2026-03-31")
        self.credit_note(900, date="2026-04-01")
        self.late(100, days=5)
        self.assertEqual(self.decide()["amount_due"], 100)
        self.assertEqual(self.letter_total(), 100)

    def test_the_letter_asks_for_what_the_decision_asks_for(self):
        self.late(1000, days=20)
        self.late(300, days=10)
        self.credit_note(400, date="2026-06-01")
        self.assertEqual(self.decide()["amount_due"], 900)
        self.assertEqual(self.letter_total(), 900)

    def test_only_the_part_of_an_item_that_does_not_rest_is_asked_for(self):
        lines = self.late(1000, days=20).line_ids
        with self.taken(lines, disputed=200):
            self.assertEqual(self.decide()["amount_due"], 800)
            self.assertEqual(self.letter_total(), 800)

    def test_a_run_that_was_cut_off_goes_on_without_deciding_anew(self):
        self.late(100, days=5)
        runs = self.registry["o2c.chase.run"]
        with patch.object(runs, "_perform_in_batches", lambda self, run_id: False):
            run = self.run_chase()
        self.assertEqual(run.state, "running")

        def refuse(self, *args):
            raise AssertionError("decided anew")

        with patch.object(runs, "_evaluate_and_plan", refuse):
            again = self.run_chase()
        self.assertEqual(again, run)
        self.assertEqual(again.state, "done")
        self.assertEqual(self.story(), [(1, "email", "queued")])

    def test_who_only_works_in_a_branch_does_not_switch_the_company(self):
        self.company.sudo()._o2c_note_preview()
        branch = (
            self.env["res.company"]
            .sudo()
            .create({"name": "Branch", "parent_id": self.company.id})
        )
        user = self.new_user("branch_boss", "o2c_base.group_manager")
        user.write({"company_ids": [(6, 0, branch.ids)], "company_id": branch.id})
        runs = self.env["o2c.chase.run"].with_user(user).with_company(branch)
        for method in ("action_switch_off", "action_switch_on", "action_run_now"):
            with self.subTest(method), self.assertRaises(AccessError):
                getattr(runs, method)()
        self.assertTrue(self.company.o2c_sending)

    def test_a_sender_that_is_no_address_is_told_before_anything_is_planned(self):
        self.late(100, days=5)
        self.company.email = "not an address"
        self.assertEqual(self.reason(), "no_sender")

    def test_a_customer_to_whom_a_letter_was_written_can_be_deleted(self):
        invoice = self.late(100, days=5)
        self.run_chase()
        message = self.actions().message_id
        mail = message.mail_id
        invoice.button_draft()
        invoice.sudo().unlink()
        self.customer.sudo().unlink()
        self.assertFalse(message.exists())
        waits = mail.exists().filtered(lambda m: m.state == "outgoing")
        self.assertFalse(waits, "core's queue must not send it")

    def test_a_date_that_is_none_is_told(self):
        items = self.env["o2c.open.item"]
        for value in ("garbage", "2026-13-45", [1, 2], 5):
            with self.subTest(value), self.assertRaises(UserError):
                items.with_context(o2c_as_of=value).search_count([])
