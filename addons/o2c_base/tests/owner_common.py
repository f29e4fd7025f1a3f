from odoo.tests import new_test_user

from .segment_common import SegmentCommon


class OwnerCommon(SegmentCommon):
    """Collectors Ann and Ben, a manager, and customers who owe."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.rules = cls.env["o2c.collector.rule"]
        cls.absences = cls.env["o2c.collector.absence"]
        cls.ann = cls.new_user("ann")
        cls.ben = cls.new_user("ben")
        cls.manager = cls.new_user("manager", "o2c_base.group_manager")

    @classmethod
    def new_user(cls, login, groups="o2c_base.group_collector", company=None):
        company = company or cls.company
        return new_test_user(
            cls.env,
            login=f"owner_{login}",
            name=login.title(),
            groups=groups,
            company_id=company.id,
            company_ids=[(6, 0, company.ids)],
        )

    @classmethod
    def rule(cls, name, collectors, **values):
        return cls.rules.create(
            {
                "name": name,
                "company_id": cls.company.id,
                "collector_ids": [(6, 0, collectors.ids)],
                **values,
            }
        )

    @classmethod
    def owing(cls, amount=100, owner=None, company=None, partner=None, **contact):
        """An account of somebody with an open item."""
        partner = partner or cls.new_customer(
            contact.pop("name", "Somebody"), **contact
        )
        return cls.account(
            partner=partner,
            company=company,
            amount_outstanding=amount,
            date_oldest_due="2026-06-01",
            collector_id=owner.id if owner else False,
        )

    def assign(self, company=None):
        """Assign as the job does.

        :return: number of customers assigned
        """
        noted = self.rules.sudo().with_context(
            tracking_disable=False, mail_notrack=False
        )
        return noted._assign_batch(company or self.company)

    def last_note(self, account):
        """The newest message of a timeline."""
        self.env.cr.precommit.run()  # tracking posts here
        self.env.invalidate_all()
        return account.sudo().message_ids[:1]

    def absence(self, user, substitute, start="2026-06-15", end="2026-06-20", **values):
        return self.absences.create(
            {
                "user_id": user.id,
                "substitute_id": substitute.id,
                "company_id": self.company.id,
                "date_from": start,
                "date_to": end,
                **values,
            }
        )

    def mine(self, user):
        """What the filter My customers finds."""
        accounts = self.debtor_model.with_user(user).with_company(user.company_id)
        return accounts.search([("is_mine", "=", True)]).sudo()
