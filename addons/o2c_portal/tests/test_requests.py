from lxml import html

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from .portal_common import PortalCommon, PortalHttpCommon

HOSTILE = "<script>alert(1)</script> {{ 7 * 7 }} =HYPERLINK('x')"


class RequestCommon(PortalCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.late = cls.invoice(100, date="2026-05-01", due="2026-05-02")
        cls.theirs = cls.invoice(
            77, date="2026-05-01", due="2026-05-02", partner=cls.other_customer
        )
        cls.collector = cls._clerk("req_collector", "o2c_base.group_collector")
        cls.manager = cls._clerk("req_manager", "o2c_base.group_manager")

    @classmethod
    def _clerk(cls, login, group):
        return new_test_user(
            cls.env,
            login=login,
            groups=group,
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
        )

    def asked(self, partner=None):
        requests = self.env["o2c.portal.request"].sudo()
        return requests.search([("debtor_id", "=", self.account(partner).id)])

    def request_promise(self, *lines):
        account = self.account()
        return account._request_promise(
            list(lines),
            self.receivable_lines(self.late),
            account.currency_id,
            self.user_a.partner_id,
            HOSTILE,
        )


@tagged("post_install", "-at_install")
class TestRequests(RequestCommon):
    """Nothing a customer asks for takes effect before a person accepts it."""

    def test_a_request_is_a_task_with_the_customer_s_words(self):
        request = self.request_promise(("2026-12-01", 100))
        [activity] = request.activity_ids
        self.assertIn("alert(1)", activity.note)
        self.assertNotIn("<script>", activity.note)
        self.assertIn("100", activity.note)
        self.assertFalse(self.account().promise_ids)

    def test_asking_again_lets_nothing_rest_again(self):
        self.request_promise(("2026-12-01", 100))
        account = self.account()
        self.assertTrue(account.paused_until)
        account.paused_until = False
        self.request_promise(("2026-12-01", 100))
        self.assertFalse(account.paused_until)

    def test_a_promise_is_accepted_by_who_may(self):
        request = self.request_promise(("2026-12-01", 100))
        with self.assertRaisesRegex(UserError, "beyond what you may"):
            request.with_user(self.collector).action_accept()
        self.assertEqual(request.state, "new")
        request.with_user(self.manager).action_accept()
        promise = self.account().promise_ids
        self.assertEqual((promise.amount, promise.channel), (100, "portal"))
        self.assertEqual(request.state, "accepted")
        self.assertFalse(request.activity_ids)
        with self.assertRaisesRegex(UserError, "decided already"):
            request.with_user(self.manager).action_accept()

    def test_what_is_refused_changes_nothing(self):
        request = self.request_promise(("2026-12-01", 100))
        request.with_user(self.collector).action_refuse()
        self.assertEqual(request.state, "refused")
        self.assertFalse(self.account().promise_ids)

    def test_a_paid_item_is_promised_no_more(self):
        request = self.request_promise(("2026-12-01", 100))
        payment = self.payment(100)
        lines = self.receivable_lines(self.late) + self.receivable_lines(payment)
        lines.reconcile()
        self.account()
        with self.assertRaisesRegex(UserError, "is paid"):
            request.with_user(self.manager).action_accept()

    def test_the_right_person_is_written_to_once_accepted(self):
        actor = self.user_a.partner_id
        actor.o2c_contact_role = "accounts_payable"
        request = self.account()._request_wrong_person("Ask Ms Right", actor)
        with self.assertRaisesRegex(UserError, "Enter the contact"):
            request.with_user(self.collector).action_accept()
        mine = request.with_user(self.collector)
        mine.write({"person_name": "Ms Right", "person_email": "right@example.com"})
        self.assertEqual(actor.o2c_contact_role, "accounts_payable")
        mine.action_accept()
        person = self.customer.child_ids.filtered(lambda p: p.name == "Ms Right")
        self.assertEqual(person.o2c_contact_role, "accounts_payable")
        self.assertFalse(actor.o2c_contact_role)

    def test_an_invoice_contact_is_the_one_invoices_go_to(self):
        request = self.account()._request_contact(
            "Books", "books@example.com", self.user_a.partner_id, False, True
        )
        self.assertNotIn("Books", self.customer.child_ids.mapped("name"))
        request.with_user(self.collector).action_accept()
        found = self.customer.address_get(["invoice"])["invoice"]
        self.assertEqual(self.env["res.partner"].browse(found).name, "Books")

    def test_words_and_state_are_not_users_to_write(self):
        request = self.request_promise(("2026-12-01", 100)).with_user(self.manager)
        for values in ({"state": "accepted"}, {"text": "x"}, {"proposal": []}):
            with self.subTest(values), self.assertRaises(AccessError):
                request.write(values)

    def test_customers_and_others_decide_nothing(self):
        request = self.request_promise(("2026-12-01", 100))
        stranger = self._clerk("req_stranger", "base.group_user")
        elsewhere = new_test_user(
            self.env,
            login="req_elsewhere",
            groups="o2c_base.group_manager",
            company_id=self.env.ref("base.main_company").id,
            company_ids=[Command.set(self.env.ref("base.main_company").ids)],
        )
        for user in (self.user_a, stranger, elsewhere):
            with self.subTest(user.login), self.assertRaises(AccessError):
                request.with_user(user).action_accept()
        self.assertEqual(request.state, "new")

    def test_bad_names_and_addresses_are_refused(self):
        account, actor = self.account(), self.user_a.partner_id
        for name, email, role in (
            ("", "a@example.com", True),
            ("A", "nonsense", True),
            ("A", "a@example.com, b@example.com", True),
            ("A", "a@example.com", False),
        ):
            with self.subTest(name=name, email=email), self.assertRaises(UserError):
                account._request_contact(name, email, actor, role, False)


@tagged("post_install", "-at_install", "o2c_boundary")
class TestPreferences(RequestCommon, PortalHttpCommon):
    """Preferences and the one question, as a browser sends them."""

    def setUp(self):
        super().setUp()
        self.account(self.other_customer)
        self.authenticate("customer_a", "customer_a")

    def test_a_plan_beyond_the_policy_waits_for_a_person(self):
        page = self.get(f"/my/receivables/promise?line={self.line(self.late)}")
        page = self.form(page, date_0="2027-06-01", amount_0="100", note=HOSTILE)
        self.assertIn("not agreed yet", self.words(page))
        [request] = self.asked()
        self.assertEqual(request.proposal, [["2027-06-01", 100.0]])
        self.assertFalse(self.account().promise_ids)
        self.assertIn("A person looks at", self.get("/my/receivables/preferences").text)

    def test_language_and_channel_are_changed_at_once(self):
        page = self.get("/my/receivables/preferences")
        page = self.form(page, lang="en_US", invoices_by="manual")
        self.assertIn("Your choice is noted", self.words(page))
        partner = self.customer.with_company(self.company)
        partner.invalidate_recordset()
        self.assertEqual(partner.invoice_sending_method, "manual")
        theirs = self.other_customer.with_company(self.company)
        self.assertNotEqual(theirs.invoice_sending_method, "manual")

    def test_reminders_come_as_the_customer_likes_best_and_can_be_reached(self):
        self.customer.write({"email": "pay@a.example", "phone": False, "street": False})
        page = self.get("/my/receivables/preferences")
        offered = html.fromstring(page.text).xpath(
            "//select[@id='reminders_by']/option/@value"
        )
        self.assertEqual(offered, ["", "email"])
        page = self.form(page, lang="en_US", reminders_by="sms")
        self.assertIn("Choose how you want to get reminders", self.words(page))
        self.customer.phone = "+32470123456"
        page = self.get("/my/receivables/preferences")
        page = self.form(page, lang="en_US", reminders_by="sms")
        self.assertIn("Your choice is noted", self.words(page))
        account, theirs = self.account(), self.account(self.other_customer)
        (account + theirs).invalidate_recordset()
        self.assertEqual(account.preferred_channel, "sms")
        self.assertFalse(theirs.preferred_channel)
        for wrong in (
            {"reminders_by": "email", "account": theirs.id},
            {"reminders_by": "call"},
        ):
            page = self.get("/my/receivables/preferences")
            page = self.form(page, lang="en_US", **wrong)
            self.assertNotIn("Your choice is noted", page.text)
            (account + theirs).invalidate_recordset()
            self.assertEqual(account.preferred_channel, "sms")
            self.assertFalse(theirs.preferred_channel)
        self.customer.phone = False  # it stays his wish until he takes it back
        page = self.get("/my/receivables/preferences")
        chosen = "//select[@id='reminders_by']/option[@selected]/@value"
        self.assertEqual(html.fromstring(page.text).xpath(chosen), ["sms"])
        self.form(page, lang="en_US", reminders_by="sms")
        account.invalidate_recordset()
        self.assertEqual(account.preferred_channel, "sms")
        page = self.get("/my/receivables/preferences")
        self.form(page, lang="en_US", reminders_by="")
        account.invalidate_recordset()
        self.assertFalse(account.preferred_channel)

    def test_a_contact_waits_for_a_person_and_is_text(self):
        page = self.get("/my/receivables/preferences")
        values = {"lang": "en_US", "person_name": HOSTILE, "gets_reminders": "1"}
        page = self.form(page, person_email="new@example.com", **values)
        self.assertIn("before it is used", self.words(page))
        [request] = self.asked()
        self.assertEqual((request.kind, request.state), ("contact", "new"))
        self.assertNotIn("<script>", request.activity_ids.note or "")
        self.assertNotIn("new@example.com", self.customer.child_ids.mapped("email"))

    def test_what_was_typed_stays_when_it_is_wrong(self):
        page = self.get("/my/receivables/preferences")
        values = {"lang": "en_US", "person_name": "Ms Right", "text": "My words"}
        page = self.form(page, person_email="nonsense", gets_reminders="1", **values)
        self.assertIn("valid e-mail", self.words(page))
        self.assertIn('role="alert"', page.text)
        for text in ("Ms Right", "nonsense", "My words"):
            self.assertIn(text, page.text)
        self.assertFalse(self.asked())

    def test_bank_details_are_only_words(self):
        banks = self.env["res.partner.bank"].sudo().search_count([])
        page = self.get("/my/receivables/preferences")
        text = "Our new account is DE89370400440532013000"
        self.form(page, lang="en_US", text=text, acc_number="X", bank_ids="1")
        [request] = self.asked()
        self.assertEqual((request.kind, request.text), ("message", text))
        self.assertEqual(self.env["res.partner.bank"].sudo().search_count([]), banks)

    def test_an_unknown_language_is_refused(self):
        page = self.get("/my/receivables/preferences")
        self.assertIn("one of the languages", self.words(self.form(page, lang="xx_XX")))

    def test_sent_twice_is_noted_once(self):
        page = self.get("/my/receivables/preferences")
        for _time in range(2):
            self.form(page, lang="en_US", text="Call me")
        self.assertEqual(len(self.asked()), 1)

    def test_another_s_account_is_not_found(self):
        theirs = self.account(self.other_customer)
        page = self.get(f"/my/receivables/preferences?account={theirs.id}")
        self.assertEqual(page.status_code, 404)

    # ------------------------------------------------------------------
    # One question
    # ------------------------------------------------------------------

    def closed_dispute(self, move, partner=None):
        reason = self.env["o2c.dispute.reason"].search([("kind", "=", "any")], limit=1)
        account = self.account(partner)
        dispute = account.env["o2c.dispute"].create(
            {"move_id": move.id, "reason_id": reason.id, "amount": 10}
        )
        dispute._decide("rejected")
        return dispute

    def ratings(self, record):
        return self.env["rating.rating"].search(
            [("res_model", "=", record._name), ("res_id", "=", record.id)]
        )

    def answer(self, page, dispute, **values):
        marker = 'name="csrf_token" value="'
        token = page.text.split(marker, 1)[1].split('"', 1)[0]
        data = {"csrf_token": token, "about": "dispute", "number": dispute.id}
        return self.url_open("/my/receivables/question", data={**data, **values})

    def test_a_bad_answer_pauses_and_calls_a_person_once(self):
        dispute = self.closed_dispute(self.late)
        page = self.get(f"/my/receivables/dispute/{dispute.id}")
        self.assertIn("How was that for you?", page.text)
        for rate in ("1", "5"):
            done = self.answer(page, dispute, rate=rate, text=HOSTILE)
        self.assertIn("Thank you for your answer", done.text)
        [rating] = self.ratings(dispute)
        self.assertEqual((rating.rating, rating.feedback), (1, HOSTILE))
        account = self.account()
        self.assertTrue(account.paused_until)
        [activity] = account.activity_ids.filtered(
            lambda a: "Not satisfied" in (a.summary or "")
        )
        self.assertNotIn("<script>", activity.note)

    def test_a_good_answer_changes_nothing(self):
        dispute = self.closed_dispute(self.late)
        page = self.get(f"/my/receivables/dispute/{dispute.id}")
        self.answer(page, dispute, rate="5")
        self.assertEqual(self.ratings(dispute).rating, 5)
        self.assertFalse(self.account().paused_until)

    def test_no_answer_keeps_what_was_typed(self):
        dispute = self.closed_dispute(self.late)
        page = self.get(f"/my/receivables/dispute/{dispute.id}")
        for rate in ("", "7", "1e3"):
            again = self.answer(page, dispute, rate=rate, text="My words")
            self.assertIn("Choose one of the answers", again.text)
            self.assertIn("My words", again.text)
        self.assertFalse(self.ratings(dispute))

    def test_another_s_and_open_disputes_are_not_rated(self):
        mine = self.closed_dispute(self.late)
        page = self.get(f"/my/receivables/dispute/{mine.id}")
        theirs = self.closed_dispute(self.theirs, self.other_customer)
        self.assertEqual(self.answer(page, theirs, rate="1").status_code, 404)
        self.assertFalse(self.ratings(theirs))
        mine.action_reopen()
        self.answer(page, mine, rate="1")
        self.assertFalse(self.ratings(mine))

    def test_a_payment_is_asked_about_when_it_has_come(self):
        remittance = self.choose({self.late: None})
        url = f"/my/receivables/pay/{remittance.id}"
        self.assertNotIn("How was that for you?", self.get(url).text)
        self.pay(remittance)
        page = self.get(url)
        self.assertIn("How was that for you?", page.text)
        done = self.answer(page, remittance, about="payment", rate="1", text="Slow")
        self.assertIn("Thank you for your answer", done.text)
        self.assertEqual(self.ratings(remittance).rating, 1)
        self.assertTrue(self.account().paused_until)

    # ------------------------------------------------------------------
    # By link, twice, and the rest
    # ------------------------------------------------------------------

    def test_a_link_changes_no_more_than_its_contact_may(self):
        self.authenticate(None, None)
        [token] = self.env["o2c.portal.link"]._issue(
            [
                {
                    "debtor_id": self.account().id,
                    "partner_id": self.user_a.partner_id.id,
                    "purpose": "shared",
                }
            ]
        )
        self.form(self.get(f"/o2c/r/{token}"))
        page = self.get("/my/receivables/preferences")
        self.assertNotIn("invoices_by", page.text)
        page = self.form(page, lang="en_US", invoices_by="manual", text="Call me")
        self.assertIn("Your choice is noted", self.words(page))
        partner = self.customer.with_company(self.company)
        partner.invalidate_recordset()
        self.assertNotEqual(partner.invoice_sending_method, "manual")
        self.assertEqual(self.asked().actor_id, self.user_a.partner_id)
        theirs = self.closed_dispute(self.theirs, self.other_customer)
        url = f"/my/receivables/dispute/{theirs.id}"
        self.assertEqual(self.get(url).status_code, 404)
        page = self.get("/my/receivables/preferences")
        self.assertEqual(self.answer(page, theirs, rate="1").status_code, 404)
        self.assertFalse(self.ratings(theirs))

    def test_the_rest_of_a_disputed_invoice_is_what_is_paid(self):
        reason = self.env["o2c.dispute.reason"].search(
            [("kind", "!=", "deduction"), ("child_ids", "=", False)], limit=1
        )
        page = self.get("/my/receivables/dispute")
        values = {"item": self.line(self.late), "reason": reason.id, "amount": "30"}
        page = self.form(page, text="Too dear", pay_rest="1", **values)
        self.assertIn("/pay?line=", page.url)
        self.assertIn('value="70.00"', page.text)

    def test_a_message_sent_twice_is_noted_once(self):
        dispute = self.closed_dispute(self.late)
        dispute.action_reopen()
        page = self.get(f"/my/receivables/dispute/{dispute.id}")
        for text in ("", "Another word", "Another word"):
            again = self.form(page, text=text)
            if not text:
                self.assertIn('role="alert"', again.text)
        self.assertEqual(self.words(again).count("Another word"), 1)

    def test_every_page_has_the_field_for_the_customer_s_words(self):
        number = self.closed_dispute(self.late).id
        for path, name in (
            ("promise", "note"),
            ("dispute", "text"),
            (f"dispute/{number}", "text"),
            ("not-mine", "text"),
            ("preferences", "text"),
        ):
            with self.subTest(path):
                page = html.fromstring(self.get(f"/my/receivables/{path}").text)
                self.assertTrue(page.xpath(f"//textarea[@name='{name}']"))
