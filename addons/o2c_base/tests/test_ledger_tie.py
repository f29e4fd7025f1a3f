from odoo.tests import new_test_user, tagged
from odoo.tools import SQL

from .common import ReceivablesCommon


@tagged("post_install", "-at_install")
class TestLedgerTie(ReceivablesCommon):
    """Open items against the general ledger: equal, or which lines differ."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other_data = cls.setup_other_company(name="Other root")
        cls.other = cls.other_data["company"]
        cls.other.currency_id = cls.setup_other_currency(
            "JPY", rates=[("2016-01-01", 100.0)]
        )
        cls.branch = cls.env["res.company"].create(
            {"name": "Branch", "parent_id": cls.company.id}
        )
        cls.cr.precommit.run()  # the branch gets its root's chart of accounts
        cls.env.user.company_ids += cls.branch

    def looking(self, *companies, **context):
        """An environment that looks through companies, with nothing cached."""
        self.env.flush_all()
        self.env.invalidate_all()
        ids = [company.id for company in companies or [self.company, self.branch]]
        return self.env(
            context={**self.env.context, "allowed_company_ids": ids, **context}
        )

    def tie(self, *companies, **context):
        [*lines] = self.looking(*companies, **context)["o2c.ageing"].ledger_tie()["tie"]
        return {
            line["company"]: (line["ledger"], line["items"], line["difference"])
            for line in lines
        }

    def differences(self, *companies, **context):
        return self.looking(*companies, **context)["o2c.ledger.difference"].search([])

    def damage(self, move, **values):
        """Change journal items past Odoo, as a wrong script would."""
        self.env.flush_all()
        sets = SQL(", ").join(
            SQL("%s = %s", SQL.identifier(name), value)
            for name, value in values.items()
        )
        self.env.cr.execute(
            SQL(
                "UPDATE account_move_line SET %s WHERE id = %s",
                sets,
                self.receivable_lines(move).id,
            )
        )
        self.env.invalidate_all()

    # ------------------------------------------------------------------
    # Equal
    # ------------------------------------------------------------------

    def test_sound_books_agree_live_and_on_any_day(self):
        invoice = self.invoice(100, date="2026-05-01")
        self.match(invoice, self.payment(30, date="2026-06-01"))
        self.invoice(50, date="2026-12-01")  # dated ahead
        self.opening_entry(7, partner=False)
        name = self.company.name
        self.assertEqual(self.tie()[name], (127.0, 127.0, 0.0))
        for as_of, balance in (
            ("1900-01-01", 0.0),
            ("2026-05-15", 100.0),
            ("2026-06-15", 77.0),
            ("2026-12-01", 127.0),
            ("9999-12-31", 127.0),
        ):
            tie = self.tie(o2c_as_of=as_of)
            self.assertEqual(tie[name], (balance, balance, 0.0), as_of)
            self.assertFalse(self.differences(o2c_as_of=as_of), as_of)
        self.assertFalse(self.differences())

    def test_a_counterpart_reset_to_draft_makes_no_difference(self):
        invoice, payment = self.invoice(100), self.payment(60)
        self.match(invoice, payment)
        payment.action_draft()
        self.assertEqual(self.tie()[self.company.name], (100.0, 100.0, 0.0))
        self.assertFalse(self.differences())

    def test_companies_stand_apart_each_in_its_currency(self):
        self.invoice(100)
        self.invoice(5000, company=self.other)
        tie = self.tie(self.company, self.branch, self.other)
        self.assertEqual(tie[self.company.name], (100.0, 100.0, 0.0))
        self.assertEqual(tie[self.other.name], (5000.0, 5000.0, 0.0))

    def test_a_branch_alone_agrees_though_its_money_came_elsewhere(self):
        invoice = self.invoice(100, company=self.branch)
        self.match(invoice, self.payment(40))
        whole = self.tie(self.company, self.branch)
        self.assertEqual(whole[self.company.name], (60.0, 60.0, 0.0))
        alone = self.tie(self.branch)
        self.assertEqual(alone[self.company.name], (100.0, 60.0, 0.0))
        past = self.tie(self.branch, o2c_as_of="2026-06-14")
        self.assertEqual(past[self.company.name], (0.0, 0.0, 0.0))

    def test_branches_left_out_are_named(self):
        def without(*companies):
            model = self.looking(*companies)["o2c.ageing"]
            return {li["company"]: li["without"] for li in model.ledger_tie()["tie"]}

        name = self.company.name
        self.assertEqual(without(self.company), {name: "Branch"})
        self.assertEqual(without(self.branch), {name: name})
        whole = without(self.company, self.branch, self.other)
        self.assertEqual(whole, {name: "", "Other root": ""})

    def test_a_callers_limit_to_customers_limits_both_sides_or_none(self):
        self.invoice(100)
        limits = ([], [self.customer.id], [self.new_customer("Other").id], "x")
        for limit in limits:
            name = self.company.name
            says = self.tie(self.company, o2c_partner_ids=limit)
            self.assertEqual(says[name], (100, 100, 0))
            self.assertFalse(self.differences(self.company, o2c_partner_ids=limit))

    def test_a_company_without_receivable_accounts_has_nothing_to_tie(self):
        empty = self.env["res.company"].create({"name": "Empty"})
        self.env.user.company_ids += empty
        self.assertEqual(self.tie(empty)["Empty"], (0.0, 0.0, 0.0))
        self.assertFalse(self.differences(empty))
        self.assertFalse(self.looking(empty)["o2c.ageing"].search([]))

    # ------------------------------------------------------------------
    # Which lines differ
    # ------------------------------------------------------------------

    def test_a_damaged_residual_is_found_by_its_line(self):
        self.invoice(100)
        wrong = self.invoice(200)
        self.match(wrong, self.payment(50))
        self.damage(wrong, amount_residual=149.99, amount_residual_currency=149.99)
        self.assertEqual(self.tie()[self.company.name], (250.0, 249.99, -0.01))
        [line] = self.differences()
        self.assertEqual(line.move_id, wrong)
        self.assertEqual((line.amount_ledger, line.amount_item), (150.0, 149.99))
        self.assertEqual(line.amount_difference, -0.01)
        self.assertEqual(line.action_open_document()["res_id"], wrong.id)
        [past] = self.differences(o2c_as_of="2026-06-15")
        self.assertEqual(past.move_id, wrong)

    def test_an_item_lost_is_found_and_so_are_two_that_cancel_out(self):
        lost, added = self.invoice(100), self.invoice(100)
        self.damage(lost, reconciled=True, amount_residual=0)
        self.damage(added, amount_residual=200)
        self.assertEqual(self.tie()[self.company.name], (200.0, 200.0, 0.0))
        found = self.differences()
        self.assertEqual(found.move_id, lost + added)
        self.assertEqual(sum(found.mapped("amount_difference")), 0.0)

    def test_damage_in_the_items_currency_is_found_too(self):
        move = self.invoice(100)
        self.damage(move, amount_residual_currency=99)
        [line] = self.differences()
        self.assertEqual(line.amount_difference, 0.0)
        self.assertEqual(line.amount_item_currency, 99.0)

    def test_the_list_explains_the_whole_difference(self):
        for amount in (10, 20, 30):
            self.damage(self.invoice(amount), amount_residual=amount * 2)
        ledger, items, difference = self.tie()[self.company.name]
        self.assertEqual((ledger, items, difference), (60.0, 120.0, 60.0))
        self.assertEqual(
            sum(self.differences().mapped("amount_difference")), difference
        )

    def test_another_companys_damage_is_not_seen(self):
        self.damage(self.invoice(100), amount_residual=1)
        stranger = new_test_user(
            self.env,
            login="tie_stranger",
            groups="o2c_base.group_collector",
            company_id=self.other.id,
            company_ids=[(6, 0, self.other.ids)],
        )
        model = self.looking(self.other)["o2c.ledger.difference"].with_user(stranger)
        self.assertFalse(model.search([]))
        self.assertFalse(model.search([("company_id", "=", self.company.id)]))
        tie = model.env["o2c.ageing"].ledger_tie()["tie"]
        self.assertEqual([line["company"] for line in tie], ["Other root"])
