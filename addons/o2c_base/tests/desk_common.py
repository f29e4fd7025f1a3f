from lxml import etree

from odoo.tests import new_test_user

from .common import ReceivablesCommon


class DeskCommon(ReceivablesCommon):
    """A customer account with a bit of everything, and users of each role."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other = cls.setup_other_company(name="Other root")["company"]
        cls.branch = cls.env["res.company"].create(
            {"name": "Branch", "parent_id": cls.company.id}
        )
        cls.cr.precommit.run()  # the branch gets its root's chart of accounts
        cls.invoice(100, due="2026-05-01")
        cls.invoice(50, due="2026-07-01")
        cls.account = cls.debtor_model._ensure([(cls.customer, cls.company)])
        cls.collector = cls.new_user("collector", "o2c_base.group_collector")
        cls.auditor = cls.new_user("auditor", "o2c_base.group_auditor")
        cls.stranger = cls.new_user(
            "stranger", "o2c_base.group_collector", company=cls.other
        )
        cls.plain = cls.new_user("plain", "base.group_user")
        cls.portal = cls.new_user("portal", "base.group_portal")
        cls.env.flush_all()

    @classmethod
    def new_user(cls, login, groups, company=None, companies=None):
        company = company or cls.company
        return new_test_user(
            cls.env,
            login=f"desk_{login}",
            groups=groups,
            company_id=company.id,
            company_ids=[(6, 0, (companies or company).ids)],
        )

    def seen_by(self, user, record=None):
        """The account as a user finds it, with nothing in any cache."""
        self.env.flush_all()
        self.env.invalidate_all()
        record = record or self.account
        return record.with_user(user).with_context(
            allowed_company_ids=user.company_ids.ids
        )

    def read_form(self, user, record=None):
        """What the client reads when the form is opened."""
        seen = self.seen_by(user, record)
        arch = etree.fromstring(seen.get_view(view_type="form")["arch"])
        return seen.web_read(self._specification(arch))[0]

    def _specification(self, view):
        """What the client asks for: a view's fields, and those of embedded lists."""
        specification = {}
        for field in view.xpath(".//field"):
            outer = field.xpath("ancestor::field[1]")
            if outer and view in outer[0].iterancestors():
                continue
            embedded = field.find("list")
            specification[field.get("name")] = (
                {}
                if embedded is None
                else {"fields": self._specification(embedded), "limit": 20}
            )
        return specification
