from odoo import Command
from odoo.tests import new_test_user

from .chase_common import TODAY_DATE, ChaseCommon


class WorklistCommon(ChaseCommon):
    """A late customer, and the people who look at the worklist."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.late(1000, days=45)
        cls.collector = cls.person("collector", "o2c_base.group_collector")
        cls.auditor = cls.person("auditor", "o2c_base.group_auditor")

    @classmethod
    def person(cls, login, group, company=None):
        company = company or cls.company
        return new_test_user(
            cls.engine,
            login=f"worklist_{login}",
            groups=group,
            company_id=company.id,
            company_ids=[Command.set(company.ids)],
        )

    def row(self, partner=None, user=None):
        self.refresh()
        self.env.invalidate_all()
        rows = self.env["o2c.worklist"].with_user(user or self.env.user)
        return rows.search([("partner_id", "=", (partner or self.customer).id)])

    def status(self, partner=None):
        return self.row(partner).status

    def call_due(self, day=TODAY_DATE, partner=None):
        return self.debtor(partner).activity_schedule(
            "mail.mail_activity_data_call",
            date_deadline=day,
            user_id=self.collector.id,
        )

    def settle(self):
        """The customer pays everything."""
        owed = [("partner_id", "=", self.customer.id)]
        self.pay(self.env["account.move"].search(owed))
