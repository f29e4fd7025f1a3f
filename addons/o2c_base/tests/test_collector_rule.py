import doctest
from collections import Counter
from unittest.mock import patch

from hypothesis import given, settings
from hypothesis import strategies as st
from psycopg2 import IntegrityError

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import BaseCase, tagged
from odoo.tools import mute_logger

from ..domain import sharing
from ..models import o2c_collector_rule_assign
from ..tools import transaction
from .owner_common import OwnerCommon


class TestSharing(BaseCase):
    """Sharing evenly, as arithmetic."""

    def test_the_examples_hold(self):
        self.assertEqual(doctest.testmod(sharing).failed, 0)

    @settings(max_examples=200, deadline=None, derandomize=True)
    @given(
        st.integers(0, 60),
        st.integers(1, 7),
        st.dictionaries(st.integers(0, 6), st.integers(0, 20)),
    )
    def test_nobody_gets_more_who_already_has_more(self, customers, people, before):
        collectors = list(range(people))
        loads = {person: before.get(person, 0) for person in collectors}
        shared = sharing.share_evenly(list(range(customers)), collectors, loads, {})
        self.assertEqual(len(shared), customers)
        got = Counter(shared.values())
        after = {person: loads[person] + got[person] for person in collectors}
        for person in got:
            self.assertLessEqual(after[person], min(after.values()) + 1)


