from odoo import Command, fields
from odoo.exceptions import ValidationError
from odoo.tests import tagged

from odoo.addons.o2c_base.tests.race_common import RaceCase

NAME = "Payment race"


@tagged("post_install", "-at_install", "-standard", "database_breaking")
class TestPayRaces(RaceCase):
    """Several workers book the same money, or money for the same items, at once."""

    # ------------------------------------------------------------------
    # What a race needs, and leaves
    # ------------------------------------------------------------------

    def _make(self, env, people=1, credit=False):
        """A customer with two invoices over 100 and 50; each of the people pays both.

        :return: ids of their choices
        """
        root = env["res.company"].search([("parent_id", "=", False)], limit=1)
        env = env(context={**env.context, "allowed_company_ids": root.ids})
        self._make_provider(env, root)
        partner = env["res.partner"].create({"name": NAME, "is_company": True})
        payers = env["res.partner"].create(
            [{"name": NAME, "parent_id": partner.id} for _number in range(people)]
        )
        values = [("out_invoice", 100.0), ("out_invoice", 50.0)]
        values += [("out_refund", 150.0)] if credit else []
        moves = env["account.move"].create(
            [self._entry(partner, *value) for value in values]
        )
        moves.action_post()
        [account] = env["o2c.debtor"]._ensure([(partner, root)])
        lines = moves.line_ids.filtered(
            lambda line: line.account_id.account_type == "asset_receivable"
        )
        owed = lines.filtered(lambda line: line.balance > 0)
        return [
            account._take_payment_choice(
                f"race{number}",
                dict.fromkeys(owed.ids),
                set((lines - owed).ids),
                payer,
            ).id
            for number, payer in enumerate(payers)
        ]

    def _entry(self, partner, kind, amount):
        line = {"name": NAME, "price_unit": amount, "tax_ids": []}
        return {
            "move_type": kind,
            "partner_id": partner.id,
            "invoice_date": fields.Date.today(),
            "invoice_payment_term_id": False,
            "invoice_line_ids": [Command.create(line)],
        }

    def _make_provider(self, env, root):
        journal = env["account.journal"].search(
            [("type", "=", "bank"), ("company_id", "=", root.id)], limit=1
        )
        provider = env["payment.provider"].create(
            {"name": NAME, "code": "none", "state": "test", "company_id": root.id}
        )
        kind = env["account.payment.method"].create(
            {"name": NAME, "code": "none", "payment_type": "inbound"}
        )
        env["account.payment.method.line"].create(
            {
                "name": NAME,
                "payment_method_id": kind.id,
                "journal_id": journal.id,
                "payment_provider_id": provider.id,
            }
        )

    def _attempt(self, env, remittance_id):
        remittance = env["o2c.remittance"].browse(remittance_id)
        transactions = env["payment.transaction"]
        return transactions.create(
            {
                "provider_id": env["payment.provider"]
                .search([("name", "=", NAME)], limit=1)
                .id,
                "payment_method_id": env.ref("payment.payment_method_unknown").id,
                "reference": transactions._compute_reference(
                    "none", prefix=f"RACE{remittance.id}"
                ),
                "amount": remittance.amount_total,
                "currency_id": remittance.currency_id.id,
                "partner_id": remittance.payer_id.id,
                "operation": "online_redirect",
                "o2c_remittance_id": remittance.id,
            }
        )

    def _remove(self, env):
        partners = env["res.partner"].search([("name", "=", NAME)])
        accounts = env["o2c.debtor"].search([("partner_id", "in", partners.ids)])
        remittances = env["o2c.remittance"].search([("debtor_id", "in", accounts.ids)])
        transactions = remittances.transaction_ids
        payments = env["account.payment"].search([("partner_id", "in", partners.ids)])
        bank_lines = env["account.bank.statement.line"]
        bank_lines = bank_lines.search([("payment_ref", "like", NAME)])
        bank_lines.action_undo_reconciliation()
        bank_lines.unlink()
        moves = env["account.move"].search([("partner_id", "in", partners.ids)])
        moves.line_ids.remove_move_reconcile()
        transactions.unlink()
        payments.action_draft()
        (moves - payments.move_id).button_draft()
        remittances.unlink()
        payments.unlink()
        moves.exists().with_context(force_delete=True).unlink()
        accounts.unlink()
        env.flush_all()
        env.cr.execute(
            "DELETE FROM o2c_debtor_mark WHERE partner_id = ANY(%s)", [partners.ids]
        )
        partners.sorted("parent_id", reverse=True).unlink()
        named = [("name", "=", NAME)]
        providers = env["payment.provider"].search(named)
        providers.state = "disabled"
        env["account.payment.method.line"].search(named).unlink()
        env["account.payment.method"].search(named).unlink()
        providers.unlink()

    # ------------------------------------------------------------------
    # Racing
    # ------------------------------------------------------------------

    def race(self, workers, act, model="payment.transaction"):
        """Have workers act at once, all of whom have read before.

        :param workers: list with a record's id per worker
        """
        return self.at_once(
            range(len(workers)),
            lambda env, number: env[model].browse(workers[number]).read(),
            lambda env, number: act(env[model].browse(workers[number])),
        )

    @staticmethod
    def _arrive(transaction):
        """What a webhook does, and the page that waits for it."""
        transaction._set_done()
        transaction._post_process()

    def booked(self, remittance_ids):
        """(amounts of payments, residuals of items, credit left unapplied)."""

        def read(env):
            remittances = env["o2c.remittance"].browse(remittance_ids)
            partner = remittances.debtor_id.partner_id
            payments = env["account.payment"].search([("partner_id", "=", partner.id)])
            lines = payments._o2c_receivable_lines()
            self.assertEqual(
                -sum(lines.mapped("amount_currency")), sum(payments.mapped("amount"))
            )
            return (
                payments.mapped("amount"),
                remittances.line_ids.move_line_id.mapped("amount_residual"),
                -sum(lines.mapped("amount_residual")),
            )

        return self.committed(read)

    def test_a_webhook_that_comes_thrice_at_once_books_one_payment(self):
        choices = self.committed(self._make)
        number = self.committed(lambda env: self._attempt(env, choices[0]).id)
        tries, errors = self.race([number] * 3, self._arrive)
        self.assertEqual(errors, [])
        self.assertGreater(max(tries.values()), 1, "one of them had to look again")
        self.assertEqual(self.booked(choices), ([150.0], [0.0, 0.0], 0.0))

    def test_of_two_people_who_pay_the_same_at_once_one_gets_a_credit(self):
        choices = self.committed(lambda env: self._make(env, people=2))
        numbers = self.committed(
            lambda env: [self._attempt(env, choice).id for choice in choices]
        )
        _tries, errors = self.race(numbers, self._arrive)
        self.assertEqual(errors, [])
        self.assertEqual(self.booked(choices), ([150.0] * 2, [0.0] * 2, 150.0))

    def test_two_attempts_at_one_choice_that_both_pay_at_once_lose_no_money(self):
        choices = self.committed(self._make)
        numbers = self.committed(
            lambda env: [self._attempt(env, choices[0]).id for _turn in range(2)]
        )
        _tries, errors = self.race(numbers, self._arrive)
        self.assertEqual(errors, [])
        self.assertEqual(self.booked(choices), ([150.0] * 2, [0.0] * 2, 150.0))

    def test_of_two_tabs_that_charge_a_card_at_once_one_is_refused(self):
        def begin(remittance):
            remittance._begin_attempt()
            self._attempt(remittance.env, remittance.id)._set_pending()

        choices = self.committed(self._make)
        _tries, errors = self.race(choices * 2, begin, model="o2c.remittance")
        self.assertEqual([type(error) for error in errors], [ValidationError])
        attempts = self.committed(
            lambda env: len(env["o2c.remittance"].browse(choices).transaction_ids)
        )
        self.assertEqual(attempts, 1)

    def test_credits_that_are_sent_twice_at_once_settle_once(self):
        def settle(remittance):
            remittance._settle_by_credits(remittance.payer_id)

        choices = self.committed(lambda env: self._make(env, credit=True))
        _tries, errors = self.race(choices * 2, settle, model="o2c.remittance")
        self.assertEqual(errors, [])

        def read(env):
            remittance = env["o2c.remittance"].browse(choices)
            items = remittance.line_ids.move_line_id
            account = remittance.debtor_id
            return (
                len(items.matched_credit_ids),
                sum((items | remittance.credit_line_ids).mapped("amount_residual")),
                len(account.message_ids.filtered(lambda m: "Settled" in m.body)),
            )

        self.assertEqual(self.committed(read), (2, 0.0, 1))

    def test_a_transfer_that_comes_twice_and_is_confirmed_at_once_is_booked_once(self):
        choices = self.committed(self._make)
        number, lines = self.committed(lambda env: self._transfer(env, choices[0]))

        def see(env, turn):
            env["payment.transaction"].browse(number).read()
            env["account.bank.statement.line"].browse(lines).read()

        def act(env, turn):
            if turn == 2:
                self._arrive(env["payment.transaction"].browse(number))
            else:
                env["account.bank.statement.line"].browse(lines[turn])._o2c_settle()

        _tries, errors = self.at_once(range(3), see, act)
        self.assertEqual(errors, [])
        self.assertEqual(self.booked(choices), ([150.0], [0.0, 0.0], 0.0))
        states = self.committed(
            lambda env: (
                env["account.bank.statement.line"]
                .browse(lines)
                .mapped("o2c_reference_state")
            )
        )
        self.assertEqual(sorted(states), ["left", "matched"])

    def _transfer(self, env, remittance_id):
        """A transfer that is awaited, and its money on the bank account, twice."""
        provider = env["payment.provider"].search([("name", "=", NAME)])
        provider.write({"code": "custom", "custom_mode": "wire_transfer"})
        attempt = self._attempt(env, remittance_id)
        attempt._set_pending()
        reference = attempt.o2c_remittance_id.payment_reference
        journal = provider.journal_id
        line = {
            "payment_ref": f"{NAME} {reference}",
            "journal_id": journal.id,
            "amount": attempt.amount,
        }
        lines = env["account.bank.statement.line"].create([line, line])
        return attempt.id, lines.ids
