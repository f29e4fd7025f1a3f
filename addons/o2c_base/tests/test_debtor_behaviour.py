from freezegun import freeze_time

from odoo import Command
from odoo.tests import tagged

from .common import TODAY, ReceivablesCommon


@tagged("post_install", "-at_install")
class TestDebtorBehaviour(ReceivablesCommon):
    """How a customer pays: worked by hand, and gone when the matching is undone."""

    def paid(self, amount, due, on, date="2026-01-01", **values):
        """An invoice paid in full on a day."""
        invoice = self.invoice(amount, date=date, due=due, **values)
        payment = self.payment(amount, date=on, **values)
        self.match(invoice, payment)
        return invoice

    def behaviour(self, partner=None, company=None):
        self.refresh()
        debtor = self.debtor(partner, company)
        return {
            name: debtor[name]
            for name in (
                "days_late_average",
                "days_late_trend",
                "days_late_median",
                "on_time_share",
                "payment_count",
            )
        }

    def assert_behaviour(self, partner=None, **expected):
        found = self.behaviour(partner)
        self.assertEqual({name: found[name] for name in expected}, expected)

    # ------------------------------------------------------------------
    # By hand
    # ------------------------------------------------------------------

    def test_days_late_weigh_by_amount_and_keep_early_payment_negative(self):
        # 300 paid 10 days late, 100 paid 10 days early:
        # (300 x 10 + 100 x -10) / 400 = 5; the middle of 10 and -10 is 0
        # on time: 100 of 400 = 25 %
        self.paid(300, due="2026-05-01", on="2026-05-11")
        self.paid(100, due="2026-05-31", on="2026-05-21")
        self.assert_behaviour(
            days_late_average=5.0,
            days_late_median=0.0,
            on_time_share=25.0,
            payment_count=2,
        )

    def test_the_trend_compares_the_last_90_days_with_the_year(self):
        # 1,000 on the day in January, 500 with 30 days' delay in June:
        # year 500 x 30 / 1,500 = 10, last 90 days 30, so 20 days worse
        self.paid(1000, due="2026-01-15", on="2026-01-15")
        self.paid(500, due="2026-05-02", on="2026-06-01")
        self.assert_behaviour(days_late_average=10.0, days_late_trend=20.0)

    def test_an_instalment_is_late_by_its_own_due_date(self):
        term = self.env["account.payment.term"].create(
            {
                "name": "Half, half",
                "line_ids": [
                    Command.create(
                        {"value": "percent", "value_amount": 50, "nb_days": days}
                    )
                    for days in (0, 60)
                ],
            }
        )
        invoice = self.invoice(
            200,
            date="2026-03-01",
            invoice_payment_term_id=term.id,
            invoice_date_due=False,
        )
        # 100 due 1 March paid on 11 March (10 late), 100 due 30 April paid with it
        # (50 early): (100 x 10 + 100 x -50) / 200 = -20
        self.match(invoice, self.payment(200, date="2026-03-11"))
        self.assert_behaviour(
            days_late_average=-20.0, on_time_share=50.0, payment_count=1
        )

    def test_a_partial_payment_weighs_by_its_part(self):
        invoice = self.invoice(100, date="2026-04-01", due="2026-05-01")
        self.match(invoice, self.payment(25, date="2026-05-01"))
        self.match(invoice, self.payment(75, date="2026-05-21"))
        # (25 x 0 + 75 x 20) / 100 = 15
        self.assert_behaviour(days_late_average=15.0, on_time_share=25.0)

    def test_what_is_unpaid_and_past_due_is_not_on_time(self):
        self.paid(100, due="2026-05-01", on="2026-04-30")
        self.invoice(300, date="2026-04-01", due="2026-05-01")
        self.invoice(900, due=TODAY)  # today is still in time: not counted yet
        self.assert_behaviour(on_time_share=25.0)

    def test_credit_notes_are_no_payment_and_leave_both_sides(self):
        invoice = self.invoice(100, date="2026-04-01", due="2026-05-01")
        self.match(invoice, self.credit_note(60, date="2026-05-20"))
        self.assert_behaviour(payment_count=0, on_time_share=0.0)
        self.match(invoice, self.payment(40, date="2026-05-01"))
        self.assert_behaviour(
            payment_count=1, on_time_share=100.0, days_late_average=0.0
        )

    def test_write_offs_are_no_payment(self):
        invoice = self.invoice(100, date="2026-04-01", due="2026-05-01")
        self.match(invoice, self.opening_entry(-100, date="2026-05-20"))
        self.assert_behaviour(payment_count=0, on_time_share=0.0)

    def test_exchange_differences_are_neither_paid_nor_owed(self):
        euro = self.setup_other_currency(
            "EUR", rates=[("2016-01-01", 2.0), ("2026-05-10", 1.0)]
        )
        # 100 EUR are 50 when invoiced, 100 when paid: the gain of 50 is no payment
        self.paid(100, due="2026-05-01", on="2026-05-21", currency_id=euro.id)
        self.assertTrue(
            self.env["account.partial.reconcile"].search(
                [("exchange_move_id", "!=", False)]
            )
        )
        self.assert_behaviour(
            days_late_average=20.0, payment_count=1, on_time_share=0.0
        )
        # and on a falling rate the loss is not owed: paid in time, fully in time
        other = self.new_customer("Loss")
        euro.rate_ids.filtered(lambda r: str(r.name) == "2026-05-10").rate = 4.0
        self.paid(
            100, due="2026-05-31", on="2026-05-21", partner=other, currency_id=euro.id
        )
        self.assert_behaviour(other, days_late_average=-10.0, on_time_share=100.0)

    def test_money_given_back_is_nothing_owed(self):
        back = self.payment(50, date="2026-05-20", payment_type="outbound")
        self.match(self.payment(50, date="2026-05-01"), back)
        self.assert_behaviour(payment_count=0, on_time_share=0.0)

    # ------------------------------------------------------------------
    # Undone, and windows
    # ------------------------------------------------------------------

    def test_what_is_unmatched_or_reset_is_gone(self):
        invoice = self.paid(100, due="2026-05-01", on="2026-05-11")
        self.assert_behaviour(payment_count=1, days_late_average=10.0)
        self.receivable_lines(invoice).remove_move_reconcile()
        self.assert_behaviour(payment_count=0, days_late_average=0.0)
        payment = self.payment(100, date="2026-05-31")
        self.match(invoice, payment)
        self.assert_behaviour(payment_count=1, days_late_average=30.0)
        payment.action_draft()
        self.assert_behaviour(payment_count=0)

    def test_midnight_moves_the_windows(self):
        self.paid(100, date="2025-05-01", due="2025-06-16", on="2025-06-16")
        self.assert_behaviour(payment_count=1, on_time_share=100.0)
        with freeze_time("2026-06-16 12:00:00"):
            self.assert_behaviour(payment_count=0, on_time_share=100.0)
        with freeze_time("2026-06-17 12:00:00"):
            self.assert_behaviour(payment_count=0, on_time_share=0.0)

    def test_what_falls_due_within_7_and_30_days(self):
        for due in ("2026-06-14", TODAY, "2026-06-22", "2026-06-23", "2026-07-15"):
            self.invoice(100, date="2026-06-01", due=due)
        self.invoice(100, date="2026-06-01", due="2026-07-16")
        self.credit_note(50)
        self.refresh()
        self.assertEqual(self.debtor().amount_due_7, 200.0)
        self.assertEqual(self.debtor().amount_due_30, 400.0)

    def test_payments_of_the_future_are_not_in_yet(self):
        self.paid(100, due="2026-06-20", on="2026-06-25")
        self.assert_behaviour(payment_count=0)

    def test_a_new_account_has_nothing_to_tell(self):
        account = self.debtor_model._ensure([(self.customer, self.company)])
        self.assertEqual(account.payment_count, 0)
        self.assertEqual(account.days_late_average, 0.0)
        self.env.cr.execute(
            "SELECT days_late_average, payment_count, amount_due_7 FROM o2c_debtor"
            " WHERE id = %s",
            account.ids,
        )
        self.assertEqual(self.env.cr.fetchone(), (None, 0, 0))
