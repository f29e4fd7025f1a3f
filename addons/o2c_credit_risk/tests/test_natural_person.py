from odoo import SUPERUSER_ID
from odoo.exceptions import UserError
from odoo.tests import tagged

from .release_common import ReleaseCommon


@tagged("post_install", "-at_install")
class TestNaturalPerson(ReleaseCommon):
    """A person is never refused by the machine alone."""

    def test_the_hold_says_that_a_human_must_decide(self):
        hold = self.held()
        self.assertTrue(hold.is_natural_person)
        self.assertIn("a human must decide", hold.activity_ids.note)
        told = self.env["mail.message"].search(
            [("model", "=", "sale.order"), ("res_id", "=", hold.sale_order_id.id)]
        )
        self.assertTrue(
            any("a human must decide" in text for text in told.mapped("body"))
        )

    def test_of_a_company_it_says_nothing(self):
        works = self.new_customer("Works", is_company=True)
        self.give_limit(100.0, works)
        hold = self.held(partner=works)
        self.assertFalse(hold.is_natural_person)
        self.assertNotIn("human", hold.activity_ids.note)

    def test_no_job_refuses_a_person(self):
        hold = self.held()
        with self.assertRaisesRegex(UserError, "a human must decide"):
            hold.with_user(SUPERUSER_ID).action_refuse("too risky")
        self.assertEqual(hold.state, "held")
        hold.with_user(self.credit_manager).action_refuse("no answer")
        self.assertEqual(
            (hold.state, hold.decided_by_id), ("refused", self.credit_manager)
        )

    def test_of_a_company_a_rule_may_refuse(self):
        works = self.new_customer("Works", is_company=True)
        self.give_limit(100.0, works)
        hold = self.held(partner=works)
        hold.with_user(SUPERUSER_ID).action_refuse("too risky")
        self.assertEqual(hold.state, "refused")

    def test_the_worst_class_holds_a_person_and_does_not_refuse(self):
        self.env["o2c.credit.policy"].create(
            {
                "name": "Poor",
                "code": "poor",
                "company_id": self.company.id,
                "risk_class": "E",
                "is_default_zero": True,
                "sequence": 1,
            }
        )
        person = self.new_customer("Person")
        debtor = self.account(person).sudo()
        debtor.risk_class = "E"
        debtor._refresh_credit_limit()
        hold = self.held(10.0, partner=person)
        self.recheck()
        self.assertEqual(hold.state, "held", "it waits until somebody decides")
