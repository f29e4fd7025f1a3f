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

    def warnings(self, dispute):
        return dispute.activity_ids.filtered(
            lambda activity: (
                activity.activity_type_id
                == self.env.ref("mail.mail_activity_data_warning")
            )
        )

    def test_what_was_decided_and_not_booked_is_told(self):
        dispute = self.dispute(self.late(100, days=20))
        dispute.with_user(self.collector)._decide("credit", 100)
        for days, count in ((13, 0), (15, 1), (15, 1)):
            with self.on_day(days):
                self.look_after()
                self.assertEqual(len(self.warnings(dispute)), count)
        self.assertIn("not booked", self.warnings(dispute).summary)

    def test_the_last_one_is_told_again_each_month(self):
        dispute = self.dispute(self.late(100, days=20))
        for days, count in ((5, 1), (12, 2), (30, 2), (43, 3), (43, 3)):
            with self.on_day(days):
                self.look_after()
                self.assertEqual(len(self.warnings(dispute)), count)
        self.assertEqual(dispute.escalation_level, 2)
