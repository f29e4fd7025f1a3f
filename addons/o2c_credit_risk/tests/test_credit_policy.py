from psycopg2 import IntegrityError

from odoo.exceptions import AccessError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .limit_common import LimitCommon


@tagged("post_install", "-at_install")
class TestCreditPolicy(LimitCommon):
    """Which policy is whose, and who may approve by it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.standard = cls.env.ref("o2c_credit_risk.policy_standard")

    def policy(self, code, **values):
        return self.env["o2c.credit.policy"].create(
            {"name": code, "code": code, "company_id": self.company.id, **values}
        )

    def policy_of(self, debtor=None):
        debtor = debtor or self.account()
        return self.env["o2c.credit.policy"]._for_debtors(debtor)[debtor]

    def test_the_shipped_policy_enables_the_over_limit_rule_only(self):
        rules = [name for name in self.standard._fields if name.endswith("_active")]
        self.assertGreaterEqual(len(rules), 5, "add-ons bring further ones")
        on = [name for name in rules if self.standard[name]]
        self.assertEqual(on, ["over_limit_active"])
        self.assertFalse(self.standard.default_limit or self.standard.is_default_zero)

    def test_the_first_policy_that_fits_segment_and_class_wins(self):
        segment = self.env["o2c.segment"].create(
            {"name": "Key", "code": "key", "company_id": self.company.id}
        )
        key = self.policy("key", segment_id=segment.id, sequence=1)
        self.policy("poor", risk_class="E", sequence=2)
        debtor = self.account()
        debtor.sudo().write({"segment_id": False})
        self.assertEqual(self.policy_of(debtor), self.standard)
        debtor.sudo().write({"segment_id": segment.id})
        self.assertEqual(self.policy_of(debtor), key)
        key.active = False
        self.assertEqual(self.policy_of(debtor), self.standard)

    def test_policies_of_other_companies_are_theirs(self):
        other = self.setup_other_company()["company"]
        theirs = (
            self.env["o2c.credit.policy"]
            .sudo()
            .create({"name": "T", "code": "t", "company_id": other.id, "sequence": 1})
        )
        self.assertEqual(self.policy_of(), self.standard)
        there = self.account(company=other)
        self.assertEqual(self.policy_of(there), theirs)

    def test_codes_are_unique_per_company(self):
        self.policy("a")
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaises(IntegrityError),
            self.env.cr.savepoint(),
        ):
            self.policy("a")
        self.policy("a", company_id=False)

    def test_bad_policies_are_refused(self):
        with self.assertRaises(ValidationError), self.env.cr.savepoint():
            self.policy("a", default_limit=-1)
        with self.assertRaises(ValidationError), self.env.cr.savepoint():
            self.policy("b", overdue_days=-1)
        branch = self.env["res.company"].create(
            {"name": "Branch", "parent_id": self.company.id}
        )
        with self.assertRaises(ValidationError), self.env.cr.savepoint():
            self.policy("c", company_id=branch.id)
        with self.assertRaises(ValidationError), self.env.cr.savepoint():
            self.policy("d", level_ids=[(0, 0, {"amount": -1})])

    def test_who_may_approve(self):
        may = self.standard._may_approve
        self.assertTrue(may(self.credit_manager, 1e9), "no levels: any amount")
        self.assertFalse(may(self.salesman, 1))
        self.standard.level_ids = [
            (0, 0, {"amount": 100, "user_ids": [(4, self.credit_manager.id)]})
        ]
        self.assertTrue(may(self.credit_manager, 100))
        self.assertFalse(may(self.credit_manager, 100.01))
        other = self.new_user("second", "o2c_base.group_credit_manager")
        self.assertFalse(may(other, 1))
        self.credit_manager.active = False
        self.assertFalse(may(self.credit_manager, 1))

    def test_only_managers_write_policies(self):
        with self.assertRaises(AccessError):
            self.standard.with_user(self.credit_manager).default_limit = 1

    def test_limits_and_classes_stand_on_the_timeline(self):
        self.active_limit(5000)
        self.invoice(10)
        self.refresh()
        self.account().sudo()._judge_now()
        titles = [row["title"] for row in self.account().timeline_rows()]
        self.assertTrue(any("Base limit" in title for title in titles), titles)
        self.assertIn("Risk class – to C", titles)

    def test_a_limit_in_a_currency_without_decimals_is_rounded_by_it(self):
        yen = self.env.ref("base.JPY")
        yen.active = True
        self.env["res.currency.rate"].create(
            {
                "currency_id": yen.id,
                "name": "2026-06-01",
                "rate": 3.0,
                "company_id": self.company.id,
            }
        )
        limit = self.limit(1000.4, currency_id=yen.id)
        self.assertEqual((limit.amount, limit.amount_company), (1000, 333.33))
