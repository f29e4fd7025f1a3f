import doctest

from hypothesis import given, settings
from hypothesis import strategies as st
from stdnum import iso11649
from stdnum.iso7064 import mod_97_10

from odoo.tests import BaseCase, tagged

from ..domain import creditor_reference as references
from ..domain import epc_qr
from ..domain.creditor_reference import creditor_reference, is_creditor_reference
from ..domain.epc_qr import epc_payload

LETTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
BODIES = st.text(LETTERS, min_size=1, max_size=21)
RED_CROSS = "BE72000000001616"


@tagged("post_install", "-at_install")
class TestWireRules(BaseCase):
    """References that banks accept, and codes that their apps read."""

    def test_the_doctests_of_the_rules(self):
        for module in (references, epc_qr):
            self.assertEqual(doctest.testmod(module).failed, 0)

    @settings(max_examples=200, deadline=None)
    @given(BODIES)
    def test_a_reference_is_one_by_the_standard(self, body):
        reference = creditor_reference(body)
        self.assertTrue(iso11649.is_valid(reference))
        self.assertTrue(is_creditor_reference(references.grouped(reference)))
        self.assertEqual(reference[4:], body)

    @settings(max_examples=200, deadline=None)
    @given(BODIES, st.data())
    def test_one_wrong_letter_or_two_swapped_are_found(self, body, data):
        letters = list(creditor_reference(body))
        at = data.draw(st.integers(2, len(letters) - 1))
        if at + 1 < len(letters) and data.draw(st.booleans()):
            letters[at : at + 2] = letters[at + 1], letters[at]
        else:
            kinds = LETTERS[:10] if letters[at].isdecimal() else LETTERS[10:]
            letters[at] = data.draw(st.sampled_from(kinds))
        wrong = "".join(letters)
        # The standard reckons with digits, X being 33: it reads 3X and X3 alike.
        same = _digits(wrong) == _digits(creditor_reference(body))
        self.assertEqual(is_creditor_reference(wrong), same)

    @settings(max_examples=200, deadline=None)
    @given(st.text(LETTERS, min_size=11, max_size=30))
    def test_ibans_are_told_by_their_check_digits(self, body):
        digits = mod_97_10.calc_check_digits(f"{body}BE")
        self.assertTrue(references.is_iban(f"BE{digits}{body}"))
        self.assertTrue(references.is_iban(references.grouped(f"BE{digits}{body}")))
        self.assertFalse(references.is_iban(f"BE{int(digits) - 1:02}{body}"))

    @settings(max_examples=200, deadline=None)
    @given(st.text(max_size=400), st.integers(-10, 10**12), st.text(max_size=12))
    def test_a_code_keeps_its_bounds_whatever_it_is_given(self, name, cents, bic):
        payload = epc_payload(name, RED_CROSS, cents / 100, "RF32PAY1", bic)
        fits = "".join(c for c in name if c.isprintable() and not c.isspace())
        self.assertEqual(payload is not None, bool(fits) and 1 <= cents < 10**11)
        if payload is None:
            return
        lines = payload.split("\n")
        self.assertEqual(len(lines), 10)
        self.assertLessEqual(len(payload.encode()), 331)
        self.assertLessEqual(len(lines[5]), 70)
        self.assertEqual(lines[7], f"EUR{cents // 100}.{cents % 100:02}")
        self.assertEqual((lines[6], lines[9]), (RED_CROSS, "RF32PAY1"))


def _digits(reference):
    """The number whose remainder is the check: letters count from A, 10."""
    turned = reference[4:] + reference[:4]
    return "".join(str(int(letter, 36)) for letter in turned)