@tagged("post_install", "-at_install")
class TestCollectorRule(OwnerCommon):
    """Who gets which customer."""

    # ------------------------------------------------------------------
    # Rules
    # ------------------------------------------------------------------

    def test_the_first_rule_that_fits_decides(self):
        self.rule("all", self.ben, sequence=2)
        self.rule("large", self.ann, sequence=1, amount_from=1000)
        large, small = self.owing(1000), self.owing(999.99)
        self.assertEqual(self.assign(), 2)
        self.assertEqual((large.collector_id, small.collector_id), (self.ann, self.ben))

    def test_a_bound_counts_from_the_amount_itself_and_ends_below_it(self):
        self.rule("middle", self.ann, amount_from=100, amount_to=200)
        self.rule("others", self.ben, sequence=11)
        accounts = [self.owing(a) for a in (99.99, 100, 199.99, 200, -5)]
        self.assign()
        ann, ben = self.ann, self.ben
        self.assertEqual([a.collector_id for a in accounts], [ben, ann, ann, ben, ben])

    def test_segment_country_and_salesperson_must_all_fit(self):
        segment = self.segment("key")
        france, spain = self.env.ref("base.fr"), self.env.ref("base.es")
        seller = self.new_user("seller", "base.group_user")
        self.rule(
            "french key accounts",
            self.ann,
            segment_ids=segment.ids,
            country_ids=france.ids,
            salesperson_ids=seller.ids,
        )
        self.rule("others", self.ben, sequence=11)
        fits = self.owing(country_id=france.id, user_id=seller.id)
        spanish = self.owing(country_id=spain.id, user_id=seller.id)
        unsold = self.owing(country_id=france.id)
        outside = self.owing(country_id=france.id, user_id=seller.id)
        (fits + spanish + unsold).segment_id = segment
        self.assign()
        self.assertEqual(fits.collector_id, self.ann)
        self.assertEqual((spanish + unsold + outside).collector_id, self.ben)

    def test_amounts_are_in_company_currency(self):
        euro = self.setup_other_currency("EUR", rates=[("2020-01-01", 2.0)])
        self.rule("large", self.ann, amount_from=100)
        self.rule("small", self.ben, amount_to=100, sequence=11)
        customer = self.new_customer("Euro customer")
        self.invoice(150, partner=customer, currency_id=euro.id)  # 75 of ours
        self.refresh()
        self.assign()
        self.assertEqual(self.debtor(customer).collector_id, self.ben)

    def test_customers_without_open_items_wait(self):
        idle = self.account()
        credit = self.account(amount_unapplied=5, amount_outstanding=-5)
        self.assign()
        self.assertFalse(idle.collector_id)
        self.assertTrue(credit.collector_id)

    def test_a_rule_whose_collectors_left_lets_the_next_one_decide(self):
        self.rule("gone", self.ann, sequence=1)
        self.rule("next", self.ben, sequence=2)
        self.ann.active = False
        account = self.owing()
        self.assign()
        self.assertEqual(account.collector_id, self.ben)

    def test_rules_are_checked(self):
        stranger = self.new_user("stranger", company=self.other_company())
        plain = self.new_user("plain", "base.group_user")
        for collectors in (stranger, plain, self.ann + plain, self.env["res.users"]):
            with self.assertRaises(ValidationError):
                self.rule("wrong", collectors)
        with (
            self.assertRaises(IntegrityError),
            mute_logger("odoo.sql_db"),
            self.env.cr.savepoint(),
        ):
            self.rule("no room", self.ann, amount_from=5, amount_to=5)
        branch = self.env["res.company"].create(
            {"name": "Branch", "parent_id": self.company.id}
        )
        with self.assertRaises(ValidationError):
            self.rule("branch", self.ann, company_id=branch.id)

    # ------------------------------------------------------------------
    # Even sharing
    # ------------------------------------------------------------------

    def test_without_rules_collectors_share_evenly_and_managers_do_not(self):
        accounts = [self.owing(100 + n) for n in range(5)]
        self.assign()
        owners = Counter(account.collector_id for account in accounts)
        self.assertEqual(sorted(owners.values()), [2, 3])
        self.assertEqual(set(owners), {self.ann, self.ben})

    def test_repeated_runs_move_nobody_and_new_customers_level_out(self):
        first = [self.owing(owner=self.ann) for _n in range(3)]
        new = [self.owing() for _n in range(4)]
        self.assign()
        self.assertEqual({a.collector_id for a in first}, {self.ann})
        owners = Counter(account.collector_id for account in new)
        self.assertEqual(owners, {self.ben: 3, self.ann: 1} | {})
        before = [a.collector_id for a in first + new]
        for _time in range(3):
            self.assertEqual(self.assign(), 0)
        self.assertEqual([a.collector_id for a in first + new], before)

    def test_several_collectors_of_a_rule_share_what_falls_under_it(self):
        """Ann has many others; of the rule's customers she still gets half."""
        france = self.env.ref("base.fr")
        for _n in range(4):
            self.owing(owner=self.ann)
        self.rule("france", self.ann + self.ben, country_ids=france.ids)
        french = [self.owing(country_id=france.id) for _n in range(4)]
        self.assign()
        owners = Counter(account.collector_id for account in french)
        self.assertEqual(owners, {self.ann: 2, self.ben: 2})

    def test_one_collector_gets_everybody(self):
        self.ben.active = False
        accounts = [self.owing() for _n in range(3)]
        self.assign()
        self.assertEqual({a.collector_id for a in accounts}, {self.ann})

    def test_without_collectors_customers_stay_shown_to_all(self):
        (self.ann + self.ben).active = False
        account = self.owing()
        self.assertEqual(self.assign(), 0)
        self.assertFalse(account.collector_id)
        self.assertIn(account, self.mine(self.manager))

    # ------------------------------------------------------------------
    # Owners who left
    # ------------------------------------------------------------------

    def test_an_archived_owner_or_one_without_role_is_replaced_with_a_note(self):
        leaver = self.new_user("leaver")
        for leave in (
            lambda: leaver.write({"active": False}),
            lambda: leaver.write({"group_ids": [(5, 0, 0)]}),
            lambda: leaver.write(
                {
                    "company_ids": [(6, 0, self.other_company().ids)],
                    "company_id": self.other_company().id,
                }
            ),
        ):
            with self.subTest(), self.env.cr.savepoint() as savepoint:
                account = self.owing(owner=leaver)
                kept = self.owing(owner=self.ben)
                self.env.cr.precommit.run()  # what tracking would post here
                leave()
                self.assign()
                self.assertEqual(account.collector_id, self.ann)
                self.assertEqual(kept.collector_id, self.ben)
                note = self.last_note(account)
                self.assertIn("even sharing", note.body)
                self.assertIn(
                    "Leaver", str(note.tracking_value_ids.mapped("old_value_char"))
                )
                savepoint.rollback()
            self.env.invalidate_all()

    def test_who_left_without_a_successor_leaves_customers_to_all(self):
        account = self.owing(owner=self.ann)
        (self.ann + self.ben).active = False
        self.assertEqual(self.assign(), 1)
        self.assertFalse(account.collector_id)
        self.assertEqual(self.assign(), 0)

    def test_an_owner_chosen_by_hand_stays_whatever_the_rules_say(self):
        self.rule("all", self.ann)
        account = self.owing(owner=self.manager)
        self.assertEqual(self.assign(), 0)
        self.assertEqual(account.collector_id, self.manager)

    # ------------------------------------------------------------------
    # Companies
    # ------------------------------------------------------------------

    def other_company(self):
        if not hasattr(self, "_other"):
            self._other = self.setup_other_company(name="Other root")["company"]
        return self._other

    def test_a_rule_never_touches_another_company(self):
        other = self.other_company()
        self.rule("ours", self.ann)
        theirs = self.owing(company=other)
        self.assign()
        self.assign(other)
        self.assertFalse(theirs.collector_id)

    def test_a_collector_of_a_branch_takes_part(self):
        branch = self.env["res.company"].create(
            {"name": "Branch", "parent_id": self.company.id}
        )
        (self.ann + self.ben).active = False
        local = self.new_user("local", company=branch)
        account = self.owing()
        self.assign()
        self.assertEqual(account.collector_id, local)

    # ------------------------------------------------------------------
    # Job, preview, record
    # ------------------------------------------------------------------

    def test_the_job_works_in_batches_until_all_are_given_away(self):
        accounts = [self.owing(100 + n) for n in range(5)]
        with (
            patch.object(o2c_collector_rule_assign, "CUSTOMERS_PER_BATCH", 2),
            self.enter_registry_test_mode(),
        ):
            self.env.ref("o2c_base.ir_cron_assign_collectors").method_direct_trigger()
        self.env.invalidate_all()
        owners = Counter(account.collector_id for account in accounts)
        self.assertEqual(sorted(owners.values()), [2, 3])

    def test_batches_give_the_same_result_as_one_go(self):
        def owners():
            return [account.collector_id.id for account in accounts]

        accounts = [self.owing(100 + n) for n in range(7)]
        with self.env.cr.savepoint() as savepoint:
            self.assign()
            at_once = owners()
            savepoint.rollback()
        self.env.invalidate_all()
        with patch.object(o2c_collector_rule_assign, "CUSTOMERS_PER_BATCH", 2):
            while self.assign():
                pass
        self.assertEqual(owners(), at_once)

    def test_while_one_worker_assigns_another_does_nothing(self):
        account = self.owing()
        with self.registry.cursor() as other_worker:
            transaction.try_lock(
                other_worker, o2c_collector_rule_assign.LOCK, self.company.id
            )
            self.assertIsNone(self.assign())
            with self.assertRaises(UserError):
                self.rules._assign_now(self.company)
        self.assertFalse(account.collector_id)

    def test_the_preview_counts_and_changes_nothing_until_assigned(self):
        accounts = [self.owing(100, owner=self.ann), self.owing(50), self.owing(25)]
        model = self.env["o2c.collector.assign"].with_user(self.manager)
        preview = model.browse(
            model.with_company(self.company).action_preview()["res_id"]
        )
        rows = [
            (
                line.name,
                line.count_before,
                line.gets,
                line.count_after,
                line.amount_after,
            )
            for line in preview.line_ids
        ]
        self.assertEqual(
            rows,
            [
                ("Ann", 1, 1, 2, 125.0),
                ("Ben", 0, 1, 1, 50.0),
                ("Nobody: shown to all", 2, 0, 0, 0.0),
            ],
        )
        self.assertFalse(accounts[1].collector_id)
        notice = preview.action_assign()
        self.assertIn("2 customers", notice["params"]["message"])
        owners = [a.collector_id for a in accounts]
        self.assertEqual(owners, [self.ann, self.ben, self.ann])

    def test_much_to_assign_goes_on_in_the_background(self):
        for n in range(3):
            self.owing(100 + n)
        job = self.env.ref("o2c_base.ir_cron_assign_collectors")
        triggers = self.env["ir.cron.trigger"].sudo()
        before = triggers.search_count([("cron_id", "=", job.id)])
        with patch.object(o2c_collector_rule_assign, "CUSTOMERS_PER_BATCH", 2):
            self.assertEqual(self.rules._assign_now(self.company), (2, True))
        after = triggers.search_count([("cron_id", "=", job.id)])
        self.assertEqual(after, before + 1)

    def test_what_was_decided_is_recorded(self):
        self.rule("all", self.ann)
        account = self.owing()
        self.assign()
        event = self.env["o2c.event"].search(
            [("kind", "=", "collector_assigned"), ("debtor_id", "=", account.id)]
        )
        self.assertEqual(
            {key: event.payload[key] for key in ("collector", "before", "rule")},
            {"collector": "Ann", "before": "", "rule": "all"},
        )

    def test_the_number_of_queries_of_the_plan_does_not_grow(self):
        self.rule("large", self.ann + self.ben, amount_from=50)
        counts = []
        for size in (10, 10, 100):  # the first warms caches
            for n in range(size):
                self.owing(n)
            self.env.flush_all()
            self.env.invalidate_all()
            start = self.env.cr.sql_log_count
            self.rules.sudo()._plan(self.company)
            counts.append(self.env.cr.sql_log_count - start)
        self.assertEqual(counts[1], counts[2])
        self.assertLess(counts[2], 30)

    # ------------------------------------------------------------------
    # Rights
    # ------------------------------------------------------------------

    def test_collectors_read_rules_and_only_managers_change_and_apply_them(self):
        rule = self.rule("all", self.ann)
        for role in ("collector", "credit_manager", "auditor"):
            user = self.new_user(f"a_{role}", f"o2c_base.group_{role}")
            seen = rule.with_user(user)
            self.assertTrue(seen.read())
            for operation in ("write", "create", "unlink"):
                self.assertFalse(seen.has_access(operation))
            with self.assertRaises(AccessError):
                self.env["o2c.collector.assign"].with_user(user).action_preview()
        rule.with_user(self.manager).name = "Renamed"

    def test_another_company_sees_no_rule(self):
        rule = self.rule("all", self.ann)
        stranger = self.new_user(
            "stranger", "o2c_base.group_manager", self.other_company()
        )
        self.env.invalidate_all()
        self.assertFalse(self.rules.with_user(stranger).search([]))
        with self.assertRaises(AccessError):
            rule.with_user(stranger).read()
