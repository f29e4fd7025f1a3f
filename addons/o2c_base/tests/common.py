from contextlib import nullcontext

from freezegun import freeze_time

from odoo import Command, fields
from odoo.tests import HttpCase
from odoo.tools import SQL

from .prepared_common import TODAY, PreparedCommon


class ReceivablesCommon(PreparedCommon):
    """A company with customers at a frozen noon, and short words for what they do.

    Other add-ons of the suite build their tests on it.
    """

    @classmethod
    def setUpClass(cls):
        cls.startClassPatcher(freeze_time(f"{TODAY} 12:00:00"))
        super().setUpClass()
        cls.company = cls.company_data["company"]
        cls.company.o2c_chase_from = "2000-01-01"
        cls.receivable = cls.company_data["default_account_receivable"]
        cls.customer = cls.new_customer("Customer")
        cls.items_model = cls.env["o2c.open.item"]
        cls.debtor_model = cls.env["o2c.debtor"]

    # ------------------------------------------------------------------
    # What happens
    # ------------------------------------------------------------------

    @classmethod
    def new_customer(cls, name, **values):
        return cls.env["res.partner"].create({"name": name, **values})

    @classmethod
    def invoice(cls, amount, date=TODAY, due=None, post=True, company=None, **values):
        """An invoice without tax; ``due`` defaults to its date."""
        company = company or cls.company
        values = cls.invoice_values(amount, date, due, company=company, **values)
        move = cls.env["account.move"].with_company(company).create(values)
        if post:
            move.action_post()
        return move

    @classmethod
    def invoice_values(cls, amount, date=TODAY, due=None, company=None, **values):
        """What ``invoice`` makes, for who makes many at once."""
        partner = values.pop("partner", None) or cls.customer
        line = {"name": "Work", "price_unit": amount, "tax_ids": []}
        return {
            "move_type": "out_invoice",
            "company_id": (company or cls.company).id,
            "partner_id": partner.id,
            "invoice_date": date,
            "date": date,
            "invoice_date_due": due or date,
            "invoice_payment_term_id": False,
            "invoice_line_ids": [Command.create(line)],
            **values,
        }

    @classmethod
    def credit_note(cls, amount, **values):
        return cls.invoice(amount, move_type="out_refund", **values)

    @classmethod
    def payment(cls, amount, date=TODAY, company=None, **values):
        """An unmatched, posted customer payment."""
        company = company or cls.company
        partner = values.pop("partner", None) or cls.customer
        journal = cls.env["account.journal"].search(
            [("type", "=", "bank"), ("company_id", "parent_of", company.id)], limit=1
        )
        payment = (
            cls.env["account.payment"]
            .with_company(company)
            .create(
                {
                    "payment_type": "inbound",
                    "partner_type": "customer",
                    "partner_id": partner.id,
                    "amount": amount,
                    "date": date,
                    "journal_id": journal.id,
                    **values,
                }
            )
        )
        payment.action_post()
        return payment

    @classmethod
    def opening_entry(cls, amount, date=TODAY, partner=None, **values):
        """A miscellaneous entry that says somebody owes ``amount``."""
        owed = {"account_id": cls.receivable.id, "balance": amount}
        if partner is not False:
            owed["partner_id"] = (partner or cls.customer).id
        other = cls.company_data["default_account_revenue"]
        move = cls.env["account.move"].create(
            {
                "move_type": "entry",
                "date": date,
                "journal_id": cls.company_data["default_journal_misc"].id,
                "line_ids": [
                    Command.create({**owed, **values}),
                    Command.create({"account_id": other.id, "balance": -amount}),
                ],
            }
        )
        move.action_post()
        return move

    @classmethod
    def receivable_lines(cls, record):
        move = record.move_id if record._name == "account.payment" else record
        return move.line_ids.filtered(
            lambda line: line.account_id.account_type == "asset_receivable"
        )

    @classmethod
    def match(cls, *records):
        """Reconcile the receivable lines of entries and payments."""
        lines = cls.env["account.move.line"]
        for record in records:
            lines |= cls.receivable_lines(record)
        lines.reconcile()

    # ------------------------------------------------------------------
    # What we see
    # ------------------------------------------------------------------

    def open_items(self, *domain, as_of=None, partner=None):
        """Open items read afresh, of the customer unless told otherwise."""
        self.env.flush_all()
        self.items_model.invalidate_model()
        partner = self.customer if partner is None else partner
        owner = [("partner_id", "=", partner.id)]
        return self.items_model.with_context(o2c_as_of=as_of).search(owner + [*domain])

    def residuals(self, *domain, **options):
        return self.open_items(*domain, **options).mapped("amount_residual")

    def enter_registry_test_mode(self):
        """EXTENDS core: tests with a web server are in that mode all the time."""
        if isinstance(self, HttpCase):
            return nullcontext()
        return super().enter_registry_test_mode()

    def refresh(self):
        """Work all marks off, as the minutely job does."""
        with self.enter_registry_test_mode():
            return self.debtor_model.sudo()._refresh_now()

    def debtor(self, partner=None, company=None):
        partner = partner or self.customer
        company = company or self.company
        return self.debtor_model.search(
            [("partner_id", "=", partner.id), ("company_id", "=", company.id)]
        )

    def marks(self):
        """The (partner id, company id) pairs that wait."""
        self.env.flush_all()
        self.env.cr.execute("SELECT partner_id, company_id FROM o2c_debtor_mark")
        return set(self.env.cr.fetchall())

    def clear_marks(self):
        self.env.flush_all()
        self.env.cr.execute("DELETE FROM o2c_debtor_mark")

    def marks_of(self, action):
        """The marks that calling ``action`` leaves."""
        self.clear_marks()
        action()
        return self.marks()

    # ------------------------------------------------------------------
    # What must be true
    # ------------------------------------------------------------------

    def assert_ledger_truth(self, root=None, as_of=None):
        """Open items sum to the trade receivable accounts, to the cent."""
        root = root or self.company
        self.env.flush_all()
        self.items_model.invalidate_model()
        query = self.items_model._items_sql(as_of=as_of, root=root)
        [[items]] = self.env.execute_query(
            SQL("SELECT COALESCE(sum(amount_residual), 0) FROM (%s) item", query)
        )
        ledger = self._ledger_balance(root, as_of)
        self.assertEqual(
            root.currency_id.compare_amounts(float(items), float(ledger)),
            0,
            f"open items {items}, ledger {ledger} ({root.name}, {as_of or 'live'})",
        )

    def assert_statement_truth(self, root=None, as_of=None, date_from=None):
        """Statements equal the journal items, in both forms, for every customer."""
        debtors = self.debtor_model.sudo().search(
            [("company_id", "=", (root or self.company).id)]
        )
        opened = debtors._statement(as_of)
        happened = debtors._statement(as_of, date_from, "activity")
        for debtor in debtors:
            self._assert_statement(opened[debtor.id], happened[debtor.id], debtor)

    def _assert_statement(self, opened, happened, debtor):
        name = f"{debtor.display_name} on {opened['as_of']}"
        closings = _closings(opened)
        self.assertEqual(closings, {c: v for c, v in _closings(happened).items() if v})
        ledger = self._ledger_per_currency(debtor, opened["as_of"])
        for section in happened["currencies"]:
            moved = sum(line["amount"] for line in section["lines"])
            self.assertAlmostEqual(
                section["opening"] + moved, section["closing"], 6, name
            )
            shown = sum(line["amount"] for line in section["items"])
            self.assertAlmostEqual(shown, section["closing"], 6, name)
        everything = debtor._statement(opened["as_of"], form="activity")[debtor.id]
        for section in everything["currencies"]:
            own = sum(
                line["amount"]
                for line in section["lines"]
                if line["kind"] != "transfer"
            )
            booked = ledger.pop(section["currency_id"], 0.0)
            self.assertAlmostEqual(own, booked, 6, name)
        self.assertFalse(any(round(value, 6) for value in ledger.values()), name)

    def _ledger_per_currency(self, debtor, as_of):
        """What the journal items of the receivable accounts sum to."""
        rows = (
            self.env["account.move.line"]
            .sudo()
            ._read_group(
                [
                    ("company_id", "child_of", debtor.company_id.id),
                    ("partner_id.commercial_partner_id", "=", debtor.partner_id.id),
                    ("parent_state", "=", "posted"),
                    ("account_id.account_type", "=", "asset_receivable"),
                    ("account_id.non_trade", "=", False),
                    ("date", "<=", as_of),
                ],
                ["currency_id"],
                ["amount_currency:sum"],
            )
        )
        return {currency.id: amount for currency, amount in rows}

    def _ledger_balance(self, root, as_of):
        domain = [
            ("company_id", "child_of", root.id),
            ("parent_state", "=", "posted"),
            ("account_id.account_type", "=", "asset_receivable"),
            ("account_id.non_trade", "=", False),
        ]
        if as_of:
            domain.append(("date", "<=", as_of))
        lines = self.env["account.move.line"].sudo()
        [[balance]] = lines._read_group(domain, aggregates=["balance:sum"])
        return balance

    def assert_facts_are_fresh(self):
        """What is stored equals what is computed from scratch, for all accounts."""
        debtors = self.debtor_model.sudo().search([])
        debtors.invalidate_recordset()
        now = debtors._facts_now()
        for debtor in debtors:
            self._assert_same_facts(debtor, now[debtor.id])

    def _assert_same_facts(self, debtor, facts):
        compare = debtor.currency_id.compare_amounts
        for name, value in facts.items():
            if name == "item_count":
                continue
            stored = debtor[name]
            if name.startswith("amount_"):
                same = compare(stored, float(value)) == 0
            elif isinstance(stored, int | float):
                same = stored == float(value or 0)
            else:
                same = (stored or None) == value
            self.assertTrue(
                same, f"{debtor.partner_id.name}: {name} is {stored}, should be {value}"
            )

    @staticmethod
    def day(text):
        return fields.Date.to_date(text)


def _closings(statement):
    return {
        section["currency_id"]: round(section["closing"], 6)
        for section in statement["currencies"]
        if round(section["closing"], 6)
    }
