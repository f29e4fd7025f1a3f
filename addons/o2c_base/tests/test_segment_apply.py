from unittest.mock import patch

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from ..tools import transaction
from .segment_common import SegmentCommon


@tagged("post_install", "-at_install")
class TestSegmentApply(SegmentCommon):
    """Looking at what the rules would do, and doing it."""

    # ------------------------------------------------------------------
    # Preview and job
    # ------------------------------------------------------------------

    def preview(self, user=None):
        model = self.env["o2c.segment.apply"].with_company(self.company)
        action = model.with_user(user or self.new_manager()).action_preview()
        return model.with_user(user or self.env.user).browse(action["res_id"])

    def test_the_preview_counts_and_changes_nothing(self):
        large = self.segment("large", ("outstanding", "at_least", 100), sequence=1)
        accounts = [self.account(amount_outstanding=a) for a in (500, 50)]
        self.apply()
        self.segment("rest", sequence=2)
        manager = self.new_manager()
        preview = self.preview(manager)
        rows = [
            (line.name, line.count_before, line.count_after, line.joining)
            for line in preview.line_ids
        ]
        self.assertEqual(
            rows, [("Large", 1, 1, 0), ("Rest", 0, 1, 1), ("No segment", 1, 0, 0)]
        )
        self.assertEqual(preview.change_count, 1)
        self.assertFalse(accounts[1].segment_id)
        notice = preview.action_apply()
        self.assertIn("1 customers", notice["params"]["message"])
        self.assertEqual(accounts[1].segment_id.code, "rest")
        self.assertEqual(accounts[0].segment_id, large)

    def test_the_preview_names_a_broken_filter(self):
        broken = self.segment("broken")
        self.env.cr.execute(
            "UPDATE o2c_segment SET domain = '[(1)]' WHERE id = %s", broken.ids
        )
        broken.invalidate_recordset()
        self.assertIn("Broken", self.preview().problem)

    def test_nobody_sees_anothers_preview(self):
        self.segment("some")
        preview = self.preview(self.new_manager())
        other = self.new_user("second", "o2c_base.group_manager")
        self.env.invalidate_all()
        for record in (preview, preview.sudo().line_ids):
            with self.assertRaises(AccessError):
                record.with_user(other).read()

    def run_job(self):
        with self.enter_registry_test_mode():
            self.env.ref("o2c_base.ir_cron_apply_segments").method_direct_trigger()
        self.env.invalidate_all()

    def test_the_job_serves_every_company_and_new_customers(self):
        other = self.setup_other_company(name="Other root")["company"]
        everybody = self.segment("everybody", company_id=False)
        here, there = self.account("Here"), self.account("There", company=other)
        self.run_job()
        self.assertEqual((here + there).segment_id, everybody)
        self.assertEqual(len((here + there).segment_id), 1)
        newcomer = self.account("New")
        self.run_job()
        self.assertEqual(newcomer.segment_id, everybody)

    def test_while_one_worker_applies_another_does_nothing(self):
        self.segment("everybody")
        account = self.account()
        with self.registry.cursor() as other_worker:
            transaction.try_lock(other_worker, "o2c.segment", self.company.id)
            self.assertIsNone(self.apply())
            self.assertFalse(account.segment_id)
            with self.assertRaises(UserError):
                self.segments._apply_now(self.company)
        self.assertGreater(self.apply(), 0)

    def test_what_was_done_is_recorded(self):
        self.segment("everybody")
        self.account()
        self.apply()
        event = self.env["o2c.event"].search(
            [("kind", "=", "segments_applied"), ("company_id", "=", self.company.id)]
        )
        self.assertEqual(event.payload["to everybody"], event.payload["changed"])
        self.apply()
        self.assertEqual(
            self.env["o2c.event"].search_count([("kind", "=", "segments_applied")]), 1
        )

    # ------------------------------------------------------------------
    # Cost
    # ------------------------------------------------------------------

    def test_the_number_of_queries_does_not_grow_with_customers(self):
        self.segment("some", ("sales", "at_least", 1), domain="[('name', '=', 'x')]")
        self.segment("rest", sequence=11)
        counts = []
        with patch.object(type(self.env["o2c.event"]), "_record", lambda *_args: None):
            for size in (10, 10, 100):  # the first warms caches
                accounts = [self.account(f"Customer {n}") for n in range(size)]
                self.env.flush_all()
                self.env.invalidate_all()
                start = self.env.cr.sql_log_count
                self.assertEqual(self.apply(), len(accounts))
                counts.append(self.env.cr.sql_log_count - start)
        self.assertEqual(counts[1], counts[2])
        self.assertLess(counts[2], 20)
