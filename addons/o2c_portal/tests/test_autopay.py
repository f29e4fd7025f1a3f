import doctest
from contextlib import contextmanager, suppress
from unittest.mock import patch

from freezegun import freeze_time

from odoo import SUPERUSER_ID, Command, api
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import BaseCase, new_test_user, tagged

from ..domain import autopay as rules
from .portal_common import PortalCommon

PROVIDER = "odoo.addons.payment.models.payment_transaction.PaymentTransaction"


class AutopayCommon(PortalCommon):
    """A customer with a saved card, and a provider that answers as told."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.payer = cls.user_a.partner_id
        cls.card = cls.save_card(cls.payer)
        customers = (cls.customer, cls.other_customer)
        cls.debtor_model._ensure([(customer, cls.company) for customer in customers])

    @classmethod
    def save_card(cls, partner):
        return (
            cls.env["payment.token"]
            .sudo()
            .create(
                {
                    "provider_id": cls.provider.id,
                    "payment_method_id": cls.provider.payment_method_ids[:1].id,
                    "payment_details": "4242",
                    "partner_id": partner.id,
                    "provider_ref": "card",
                }
            )
        )

    def mandate(self, cap=1000, day=0, card=None, actor=None, **changed):
        account, card = self.account(), card or self.card
        terms = {
            "schedule": "monthly" if day else "due",
            "day": day,
            "cap": cap,
            "currency": self.company.currency_id,
        }
        text = account._autopay_text(card, **terms)
        consent = {"text": text, "address": "203.0.113.9", **changed}
        return account._start_autopay(actor or self.payer, card, terms, **consent)

    def run_job(self, day=None, answer="done"):
        """The job on a day; the provider answers with a state, or an exception."""
        with self.provider_says(answer) as asked, freeze_time(f"{day or self.today()}"):
            self.env.flush_all()
            with self.enter_registry_test_mode(), self.env.registry.cursor() as cr:
                self._run(self.root_env(cr)["o2c.autopay"])
        self.env.invalidate_all()
        self.mails_leave()
        return asked

    def _run(self, mandates):
        # Who is killed leaves what he committed: the outer cursor is a test's.
        with suppress(SystemExit):
            mandates._cron_autopay()

    def mails_leave(self):
        """As after a commit, which there is none of in a test."""
        notices = self.env["mail.notification"].sudo()
        notices = notices.search([("notification_status", "=", "ready")])
        notices.notification_status = "sent"

    def root_env(self, cr):
        return api.Environment(cr, SUPERUSER_ID, {})

    def today(self):
        return "2026-06-15 12:00:00"

    @contextmanager
    def provider_says(self, answer):
        asked = []

        def request(transaction):
            asked.append((transaction.reference, transaction.amount))
            if callable(answer):
                answer(transaction)
            elif isinstance(answer, BaseException):
                raise answer
            else:
                _answer(transaction, answer)

        with patch(f"{PROVIDER}._send_payment_request", request):
            yield asked

    def charges(self):
        return self.env["o2c.autopay.charge"].sudo().search([], order="id")

    def states(self):
        return self.charges().mapped("state")

    def told(self):
        """Subjects of what the payer got, oldest first."""
        messages = self.account().message_ids.filtered(
            lambda message: self.payer in message.notified_partner_ids
        )
        return messages.sorted("id").mapped("subject")

    def tasks(self):
        return self.account().activity_ids.mapped("summary")


def _answer(transaction, state):
    if state == "error":
        transaction._set_error("Declined")
    elif state == "cancel":
        transaction._set_canceled("Stolen card")
    else:
        getattr(transaction, f"_set_{state}")()


@tagged("post_install", "-at_install")
class TestAutopayRules(BaseCase):
    def test_the_examples_in_the_rules_hold(self):
        result = doctest.testmod(rules)
        self.assertGreater(result.attempted, 0)
        self.assertEqual(result.failed, 0)


@tagged("post_install", "-at_install")
class TestAutopay(AutopayCommon):
    """Announced, charged once, within what was agreed to."""

    def test_what_is_due_is_announced_then_charged_once(self):
        late = self.invoice(100, date="2026-05-01", due="2026-05-02")
        soon = self.invoice(50, due="2026-06-18")
        later = self.invoice(70, due="2026-06-19")
        self.mandate()
        self.assertEqual(self.run_job(), [])
        [charge] = self.charges()
        self.assertEqual((charge.state, charge.amount_announced), ("announced", 150))
        self.assertEqual(str(charge.date), "2026-06-18")
        self.assertRegex(self.told()[-1], r"charges.*150.*2026")
        self.assertIn(late.name, charge.message_id.body)
        self.assertIn("4242", charge.message_id.body)
        for day in ("2026-06-15", "2026-06-17 23:59:00"):
            self.assertEqual(self.run_job(day), [], "not before its day")
        asked = self.run_job("2026-06-18 01:00:00")
        self.assertEqual([amount for _reference, amount in asked], [150])
        self.assertEqual(self.run_job("2026-06-18 02:00:00"), [])
        self.assertEqual((late | soon).mapped("amount_residual"), [0, 0])
        self.assertEqual(later.amount_residual, 70)
        self.assertEqual(self.charges()[0].state, "done")
        self.assertEqual(len(self.charges()[0].transaction_ids), 1)

    def test_the_next_invoice_is_announced_on_its_own(self):
        self.invoice(50, due="2026-06-18")
        self.mandate()
        self.run_job()
        self.invoice(70, due="2026-06-19")
        self.run_job("2026-06-16")
        self.assertEqual(self.charges().mapped("amount_announced"), [50, 70])
        self.assertEqual(len(set(self.charges().mapped("date"))), 2)

    def test_a_second_worker_finds_nothing_while_one_asks(self):
        invoice = self.invoice(100)
        self.mandate()
        self.run_job()
        others = []

        def while_it_is_asked(transaction):
            others.append(transaction.reference)
            with self.env.registry.cursor() as cr:
                self.root_env(cr)["o2c.autopay"]._cron_autopay()
            transaction._set_done()

        asked = self.run_job("2026-06-18", while_it_is_asked)
        self.assertEqual((len(asked), len(others)), (1, 1))
        self.assertEqual(invoice.amount_residual, 0)

    def test_killed_before_the_answer_it_is_a_person_s_and_never_asked_again(self):
        self.invoice(100)
        self.mandate()
        self.run_job()
        self.run_job("2026-06-18 01:00:00", SystemExit("kill"))
        [charge] = self.charges()
        self.assertEqual((charge.state, charge.tries), ("asked", 1))
        self.assertEqual(charge.transaction_ids.state, "draft")
        self.assertEqual(self.run_job("2026-06-18 01:10:00"), [], "may still answer")
        self.assertEqual(charge.state, "asked")
        self.assertEqual(self.run_job("2026-06-18 01:40:00"), [])
        self.assertEqual(charge.state, "unknown")
        self.assertIn(f"Autopay: was {charge.reference} charged?", self.tasks())
        self.assertEqual(self.run_job("2026-06-22"), [])
        self.assertEqual(len(self.charges()), 1, "nor announced again")
        charge.transaction_ids._set_done()
        self.assertEqual(charge.state, "done")

    def test_a_person_says_that_a_lost_charge_was_none(self):
        self.invoice(100)
        self.mandate()
        self.run_job()
        collector = self._clerk("autopay_collector", "o2c_base.group_collector")
        self.run_job("2026-06-18", KeyError("id"))
        [charge] = self.charges()
        self.assertEqual((charge.state, self.resting()), ("unknown", 100))
        charge.with_user(collector).action_not_charged()
        self.assertEqual((charge.state, self.resting()), ("cancelled", 0))
        with self.assertRaises(UserError):
            charge.with_user(collector).action_not_charged()
        self.run_job("2026-06-19")
        self.assertEqual(self.states(), ["cancelled", "announced"])

    def _clerk(self, login, group):
        return new_test_user(
            self.env,
            login=login,
            groups=group,
            company_id=self.company.id,
            company_ids=[Command.set(self.company.ids)],
        )

    def resting(self):
        return sum(self.account()._portal_items().mapped("amount_in_transit"))

    # ------------------------------------------------------------------
    # How much
    # ------------------------------------------------------------------

    def test_no_more_than_the_limit_and_whole_invoices(self):
        first = self.invoice(60, due="2026-06-16")
        second = self.invoice(50, due="2026-06-17")
        third = self.invoice(40, due="2026-06-18")
        huge = self.invoice(101, due="2026-06-15")
        self.mandate(cap=100)
        self.run_job()
        self.assertEqual(self.charges().amount_announced, 100)
        asked = self.run_job("2026-06-18")
        self.assertEqual([amount for _reference, amount in asked], [100])
        left = (first | second | third | huge).mapped("amount_residual")
        self.assertEqual(left, [0, 50, 0, 101])

    def test_what_was_paid_or_disputed_meanwhile_is_left_out(self):
        paid, part, whole = self.invoice(100), self.invoice(80), self.invoice(70)
        self.mandate()
        self.run_job()
        self.match(paid, self.payment(100))
        reason = self.env["o2c.dispute.reason"].search(
            [("kind", "!=", "deduction"), ("child_ids", "=", False)], limit=1
        )
        for move, amount in ((part, 30), (whole, 70)):
            self.env["o2c.dispute"].create(
                {"move_id": move.id, "reason_id": reason.id, "amount": amount}
            )
        asked = self.run_job("2026-06-18")
        self.assertEqual([amount for _reference, amount in asked], [50])
        self.assertEqual([part.amount_residual, whole.amount_residual], [30, 70])

    def test_nothing_is_charged_when_nothing_is_left_or_more_became_open(self):
        invoice, other = self.invoice(100), self.invoice(50)
        payment = self.payment(40)
        self.match(other, payment)
        self.mandate()
        self.run_job()
        self.assertEqual(self.charges().amount_announced, 110)
        self.receivable_lines(payment).remove_move_reconcile()
        payment.action_draft()
        self.match(invoice, self.payment(100))
        asked = self.run_job("2026-06-18")
        self.assertEqual([amount for _reference, amount in asked], [10], "as announced")

    def test_own_credits_and_promises_are_not_charged(self):
        self.invoice(100)
        self.credit_note(30)
        promised = self.invoice(50, due="2026-06-18")
        self.account()._take_promise(
            [(self.day("2026-06-30"), 50)], items=self.receivable_lines(promised)
        )
        self.mandate()
        self.run_job()
        self.assertEqual(self.charges().amount_announced, 70)

    def test_an_announcement_to_which_nothing_is_left_lapses(self):
        invoice = self.invoice(100)
        self.mandate()
        self.run_job()
        self.match(invoice, self.payment(100))
        self.assertEqual(self.run_job("2026-06-18"), [])
        self.assertEqual(self.charges().reason, "nothing_left")

    def test_what_the_customer_pays_himself_meanwhile_is_not_charged(self):
        self.invoice(100)
        self.mandate()
        self.run_job()
        self.transaction(self.charges().announced_id)._set_pending()
        self.assertEqual(self.run_job("2026-06-18"), [])
        self.assertEqual(self.charges().reason, "nothing_left")

    def test_announced_items_are_not_chased(self):
        self.invoice(100, date="2026-05-01", due="2026-05-02")
        self.mandate()
        self.assertEqual(self.resting(), 0)
        self.run_job()
        self.assertEqual(self.resting(), 100)
        account = self.account()
        account._note_decision()
        self.assertEqual(account.chase_reason, "in_transit")

    # ------------------------------------------------------------------
    # When
    # ------------------------------------------------------------------

    def test_once_a_month_on_the_last_day_where_there_is_no_31st(self):
        self.invoice(100)
        self.invoice(70, due="2026-07-20")
        self.mandate(day=31)
        for day in ("2026-06-15", "2026-06-26"):
            self.run_job(day)
            self.assertFalse(self.charges())
        self.run_job("2026-06-27")
        self.assertEqual(str(self.charges().date), "2026-06-30")
        self.run_job("2026-06-30")
        for day in ("2026-07-01", "2026-07-27"):
            self.run_job(day)
        self.assertEqual(self.charges().mapped("amount_announced"), [100])
        self.run_job("2026-07-28")
        self.assertEqual(self.charges().mapped("amount_announced"), [100, 70])

    def test_the_day_is_the_company_s(self):
        self.company.partner_id.tz = "Pacific/Auckland"
        self.invoice(100)
        self.mandate()
        self.run_job("2026-06-15 13:00:00")  # the 16th there
        self.assertEqual(str(self.charges().date), "2026-06-19")
        self.assertEqual(self.run_job("2026-06-18 11:59:00"), [])
        self.assertEqual(len(self.run_job("2026-06-18 12:01:00")), 1)

    def test_a_job_that_did_not_run_for_days_announces_anew(self):
        self.invoice(100)
        self.mandate()
        self.run_job()
        self.assertEqual(self.run_job("2026-06-22"), [])
        self.assertEqual(self.states(), ["cancelled", "announced"])
        self.assertEqual(str(self.charges()[1].date), "2026-06-25")

    def test_without_a_notice_that_left_nothing_is_charged(self):
        self.invoice(100)
        self.mandate()
        self.run_job()
        notice = self.charges().message_id.sudo().notification_ids
        with patch.object(type(self), "mails_leave", lambda self: None):
            notice.notification_status = "ready"
            self.assertEqual(self.run_job("2026-06-18"), [])
        self.assertEqual(self.states(), ["announced"])
        notice.notification_status = "exception"
        self.assertEqual(self.run_job("2026-06-19"), [])
        self.assertEqual(self.charges()[0].reason, "not_told")
        self.assertIn("Autopay: the notice did not reach the payer", self.tasks())

    # ------------------------------------------------------------------
    # Failures
    # ------------------------------------------------------------------

    def test_what_may_work_another_day_is_tried_twice_more(self):
        self.invoice(100, date="2026-05-01", due="2026-05-02")
        mandate = self.mandate()
        self.run_job()
        self.assertEqual(len(self.run_job("2026-06-18", "error")), 1)
        [charge] = self.charges()
        self.assertEqual((charge.state, charge.problem), ("retry", "Declined"))
        self.assertEqual(str(charge.date_next), "2026-06-19")
        self.assertEqual(self.resting(), 100)
        self.assertEqual(self.run_job("2026-06-18 18:00:00", "error"), [])
        refused = ValidationError("Could not establish the connection")
        self.assertEqual(len(self.run_job("2026-06-19", refused)), 1)
        self.assertEqual(str(charge.date_next), "2026-06-22")
        self.assertEqual(self.run_job("2026-06-21"), [])
        self.assertEqual(len(self.run_job("2026-06-22", "error")), 1)
        self.assertEqual((charge.state, mandate.stop_reason), ("failed", "failed"))
        with freeze_time("2026-06-22"):
            self.assertEqual(self.resting(), 0)
        self.assertIn("Autopay ended. A charge failed too often", self.tasks())
        self.assertEqual(len(set(charge.transaction_ids.mapped("reference"))), 3)
        self.assertEqual(len(self.told()), 3)  # begun, announced, ended
        self.assertEqual(self.run_job("2026-06-26"), [])

    def test_a_retry_that_works_ends_the_ladder(self):
        invoice = self.invoice(100)
        mandate = self.mandate()
        self.run_job()
        self.run_job("2026-06-18", "error")
        self.run_job("2026-06-19")
        self.assertEqual((self.states(), mandate.state), (["done"], "active"))
        self.assertEqual(invoice.amount_residual, 0)

    def test_money_of_a_failed_try_that_comes_after_all_is_not_asked_for_again(self):
        invoice = self.invoice(100)
        self.mandate()
        self.run_job()
        self.run_job("2026-06-18", "error")
        transaction = self.charges().transaction_ids
        transaction._set_done()
        transaction._post_process()
        self.assertEqual(self.run_job("2026-06-19"), [])
        self.assertEqual((self.states(), invoice.amount_residual), (["done"], 0))

    def test_what_is_called_off_for_good_stops_at_once(self):
        self.invoice(100)
        mandate = self.mandate()
        self.run_job()
        self.run_job("2026-06-18", "cancel")
        self.assertEqual((self.states(), mandate.stop_reason), (["failed"], "refused"))
        self.assertEqual(self.charges().problem, "Stolen card")
        self.assertIn("Autopay ended. A charge was refused for good", self.tasks())

    def test_money_under_way_rests_and_is_not_asked_for_again(self):
        invoice = self.invoice(100)
        self.mandate()
        self.run_job()
        self.run_job("2026-06-18", "pending")
        self.assertEqual(self.states(), ["pending"])
        for day in ("2026-06-19", "2026-07-10"):
            self.assertEqual(self.run_job(day), [])
        self.assertEqual(len(self.charges()), 1)
        self.charges().transaction_ids._set_done()
        self.charges().transaction_ids._post_process()
        self.assertEqual((self.states(), invoice.amount_residual), (["done"], 0))

    def test_one_bad_mandate_stops_no_other(self):
        other = self.save_card(self.user_b.partner_id)
        theirs = self.invoice(40, partner=self.other_customer)
        mine = self.invoice(100)
        self.mandate()
        account = self.account(self.other_customer)
        terms = {
            "schedule": "due",
            "day": 0,
            "cap": 50,
            "currency": self.company.currency_id,
        }
        account._start_autopay(
            other.partner_id, other, terms, account._autopay_text(other, **terms), "-"
        )
        self.run_job()
        kind = type(self.charges())
        prepare = kind._set_asked

        def first_fails(charge, amounts, today):
            if charge.debtor_id.partner_id == self.customer:
                raise ValueError("bad record")
            return prepare(charge, amounts, today)

        with (
            patch.object(kind, "_set_asked", first_fails),
            self.assertLogs("odoo.addons.o2c_base.tools.transaction", "ERROR"),
        ):
            self.run_job("2026-06-18")
        self.assertEqual((mine.amount_residual, theirs.amount_residual), (100, 0))
        self.run_job("2026-06-18 13:00:00")
        self.assertEqual(mine.amount_residual, 0)

    # ------------------------------------------------------------------
    # Beginning and stopping
    # ------------------------------------------------------------------

    def test_what_was_agreed_to_is_kept(self):
        mandate = self.mandate(cap=250, day=31)
        self.assertIn("250", mandate.consent_text)
        self.assertIn("on day 31", mandate.consent_text)
        self.assertIn("4242", mandate.consent_text)
        self.assertEqual(mandate.consent_ip, "203.0.113.9")
        self.assertEqual(str(mandate.consent_at), "2026-06-15 12:00:00")
        self.assertEqual(mandate.partner_id, self.payer)
        message = self.account().message_ids.filtered("partner_ids")[:1]
        self.assertIn("on day 31", message.body)

    def test_only_one_s_own_card_and_what_was_shown_is_agreed_to(self):
        theirs = self.save_card(self.user_b.partner_id)
        with self.assertRaisesRegex(UserError, "your saved cards"):
            self.mandate(card=theirs)
        with self.assertRaisesRegex(UserError, "your saved cards"):
            self.mandate(actor=self.user_b.partner_id)
        with self.assertRaisesRegex(UserError, "agree once more"):
            self.mandate(text="I allow everything")
        self.mandate()
        with self.assertRaisesRegex(UserError, "on already"):
            self.mandate()

    def test_a_card_that_is_removed_ends_it(self):
        self.invoice(100)
        mandate = self.mandate()
        self.run_job()
        self.assertEqual(self.card.get_linked_records_info()[0]["id"], mandate.id)
        self.card.active = False
        self.assertEqual((mandate.state, mandate.stop_reason), ("stopped", "card"))
        self.assertEqual((self.states(), self.resting()), (["cancelled"], 0))
        self.assertEqual(self.run_job("2026-06-18"), [])
        self.assertIn("Autopay ended. The card was removed", self.tasks())
        again = self.mandate(card=self.save_card(self.payer))
        again.token_id.unlink()
        self.assertEqual((again.state, again.stop_reason), ("stopped", "card"))
        self.assertIn("4242", again.card)

    def test_who_left_the_customer_pays_for_him_no_more(self):
        self.invoice(100)
        mandate = self.mandate()
        self.run_job()
        self.payer.parent_id = self.other_customer
        self.assertEqual(self.run_job("2026-06-18"), [])
        self.assertEqual(mandate.stop_reason, "moved")

    def test_staff_stops_it_and_the_customer_is_told(self):
        self.invoice(100)
        mandate = self.mandate()
        self.run_job()
        auditor = self._clerk("autopay_auditor", "o2c_base.group_auditor")
        with self.assertRaises(AccessError):
            mandate.with_user(auditor).action_stop()
        stranger = self._clerk("autopay_stranger", "base.group_user")
        with self.assertRaises(AccessError):
            mandate.with_user(stranger).action_stop()
        with self.assertRaises(AccessError):
            mandate.with_user(self.user_a).read(["state"])
        collector = self._clerk("autopay_collector", "o2c_base.group_collector")
        with self.assertRaises(AccessError):
            mandate.with_user(collector).write({"amount_cap": 5})
        mandate.with_user(collector).action_stop()
        self.assertEqual((mandate.stop_reason, self.states()), ("staff", ["cancelled"]))
        self.assertEqual(len(self.told()), 3)
        self.assertEqual(self.run_job("2026-06-18"), [])

    def test_a_merge_ends_it(self):
        mandate = self.mandate()
        target = self.account(self.other_customer)
        self.account()._merge_into(target)
        self.assertEqual((mandate.stop_reason, mandate.debtor_id), ("merged", target))

    def test_a_copy_made_for_tests_charges_nobody(self):
        self.invoice(100)
        self.mandate()
        self.env["ir.config_parameter"].set_param("database.is_neutralized", True)
        self.run_job()
        self.assertFalse(self.charges())
