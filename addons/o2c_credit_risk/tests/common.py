from odoo import Command

from odoo.addons.o2c_base.tests.common import ReceivablesCommon


class CreditCommon(ReceivablesCommon):
    """Receivables with quotations: a product, short words for orders, people.

    The main company enforces; ``credit_manager`` decides, ``salesman`` sells.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.o2c_credit_enforce = True
        cls.work = cls.new_product("Work")
        cls.credit_manager = cls.new_user(
            "credit_manager",
            "o2c_base.group_credit_manager,sales_team.group_sale_salesman_all_leads",
        )
        cls.salesman = cls.new_user("salesman", "sales_team.group_sale_salesman")

    @classmethod
    def get_default_groups(cls):
        """EXTENDS core: who accounts in these tests sells too."""
        return super().get_default_groups() | cls.env.ref(
            "sales_team.group_sale_manager"
        )

    @classmethod
    def new_product(cls, name, **values):
        """A service without tax, invoiced as it is ordered unless told otherwise."""
        return cls.env["product.product"].create(
            {
                "name": name,
                "type": "service",
                "invoice_policy": "order",
                "list_price": 100.0,
                "taxes_id": [Command.clear()],
                **values,
            }
        )

    @classmethod
    def new_user(cls, login, groups, company=None, **values):
        company = company or cls.company
        return cls.env["res.users"].create(
            {
                "name": login,
                "login": f"credit_{login}",
                "email": f"{login}@example.com",
                "company_id": company.id,
                "company_ids": [Command.set(company.ids)],
                "group_ids": [
                    Command.set([cls.env.ref(name).id for name in groups.split(",")])
                ],
                **values,
            }
        )

    @classmethod
    def order(cls, amount, qty=1, company=None, user=None, **values):
        """A quotation of ``qty`` pieces at ``amount`` without tax."""
        company = company or cls.company
        partner = values.pop("partner", None) or cls.customer
        line = {
            "product_id": values.pop("product", cls.work).id,
            "product_uom_qty": qty,
            "price_unit": amount,
            "tax_ids": [Command.clear()],
            **values.pop("line", {}),
        }
        return (
            cls.env["sale.order"]
            .with_company(company)
            .create(
                {
                    "partner_id": partner.id,
                    "company_id": company.id,
                    "user_id": (user or cls.salesman).id,
                    "order_line": [Command.create(line)],
                    **values,
                }
            )
        )

    @classmethod
    def give_limit(cls, amount, partner=None, company=None):
        """An active base limit."""
        debtor = cls.account(partner, company).sudo()
        limit = debtor.env["o2c.credit.limit"].create(
            {"debtor_id": debtor.id, "amount": amount, "state": "active"}
        )
        debtor._refresh_credit_limit()
        return limit

    @classmethod
    def account(cls, partner=None, company=None):
        """The customer account, created if missing."""
        partner, company = partner or cls.customer, company or cls.company
        debtor = cls.env["o2c.debtor"]._ensure([(partner, company)])
        return debtor.with_env(cls.env)

    def recheck(self):
        """Have the job look again at what is held."""
        self.env.flush_all()
        with self.enter_registry_test_mode():
            job_sudo = self.env.ref("o2c_credit_risk.ir_cron_recheck_holds").sudo()
            job_sudo.method_direct_trigger()
        self.env.invalidate_all()
