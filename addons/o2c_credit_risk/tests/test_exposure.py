from odoo import Command
from odoo.tests import tagged

from .common import CreditCommon


@tagged("post_install", "-at_install")
class TestExposure(CreditCommon):
    """Each amount once, in its part."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.o2c_credit_enforce = False
        cls.tax = cls.env["account.tax"].create(
            {"name": "20%", "amount": 20.0, "company_id": cls.company.id}
        )

    def confirm(self, amount, **values):
        order = self.order(amount, **values)
        order.action_confirm()
        return order

    def parts(self, partner=None, company=None):
        """The parts that are not zero, and the exposure itself."""
        debtor = self.account(partner, company)
        debtor.invalidate_recordset()
        parts = debtor._exposures().get(debtor.id, {})
        names = parts.keys() - {"partner_id", "root_id"}
        return {name: parts[name] for name in names if parts[name]}

    def bill(self, order, post=True):
        invoice = order._create_invoices()
        if post:
            invoice.action_post()
        return invoice

    def test_nobody_owes_anything(self):
        self.assertEqual(self.parts(), {})
        self.assertEqual(self.account().amount_exposure, 0.0)

    def test_an_order_moves_through_the_parts(self):
        order = self.confirm(100.0, qty=10)
        waiting = {"not_delivered_not_invoiced": 1000.0, "exposure": 1000.0}
        self.assertEqual(self.parts(), waiting)
        order.order_line.qty_delivered = 4
        self.assertEqual(
            self.parts(),
            {
                "delivered_not_invoiced": 400.0,
                "not_delivered_not_invoiced": 600.0,
                "exposure": 1000.0,
            },
        )
        invoice = self.bill(order, post=False)
        self.assertEqual(self.parts(), {"draft_invoices": 1000.0, "exposure": 1000.0})
        invoice.action_post()
        self.assertEqual(self.parts(), {"open_items": 1000.0, "exposure": 1000.0})
        self.match(invoice, self.payment(1000.0))
        self.assertEqual(self.parts(), {})

    def test_quotations_and_cancelled_orders_do_not_count(self):
        self.order(100.0)
        self.confirm(200.0)._action_cancel()
        self.assertEqual(self.parts(), {})

    def test_locked_orders_count(self):
        self.confirm(100.0).action_lock()
        self.assertEqual(self.parts()["exposure"], 100.0)

    def test_tax_counts(self):
        order = self.confirm(100.0, line={"tax_ids": [Command.set(self.tax.ids)]})
        self.assertEqual(self.parts()["not_delivered_not_invoiced"], 120.0)
        self.bill(order)
        self.assertEqual(self.parts(), {"open_items": 120.0, "exposure": 120.0})

    def test_sections_and_notes_are_worth_nothing(self):
        self.confirm(
            100.0,
            order_line=[
                Command.create({"display_type": "line_section", "name": "Section"}),
                Command.create({"display_type": "line_note", "name": "Note"}),
                Command.create(
                    {"product_id": self.work.id, "price_unit": 70.0, "tax_ids": []}
                ),
            ],
        )
        self.assertEqual(self.parts()["exposure"], 70.0)

    def test_unapplied_money_lowers_it(self):
        self.confirm(100.0)
        self.payment(30.0)
        parts = self.parts()
        self.assertEqual((parts["unapplied"], parts["exposure"]), (30.0, 70.0))

    def test_a_down_payment_counts_once(self):
        order = self.confirm(100.0, qty=10)
        wizard = self.env["sale.advance.payment.inv"].create(
            {
                "advance_payment_method": "percentage",
                "amount": 30.0,
                "sale_order_ids": [Command.set(order.ids)],
            }
        )
        advance = wizard._create_invoices(order)
        self.assertEqual(
            self.parts(),
            {
                "draft_invoices": 300.0,
                "not_delivered_not_invoiced": 700.0,
                "exposure": 1000.0,
            },
        )
        advance.action_post()
        self.assertEqual(self.parts()["open_items"], 300.0)
        self.assertEqual(self.parts()["exposure"], 1000.0)
        self.match(advance, self.payment(300.0))
        self.assertEqual(self.parts()["exposure"], 700.0)
        final = order._create_invoices(final=True)
        self.assertEqual(self.parts(), {"draft_invoices": 700.0, "exposure": 700.0})
        final.action_post()
        self.assertEqual(self.parts(), {"open_items": 700.0, "exposure": 700.0})

    def test_a_draft_credit_note_does_not_count(self):
        order = self.confirm(100.0)
        invoice = self.bill(order)
        refund = invoice._reverse_moves([{"date": invoice.date}])
        self.assertEqual(order.order_line.qty_invoiced, 0, "core counts the draft")
        self.assertEqual(self.parts(), {"open_items": 100.0, "exposure": 100.0})
        refund.action_post()
        self.assertEqual(
            self.parts(),
            {"not_delivered_not_invoiced": 100.0, "exposure": 100.0},
            "it is matched with the invoice, and the order is to be invoiced again",
        )

    def test_who_is_invoiced_owes(self):
        payer = self.new_customer("Payer")
        self.confirm(100.0, partner_invoice_id=payer.id)
        self.assertEqual(self.parts(), {})
        self.assertEqual(self.parts(payer)["exposure"], 100.0)

    def test_contacts_count_for_their_company(self):
        contact = self.new_customer("Contact", parent_id=self.customer.id)
        self.confirm(100.0, partner=contact)
        self.invoice(50.0, post=False, partner=contact)
        self.assertEqual(self.parts()["exposure"], 150.0)

    def test_more_delivered_than_ordered_counts_where_it_is_invoiced(self):
        by_delivery = self.new_product("By hour", invoice_policy="delivery")
        order = self.confirm(100.0, qty=2, product=by_delivery)
        order.order_line.qty_delivered = 3
        self.assertEqual(self.parts()["delivered_not_invoiced"], 300.0)
        order = self.confirm(100.0, qty=2, partner=self.partner_b)
        order.order_line.qty_delivered = 3
        self.assertEqual(self.parts(self.partner_b)["exposure"], 200.0)

    def test_a_line_without_ordered_quantity_counts_with_its_tax(self):
        by_delivery = self.new_product("By hour", invoice_policy="delivery")
        order = self.confirm(
            100.0,
            qty=0,
            product=by_delivery,
            line={"tax_ids": [Command.set(self.tax.ids)]},
        )
        order.order_line.qty_delivered = 2
        self.assertEqual(
            self.parts(), {"delivered_not_invoiced": 240.0, "exposure": 240.0}
        )

    def test_discount_lines_lower_an_order(self):
        order = self.confirm(100.0)
        order.order_line = [
            Command.create(
                {"product_id": self.work.id, "price_unit": -20.0, "tax_ids": []}
            )
        ]
        self.assertEqual(self.parts()["exposure"], 80.0)

    def test_foreign_orders_count_at_todays_rate(self):
        currency = self.setup_other_currency(
            "EUR", rates=[("2026-01-01", 2.0), ("2026-06-15", 4.0)]
        )
        pricelist = self.env["product.pricelist"].create(
            {"name": "EUR", "currency_id": currency.id}
        )
        order = self.confirm(
            100.0, pricelist_id=pricelist.id, date_order="2026-02-01 12:00:00"
        )
        self.assertEqual(order.currency_id, currency)
        self.assertEqual(self.parts()["exposure"], 25.0)

    def test_branches_roll_up_and_other_companies_do_not(self):
        branch = self._create_company(name="Branch", parent_id=self.company.id)
        other = self.setup_other_company()["company"]
        self.cr.precommit.run()
        self.confirm(100.0)
        self.confirm(20.0, company=branch)
        self.confirm(7.0, company=other)
        self.assertEqual(self.parts()["exposure"], 120.0)
        self.assertEqual(self.parts(company=other)["exposure"], 7.0)
        self.assertEqual(self.account().amount_exposure_elsewhere, 7.0)

    def test_the_sum_of_all_is_the_sum_of_each(self):
        self.confirm(100.0)
        self.confirm(50.0, partner=self.partner_b)
        self.invoice(30.0, partner=self.partner_b)
        debtors = self.account() | self.account(self.partner_b)
        rows = debtors._exposure_rows(self.company, None)
        everybody = {row["partner_id"]: row["exposure"] for row in rows}
        self.assertEqual(everybody[self.customer.id], 100.0)
        self.assertEqual(everybody[self.partner_b.id], 80.0)

    def test_the_list_sorts_and_filters_all_of_them(self):
        self.confirm(100.0)
        self.confirm(50.0, partner=self.partner_b)
        self.give_limit(40.0, self.partner_b)
        self.give_limit(10.0, self.partner_a)
        exposures = self.env["o2c.credit.exposure"].search([])
        self.assertEqual(
            exposures.partner_id, self.customer | self.partner_b | self.partner_a
        )
        self.assertEqual(exposures.mapped("amount_exposure"), [100.0, 50.0, 0.0])
        self.assertEqual(exposures.mapped("share"), [66.7, 33.3, 0.0])
        self.assertEqual(exposures.mapped("share_with_larger"), [66.7, 100.0, 100.0])
        over = exposures.search([("has_limit", "=", True), ("amount_free", "<", 0)])
        self.assertEqual(over.partner_id, self.partner_b)
        self.assertEqual((over.amount_free, over.utilisation), (-10.0, 125.0))
        self.confirm(200.0, partner=self.partner_b)
        self.assertEqual(exposures.search([], limit=1).partner_id, self.partner_b)
        self.env.invalidate_all()
        self.assertEqual(over.amount_exposure, 250.0, "it is live")

    def test_who_ordered_before_the_installation_gets_an_account(self):
        order = self.confirm(100.0, partner=self.partner_b)
        self.account(self.partner_b).sudo().unlink()
        self.env.flush_all()
        with self.enter_registry_test_mode():
            self.env.ref(
                "o2c_credit_risk.ir_cron_build_from_orders"
            ).sudo().method_direct_trigger()
        self.env.invalidate_all()
        debtor = self.debtor(self.partner_b)
        self.assertEqual(debtor.amount_exposure, order.amount_total)

    def test_each_part_opens_its_documents(self):
        first, second = self.confirm(100.0, qty=2), self.confirm(5.0)
        first.order_line.qty_delivered = 1
        draft = self.invoice(1.0, post=False)
        debtor = self.account()
        found = {
            name: self._opened(getattr(debtor, name)())
            for name in (
                "action_open_delivered",
                "action_open_not_delivered",
                "action_open_draft_invoices",
            )
        }
        self.assertEqual(found["action_open_delivered"], first)
        self.assertEqual(found["action_open_not_delivered"], first | second)
        self.assertEqual(found["action_open_draft_invoices"], draft)

    def _opened(self, action):
        return self.env[action["res_model"]].search(action["domain"])

    def test_the_number_of_queries_does_not_grow(self):
        def count(partners):
            debtors = self.env["o2c.debtor"].union(*map(self.account, partners))
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            debtors._exposures()
            return self.cr.sql_log_count - before

        partners = [self.new_customer(f"Customer {n}") for n in range(12)]
        for partner in partners:
            self.confirm(10.0, partner=partner)
        count(partners[:2])
        self.assertEqual(count(partners[:2]), count(partners))
