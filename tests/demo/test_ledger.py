"""Loading a CSV of open items into the ledger."""

from datetime import date, timedelta
from decimal import Decimal

from odoo.tests import TransactionCase, tagged

from dev.demo.companies import prepare_company
from dev.demo.ledger import _customers, _email, _known_currencies, _post_batch
from dev.demo.ledger import _journal as journal_for
from dev.demo.ledger_file import Item, LedgerFile


@tagged("post_install", "-at_install")
class TestLedger(TransactionCase):
    """Three rows in three currencies, one of which nobody can convert."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = prepare_company(cls.env, "USD")
        cls.env = cls.env(
            context=dict(cls.env.context, allowed_company_ids=cls.company.ids)
        )
        cls.company = cls.company.with_env(cls.env)
        day, due = date(2020, 4, 1), date(2020, 4, 20)
        cls.ledger = LedgerFile(
            items=[
                Item(2, "C1", "2960500017", day, due, "USD", Decimal("100.10")),
                Item(3, "C1", "1930000018", day, due, "CAD", Decimal("140.00")),
                Item(4, "C2", "1930000019", day, due, "USD", Decimal("-7.00")),
                Item(5, "C2", "1930000020", day, due, "XYZ", Decimal("1.00")),
            ],
            names={"C1": "Acme", "C2": "Beta"},
        )
        cls.shift = timedelta(days=2000)
        reference = cls.company._o2c_today() - cls.shift
        cls.items = _known_currencies(cls.env, cls.company, cls.ledger, reference)
        partners = _customers(cls.env, cls.ledger)
        cls.journal = journal_for(cls.env, cls.company)
        env = cls.env(context=dict(cls.env.context, skip_invoice_sync=True))
        cls.moves = _post_batch(
            env, cls.journal.with_env(env), partners, cls.items, cls.shift
        ).with_env(cls.env)

    def _move(self, number):
        return self.moves.filtered(lambda move: move.name == number)

    def test_a_currency_without_rate_is_a_bad_row(self):
        self.assertEqual(
            self.ledger.bad_rows, [(5, "no exchange rate is known for XYZ")]
        )
        self.assertEqual(len(self.items), 3)

    def test_the_invoice_has_the_number_dates_and_amount_of_the_row(self):
        move = self._move("2960500017")
        self.assertRecordValues(
            move,
            [
                {
                    "move_type": "out_invoice",
                    "state": "posted",
                    "payment_reference": "2960500017",
                    "invoice_date": date(2020, 4, 1) + self.shift,
                    "invoice_date_due": date(2020, 4, 20) + self.shift,
                    "amount_total": 100.10,
                    "amount_residual": 100.10,
                }
            ],
        )

    def test_a_negative_row_is_a_credit_note(self):
        move = self._move("1930000019")
        self.assertEqual(move.move_type, "out_refund")
        self.assertEqual(move.amount_residual_signed, -7.00)

    def test_a_foreign_item_is_booked_at_the_rate(self):
        move = self._move("1930000018")
        self.assertEqual(move.currency_id.name, "CAD")
        self.assertEqual(move.amount_residual, 140.00)
        expected = move.currency_id._convert(
            140.00, self.company.currency_id, self.company, move.date
        )
        self.assertAlmostEqual(move.amount_residual_signed, expected, 2)

    def test_a_quick_invoice_has_the_fields_of_one_made_by_hand(self):
        """Goal: giving the journal items in full leaves nothing half-made.

        Method: the same invoice once more, the way the form makes it.
        """
        quick = self._move("2960500017")
        by_hand = self.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": quick.partner_id.id,
                "invoice_date": quick.invoice_date,
                "invoice_date_due": quick.invoice_date_due,
                "invoice_payment_term_id": False,
                "invoice_line_ids": [
                    (0, 0, {"name": "x", "price_unit": 100.10, "tax_ids": [(5, 0, 0)]})
                ],
            }
        )
        by_hand._post()
        for name in ("display_type", "balance", "amount_residual", "date_maturity"):
            self.assertEqual(
                sorted(quick.line_ids.mapped(lambda line, n=name: str(line[n]))),
                sorted(by_hand.line_ids.mapped(lambda line, n=name: str(line[n]))),
                name,
            )
        for name in ("amount_untaxed", "amount_total", "payment_state", "state"):
            self.assertEqual(quick[name], by_hand[name], name)
        self.assertEqual(
            quick.line_ids.account_id.mapped("account_type"),
            by_hand.line_ids.account_id.mapped("account_type"),
        )

    def test_every_customer_has_an_address_that_reaches_nobody(self):
        partners = self.moves.partner_id
        self.assertEqual(
            set(partners.mapped("email")),
            {"ap+c1@customers.example", "ap+c2@customers.example"},
        )
        self.assertEqual(_email(" / "), "ap+unknown@customers.example")
