"""Card numbers in what customers write: found, and masked but for four digits.

A card number has 13 to 19 digits, alone or in groups with spaces and dashes, begins
as the card brands' numbers do and passes Luhn's check. IBANs, telephone numbers and
the numbers of our own documents are left as they are.
"""

import re
from bisect import bisect_right

#: What may stand between the digits of one number: spaces, dashes, invisible marks.
GAP = r"[\s\u00ad\u200b-\u200d\u2010-\u2015\u2060\ufeff\-]{0,3}"
RUN = re.compile(rf"(?<!\d)\d(?:{GAP}\d){{12,}}")
GROUP = re.compile(r"\d+")
IBAN = re.compile(
    r"(?<!\w)[A-Z]{2}\d{2}(?:[ \u00a0-]?[A-Z0-9]){11,30}(?!\w)", re.IGNORECASE
)
PHONE = re.compile(r"\+\d(?:[ \u00a0()/-]{0,2}\d){6,14}(?![ \u00a0-]?\d)")
#: A document number: short letters and a dash, or letters and a number with slashes.
DOCUMENT = re.compile(
    r"(?<!\w)(?:(?:inv|invoice|re|rg|rechnung|bill|so|po|order|auftrag|ref)[-_#/]"
    r"|[a-z]{1,10}/(?:\d{1,10}/)+)\d{13,}",
    re.IGNORECASE,
)
SECURITY_CODE = re.compile(
    r"\b(CVV2?|CVC2?|CID|Pr\u00fcfziffer|Kartenpr\u00fcfnummer|Sicherheitscode"
    r"|security code)(\W{0,5}(?:is|ist|lautet)?\W{0,5})\d{3,4}\b",
    re.IGNORECASE,
)
DIGITS_MAX = 19
#: How the brands' numbers begin, and how long they are.
BRANDS = re.compile(
    r"4\d{12}(?:\d{3}){0,2}$"  # Visa
    r"|(?:5[1-5]\d\d|222[1-9]|22[3-9]\d|2[3-6]\d\d|27[01]\d|2720)\d{12}$"  # Mastercard
    r"|3[47]\d{13}$"  # American Express
    r"|3(?:0[0-5]|[68]\d)\d{11}$|3095\d{10}$"  # Diners
    r"|35(?:2[89]|[3-8]\d)\d{12,15}$"  # JCB
    r"|6(?:011|4[4-9]\d|5\d\d)\d{12,15}$"  # Discover
    r"|62\d{14,17}$"  # UnionPay
    r"|(?:5[0678]\d\d|6(?:304|390|759|761|762|763|0\d\d|37\d))\d{9,15}$"  # Maestro
)


def numbers(text):
    """The card numbers in a text, as digits.

    >>> numbers("4111 1111 1111 1111 or 5500005555555559"), numbers("none")
    (['4111111111111111', '5500005555555559'], [])
    """
    return [_digits(text[start:end]) for start, end in _find(text or "", set())]


