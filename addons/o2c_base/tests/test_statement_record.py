from datetime import timedelta

import psycopg2
from freezegun import freeze_time

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, new_test_user, tagged
from odoo.tools import mute_logger

from .common import TODAY, ReceivablesCommon


@tagged("post_install", "-at_install")
class TestStatementRecord(ReceivablesCommon):
    """The wizard, what is kept of a statement, and the customer's answer."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer.write({"email": "pay@bolt.example", "lang": "en_US"})
        cls.collector = cls.new_user("collector", "o2c_base.group_collector")

    def setUp(self):
        super().setUp()
        self.invoice(100, date="2026-05-01")
        self.refresh()
        self.account = self.debtor()

    @classmethod
    def new_user(cls, login, group, companies=None):
        companies = companies or cls.company
        return new_test_user(
            cls.env,
            login=login,
            groups=group,
            email=f"{login}@kessler.example",
            company_id=companies[0].id,
            company_ids=[Command.set(companies.ids)],
        )

    def wizard(self, user=None, debtors=None, **values):
        model = self.env["o2c.statement.wizard"].with_user(user or self.collector)
        ids = (debtors or self.account).ids
        return model.create({"debtor_ids": [Command.set(ids)], **values})

    def sent(self, **values):
        """A statement that asks for confirmation and was sent."""
        statement = self.env["o2c.statement"]._keep(
            self.account._statement(), asks_confirmation=True, **values
        )
        statement._set_sent("Ann")
        return statement.with_user(self.collector)

    def events(self, kind):
        return self.env["o2c.event"].sudo().search([("kind", "=", kind)])

    # ------------------------------------------------------------------
    # The wizard
    # ------------------------------------------------------------------

    def test_the_account_opens_the_wizard_for_itself(self):
        action = self.account.with_user(self.collector).action_statement()
        model = self.env[action["res_model"]].with_user(self.collector)
        form = Form(model.with_context(**action["context"]))
        self.assertEqual(form.as_of, fields.Date.to_date(TODAY))
        self.assertEqual(form.balance, "100.00 USD")
        self.assertIn("English", form.languages)
        form.form = "activity"
        self.assertEqual(form.date_from, fields.Date.to_date("2026-04-01"))

    def test_a_list_of_customers_opens_it_for_all(self):
        self.invoice(5, partner=self.new_customer("Second"))
        self.refresh()
        accounts = self.debtor_model.search([("company_id", "=", self.company.id)])
        context = {"active_model": "o2c.debtor", "active_ids": accounts.ids}
        wizard = self.env["o2c.statement.wizard"].with_context(**context).create({})
        self.assertEqual(wizard.debtor_ids, accounts)
        self.assertEqual(wizard.debtor_count, 2)
        with self.assertRaises(UserError):
            wizard.action_send()

    def test_print_and_preview_carry_all_choices(self):
        wizard = self.wizard(form="activity", date_from="2026-01-01")
        for button, kind in (("preview", "qweb-html"), ("print", "qweb-pdf")):
            action = getattr(wizard, f"action_{button}")()
            self.assertEqual(action["report_type"], kind)
            self.assertEqual(
                action["data"],
                {
                    "debtor_ids": self.account.ids,
                    "as_of": TODAY,
                    "date_from": "2026-01-01",
                    "form": "activity",
                    "asks_confirmation": False,
                },
            )
        self.assertFalse(self.env["o2c.statement"].search([]))

    def test_dates_in_the_wrong_order_are_refused_by_every_button(self):
        wizard = self.wizard(form="activity", date_from="2026-07-01")
        for button in ("preview", "print", "export", "send"):
            with self.subTest(button), self.assertRaises(UserError):
                getattr(wizard, f"action_{button}")()

    def test_an_auditor_looks_and_leaves_no_trace(self):
        auditor = self.new_user("auditor", "o2c_base.group_auditor")
        self.wizard(auditor).action_print()
        self.wizard(auditor).action_export()
        for button in ("action_print", "action_send"):
            with self.subTest(button), self.assertRaises(AccessError):
                getattr(self.wizard(auditor, asks_confirmation=True), button)()

    def test_nobody_makes_statements_of_another_companys_customers(self):
        other = self.setup_other_company(name="Other")["company"]
        stranger = self.new_user("stranger", "o2c_base.group_collector", other)
        with self.assertRaises(AccessError):
            self.wizard(stranger)
        branch = self.env["res.company"].create(
            {"name": "Branch", "parent_id": self.company.id}
        )
        wizard = self.wizard(self.new_user("local", "o2c_base.group_collector", branch))
        for button in ("preview", "print", "export", "send"):
            with self.subTest(button), self.assertRaises(AccessError):
                getattr(wizard, f"action_{button}")()

    # ------------------------------------------------------------------
    # E-mail
    # ------------------------------------------------------------------

    def compose(self, **values):
        action = self.wizard(**values).action_send()
        model = self.env["mail.compose.message"].with_user(self.collector)
        return Form(model.with_context(**action["context"])).save()

    def test_the_email_goes_to_accounts_payable_with_the_statement(self):
        payable = self.new_customer(
            "Ann",
            parent_id=self.customer.id,
            email="ann@bolt.example",
            o2c_contact_role="accounts_payable",
        )
        composer = self.compose()
        self.assertEqual(composer.partner_ids, payable)
        self.assertEqual(len(composer.attachment_ids), 1)
        self.assertIn("Customer", composer.attachment_ids.name)
        self.assertIn("06/15/2026", composer.body)
        self.assertEqual(self.account.statement_count, 0)
        composer._action_send_mail()
        message = self.account.message_ids[0]
        self.assertEqual(message.partner_ids, payable)
        kept = self.account.statement_ids
        self.assertEqual(kept.attachment_id, message.attachment_ids)
        self.assertEqual((kept.state, kept.recipient), ("sent", "Ann"))
        self.account.invalidate_recordset()
        self.assertEqual(self.account.statement_count, 1)
        self.assertEqual(self.events("statement_sent").debtor_id, self.account)

    def test_a_note_among_colleagues_sends_nothing(self):
        composer = self.compose(asks_confirmation=True)
        composer.write({"partner_ids": False, "subtype_is_log": True})
        composer._action_send_mail()
        self.assertTrue(self.account.message_ids[0].attachment_ids)
        self.assertEqual(self.account.statement_ids.state, "draft")
        self.assertEqual(self.account.statement_count, 0)

    def test_printing_twice_asks_once(self):
        wizard = self.wizard(asks_confirmation=True)
        wizard.action_print()
        wizard.action_print()
        self.assertEqual(len(self.account.statement_ids), 1)
        self.invoice(10)
        self.env.flush_all()
        wizard.action_print()  # another balance is another question
        self.assertEqual(len(self.account.statement_ids), 2)

    def test_the_email_is_in_the_customers_language(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self.customer.lang = "fr_FR"
        self.assertIn("15/06/2026", self.compose().body)

    def test_an_email_that_is_not_sent_counts_for_nothing(self):
        self.compose()
        draft = self.account.statement_ids
        self.assertEqual(draft.state, "draft")
        self.env.flush_all()
        self.cr.execute(
            "UPDATE o2c_statement SET create_date = %s",
            [fields.Datetime.now() - timedelta(days=8)],
        )
        draft.invalidate_recordset()
        self.env["o2c.statement"].sudo()._gc_drafts()
        self.assertFalse(draft.exists())

    # ------------------------------------------------------------------
    # Balance confirmation
    # ------------------------------------------------------------------

    def test_a_printed_confirmation_is_kept_and_waits(self):
        self.wizard(asks_confirmation=True).action_print()
        kept = self.account.statement_ids
        self.assertEqual((kept.state, kept.answer), ("sent", "pending"))
        self.assertEqual(kept.balance_text, "100.00 USD")
        self.invoice(7)  # the figures of the letter stay
        kept.invalidate_recordset()
        self.assertEqual(kept.figures["currencies"][0]["closing"], 100.0)

    def test_one_click_records_that_the_customer_agrees(self):
        statement = self.sent()
        statement.action_agree()
        self.assertEqual(statement.answer, "agreed")
        self.assertEqual(statement.answered_on, fields.Date.to_date(TODAY))
        self.assertIn("confirmed the balance", self.account.message_ids[0].body)
        self.assertEqual(self.events("statement_answered").payload["answer"], "agreed")

    def test_a_disagreement_shows_its_difference_and_its_evidence(self):
        statement = self.sent()
        page = (
            self.env["ir.attachment"]
            .with_user(self.collector)
            .create({"name": "signed.pdf", "raw": b"%PDF-1.4"})
        )
        action = statement.action_answer()
        model = self.env[action["res_model"]].with_user(self.collector)
        form = Form(model.with_context(**action["context"]))
        form.answer = "disagreed"
        form.answered_by = "<b>Ann</b>"
        form.note = "The May invoice is missing"
        with form.line_ids.edit(0) as line:
            line.amount_theirs = 80.1
        wizard = form.save()
        wizard.evidence_ids = page
        wizard.action_record()
        self.assertEqual(statement.answer, "disagreed")
        self.assertEqual(statement.difference_text, "19.90 USD")
        self.assertEqual(statement.evidence_ids, page)
        self.assertEqual((page.res_model, page.res_id), (statement._name, statement.id))
        self.assertIn("19.90 USD", self.account.message_ids[0].body)

    def test_the_list_of_answers_that_are_long_due(self):
        statement = self.sent()
        search = self.env.ref("o2c_base.o2c_statement_view_search").arch
        self.assertIn("'today -14d'", search)
        domain = [("answer", "=", "pending"), ("date_sent", "<", "today -14d")]
        self.assertFalse(statement.search(domain))
        with freeze_time("2026-06-30 12:00:00"):
            self.assertEqual(statement.search(domain), statement)

    def test_who_may_not_answer(self):
        statement = self.sent()
        auditor = self.new_user("auditor2", "o2c_base.group_auditor")
        self.assertEqual(statement.with_user(auditor).balance_text, "100.00 USD")
        with self.assertRaises(AccessError):
            statement.with_user(auditor).action_agree()
        with self.assertRaises(AccessError):
            statement.write({"answer": "agreed"})
        other = self.setup_other_company(name="Other")["company"]
        stranger = self.new_user("stranger2", "o2c_base.group_collector", other)
        self.assertFalse(statement.with_user(stranger).search([]))
        with self.assertRaises(AccessError):
            statement.with_user(stranger).action_agree()

    def test_files_of_others_are_no_evidence(self):
        statement = self.sent()
        secret = self.env["ir.attachment"].create({"name": "secret", "raw": b"x"})
        with self.assertRaises(AccessError):
            statement._set_answered("agreed", evidence=secret.with_user(self.collector))

    def test_a_plain_statement_takes_no_answer(self):
        plain = self.env["o2c.statement"]._keep(self.account._statement())
        plain._set_sent("Ann")
        self.assertFalse(plain.answer)
        with self.assertRaises(UserError):
            plain.with_user(self.collector).action_agree()

    # ------------------------------------------------------------------
    # Schedule and merge
    # ------------------------------------------------------------------

    def test_the_account_says_how_often_else_its_segment(self):
        segment = self.env["o2c.segment"].create(
            {"name": "Keys", "code": "keys", "statement_frequency": "monthly"}
        )

        def in_effect():
            value = self.account.statement_frequency_effective
            found = self.debtor_model.search(
                [("statement_frequency_effective", "=", value)]
            )
            self.assertIn(self.account, found)
            return value

        self.assertEqual(in_effect(), "never")
        self.account.sudo().segment_id = segment
        self.assertEqual(in_effect(), "monthly")
        self.account.with_user(self.collector).statement_frequency = "quarterly"
        self.assertEqual(in_effect(), "quarterly")
        self.account.statement_frequency = "never"
        self.assertEqual(in_effect(), "never")

    def test_a_period_has_one_scheduled_statement(self):
        values = {"kind": "scheduled", "period": "2026-05"}
        first = self.sent(**values)
        with (
            self.assertRaises(psycopg2.IntegrityError),
            mute_logger("odoo.sql_db"),
            self.cr.savepoint(),
        ):
            self.sent(**values)
        second = self.new_customer("Second")
        self.invoice(1, partner=second)
        self.refresh()
        target = self.debtor(second).sudo()
        self.env["o2c.statement"]._keep(target._statement(), **values)
        self.account.sudo()._merge_into(target)
        self.assertEqual(first.debtor_id, target)
        self.assertEqual(len(target.statement_ids), 2)

    def test_the_smart_button_counts_what_it_opens(self):
        self.sent()
        self.env["o2c.statement"]._keep(self.account._statement())  # a draft
        self.account.invalidate_recordset()
        action = self.account.action_open_statements()
        listed = self.env["o2c.statement"].search_count(action["domain"])
        self.assertEqual((self.account.statement_count, listed), (1, 1))
