from lxml import etree

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools.safe_eval import safe_eval

from .common import TODAY
from .desk_common import DeskCommon


@tagged("post_install", "-at_install")
class TestDeskForm(DeskCommon):
    """The customer account shows the ledger as it is, to whom it may."""

    # ------------------------------------------------------------------
    # Smart buttons
    # ------------------------------------------------------------------

    def test_each_number_is_the_length_of_its_list(self):
        self._fill_all_lists()
        users = {
            "root only": self.collector,
            "with branch": self.new_user(
                "both",
                "o2c_base.group_collector",
                companies=self.company | self.branch,
            ),
            "branch only": self.new_user(
                "branch", "o2c_base.group_collector", company=self.branch
            ),
            "two companies": self.new_user(
                "two", "o2c_base.group_collector", companies=self.company | self.other
            ),
        }
        for name, user in users.items():
            for button, count in self._buttons(user).items():
                with self.subTest(user=name, button=button):
                    account = self.seen_by(user)
                    self.assertEqual(account[count], self._length(account, button))

    def test_the_lists_are_not_empty(self):
        """The equality above means something."""
        self._fill_all_lists()
        account = self.seen_by(self.collector)
        counts = {
            name: account[name] for name in self._buttons(self.collector).values()
        }
        self.assertEqual(
            # add-ons bring further lists, of which nothing is filled here
            {
                name: count
                for name, count in counts.items()
                if count and not name.startswith("message")
            },
            {
                "open_item_count": 3,
                "overdue_item_count": 1,
                "invoice_count": 4,
                "activity_count": 1,
                "statement_count": 1,
            },
        )

    def _fill_all_lists(self):
        self.credit_note(20)
        contact = self.new_customer("Contact", parent_id=self.customer.id)
        self.match(self.invoice(30, partner=contact), self.payment(30))
        self.credit_note(1).button_draft()
        self.invoice(7, company=self.branch, due="2026-05-01")
        self.account.activity_schedule("mail.mail_activity_data_call")
        self.invoice(9, company=self.other)
        self.env["o2c.debtor"]._ensure([(self.customer, self.other)])
        self.invoice(3, partner=self.new_customer("Somebody else"))
        self.invoice(5, post=False)
        self.env["o2c.statement"].sudo().create(  # only the keeper may
            {
                "debtor_id": self.account.id,
                "as_of": TODAY,
                "form": "open_item",
                "state": "sent",
            }
        )
        self.account.invalidate_recordset()

    def _buttons(self, user):
        """Action of each smart button that shows a number, to the number's field."""
        arch = self.seen_by(user).get_view(view_type="form")["arch"]
        box = etree.fromstring(arch).find(".//div[@name='button_box']")
        buttons = {
            button.get("name"): button.find("field").get("name")
            for button in box.findall("button")
            if button.find("field") is not None
        }
        self.assertGreaterEqual(len(buttons), 4)
        return buttons

    def _length(self, account, button):
        action = getattr(account, button)()
        context = action.get("context") or {}
        if isinstance(context, str):
            context = safe_eval(context, {"uid": account.env.uid})
        preset = [k for k in context if k.startswith("search_default_") and context[k]]
        self.assertFalse(preset, "the list would open filtered")
        model = self.env[action["res_model"]].with_env(account.env)
        return model.with_context(**context).search_count(action["domain"])

    # ------------------------------------------------------------------
    # Header
    # ------------------------------------------------------------------

    def test_the_header_is_live(self):
        account = self.seen_by(self.collector)
        self.assertEqual(account.amount_outstanding_live, 150)
        self.assertEqual(account.overdue_share, "66.7 % of what is owed")
        self.assertEqual(account.oldest_due_note, "45 days late")
        self.match(self._overdue_invoice(), self.payment(100))
        account = self.seen_by(self.collector)
        self.assertEqual(account.overdue_share, "0.0 % of what is owed")
        self.assertEqual(account.oldest_due_note, "due in 16 days")

    def _overdue_invoice(self):
        return self.env["account.move"].search(
            [
                ("partner_id", "=", self.customer.id),
                ("invoice_date_due", "=", "2026-05-01"),
                ("company_id", "=", self.company.id),
            ]
        )

    def test_the_account_shows_today_wherever_it_is_opened_from(self):
        action = self.account.with_context(o2c_as_of="2026-05-15").get_formview_action()
        self.assertEqual(action["res_id"], self.account.id)
        self.assertNotIn("o2c_as_of", action["context"])

    def test_what_is_undefined_says_so(self):
        nobody = self.new_customer("Nobody")
        account = self.debtor_model._ensure([(nobody, self.company)])
        seen = self.seen_by(self.collector, account)
        self.assertEqual(seen.overdue_share, "n/a: nothing is owed")
        self.assertEqual(seen.oldest_due_note, "n/a: nothing is open")
        self.assertFalse(seen.open_item_ids)

    def test_the_share_is_of_what_is_owed_before_credit(self):
        self.credit_note(500)
        seen = self.seen_by(self.collector)
        self.assertEqual(seen.overdue_share, "66.7 % of what is owed")

    def test_how_a_customer_pays_is_told_in_words(self):
        seen = self.seen_by(self.collector)
        self.assertEqual(seen.days_late_live, "n/a")
        self.assertEqual(seen.days_late_note, "no trend: no money in 90 days")
        self.assertEqual(seen.on_time_live, "0.0 %")
        self.match(
            self.invoice(100, date="2025-09-01"), self.payment(100, "2025-09-05")
        )
        self.match(self._overdue_invoice(), self.payment(100, date="2026-05-21"))
        seen = self.seen_by(self.collector)
        self.assertEqual(seen.days_late_live, "12.0 days")
        self.assertEqual(seen.days_late_direction, "worse")
        self.assertEqual(seen.days_late_note, "getting worse by 8.0 days")
        self.assertEqual(seen.on_time_live, "0.0 %")

    def test_the_age_of_the_oldest_is_told_in_words(self):
        for due, text in (
            ("2026-06-14", "1 day late"),
            ("2026-06-15", "due today"),
            ("2026-06-16", "due in 1 days"),
        ):
            partner = self.new_customer(f"Due {due}")
            self.invoice(1, partner=partner, due=due)
            account = self.debtor_model._ensure([(partner, self.company)])
            with self.subTest(due=due):
                seen = self.seen_by(self.collector, account)
                self.assertEqual(seen.oldest_due_note, text)

    # ------------------------------------------------------------------
    # Items and contacts on the form
    # ------------------------------------------------------------------

    def test_instalments_stand_oldest_first(self):
        partner = self.new_customer("Pays in parts")
        term = self.env["account.payment.term"].create(
            {
                "name": "In two parts",
                "line_ids": [
                    (0, 0, {"value": "percent", "value_amount": 30, "nb_days": 0}),
                    (0, 0, {"value": "percent", "value_amount": 70, "nb_days": 30}),
                ],
            }
        )
        self.invoice(
            1000,
            partner=partner,
            invoice_payment_term_id=term.id,
            invoice_date_due=False,
        )
        account = self.debtor_model._ensure([(partner, self.company)])
        items = self.seen_by(self.collector, account).open_item_ids
        self.assertEqual(items.mapped("amount_residual"), [300.0, 700.0])
        self.assertEqual(
            items.mapped("date_maturity"),
            [self.day("2026-06-15"), self.day("2026-07-15")],
        )

    def test_an_items_invoice_is_a_click_away(self):
        self.payment(10)
        items = self.seen_by(self.collector).open_item_ids
        invoices = items.filtered("has_pdf")
        self.assertEqual(len(items - invoices), 1)
        url = invoices[0].action_open_pdf()["url"]
        self.assertIn(str(invoices[0].move_id.id), url)
        with self.assertRaises(UserError):
            (items - invoices).action_open_pdf()

    def test_contacts_are_shown_with_their_role(self):
        boss = self.new_customer(
            "Boss", parent_id=self.customer.id, o2c_contact_role="escalation"
        )
        clerk = self.new_customer(
            "Clerk", parent_id=self.customer.id, o2c_contact_role="accounts_payable"
        )
        contacts = self.seen_by(self.collector).contact_ids
        self.assertEqual(contacts.ids, [clerk.id, boss.id, self.customer.id])

    # ------------------------------------------------------------------
    # Rights
    # ------------------------------------------------------------------

    def test_who_has_no_role_reads_nothing(self):
        for user in (self.plain, self.portal, self.stranger):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                self.seen_by(user).read(["amount_outstanding_live", "contact_ids"])

    def test_actions_tell_a_stranger_nothing(self):
        for user in (self.plain, self.portal, self.stranger):
            for action in (
                "action_open_items",
                "action_open_overdue",
                "action_open_invoices",
                "action_open_activities",
                "action_open_partner",
            ):
                with (
                    self.subTest(user=user.login, action=action),
                    self.assertRaises(AccessError),
                ):
                    getattr(self.seen_by(user), action)()

    def test_an_auditor_reads_the_whole_form(self):
        self.assertEqual(self.read_form(self.auditor)["open_item_count"], 2)

    # ------------------------------------------------------------------
    # Cost
    # ------------------------------------------------------------------

    def test_opening_the_form_costs_the_same_with_more_items(self):
        counts = []
        for _size in range(3):
            for number in range(10):
                self.invoice(10 + number, due="2026-05-20")
                self.new_customer(f"Contact {number}", parent_id=self.customer.id)
            self.read_form(self.collector)  # warms the caches
            before = self.env.cr.sql_log_count
            self.read_form(self.collector)
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(len(set(counts)), 1, counts)
        self.assertLess(counts[0], 80)  # with all add-ons of the suite
