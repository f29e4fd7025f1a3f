"""What a banking app reads from a QR code of a credit transfer (EPC069-12)."""

import re

from .creditor_reference import is_creditor_reference, is_iban

NAME_MOST, BYTES_MOST = 70, 331
AMOUNT_LEAST, AMOUNT_MOST = 0.01, 999_999_999.99


def epc_payload(name, iban, amount, reference, bic=""):
    """The text of the code, or None where there can be none.

    :param str name: of the beneficiary; what is too long of it is left out
    :param float amount: in euros
    :param str reference: structured, see ``creditor_reference``

    >>> print(epc_payload(
    ...     "Red Cross", "BE72 0000 0000 1616", 1.5, "RF32PAY1", "BPOTBEB1"))
    BCD
    002
    1
    SCT
    BPOTBEB1
    Red Cross
    BE72000000001616
    EUR1.50
    <BLANKLINE>
    RF32PAY1
    >>> epc_payload("Red Cross", "BE72 0000 0000 1617", 1.5, "RF32PAY1") is None
    True
    >>> epc_payload("Red Cross", "BE72000000001616", 0, "RF32PAY1") is None
    True
    """
    name = _plain(name)
    if not (
        name
        and is_iban(iban)
        and is_creditor_reference(reference)
        and AMOUNT_LEAST <= round(amount, 2) <= AMOUNT_MOST
    ):
        return None
    bic = "".join((bic or "").split()).upper()
    if not re.fullmatch(r"[A-Z]{6}[0-9A-Z]{2}([0-9A-Z]{3})?", bic):
        bic = ""
    ahead = ["BCD", "002", "1", "SCT", bic]
    after = ["".join(iban.split()).upper(), f"EUR{amount:.2f}", "", reference]
    room = BYTES_MOST - len("\n".join([*ahead, "", *after]).encode())
    name = name[:NAME_MOST].encode()[:room].decode(errors="ignore").strip()
    return "\n".join([*ahead, name, *after])


def _plain(text):
    """In one line, without what no name has."""
    words = "".join(
        letter if letter.isprintable() else " " for letter in text or ""
    ).split()
    return " ".join(words)
