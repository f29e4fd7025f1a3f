from odoo.tests import tagged

from .chase_common import ChaseCommon


@tagged("post_install", "-at_install")
class TestChaseContact(ChaseCommon):
    """To whom a reminder goes, and what stands in its way."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.late(100, days=5)

    def new_contact(self, email, **values):
        return self.env["res.partner"].create(
            {
                "name": email or "No address",
                "email": email,
                "parent_id": self.customer.id,
                "type": "contact",
                "lang": "en_US",
                **values,
            }
        )

    def recipient(self):
        decision = self.decide()
        return (
            decision["reason"],
            decision["channel"],
            decision["recipient_id"],
            decision["recipient_email"],
        )

    def assert_goes_to(self, contact, email):
        self.assertEqual(self.recipient(), ("due", "email", contact.id, email))

    def assert_call(self, reason):
        self.assertEqual(self.recipient(), (reason, "call", None, None))

    def test_accounts_payable_comes_before_invoice_address_before_company(self):
        self.assert_goes_to(self.customer, "pay@bolt.example")
        self.new_contact("sales@bolt.example")
        self.new_contact("goods@bolt.example", type="delivery")
        self.assert_goes_to(self.customer, "pay@bolt.example")
        invoice = self.new_contact("invoice@bolt.example", type="invoice")
        self.assert_goes_to(invoice, "invoice@bolt.example")
        payable = self.new_contact(
            "ap@bolt.example", o2c_contact_role="accounts_payable"
        )
        self.assert_goes_to(payable, "ap@bolt.example")

    def test_an_archived_contact_is_passed_by(self):
        payable = self.new_contact(
            "ap@bolt.example", o2c_contact_role="accounts_payable"
        )
        payable.active = False
        self.assert_goes_to(self.customer, "pay@bolt.example")

    def test_a_contact_of_a_department_counts_for_the_customer(self):
        department = self.new_contact(False)
        payable = self.new_contact(
            "ap@bolt.example",
            parent_id=department.id,
            o2c_contact_role="accounts_payable",
        )
        self.assert_goes_to(payable, "ap@bolt.example")

    def test_a_contact_of_another_customer_is_never_used(self):
        other = self.new_debtor("Nut")
        self.new_contact(
            "ap@nut.example", parent_id=other.id, o2c_contact_role="accounts_payable"
        )
        self.assert_goes_to(self.customer, "pay@bolt.example")

    def test_a_usable_address_comes_before_a_better_place_without_one(self):
        self.new_contact(False, o2c_contact_role="accounts_payable")
        self.new_contact("broken", type="invoice")
        self.assert_goes_to(self.customer, "pay@bolt.example")

    def test_without_any_address_a_call_is_planned(self):
        self.customer.email = False
        self.assert_call("no_address")
        self.customer.email = "   "
        self.assert_call("no_address")

    def test_two_addresses_in_one_field_are_not_guessed_from(self):
        for emails in (
            "a@bolt.example, b@bolt.example",
            "a@bolt.example;b@bolt.example",
            "a@bolt.example b@bolt.example",
            "Ann <a@bolt.example>, Bob <b@bolt.example>",
        ):
            self.customer.email = emails
            self.assert_call("several_addresses")

    def test_one_address_with_a_name_is_one_address(self):
        self.customer.email = '"Bolt, Nut; Co" <pay@bolt.example>'
        self.assert_goes_to(self.customer, "pay@bolt.example")

    def test_a_broken_address_is_not_written_to(self):
        for email in ("pay", "pay@", "@bolt.example", "pay at bolt.example"):
            self.customer.email = email
            self.assert_call("bad_address")

    def test_a_broken_address_is_named_before_a_missing_one(self):
        self.customer.email = False
        self.new_contact("broken", o2c_contact_role="accounts_payable")
        self.assert_call("bad_address")

    def test_a_refused_address_is_not_used_until_it_changes(self):
        self.run_chase()
        message = self.actions().message_id
        message._set_sending()
        message._set_failed("smtp_rejected", "550", "No such user")
        # The refused step goes on as a call; when it is done, the next one is due.
        self.assertEqual(self.story(), [(1, "call", "queued")])
        self.actions()._set_done()
        with self.on_day(20):
            self.assert_call("address_failed")
            self.customer.email = "accounts@bolt.example"
            self.assert_goes_to(self.customer, "accounts@bolt.example")

    def test_a_bounced_address_is_not_used_until_it_changes(self):
        self.run_chase()
        message = self.actions().message_id
        message._set_sending()
        message._set_sent()
        message._set_bounced("5.1.1", "No such user")
        # What came back reminded nobody: the level is repeated as a call.
        self.assertEqual(self.story(), [(1, "call", "queued")])
        self.actions()._set_done()
        with self.on_day(20):
            self.assert_call("address_failed")

    def test_after_a_refused_address_the_next_contact_is_tried(self):
        invoice = self.new_contact("invoice@bolt.example", type="invoice")
        self.run_chase()
        message = self.actions().message_id
        self.assertEqual(message.recipient, "invoice@bolt.example")
        message._set_sending()
        message._set_failed("smtp_rejected", "550", "No such user")
        self.actions()._set_done()
        with self.on_day(20):
            self.assert_goes_to(self.customer, "pay@bolt.example")
            self.assertEqual(invoice.active, True)

    def test_a_server_that_was_down_does_not_spoil_the_address(self):
        self.run_chase()
        message = self.actions().message_id
        message._set_sending()
        message._set_failed("smtp_gave_up", "421", "Try later")
        self.actions()._set_done()
        with self.on_day(20):
            self.assert_goes_to(self.customer, "pay@bolt.example")

    def test_an_address_refused_to_one_customer_is_open_to_another(self):
        self.run_chase()
        message = self.actions().message_id
        message._set_sending()
        message._set_failed("smtp_rejected", "550", "No such user")
        other = self.new_debtor("Nut", email="pay@bolt.example")
        self.late(100, days=5, partner=other)
        self.assertEqual(self.reason(other), "due")

    def test_a_customer_without_language_is_written_to_and_mentioned(self):
        self.customer.lang = False
        self.assertEqual(
            self.recipient(),
            ("no_language", "email", self.customer.id, "pay@bolt.example"),
        )
