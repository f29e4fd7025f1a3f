from itertools import combinations

from odoo import Command
from odoo.tests import tagged
from odoo.tools import SQL

from .chase_common import ChaseCommon

DUE = "2026-06-01"


@tagged("post_install", "-at_install", "o2c_random")
class TestPairsOfDefects(ChaseCommon):
    """Customers with any two things wrong: each is decided, none stops the rest.

    A defect is a method ``_defect_...(partner, values)``: it spoils the customer, or
    the values of the invoice that he will get. What can only be spoilt later is done
    by ``_later_...`` of the same name, once the invoices are posted.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.euro = cls.setup_other_currency("EUR")
        cls.no_rate = cls.env["res.currency"].create({"name": "XTS", "symbol": "X"})
        cls.no_levels = cls.new_plan([], name="Empty", sequence=99)
        cls.defects = sorted(
            name.removeprefix("_defect_")
            for name in dir(cls)
            if name.startswith("_defect_")
        )

    def _defect_no_address(self, partner, values):
        partner.email = False

    def _defect_bad_address(self, partner, values):
        partner.email = f"wrong at {partner.id}.example"

    def _defect_two_addresses(self, partner, values):
        partner.email = f"wrong@{partner.id}.example, wrong@other.example"

    def _defect_wants_no_mailings(self, partner, values):
        # that is for advertising: who owes is reminded all the same
        self.engine["mail.blacklist"]._add("pay@right.example")

    def _defect_no_phone(self, partner, values):
        partner.phone = False

    def _defect_no_language(self, partner, values):
        partner.lang = False

    def _defect_unknown_language(self, partner, values):
        partner.flush_recordset()
        self.env.cr.execute(
            SQL("UPDATE res_partner SET lang = 'xx_XX' WHERE id = %s", partner.id)
        )
        partner.invalidate_recordset(["lang"])

    def _defect_no_country(self, partner, values):
        partner.country_id = False

    def _defect_of_this_company_only(self, partner, values):
        partner.company_id = self.company

    def _defect_invoiced_to_a_contact(self, partner, values):
        contact = {"name": "Contact", "parent_id": partner.id, "email": False}
        values["partner_id"] = self.env["res.partner"].create(contact).id

    def _defect_instalments(self, partner, values):
        values["invoice_payment_term_id"] = self.pay_terms_b.id

    def _defect_foreign_currency(self, partner, values):
        values["currency_id"] = self.euro.id

    def _defect_currency_without_rate(self, partner, values):
        values["currency_id"] = self.no_rate.id

    def _defect_one_cent(self, partner, values):
        values["invoice_line_ids"][0][2]["price_unit"] = 0.01

    def _defect_credit_note_only(self, partner, values):
        values["move_type"] = "out_refund"

    def _defect_paid_too_much(self, partner, values):
        self.payment(5000, partner=partner)

    def _defect_archived(self, partner, values):
        pass

    def _later_archived(self, partner):
        partner.active = False

    def _defect_no_receivable_account(self, partner, values):
        pass

    def _later_no_receivable_account(self, partner):
        partner.property_account_receivable_id = False

    def _defect_plan_without_levels(self, partner, values):
        pass

    def _later_plan_without_levels(self, partner):
        self.give_plan(self.no_levels, partner)

    def _defect_excluded(self, partner, values):
        pass

    def _later_excluded(self, partner):
        lines = self.env["account.move.line"].search(
            [
                ("partner_id", "child_of", partner.id),
                ("account_type", "=", "asset_receivable"),
            ]
        )
        lines.no_followup = True

    # ------------------------------------------------------------------

    def _invoice_values(self, partner):
        line = {"name": "Work", "price_unit": 500, "tax_ids": []}
        return {
            "move_type": "out_invoice",
            "partner_id": partner.id,
            "invoice_date": DUE,
            "invoice_date_due": DUE,
            "invoice_payment_term_id": False,
            "invoice_line_ids": [Command.create(line)],
        }

    def _customers_with_pairs(self):
        """One customer with an overdue invoice per pair of defects."""
        pairs, invoices = {}, []
        for pair in combinations(self.defects, 2):
            partner = self.new_debtor(" and ".join(pair), email="pay@right.example")
            values = self._invoice_values(partner)
            for name in pair:
                getattr(self, f"_defect_{name}")(partner, values)
            pairs[partner] = pair
            invoices.append(values)
        self.env["account.move"].create(invoices).action_post()
        self.refresh()
        for partner, pair in pairs.items():
            for name in pair:
                getattr(self, f"_later_{name}", lambda partner: None)(partner)
        return pairs

    def test_each_pair_is_decided_and_nobody_wrong_is_written_to(self):
        self.late(100, days=5)
        pairs = self._customers_with_pairs()
        self.assertGreater(len(pairs), 180)
        run = self.chase()
        self.assertEqual(run.state, "done")
        self.assertEqual(self.story(), [(1, "email", "done")])
        self.engine.invalidate_all()
        actions = self.engine["o2c.chase.action"].search([])
        debtors = self.engine["o2c.debtor"].search(
            [("partner_id", "in", [partner.id for partner in pairs])]
        )
        self.assertEqual(set(debtors.partner_id), set(pairs))
        for debtor in debtors:
            with self.subTest(pair=pairs[debtor.partner_id]):
                if debtor.amount_overdue > 0:
                    self.assertTrue(debtor.chase_reason)
                    self.assertTrue(debtor.next_action_date)
                own = actions.filtered(lambda a, d=debtor: a.debtor_id == d)
                self.assertLessEqual(len(own), 1)
        recipients = set(actions.message_id.mapped("recipient")) - {False}
        addresses = {address for address in recipients if "@" in address}
        self.assertEqual(addresses, {"pay@right.example", "pay@bolt.example"})
        self.chase()
        self.assertEqual(self.engine["o2c.chase.action"].search([]), actions)
