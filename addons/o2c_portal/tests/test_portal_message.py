import re

from odoo.tests import tagged

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
        message._fill(message.action_ids)
        links = self.engine["o2c.portal.link"]
        self.assertFalse(links._find(former))
        self.assertTrue(links._find(LINK.findall(message.body_html)[0]))

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