def mask(text, keep=()):
    """Mask the card numbers in a text.

    :param str text: what a customer wrote
    :param keep: numbers that are none, such as those of his invoices
    :return: the text, with a card number's digits but the last four as asterisks

    >>> mask("My card is 4111 1111 1111 1111, valid until 12/27")
    'My card is ************1111, valid until 12/27'
    >>> mask("5500-0055-5555-5559 and 378282246310005")
    '************5559 and ***********0005'
    >>> mask("4111111111111111 123, CVC: 987")
    '************1111 123, CVC: ***'

    What only looks like one stays:

    >>> mask("4111 1111 1111 1112")
    '4111 1111 1111 1112'
    >>> mask("IBAN DE89 3704 0044 0532 0130 00, BIC COBADEFF")
    'IBAN DE89 3704 0044 0532 0130 00, BIC COBADEFF'
    >>> mask("Call +49 4222222222222")
    'Call +49 4222222222222'
    >>> mask("INV/2026/4111111111111111 and RE-4111111111111111")
    'INV/2026/4111111111111111 and RE-4111111111111111'
    >>> mask("Invoice 4111111111111111", keep=["4111111111111111"])
    'Invoice 4111111111111111'
    >>> mask("tracking 00340434161094042557 of 2026")
    'tracking 00340434161094042557 of 2026'

    Neither odd separators nor neighbours hide one:

    >>> mask("4111\u200b1111\u20131111\u00a01111")
    '************1111'
    >>> mask("no. 7 4111 1111 1111 1111 0815")
    'no. 7 ************1111 0815'
    >>> mask("Visa4111111111111111, card/4111111111111111/27x")
    'Visa************1111, card/************1111/27x'
    >>> mask("DE89370400440532013000 4111 1111 1111 1111")
    'DE89370400440532013000 ************1111'
    >>> mask("1 " * 40 + "4111 1111 1111 1111")[-16:]
    '************1111'
    """
    text = text or ""
    if sum(char.isdigit() for char in text) < 3:
        return text
    kept = {_digits(number) for number in keep} - {""}
    pieces, done = [], 0
    for start, end in _find(text, kept):
        digits = _digits(text[start:end])
        pieces += [text[done:start], "*" * (len(digits) - 4), digits[-4:]]
        done = end
    return SECURITY_CODE.sub(r"\1\2***", "".join([*pieces, text[done:]]))


def _find(text, kept):
    """The places of card numbers in a text, in their order."""
    protected = [_iban_span(match) for match in IBAN.finditer(text)]
    protected += [m.span() for p in (PHONE, DOCUMENT) for m in p.finditer(text)]
    # Joined, so that the one before a place is the only one that can hold it.
    begins, ends = [], []
    for begin, end in sorted(protected):
        if ends and begin <= ends[-1]:
            ends[-1] = max(ends[-1], end)
        else:
            begins.append(begin)
            ends.append(end)

    def is_protected(place):
        before = bisect_right(begins, place) - 1
        return before >= 0 and place < ends[before]

    return [
        span
        for run in RUN.finditer(text)
        for span in _cards_in(run, kept, is_protected)
    ]


def _cards_in(run, kept, is_protected):
    """The places of card numbers within a run of digits, whole groups each.

    :param is_protected: says of a place in the text whether another number is there
    """
    offset = run.start()
    groups = [
        (offset + match.start(), offset + match.end(), _digits(match[0]))
        for match in GROUP.finditer(run[0])
    ]
    spans, first = [], 0
    while first < len(groups):
        start = groups[first][0]
        last = None if is_protected(start) else _card_end(groups, first, kept)
        if last is not None:
            spans.append((start, groups[last][1]))
        first = first + 1 if last is None else last + 1
    return spans


def _card_end(groups, first, kept):
    """The last group of the card number that begins with a group, if one does."""
    digits = ""
    for last in range(first, len(groups)):
        digits += groups[last][2]
        if len(digits) > DIGITS_MAX:
            return None
        if digits not in kept and BRANDS.match(digits) and is_luhn(digits):
            return last
    return None


def _digits(text):
    return "".join(str(int(char)) for char in text if char.isdecimal())


def is_luhn(digits):
    """Say whether a number passes the check that card numbers pass.

    >>> is_luhn("4111111111111111"), is_luhn("4111111111111112")
    (True, False)
    """
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (1 + place % 2)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def _iban_span(match):
    """Where an IBAN stands, by its check digits; an empty place if there is none.

    The pattern may have run on into what follows, so the longest beginning counts.
    """
    places = [place for place, char in enumerate(match[0]) if char.isalnum()]
    letters = "".join(match[0][place] for place in places).upper()
    for end in range(len(letters), 14, -1):
        moved = letters[4:end] + letters[:4]
        if int("".join(str(int(char, 36)) for char in moved)) % 97 == 1:
            return match.start(), match.start() + places[end - 1] + 1
    return match.start(), match.start()
