"""Structured creditor references (ISO 11649): banks check them, machines find them."""

import re

#: What follows RF and the check digits; 21 letters and digits at most.
BODY = re.compile(r"[0-9A-Z]{1,21}")
#: Those that the customers' pages hand out; overlapping ones are all found.
OURS = re.compile(r"(?=(RF\d\dPAY\d{5,18}))")
OURS_LEAST = len("RF00PAY00000")


def creditor_reference(body):
    """The reference with its check digits.

    >>> creditor_reference("539007547034")
    'RF18539007547034'
    >>> creditor_reference("PAY1")
    'RF32PAY1'
    >>> creditor_reference("pay 1")
    Traceback (most recent call last):
    ValueError: 'pay 1' cannot be in a creditor reference
    """
    if not BODY.fullmatch(body):
        raise ValueError(f"{body!r} cannot be in a creditor reference")
    return f"RF{98 - _remainder(f'{body}RF00'):02}{body}"


def is_creditor_reference(text):
    """Whether a text is one, spaces aside.

    >>> is_creditor_reference("RF18 5390 0754 7034")
    True
    >>> is_creditor_reference("RF18 5390 0754 7043")
    False
    >>> is_creditor_reference("INV/2026/1")
    False
    """
    plain = "".join(text.split()).upper()
    found = re.fullmatch(rf"RF(\d\d)({BODY.pattern})", plain)
    return bool(found) and _remainder(plain[4:] + plain[:4]) == 1


def references_in(text):
    """What a bank's text may name: references of ours whose check digits are right.

    Banks add words and digits before and after, and break lines where they like.

    >>> sorted(references_in("SVWZ+rf73 pay0-0005 thanks"))
    ['RF73PAY00005']
    >>> sorted(references_in("RF73PAY00005 2026-11-23"))
    ['RF73PAY00005']
    >>> references_in("RF74PAY00005, RF18539007547034, INV/2026/1")
    set()
    """
    plain = re.sub(r"[^0-9A-Z]", "", (text or "").upper())
    found = set()
    for match in OURS.finditer(plain):
        longest = match[1]
        for end in range(OURS_LEAST, len(longest) + 1):
            if is_creditor_reference(longest[:end]):
                found.add(longest[:end])
    return found


def is_iban(text):
    """Whether a text is an IBAN by its check digits.

    >>> is_iban("BE71 0961 2345 6769"), is_iban("BE71 0961 2345 6768")
    (True, False)
    """
    plain = "".join((text or "").split()).upper()
    if not re.fullmatch(r"[A-Z]{2}\d\d[0-9A-Z]{11,30}", plain):
        return False
    return _remainder(plain[4:] + plain[:4]) == 1


def grouped(text):
    """In groups of four, as people read and type it.

    >>> grouped("RF18539007547034")
    'RF18 5390 0754 7034'
    """
    plain = "".join(text.split())
    return " ".join(plain[at : at + 4] for at in range(0, len(plain), 4))


def _remainder(text):
    """Modulo 97 with letters as two digits, A is 10 (ISO 7064)."""
    return int("".join(str(int(letter, 36)) for letter in text)) % 97
