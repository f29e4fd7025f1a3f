from odoo import Command
from odoo.tests import new_test_user

from .common import ReceivablesCommon


class SegmentCommon(ReceivablesCommon):
    """A company without the shipped segments, and short words for rules."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.segments = cls.env["o2c.segment"]
        cls.memberships = cls.env["o2c.segment.membership"]
        cls.segments.search([]).active = False

    @classmethod
    def segment(cls, code, *conditions, **values):
        """A segment; a condition is (measure, operator, value)."""
        return cls.segments.create(
            {
                "name": code.title(),
                "code": code,
                "company_id": cls.company.id,
                "condition_ids": [
                    Command.create({"measure": m, "operator": o, "value": v})
                    for m, o, v in conditions
                ],
                **values,
            }
        )

    @classmethod
    def account(cls, name="Somebody", company=None, partner=None, **facts):
        """A customer account with these figures stored."""
        partner = partner or cls.new_customer(name)
        account = cls.debtor_model._ensure([(partner, company or cls.company)])
        account.write(facts)
        return account

    def apply(self, company=None):
        return self.segments.sudo()._apply(company or self.company)

    @classmethod
    def new_user(cls, login, groups, company=None):
        company = company or cls.company
        return new_test_user(
            cls.env,
            login=f"segment_{login}",
            groups=groups,
            company_id=company.id,
            company_ids=[(6, 0, company.ids)],
        )

    @classmethod
    def new_manager(cls):
        return cls.new_user("manager", "o2c_base.group_manager")
