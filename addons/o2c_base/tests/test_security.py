from odoo.exceptions import AccessError, ValidationError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from .common import ReceivablesCommon

MODELS = ("o2c.debtor", "o2c.open.item", "o2c.event")
KEPT = {"o2c.debtor": {"write"}}  # what a collector may do besides reading


@tagged("post_install", "-at_install", "o2c_boundary")
class TestSecurity(ReceivablesCommon):
    """Who sees and changes what: by role, by company, by identity."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other = cls.setup_other_company(name="Other root")["company"]
        cls.branch = cls.env["res.company"].create(
            {"name": "Branch", "parent_id": cls.company.id}
        )
        cls.cr.precommit.run()  # the branch gets its root's chart of accounts
        cls.collector = cls.new_user("collector", "o2c_base.group_collector")
        cls.stranger = cls.new_user(
            "stranger", "o2c_base.group_collector", company=cls.other
        )
        cls.auditor = cls.new_user("auditor", "o2c_base.group_auditor")
        cls.manager = cls.new_user("manager", "o2c_base.group_manager")
        cls.move = cls.invoice(100, due="2026-06-01")
        cls.account = cls.debtor_model._ensure([(cls.customer, cls.company)])
        cls.account._refresh_facts()
        cls.env["o2c.event"]._record("tested", cls.account)
        cls.records = {
            "o2c.debtor": cls.account,
            "o2c.open.item": cls.items_model.search([("move_id", "=", cls.move.id)]),
            "o2c.event": cls.env["o2c.event"].search(
                [("debtor_id", "=", cls.account.id)]
            ),
        }

    @classmethod
    def new_user(cls, login, groups, company=None):
        return new_test_user(
            cls.env,
            login=f"security_{login}",
            groups=groups,
            company_id=(company or cls.company).id,
            company_ids=[(6, 0, (company or cls.company).ids)],
        )

    def model(self, name, user):
        company = user.company_id
        return (
            self.env[name].with_user(user).with_context(allowed_company_ids=company.ids)
        )

    # ------------------------------------------------------------------
    # Companies
    # ------------------------------------------------------------------

    def test_a_collector_sees_his_company(self):
        for name, record in self.records.items():
            found = self.model(name, self.collector).search([])
            self.assertIn(record, found, name)
            self.assertEqual(found.company_id, self.company, name)
            self.assertTrue(found.read())

    def test_a_collector_of_another_company_finds_nothing(self):
        for name, record in self.records.items():
            model = self.model(name, self.stranger)
            domain = [("company_id", "=", self.company.id)]
            self.assertFalse(model.search(domain), name)
            self.assertEqual(model.search_count(domain), 0, name)
            self.assertFalse(model.search([("id", "in", record.ids)]), name)
            self.assertFalse(model.search_read(domain), name)
            self.assertEqual(
                model.formatted_read_group(domain, aggregates=["__count"]),
                [{"__count": 0, "__extra_domain": [(1, "=", 1)]}],
                name,
            )
            self.assertNotIn(
                record.id, [found for found, _label in model.name_search("", limit=0)]
            )
            with self.assertRaises(AccessError, msg=name):
                model.browse(record.ids).read()

    def test_searching_by_name_finds_only_the_own_companys_customers(self):
        found = self.model("o2c.debtor", self.collector).name_search("Customer")
        self.assertIn(self.account.id, [number for number, _name in found])
        self.assertFalse(
            self.model("o2c.debtor", self.stranger).name_search("Customer")
        )

    def test_forged_companies_in_the_context_open_nothing(self):
        for name in MODELS:
            forged = self.model(name, self.stranger).with_context(
                allowed_company_ids=(self.company + self.other).ids
            )
            with self.assertRaises(AccessError, msg=name):
                forged.search([])

    def test_a_past_date_in_the_context_opens_no_other_company(self):
        model = self.model("o2c.open.item", self.stranger)
        self.assertFalse(
            model.with_context(o2c_as_of="2026-06-15").search(
                [("company_id", "=", self.company.id)]
            )
        )

    def test_a_branch_user_sees_the_roots_account_and_his_branchs_items(self):
        user = self.new_user("branch", "o2c_base.group_collector", company=self.branch)
        self.invoice(7, company=self.branch)
        self.env.flush_all()
        account = self.model("o2c.debtor", user).search([])
        self.assertEqual(account, self.account)
        self.assertEqual(account.read(["display_name"])[0]["display_name"], "Customer")
        items = self.model("o2c.open.item", user).search([])
        self.assertEqual(items.mapped("amount_residual"), [7.0])
        self.assertTrue(account.read())

    def test_an_account_shows_its_name_where_the_contact_is_closed(self):
        """A contact private to the branch; his account belongs to the root."""
        contact = self.new_customer("Private", company_id=self.branch.id)
        self.invoice(7, partner=contact, company=self.branch)
        account = self.debtor_model._ensure([(contact, self.branch)])
        self.env.flush_all()
        self.env.invalidate_all()
        seen = self.model("o2c.debtor", self.collector).browse(account.id)
        with self.assertRaises(AccessError):
            seen.partner_id.read(["name"])
        self.assertEqual(seen.display_name, "Private")
        self.assertEqual(seen.read(["partner_id"])[0]["partner_id"][1], "Private")

    # ------------------------------------------------------------------
    # Roles
    # ------------------------------------------------------------------

    def test_an_auditor_reads_everything_and_writes_nothing(self):
        for name, record in self.records.items():
            seen = self.model(name, self.auditor).browse(record.ids)
            self.assertTrue(seen.read(), name)
            for operation in ("write", "create", "unlink"):
                self.assertFalse(seen.has_access(operation), f"{name} {operation}")
        account = self.model("o2c.debtor", self.auditor).browse(self.account.id)
        for attempt in (
            lambda: account.write({"collector_id": self.auditor.id}),
            lambda: account.message_post(body="I was here"),
            lambda: account.activity_schedule("mail.mail_activity_data_todo"),
            lambda: account.unlink(),
        ):
            with self.assertRaises(AccessError), mute_logger("odoo.models.unlink"):
                attempt()

    def test_a_collector_writes_only_what_is_his_to_decide(self):
        account = self.model("o2c.debtor", self.collector).browse(self.account.id)
        account.write({"collector_id": self.collector.id})
        account.message_post(body="Called him")
        self.assertEqual(account.collector_id, self.collector)
        for name, value in (
            ("amount_outstanding", 0),
            ("amount_overdue", 0),
            ("amount_collectable", 0),
            ("amount_unapplied", 1e6),
            ("date_oldest_due", False),
            ("facts_at", "2030-01-01 00:00:00"),
            ("partner_id", self.partner_a.id),
            ("company_id", self.other.id),
            ("create_uid", self.auditor.id),
        ):
            with self.assertRaises(AccessError, msg=name):
                account.write({name: value})
            with self.assertRaises(AccessError, msg=name):
                account.write({"collector_id": False, name: value})
        self.assertEqual(account.amount_outstanding, 100.0)

    def test_nobody_is_made_a_collector_who_cannot_see_the_customer(self):
        account = self.account.with_user(self.collector)
        without_role = self.new_user("without_role", "base.group_user")
        visitor = self.env.ref("base.public_user")
        for user in (visitor, without_role, self.auditor, self.stranger):
            with self.assertRaises(ValidationError):
                account.collector_id = user.id

    def test_nobody_creates_or_deletes_accounts_items_events_or_marks(self):
        for user in (self.collector, self.manager):
            values = {"partner_id": self.partner_a.id, "company_id": self.company.id}
            with self.assertRaises(AccessError):
                self.model("o2c.debtor", user).create(values)
            with self.assertRaises(AccessError):
                self.model("o2c.event", user).create({"kind": "forged"})
            with self.assertRaises(AccessError):
                self.model("o2c.open.item", user).create({})
            for name in ("o2c.debtor.mark", "o2c.event.seal"):
                for operation in ("write", "create", "unlink"):
                    self.assertFalse(self.model(name, user).has_access(operation))
            for name in ("o2c.debtor", "o2c.open.item"):
                record = self.model(name, user).browse(self.records[name].ids)
                with self.assertRaises(AccessError), mute_logger("odoo.models.unlink"):
                    record.unlink()

    def test_collectors_cannot_post_or_pay(self):
        moves = self.model("account.move", self.collector)
        for operation in ("write", "create", "unlink"):
            self.assertFalse(moves.has_access(operation))
        self.assertFalse(
            self.model("account.payment", self.collector).has_access("create")
        )

    def test_users_without_a_role_see_nothing_at_all(self):
        for groups in (
            "base.group_user",
            "account.group_account_invoice",
            "base.group_portal",
            "base.group_public",
        ):
            user = self.new_user(groups.replace(".", "_"), groups)
            for name in (*MODELS, "o2c.debtor.mark", "o2c.event.seal"):
                model = self.model(name, user)
                with self.assertRaises(AccessError, msg=f"{groups} {name}"):
                    model.search([])
                with self.assertRaises(AccessError, msg=f"{groups} {name}"):
                    model.browse(1).read()
            model = self.model("o2c.debtor", user)
            for method in (model.changes_waiting, model.action_refresh):
                with self.assertRaises(AccessError, msg=groups):
                    method()
            item = self.model("o2c.open.item", user).browse(
                self.records["o2c.open.item"].ids
            )
            for method in (item.action_include, item.action_leave_out):
                with self.assertRaises(AccessError, msg=groups):
                    method()

    def test_customers_may_not_read_what_we_add_to_their_companies(self):
        customer = self.new_user("portal", "base.group_portal")
        company = self.company.with_user(customer)
        self.assertEqual(company.read(["name"])[0]["name"], self.company.name)
        with self.assertRaises(AccessError):
            company.read(["o2c_chase_from"])
        self.assertFalse(company.fields_get(["o2c_chase_from"]))

    def test_the_administrator_and_accounting_managers_get_the_app(self):
        self.assertTrue(
            self.env.ref("base.user_admin").has_group("o2c_base.group_manager")
        )
        accountant = self.new_user("accountant", "account.group_account_manager")
        self.assertTrue(accountant.has_group("o2c_base.group_manager"))
        invoicing = self.new_user("invoicing", "account.group_account_invoice")
        self.assertFalse(invoicing.has_group("o2c_base.group_collector"))
