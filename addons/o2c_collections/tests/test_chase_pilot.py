from odoo.exceptions import AccessError
from odoo.tests import tagged

from .chase_common import ChaseCommon

CONTACTS = ("planned", "claimed", "queued", "done")


@tagged("post_install", "-at_install")
class TestChasePilot(ChaseCommon):
    """While a pilot is on, nobody is contacted who was not invited."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.sudo().o2c_pilot = True
        cls.collector = cls.new_user("pilot_collector", "o2c_base.group_collector")
        cls.manager = cls.new_user("pilot_manager", "o2c_base.group_manager")
        cls.guest = cls.new_debtor("Guest")
        cls.late(100, days=5)
        cls.late(100, days=5, partner=cls.guest)

    def setUp(self):
        super().setUp()
        self.refresh()

    def messages(self, partner=None):
        return self.engine["o2c.chase.message"].search(
            [("debtor_id", "=", self.debtor(partner).id)]
        )

    def send(self):
        """The sending job; core's test mode takes what it hands over."""
        with self.enter_registry_test_mode(), self.registry.cursor() as cr:
            self.engine(cr=cr)["o2c.chase.message"]._cron_send()
        self.engine.invalidate_all()

    def test_only_the_invited_are_contacted(self):
        self.debtor(self.guest).with_user(self.collector).action_invite()
        for day in (0, 8, 16, 40):
            with self.on_day(day):
                self.run_chase()
                self.send()
        self.assertEqual(self.messages(self.guest).mapped("state"), ["sent"] * 3)
        self.assertFalse(self.messages())
        self.assertFalse(self.actions(("state", "in", CONTACTS)))
        self.assertFalse(self.debtor().activity_ids)
        self.assertEqual(self.standing(), (1, 0))

    def test_what_would_have_been_sent_is_listed_once_per_level(self):
        self.run_chase()
        with self.on_day(1):
            self.run_chase()
        listed = self.actions()
        self.assertRecordValues(
            listed,
            [
                {
                    "level": 1,
                    "channel": "email",
                    "state": "skipped",
                    "reason": "not_in_pilot",
                    "recipient_email": "pay@bolt.example",
                    "amount_due": 100,
                }
            ],
        )

    def test_the_run_says_how_many_are_in_shadow(self):
        run = self.run_chase()
        self.assertTrue(run.is_pilot)
        self.assertEqual(run.counts["not_in_pilot"]["outcome"], "shadow")
        self.assertEqual(run.counts["not_in_pilot"]["count"], 2)
        self.assertEqual(run.planned_count, 0)
        action = run.with_user(self.collector).action_open_shadow()
        self.assertEqual(action["context"], {"search_default_shadow": 1})

    def test_who_is_invited_later_begins_at_the_first_level(self):
        self.run_chase()
        with self.on_day(30):
            self.debtor().with_user(self.collector).action_invite()
            self.chase()
        self.assertEqual(self.story(), [(1, "email", "skipped"), (1, "email", "done")])

    def test_a_message_that_waits_when_the_pilot_begins_stays_here(self):
        self.company.sudo().o2c_pilot = False
        self.run_chase()
        message = self.messages()
        self.assertEqual(message.state, "outgoing")
        self.company.sudo().o2c_pilot = True
        self.send()
        self.assertEqual((message.state, message.reason), ("cancelled", "not_in_pilot"))
        self.assertEqual(self.actions().mapped("state"), ["skipped"])

    def test_a_person_s_second_try_does_not_reach_the_uninvited_either(self):
        self.company.sudo().o2c_pilot = False
        self.run_chase()
        message = self.messages()
        message._set_sending()
        message._set_unknown()
        self.company.sudo().o2c_pilot = True
        message.with_user(self.collector).action_send_again()
        self.assertEqual((message.state, message.reason), ("cancelled", "not_in_pilot"))

    def test_a_planned_step_is_dropped_when_the_pilot_begins(self):
        self.company.sudo().o2c_pilot = False
        run = self.engine["o2c.chase.run"]
        with self.enter_registry_test_mode():
            run._evaluate_and_plan(self.company.id, "manual")
        self.assertEqual(self.story(), [(1, "email", "planned")])
        self.company.sudo().o2c_pilot = True
        self.actions()._perform()
        self.assertEqual(self.story(), [(1, "email", "skipped")])
        self.assertFalse(self.messages())

    def test_reminders_before_the_due_date_and_per_invoice_obey_it(self):
        soon = self.new_plan([(1, -5), (2, 3)], basis="invoice")
        for partner in (self.customer, self.guest):
            self.give_plan(soon, partner)
            self.late(50, days=-3, partner=partner)
        self.debtor(self.guest).is_pilot = True
        self.refresh()
        for day in (0, 1, 7):
            with self.on_day(day):
                self.run_chase()
                self.send()
        self.assertTrue(self.messages(self.guest))
        self.assertFalse(self.messages())
        listed = self.actions()
        self.assertEqual(set(listed.mapped("state")), {"skipped"})
        self.assertEqual(set(listed.mapped("reason")), {"not_in_pilot"})
        keys = listed.mapped(lambda a: (a.cycle, a.level, a.item_id))
        self.assertEqual(len(keys), len(set(keys)))

    def test_a_planned_call_is_dropped_too(self):
        self.company.sudo().o2c_pilot = False
        for partner in (self.customer, self.guest):
            plan = self.new_plan(
                [(1, 3, {"channel": "call"})],
                basis="invoice" if partner == self.guest else "customer",
            )
            self.give_plan(plan, partner)
        run = self.engine["o2c.chase.run"]
        with self.enter_registry_test_mode():
            run._evaluate_and_plan(self.company.id, "manual")
        self.company.sudo().o2c_pilot = True
        steps = self.actions() + self.actions(partner=self.guest)
        self.assertEqual(len(steps), 2)
        steps._perform()
        self.assertEqual(set(steps.mapped("state")), {"skipped"})
        self.assertFalse(self.debtor().activity_ids)
        self.assertFalse(self.debtor(self.guest).activity_ids)

    def test_scheduled_statements_wait_too(self):
        statement = self.engine["o2c.statement"].new(
            {"debtor_id": self.debtor().id, "company_id": self.company.id}
        )
        day = self.company._o2c_today()
        self.assertEqual(statement._obstacle(self.customer, day), "not_in_pilot")
        self.debtor().is_pilot = True
        self.assertFalse(statement._obstacle(self.customer, day))

    def test_a_pilot_of_one_company_is_none_of_another(self):
        other = self.setup_other_company()["company"]
        other.sudo().write(
            {"email": "b@x.example", "o2c_sending": True, "o2c_chase_from": False}
        )
        self.new_plan([(1, 3)], company_id=other.id)
        self.late(100, days=5, company=other)
        self.refresh()
        decision = self.decide(company=other)
        self.assertEqual(decision["outcome"], "due")

    def test_people_with_a_role_invite_and_the_customer_keeps_the_trace(self):
        account = self.debtor().with_user(self.collector)
        result = (account + self.debtor(self.guest)).with_user(self.collector)
        self.assertIn("2", result.action_invite()["params"]["message"])
        self.assertEqual(account.chase_reason, "due")
        self.assertIn("0", account.action_invite()["params"]["message"])
        account.action_withdraw()
        self.assertFalse(account.is_pilot)
        kinds = self.engine["o2c.event"].search(
            [("debtor_id", "=", account.id), ("kind", "like", "pilot")], order="id"
        )
        self.assertEqual(kinds.mapped("kind"), ["pilot_invited", "pilot_withdrawn"])
        auditor = self.new_user("pilot_auditor", "o2c_base.group_auditor")
        with self.assertRaises(AccessError):
            account.with_user(auditor).action_invite()

    def test_only_managers_begin_and_end_a_pilot(self):
        runs = self.env["o2c.chase.run"]
        with self.assertRaises(AccessError):
            runs.with_user(self.collector).action_pilot_off()
        self.assertTrue(self.company.sudo().o2c_pilot)
        runs.with_user(self.manager).with_company(self.company).action_pilot_off()
        self.assertFalse(self.company.sudo().o2c_pilot)
        event = self.engine["o2c.event"].search([("kind", "=", "pilot_off")])
        self.assertEqual(event.res_id, self.company.id)

    def test_of_two_merged_customers_both_must_be_invited(self):
        for invited, stays in ((True, True), (False, False)):
            with self.subTest(invited=invited), self.env.cr.savepoint() as savepoint:
                source, target = self.debtor(), self.debtor(self.guest)
                source.is_pilot, target.is_pilot = invited, True
                source.sudo()._merge_into(target.sudo())
                self.assertEqual(target.is_pilot, stays)
                savepoint.rollback()
                self.env.invalidate_all()

    def test_the_overview_tells_of_the_pilot(self):
        self.debtor(self.guest).is_pilot = True
        self.env.flush_all()
        overview = self.env["o2c.overview"].with_user(self.manager)
        pilot = overview.get_panel("health")["pilot"]
        self.assertIn("(1)", pilot["label"])
        found = overview.env["o2c.debtor"].search(pilot["link"]["domain"])
        self.assertEqual(found.partner_id, self.guest)
        self.company.sudo().o2c_pilot = False
        self.assertIsNone(overview.get_panel("health")["pilot"])
