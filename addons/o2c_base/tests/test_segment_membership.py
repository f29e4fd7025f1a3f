from datetime import timedelta

from freezegun import freeze_time
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg2 import IntegrityError

from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .segment_common import SegmentCommon


@tagged("post_install", "-at_install")
class TestSegmentMembership(SegmentCommon):
    """The history of who was in which segment."""

    def history(self, account):
        self.env.flush_all()
        account.invalidate_recordset()
        return [
            (m.segment_id.code, str(m.date_from), m.date_to and str(m.date_to))
            for m in account.membership_ids.sorted("date_from")
        ]

    def test_a_change_closes_one_row_and_opens_the_next(self):
        self.segment("large", ("outstanding", "at_least", 100))
        self.segment("rest", sequence=11)
        account = self.account(amount_outstanding=100)
        self.apply()
        with freeze_time("2026-06-20 12:00:00"):
            self.apply()
            account.amount_outstanding = 99
            self.apply()
        self.assertEqual(
            self.history(account),
            [("large", "2026-06-15", "2026-06-19"), ("rest", "2026-06-20", False)],
        )

    def test_the_day_belongs_to_the_segment_in_which_it_ended(self):
        self.segment("large", ("outstanding", "at_least", 100))
        self.segment("rest", sequence=11)
        account = self.account(amount_outstanding=100)
        self.apply()
        account.amount_outstanding = 99
        self.apply()
        self.assertEqual(self.history(account), [("rest", "2026-06-15", False)])

    def test_who_fits_nowhere_has_no_open_row(self):
        self.segment("large", ("outstanding", "at_least", 100))
        account = self.account(amount_outstanding=100)
        self.apply()
        with freeze_time("2026-06-20 12:00:00"):
            account.amount_outstanding = 0
            self.apply()
        self.assertEqual(self.history(account), [("large", "2026-06-15", "2026-06-19")])
        self.assertFalse(account.segment_id)

    def test_the_day_is_the_companys(self):
        self.segment("rest")
        self.company.partner_id.tz = "Pacific/Auckland"
        account = self.account()
        self.apply()  # noon UTC is midnight there
        self.assertEqual(self.history(account), [("rest", "2026-06-16", False)])

    def test_the_database_refuses_a_second_open_row(self):
        rest = self.segment("rest")
        account = self.account()
        self.apply()
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaises(IntegrityError),
            self.env.cr.savepoint(),
        ):
            self.memberships.sudo().create(
                {
                    "debtor_id": account.id,
                    "company_id": self.company.id,
                    "segment_id": rest.id,
                    "date_from": "2026-07-01",
                }
            )

    def test_a_segment_with_history_is_archived_not_deleted(self):
        used, unused = self.segment("used"), self.segment("unused", sequence=99)
        account = self.account()
        self.apply()
        with self.assertRaises(UserError):
            used.unlink()
        used.active = False
        self.assertEqual(account.segment_id, used, "until the next run")
        unused.unlink()
        self.apply()
        self.assertFalse(account.segment_id)

    def test_smart_buttons_count_what_they_open(self):
        large = self.segment("large", ("outstanding", "at_least", 100))
        account = self.account(amount_outstanding=100)
        self.account(amount_outstanding=200)
        self.apply()
        with freeze_time("2026-06-20 12:00:00"):
            account.amount_outstanding = 0
            self.apply()
        large.invalidate_recordset()
        for count, action, expected in (
            (large.member_count, large.action_open_members(), 1),
            (large.membership_count, large.action_open_memberships(), 2),
        ):
            listed = self.env[action["res_model"]].search_count(action["domain"])
            self.assertEqual((count, listed), (expected, expected))

    def test_merged_customers_keep_one_consistent_history(self):
        self.segment("large", ("outstanding", "at_least", 100))
        self.segment("rest", sequence=11)
        source = self.account("Double", amount_outstanding=500)
        target = self.account("Stays", amount_outstanding=1)
        self.apply()
        self.env["base.partner.merge.automatic.wizard"]._merge(
            (source + target).partner_id.ids, target.partner_id
        )
        self.assertFalse(source.exists())
        self.assertEqual(self.history(target), [("rest", "2026-06-15", False)])

    @settings(
        max_examples=25,
        deadline=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    @given(
        st.lists(
            st.tuples(st.integers(0, 3), st.sampled_from([0, 1, 2, None])), max_size=8
        )
    )
    def test_any_sequence_of_changes_leaves_one_unbroken_line(self, steps):
        """Rows do not overlap, cover each day in a segment, and the open one is now's.

        A step is (days that pass, segment at the end of it).
        """
        codes = ("a", "b", "c")
        with self.env.cr.savepoint() as savepoint:
            segments = [self.segment(code) for code in codes]
            account = self.account()
            day = self.day("2026-06-15")
            at_day_end = {}
            for days, choice in steps:
                for passed in range(1, days + 1):
                    at_day_end[day + timedelta(passed)] = account.segment_id.code
                day += timedelta(days)
                segment_id = None if choice is None else segments[choice].id
                self.memberships._move([(account.id, segment_id)], day)
                at_day_end[day] = account.segment_id.code
            self._assert_history(account, at_day_end)
            savepoint.rollback()
        self.env.invalidate_all()

    def _assert_history(self, account, at_day_end):
        rows = account.membership_ids
        for day, code in at_day_end.items():
            covering = rows.filtered(
                lambda m, day=day: (
                    m.date_from <= day and (not m.date_to or m.date_to >= day)
                )
            )
            self.assertEqual(covering.segment_id.code, code, day)
            self.assertLessEqual(len(covering), 1)
        still_open = rows.filtered(lambda m: not m.date_to)
        self.assertEqual(still_open.segment_id, account.segment_id)
        self.assertEqual(len(still_open), bool(account.segment_id))
