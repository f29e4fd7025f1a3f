import doctest

from freezegun import freeze_time
from psycopg2 import IntegrityError

from odoo.exceptions import AccessError, ValidationError
from odoo.tests import BaseCase, tagged
from odoo.tools import mute_logger

from ..domain import absence
from .owner_common import OwnerCommon


class TestActing(BaseCase):
    """Following substitutes, as a rule."""

    def test_the_examples_hold(self):
        self.assertEqual(doctest.testmod(absence).failed, 0)


@tagged("post_install", "-at_install")
class TestCollectorAbsence(OwnerCommon):
    """Who acts while a collector is away."""

    def acting(self, account):
        self.env.invalidate_all()
        return account._acting_collector()

    def test_the_substitute_acts_from_the_first_to_the_last_day(self):
        account = self.owing(owner=self.ann)
        self.absence(self.ann, self.ben, "2026-06-16", "2026-06-18")
        for day, person in (
            ("2026-06-15", self.ann),
            ("2026-06-16", self.ben),
            ("2026-06-18", self.ben),
            ("2026-06-19", self.ann),
        ):
            with freeze_time(f"{day} 12:00:00"):
                self.assertEqual(self.acting(account), person, day)
                self.assertEqual(account in self.mine(self.ben), person == self.ben)
                self.assertIn(account, self.mine(self.ann), "the owner stays owner")
        self.assertEqual(account.collector_id, self.ann)

    def test_days_are_the_companys_own(self):
        account = self.owing(owner=self.ann)
        self.absence(self.ann, self.ben, "2026-06-16", "2026-06-16")
        for zone, instant, person in (
            ("Pacific/Auckland", "2026-06-15 12:00:00", self.ben),  # midnight there
            ("Pacific/Auckland", "2026-06-15 11:59:59", self.ann),
            ("Pacific/Auckland", "2026-06-16 12:00:00", self.ann),
            ("America/New_York", "2026-06-17 03:59:59", self.ben),
            ("America/New_York", "2026-06-17 04:00:00", self.ann),
        ):
            self.company.partner_id.tz = zone
            with freeze_time(instant):
                self.assertEqual(self.acting(account), person, f"{zone} {instant}")

    def test_my_customers_are_own_ones_acted_for_ones_and_nobodys(self):
        cleo = self.new_user("cleo")
        own, of_ann = self.owing(owner=self.ben), self.owing(owner=self.ann)
        of_cleo, nobodys = self.owing(owner=cleo), self.owing()
        self.absence(self.ann, self.ben)
        found = self.mine(self.ben) & (own + of_ann + of_cleo + nobodys)
        self.assertEqual(found, own + of_ann + nobodys)
        seen = self.debtor_model.with_user(self.ben)
        others = seen.search([("is_mine", "=", False)]).sudo()
        self.assertIn(of_cleo, others)
        self.assertNotIn(of_ann, others)
        self.assertTrue(of_ann.with_user(self.ben).is_mine)
        self.assertFalse(of_cleo.with_user(self.ben).is_mine)

    def test_the_customer_account_says_who_acts(self):
        account = self.owing(owner=self.ann)
        self.assertFalse(account.absence_text)
        self.absence(self.ann, self.ben)
        self.env.invalidate_all()
        self.assertEqual(account.acting_collector_id, self.ben)
        self.assertEqual(
            account.absence_text, "Ann is away until 06/20/2026. Ben acts."
        )
        self.assertEqual(account.with_user(self.ben).absence_text, account.absence_text)

    # ------------------------------------------------------------------
    # Lines of substitutes
    # ------------------------------------------------------------------

    def test_a_substitute_who_is_away_is_followed_by_his_own(self):
        cleo = self.new_user("cleo")
        account = self.owing(owner=self.ann)
        self.absence(self.ann, self.ben)
        self.absence(self.ben, cleo, "2026-06-15", "2026-06-16")
        self.assertEqual(self.acting(account), cleo)
        self.assertIn(account, self.mine(cleo))
        self.assertNotIn(account, self.mine(self.ben))
        with freeze_time("2026-06-17 12:00:00"):
            self.assertEqual(self.acting(account), self.ben)

    def test_a_line_that_comes_back_is_refused(self):
        cleo = self.new_user("cleo")
        self.absence(self.ann, self.ben, "2026-06-15", "2026-06-20")
        with self.assertRaises(ValidationError):
            self.absence(self.ben, self.ann, "2026-06-20", "2026-06-25")
        self.absence(self.ben, self.ann, "2026-06-21", "2026-06-25")
        self.absence(self.ben, cleo, "2026-06-18", "2026-06-20")
        with self.assertRaises(ValidationError):
            self.absence(cleo, self.ann, "2026-06-10", "2026-06-30")

    def test_a_line_that_came_about_otherwise_leaves_the_owner_in_charge(self):
        account = self.owing(owner=self.ann)
        self.absence(self.ann, self.ben)
        other = self.absence(self.ben, self.ann, "2026-07-01", "2026-07-02")
        self.env.cr.execute(
            "UPDATE o2c_collector_absence SET date_from = '2026-06-01' WHERE id = %s",
            other.ids,
        )
        self.assertEqual(self.acting(account), self.ann)

    def test_a_substitute_who_was_archived_does_not_act(self):
        account = self.owing(owner=self.ann)
        self.absence(self.ann, self.ben)
        self.ben.active = False
        self.assertEqual(self.acting(account), self.ann)

    def test_nobody_acts_for_nobody_or_for_who_left(self):
        self.assertFalse(self.acting(self.owing()))
        account = self.owing(owner=self.ann)
        self.ann.active = False
        self.assertFalse(self.acting(account))
        self.assertFalse(account.acting_collector_id)

    # ------------------------------------------------------------------
    # Bad input
    # ------------------------------------------------------------------

    def test_what_makes_no_sense_is_refused(self):
        self.absence(self.ann, self.ben, "2026-06-15", "2026-06-20")
        plain = self.new_user("plain", "base.group_user")
        for user, substitute, start, end in (
            (self.ann, self.ben, "2026-06-20", "2026-06-25"),  # overlaps by a day
            (self.ann, self.ben, "2026-06-01", "2026-06-30"),
            (self.ben, plain, "2026-07-01", "2026-07-02"),
        ):
            with self.assertRaises(ValidationError):
                self.absence(user, substitute, start, end)
        for error, user, start, end in (
            (IntegrityError, self.ben, "2026-07-01", "2026-07-02"),  # for himself
            (IntegrityError, self.ann, "2026-07-02", "2026-07-01"),
        ):
            with (
                mute_logger("odoo.sql_db"),
                self.assertRaises(error),
                self.env.cr.savepoint(),
            ):
                self.absence(user, self.ben, start, end)
        self.absence(self.ann, self.ben, "2026-06-21", "2026-06-25")
        self.absence(self.ann, self.ben, "2026-06-14", "2026-06-14")

    def test_a_substitute_needs_access_to_the_company(self):
        other = self.setup_other_company(name="Other root")["company"]
        stranger = self.new_user("stranger", company=other)
        with self.assertRaises(ValidationError):
            self.absence(self.ann, stranger)

    def test_an_absence_in_one_company_is_none_in_another(self):
        other = self.setup_other_company(name="Other root")["company"]
        (self.ann + self.ben).company_ids += other
        theirs = self.owing(owner=self.ann, company=other)
        self.absence(self.ann, self.ben)
        self.assertEqual(self.acting(theirs), self.ann)
        both = self.debtor_model.with_user(self.ben).with_context(
            allowed_company_ids=(self.company + other).ids
        )
        self.assertNotIn(theirs.id, both.search([("is_mine", "=", True)]).ids)
        self.absence(self.ann, self.ben, company_id=other.id)
        self.assertIn(theirs.id, both.search([("is_mine", "=", True)]).ids)

    # ------------------------------------------------------------------
    # The list
    # ------------------------------------------------------------------

    def test_the_list_tells_who_is_away_now_and_how_many_customers_it_is_about(self):
        self.owing(owner=self.ann)
        self.owing(owner=self.ann)
        now = self.absence(self.ann, self.ben)
        later = self.absence(self.ann, self.ben, "2026-07-01", "2026-07-02")
        self.assertEqual((now.is_now, later.is_now), (True, False))
        self.assertEqual(now.customer_count, 2)
        found = self.absences.search([("is_now", "=", True)])
        self.assertIn(now, found)
        self.assertNotIn(later, found)

    # ------------------------------------------------------------------
    # Rights
    # ------------------------------------------------------------------

    def test_collectors_enter_their_own_absence_and_managers_anybodys(self):
        values = {
            "substitute_id": self.ben.id,
            "company_id": self.company.id,
            "date_from": "2026-06-15",
            "date_to": "2026-06-16",
        }
        own = self.absences.with_user(self.ann).create(values)
        self.assertEqual(own.user_id, self.ann)
        own.date_to = "2026-06-17"
        self.assertTrue(own.with_user(self.ben).read(), "all may know")
        for forbidden in (
            lambda: own.with_user(self.ben).write({"date_to": "2026-06-18"}),
            lambda: own.with_user(self.ben).unlink(),
            lambda: self.absences.with_user(self.ben).create(
                {
                    **values,
                    "user_id": self.manager.id,
                    "substitute_id": self.ann.id,
                }
            ),
            lambda: own.write({"user_id": self.ben.id, "substitute_id": self.ann.id}),
        ):
            with self.assertRaises(AccessError), mute_logger("odoo.models.unlink"):
                forbidden()
        own.with_user(self.manager).date_to = "2026-06-19"
        auditor = self.new_user("auditor", "o2c_base.group_auditor")
        self.assertTrue(own.with_user(auditor).read())
        self.assertFalse(own.with_user(auditor).has_access("write"))

    def test_another_company_sees_no_absence(self):
        absence = self.absence(self.ann, self.ben)
        other = self.setup_other_company(name="Other root")["company"]
        stranger = self.new_user("stranger", "o2c_base.group_manager", other)
        self.env.invalidate_all()
        self.assertFalse(self.absences.with_user(stranger).search([]))
        with self.assertRaises(AccessError):
            absence.with_user(stranger).read()

    def test_my_customers_costs_one_query_more_at_any_size(self):
        self.absence(self.ann, self.ben)
        counts = []
        for size in (10, 10, 100):  # the first warms caches
            for _n in range(size):
                self.owing(owner=self.ann)
            self.env.flush_all()
            self.env.invalidate_all()
            accounts = self.debtor_model.with_user(self.ben)
            start = self.env.cr.sql_log_count
            accounts.search_count([("is_mine", "=", True)])
            counts.append(self.env.cr.sql_log_count - start)
        self.assertEqual(counts[1], counts[2])
        self.assertLess(counts[2], 12)
