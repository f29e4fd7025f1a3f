from odoo.exceptions import AccessError
from odoo.tests import tagged

from .owner_common import OwnerCommon


@tagged("post_install", "-at_install")
class TestCollectorReassign(OwnerCommon):
    """Giving chosen customers to others."""

    def reassign(self, accounts, user=None, **values):
        """Run the wizard as from the list.

        :return: the text of the result
        """
        model = self.env["o2c.collector.reassign"].with_user(user or self.manager)
        wizard = model.with_context(
            active_model="o2c.debtor",
            active_ids=accounts.ids,
            tracking_disable=False,
            mail_notrack=False,
        ).create(values)
        self.assertEqual(wizard.debtor_count, len(accounts))
        wizard.action_reassign()
        return wizard.result

    def test_chosen_people_share_evenly_and_who_has_one_keeps_him(self):
        cleo = self.new_user("cleo")
        accounts = self.debtor_model.union(
            self.owing(owner=self.ann, name="Kept"),
            *(self.owing(owner=cleo) for _n in range(3)),
        )
        text = self.reassign(
            accounts, collector_ids=[(6, 0, (self.ann + self.ben).ids)]
        )
        self.assertEqual(
            sorted(a.collector_id.name for a in accounts), ["Ann", "Ann", "Ben", "Ben"]
        )
        self.assertEqual(accounts[0].collector_id, self.ann)
        self.assertIn("3 customers reassigned", text)
        self.assertIn("Ben: 2", text)
        self.assertIn("1 skipped, already with a chosen collector: Kept", text)

    def test_by_rules_moves_only_whom_the_rules_would_not_leave_there(self):
        self.rule("large", self.ann, amount_from=100)
        large = self.owing(100, owner=self.ben)
        right = self.owing(200, owner=self.ann, name="Right")
        small = self.owing(5, owner=self.manager)
        untouched = self.owing(100, owner=self.ben)
        text = self.reassign(large + right + small, mode="rules")
        self.assertEqual(large.collector_id, self.ann)
        self.assertIn(small.collector_id, self.ann + self.ben)
        self.assertEqual(untouched.collector_id, self.ben)
        self.assertIn("2 customers reassigned", text)
        self.assertIn("already where the rules want him: Right", text)

    def test_by_rules_without_anybody_leaves_the_owner(self):
        account = self.owing(owner=self.manager, name="Alone")
        (self.ann + self.ben).active = False
        text = self.reassign(account, mode="rules")
        self.assertEqual(account.collector_id, self.manager)
        self.assertIn("0 customers reassigned", text)
        self.assertIn("no rule fits and nobody takes part in sharing: Alone", text)

    def test_who_cannot_own_them_gets_none(self):
        other = self.setup_other_company(name="Other root")["company"]
        stranger = self.new_user("stranger", company=other)
        account = self.owing(name="Ours")
        text = self.reassign(account, collector_ids=[(6, 0, stranger.ids)])
        self.assertFalse(account.collector_id)
        self.assertIn("no chosen collector has a role and access there: Ours", text)

    def test_it_leaves_a_note_and_an_event(self):
        account = self.owing(owner=self.ann)
        self.env.cr.precommit.run()
        self.reassign(account, collector_ids=[(6, 0, self.ben.ids)])
        note = self.last_note(account)
        self.assertIn("Reassigned by hand", note.body)
        self.assertEqual(note.author_id, self.manager.partner_id)
        event = self.env["o2c.event"].search(
            [("kind", "=", "collector_assigned"), ("debtor_id", "=", account.id)]
        )
        self.assertEqual(event.payload["before"], "Ann")
        self.assertEqual(event.user_number, self.manager.id)

    def test_collectors_may_and_others_may_not(self):
        account = self.owing()
        values = {"collector_ids": [(6, 0, self.ben.ids)]}
        self.reassign(account, user=self.ann, **values)
        self.assertEqual(account.collector_id, self.ben)
        auditor = self.new_user("auditor", "o2c_base.group_auditor")
        plain = self.new_user("plain", "base.group_user")
        for user in (auditor, plain):
            with self.assertRaises(AccessError):
                self.reassign(account, user=user, **values)

    def test_a_hostile_caller_reaches_no_other_company(self):
        other = self.setup_other_company(name="Other root")["company"]
        theirs = self.owing(company=other)
        wizard = self.env["o2c.collector.reassign"].with_user(self.ann)
        with self.assertRaises(AccessError):
            wizard.create(
                {
                    "debtor_ids": [(6, 0, theirs.ids)],
                    "collector_ids": [(6, 0, self.ann.ids)],
                }
            ).action_reassign()
        self.assertFalse(theirs.collector_id)
