from psycopg2 import IntegrityError

from odoo import Command
from odoo.exceptions import AccessError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .dispute_common import DisputeCommon


@tagged("post_install", "-at_install", "o2c_dispute")
class TestDisputeOwner(DisputeCommon):
    """Who may answer a dispute, what he may not, and in which time."""

    def test_who_answers_works_for_the_company(self):
        dispute = self.dispute(self.late(100, days=20))
        stranger = self.new_user("disp_stranger", "base.group_user")
        company = self.setup_other_company()["company"]
        stranger.write(
            {"company_ids": [Command.set(company.ids)], "company_id": company.id}
        )
        guest = self.new_user("disp_guest", "base.group_portal")
        for user in (stranger, guest):
            with self.assertRaisesRegex(ValidationError, "does not work for"):
                dispute.with_user(self.collector).owner_id = user

    def test_an_owner_outside_finance_reopens_nothing(self):
        dispute = self.dispute(self.late(100, days=20))
        dispute.owner_id = self.owner
        self.end(dispute, "rejected", answer="It is right.")
        with self.assertRaises(AccessError):
            dispute.with_user(self.owner).action_reopen()
        dispute.with_user(self.collector).action_reopen()
        self.assertEqual(dispute.state, "open")

    def test_an_answer_has_its_time_within_reason(self):
        for hours in (0, 721):
            with (
                self.subTest(hours=hours),
                mute_logger("odoo.sql_db"),
                self.assertRaises(IntegrityError),
                self.cr.savepoint(),
            ):
                self.price.sudo().deadline_hours = hours
                self.env.flush_all()
