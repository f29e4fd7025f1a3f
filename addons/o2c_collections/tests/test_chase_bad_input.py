from odoo.tests import tagged

from .chase_common import ChaseCommon


@tagged("post_install", "-at_install")
class TestChaseBadInput(ChaseCommon):
    """Each of these gives a reason that says what to do, and the rest goes on."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.good = cls.new_debtor("Good")
        cls.late(70, days=5, partner=cls.good)
        cls.late(100, days=5)

    def assert_the_rest_goes_on(self, reason, *words, run=None):
        """The good customer is served once, ours has the reason and its advice."""
        run = run or self.chase()
        self.assertEqual(run.state, "done")
        self.assertEqual(self.story(self.good), [(1, "email", "done")])
        debtor = self.debtor()
        self.assertEqual(debtor.chase_reason, reason)
        self.assertTrue(debtor.next_action_date)
        labels = dict(debtor._fields["chase_reason"]._description_selection(self.env))
        for word in words:
            self.assertIn(word, labels[reason])
        self.chase()
        self.assertEqual(len(self.actions(partner=self.good)), 1)
        return run

    def own_plan(self, levels):
        self.refresh()
        self.give_plan(self.new_plan(levels, name="Own", sequence=99))

    def test_a_plan_without_levels(self):
        self.own_plan([])
        self.assert_the_rest_goes_on("no_levels", "add one")
        self.assertFalse(self.actions())

    def test_a_level_without_template(self):
        self.own_plan([(1, 3, {"template_id": False})])
        self.assert_the_rest_goes_on("no_template", "choose one")
        self.assertFalse(self.actions())

    def test_a_customer_without_an_address_is_called(self):
        self.customer.email = False
        self.assert_the_rest_goes_on("no_address", "enter an address")
        self.assertEqual(self.story(), [(1, "call", "queued")])
        self.assertIn("No e-mail address", self.actions().activity_id.note)

    def test_a_customer_with_two_addresses_in_one_field_is_called(self):
        self.customer.email = "a@bolt.example, b@bolt.example"
        self.assert_the_rest_goes_on("several_addresses", "keep one")
        self.assertEqual(self.story(), [(1, "call", "queued")])

    def test_a_customer_with_a_broken_address_is_called(self):
        self.customer.email = "pay at bolt"
        self.assert_the_rest_goes_on("bad_address", "correct it")
        self.assertEqual(self.story(), [(1, "call", "queued")])

    def test_a_customer_without_language_is_written_to_in_the_company_s(self):
        self.customer.lang = False
        self.run_chase()
        self.assertEqual(self.debtor().chase_reason, "no_language")
        self.assertEqual(self.actions().message_id.language, "en_US")
        self.deliver()
        self.assertEqual(self.story(), [(1, "email", "done")])

    def test_an_archived_customer_waits_for_a_person(self):
        self.refresh()
        self.customer.active = False
        self.assert_the_rest_goes_on("archived", "unarchive")
        self.assertFalse(self.actions())

    def test_a_currency_without_a_rate_is_chased_and_mentioned(self):
        crowns = self.env["res.currency"].create({"name": "XTS", "symbol": "X"})
        self.late(40, days=5, currency_id=crowns.id)
        self.run_chase()
        self.assertEqual(self.debtor().chase_reason, "no_rate")
        totals = self.actions().message_id.figures["totals"]
        self.assertEqual(
            {total["currency"]: total["amount"] for total in totals},
            {self.company.currency_id.name: 100, "XTS": 40},
        )

    def test_a_company_without_a_chart_of_accounts_says_so(self):
        bare = self.engine["res.company"].create({"name": "Bare"})
        run = self.run_chase(bare)
        self.assertEqual(run.state, "done")
        self.assertEqual(run.evaluated_count, 0)
        self.assertEqual(
            run.problems,
            "Bare has no chart of accounts: install one in the accounting settings.",
        )
        self.assertFalse(self.run_chase().problems)

    def test_a_template_that_does_not_render(self):
        self.own_plan([(1, 3)])
        template = self.plan.step_ids[0].template_id.copy()
        template.body_html = "<p t-out='object.there_is_no_such_field'/>"
        self.debtor().plan_id.step_ids.template_id = template
        run = self.run_chase()
        self.deliver()
        self.assertEqual(self.story(self.good), [(1, "email", "done")])
        [action] = self.actions()
        self.assertEqual((action.state, action.reason), ("skipped", "template_error"))
        self.assertEqual(run.problems.splitlines(), [f"Bolt: {action.error}"])
        self.assertIn(template.name, run.problems)
        # Mended, it goes out, and only once.
        template.body_html = "<p>Please pay.</p>"
        with self.on_day(1):
            run = self.chase()
        self.assertFalse(run.problems)
        self.assertEqual(self.story()[-1], (1, "email", "done"))
        messages = self.engine["o2c.chase.message"].search([])
        self.assertEqual(len(messages), 2)

    def test_all_of_it_at_once_stops_nobody(self):
        """A dozen defects in one run: nothing raised, each has its reason."""
        defects = {
            "no_address": {"email": False},
            "several_addresses": {"email": "a@x.example;b@x.example"},
            "bad_address": {"email": "nobody"},
            "no_language": {"lang": False},
            "archived": {"active": False},
        }
        partners = {}
        for reason, values in defects.items():
            partner = partners[reason] = self.new_debtor(reason)
            self.late(100, days=5, partner=partner)
            partner.write(values)
        run = self.run_chase()
        self.assertFalse(run.problems)
        for reason, partner in partners.items():
            self.assertEqual(self.debtor(partner).chase_reason, reason)
        self.deliver()
        self.assertEqual(self.story(self.good), [(1, "email", "done")])
