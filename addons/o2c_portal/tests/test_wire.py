from odoo.tests import tagged

from ..domain.creditor_reference import is_creditor_reference
from .portal_common import PortalHttpCommon
from .wire_common import BIC, IBAN, WireCommon


@tagged("post_install", "-at_install", "o2c_boundary")
class TestWire(WireCommon, PortalHttpCommon):
    """Who transfers money himself reads where to, how much and with which reference."""

    def test_the_reference_is_one_per_choice_and_found_by(self):
        invoice = self.invoice(100)
        one, two = self.choose({invoice: 10}), self.choose({invoice: 20}, key="key2")
        self.assertTrue(is_creditor_reference(one.payment_reference))
        self.assertNotEqual(one.payment_reference, two.payment_reference)
        self.env.flush_all()
        found = one.search([("payment_reference", "=", one.payment_reference)])
        self.assertEqual(found, one)
        twice = [self.begin(one), self.begin(one)]
        for attempt in twice:
            self.assertEqual(
                attempt._o2c_wire()["reference"], one._payment_reference_text()
            )
            self.assertEqual(
                attempt._get_communication(), one._payment_reference_text()
            )

    def test_what_was_only_announced_has_no_reference_of_ours(self):
        invoice = self.invoice(100)
        items = self.account()._portal_items([self.line(invoice)])
        told = self.account()._say_paid(
            items, "Mine", items.company_id._o2c_today(), [], self.user_a.partner_id
        )
        self.assertFalse(told.payment_reference)

    def test_the_account_is_that_of_the_currency(self):
        euros = self.begin(
            self.choose({self.invoice(10, currency_id=self.euro.id): None})
        )
        wire = euros._o2c_wire()
        self.assertEqual((wire["number"], wire["bic"]), (IBAN, BIC))
        self.assertEqual(wire["holder"], "Ümlaut & Co")
        self.assertTrue(wire["qr_code"].startswith("data:image/png;base64,"))
        dollars = self.begin(self.choose({self.invoice(10): None}, key="key2"))
        wire = dollars._o2c_wire()
        self.assertEqual((wire["number"], wire["is_iban"]), ("12-34", False))
        self.assertIsNone(wire["qr_code"], "codes are for euros and IBANs")

    def test_the_code_says_what_the_page_says(self):
        attempt = self.begin(
            self.choose({self.invoice(1234.5, currency_id=self.euro.id): None})
        )
        read = []
        reports = type(self.env["ir.actions.report"])
        barcode = reports.barcode

        def noting(this, kind, value, **options):
            read.append((kind, value, options["barLevel"]))
            return barcode(this, kind, value, **options)

        self.patch(reports, "barcode", noting)
        attempt._o2c_wire()
        [(kind, payload, level)] = read
        self.assertEqual((kind, level), ("QR", "M"))
        self.assertEqual(
            payload.split("\n"),
            [
                *("BCD", "002", "1", "SCT", BIC, "Ümlaut & Co"),
                *(IBAN.replace(" ", ""), "EUR1234.50", ""),
                attempt.o2c_remittance_id.payment_reference,
            ],
        )

    def test_without_a_bank_account_the_provider_s_text_is_shown(self):
        (self.dollars | self.euros).bank_account_id = False
        self.wire.pending_msg = "<p>Ask our bank</p>"
        remittance = self.choose({self.invoice(10): None})
        self.assertIsNone(self.begin(remittance)._o2c_wire())
        self.authenticate("customer_a", "customer_a")
        words = self.words(self.get(f"/my/receivables/pay/{remittance.id}"))
        self.assertIn("Ask our bank", words)
        reference = remittance._payment_reference_text()
        self.assertIn(f"Reference: {reference}", words, "the one that finds it")

    def test_other_providers_are_no_transfer(self):
        transaction = self.transaction(self.choose({self.invoice(10): None}))
        transaction._set_pending()
        self.assertIsNone(transaction._o2c_wire())

    def test_choosing_a_transfer_shows_it_and_lets_the_items_rest(self):
        invoice = self.invoice(1000, currency_id=self.euro.id)
        remittance = self.choose({invoice: 60.5})
        self.authenticate("customer_a", "customer_a")
        reply = self.make_jsonrpc_request(
            f"/my/receivables/pay/{remittance.id}/transaction",
            {
                "provider_id": self.wire.id,
                "payment_method_id": self.method.id,
                "token_id": None,
                "amount": 1,
                "flow": "redirect",
                "tokenization_requested": False,
                "landing_route": "/",
            },
        )
        self.url_open("/payment/custom/process", data={"reference": reply["reference"]})
        page = self.get(f"/my/receivables/pay/{remittance.id}")
        words = self.words(page)
        for text in (
            "Please transfer 60.50 €",
            "We expect it until 06/22/2026",
            "Beneficiary Ümlaut & Co IBAN BE72 0000 0000 1616 BIC BPOTBEB1",
            f"Reference, nothing else {remittance._payment_reference_text()}",
        ):
            self.assertIn(text, words)
        self.assertIn("data:image/png;base64,", page.text)
        self.assertNotIn(reply["reference"], words, "one reference")
        overview = self.get("/my/receivables")
        self.assertIn(remittance._payment_reference_text(), self.words(overview))
        self.assertIn("Payment under way", self.words(overview))
        self.authenticate("customer_b", "customer_b")
        strange = self.words(self.get("/my/receivables"))
        self.assertNotIn(remittance._payment_reference_text(), strange)
