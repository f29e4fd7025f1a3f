import re
from unittest.mock import patch

from freezegun import freeze_time

from odoo import fields
from odoo.tests import tagged

from odoo.addons.o2c_collections.domain.statement_schedule import due_periods
from odoo.addons.o2c_collections.tests.chase_common import ChaseCommon

LINK = re.compile(r"/o2c/r/([\w-]+)")


@tagged("post_install", "-at_install")
class TestPortalMessage(ChaseCommon):
    """Reminders carry a link that opens their reader's account, and nothing else."""

    def written(self):
        """Run the chase and return its messages."""
        self.run_chase()
        return self.engine["o2c.chase.message"].search([], order="id")

    def test_a_reminder_brings_its_reader_to_his_account(self):
        self.late(100, days=30)
        [message] = self.written()
        [token] = set(LINK.findall(message.body_html))
        link = self.engine["o2c.portal.link"]._find(token)
        self.assertEqual(link.debtor_id, message.debtor_id)
        self.assertEqual(link.partner_id, message.partner_id)
        self.assertEqual(link.message_id, message)

    def test_what_is_written_anew_has_one_link(self):
        self.late(100, days=30)
        [message] = self.written()
        former = LINK.findall(message.body_html)[0]
        message._write_for(message.action_ids)
        links = self.engine["o2c.portal.link"]
        self.assertFalse(links._find(former))
        self.assertTrue(links._find(LINK.findall(message.body_html)[0]))

    def test_words_that_a_person_read_get_a_link_when_they_are_sent(self):
        self.plan.step_ids.needs_review = True
        self.late(100, days=30)
        self.assertFalse(self.written())
        action = self.engine["o2c.chase.action"].search([("state", "=", "to_review")])
        review = self.engine["o2c.chase.review"].browse(
            action.action_review()["res_id"]
        )
        self.assertIn("/my/receivables", review.body)
        self.assertNotIn("/o2c/r/", review.body)
        # what was opened for review in the past had a link that never came to be
        for words in (
            review.body,
            review.body.replace("/my/receivables", "/o2c/r/x-1"),
        ):
            with self.subTest(words), self.env.cr.savepoint() as savepoint:
                review.body = words
                review.action_send()
                message = self.engine["o2c.chase.message"].search([])
                [token] = set(LINK.findall(message.body_html))
                self.assertEqual(LINK.findall(message.body_text), [token])
                link = self.engine["o2c.portal.link"]._find(token)
                self.assertEqual(link.message_id, message)
                savepoint.rollback()

    def test_a_statement_brings_its_reader_to_his_account(self):
        self.late(100, days=30)
        self.refresh()
        statements = self.engine["o2c.statement"]
        file = lambda *_args, **_options: ("Statement.pdf", b"%PDF-1.4")
        with (
            freeze_time("2026-06-02 12:00:00"),
            patch.object(self.registry["o2c.debtor"], "_statement_file", file),
        ):
            period = due_periods(fields.Date.today())["monthly"]
            statements._begin(self.debtor(), period)
            statements.search([])._write_one()
        message = statements.search([]).message_ids
        [token] = set(LINK.findall(message.body_html))
        link = self.engine["o2c.portal.link"]._find(token)
        self.assertEqual((link.debtor_id, link.message_id), (self.debtor(), message))

    def test_a_preview_makes_no_link(self):
        self.late(100, days=30)
        [message] = self.written()
        before = self.engine["o2c.portal.link"].search_count([])
        self.assertTrue(message.access_url.endswith("/my/receivables"))
        self.assertEqual(self.engine["o2c.portal.link"].search_count([]), before)

    def test_paper_speaks_of_no_link(self):
        self.late(100, days=30)
        [message] = self.written()
        message.channel = "letter"
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertFalse(message.access_url)
