"""What a reply seems to say, by rules that can be read: a suggestion, never a verdict.

Each sentence of the customer's own words is held against lists of phrases in English
and German. A phrase of doubt next to it ("not", "if", "will be", "noch nicht") takes
its meaning away. Of several meanings a dispute comes first, then a day to come, then
"paid". A person confirms or drops what comes out.
"""

import re
from datetime import date, timedelta
from typing import NamedTuple

from .reply_dates import AHEAD_DAYS, named_days
from .reply_text import own_words, sentences

PROMISE, DISPUTE, PAID = "promise", "dispute", "paid"
#: How much of a sentence is shown as evidence.
WORDS_MAX = 160


class Suggestion(NamedTuple):
    """What it seems to say, the day it names, and the words that say so."""

    kind: str
    day: date | None
    words: str


def _any(*phrases):
    return re.compile("|".join(phrases), re.IGNORECASE)


#: Turns a phrase around, or makes it a question, a condition or a plan.
NOT = (
    r"\b(?:not|never|n['\u2019]t|cannot|unable|without|no|nobody|nicht|nie|kein\w*"
    r"|ohne|weder)\b|n['\u2019]t\b"
)
IF = (
    r"\b(?:if|unless|whether|once|before|until|when|should|could|would|as soon as"
    r"|falls|wenn|sobald|sofern|bevor|ob|sollten?|k\u00f6nnten?|w\u00fcrden?)\b"
)
#: Asked of us, or hoped for from others.
ASKED = (
    r"\bplease (?:call|send|let|confirm|give|wait|extend)\b"
    r"|\b(?:expect\w*|erwarte\w*)\b"
    r"|\b(?:rufen|senden|schicken|geben|melden) sie\b"
)
UNDECIDED = _any(NOT, IF, ASKED)

DISPUTED = _any(
    r"\b(?:incorrect|wrong(?:ly)?|faulty|defective|damaged|overcharg\w+|mistake"
    r"|disput\w+|contest\w*|complain\w*|complaint|deficien\w+|broken)\b",
    r"\bcredit note\b",
    r"\b(?:falsch\w*|fehlerhaft\w*|reklam\w+|m\u00e4ngel\w*|mangelhaft\w*"
    r"|besch\u00e4dig\w+|defekt\w*|widersprech\w+|widerspruch|widersprochen|bestreite\w*|beanstand\w+"
    r"|kaputt\w*|einspruch|gutschrift)\b",
    r"\bzu (?:viel|hoch) (?:berechnet|in rechnung)\b",
)
#: These dispute by their very "not".
DISPUTED_BY_NOT = _any(
    r"\b(?:do not|cannot|will not|\w+n['\u2019]t) (?:agree|accept)\b",
    r"\b(?:not|never) (?:been )?(?:order\w*|deliver\w*|agreed)\b",
    r"\b(?:not|never|n['\u2019]t) (?:yet )?(?:been )?receiv\w* "
    r"(?:the |any |our |your |these |all )*"
    r"(?:goods|delivery|parts|items|shipment|order|material|valves)\b",
    r"\brefuse to pay\b",
    r"\b(?:nicht|nie) (?:so )?(?:bestellt|geliefert|vereinbart|einverstanden|beauftragt"
    r"|in ordnung)\b",
    r"\bstimmt (?:so )?nicht\b|\bnicht korrekt\b|\bnicht richtig\b",
    r"\b(?:ware|lieferung|teile|material)\b[^.]{0,40}\bnicht (?:erhalten|bekommen"
    r"|angekommen|eingetroffen)\b",
    r"\bis not (?:correct|right)\b|\bnot as agreed\b",
)
#: Said before a word of dispute, there is none.
NO_DISPUTE = _any(
    r"\b(?:no|not|nothing|never|without|don['\u2019]t|kein\w*|nicht\w*|ohne)\b[^,;]{0,25}$"
)

PAID_WORDS = _any(
    r"\b(?:have|has|had|was|were|been|already|is|are|we|i|just|\w+['\u2019]ve)\b"
    r"(?:\s+\w+){0,3}?\s+(?:paid|transferred|settled|remitted|wired)\b",
    r"\bpaid\s+(?:it|this|that|them|these|the|your|on|last|yesterday|today|already"
    r"|in full|by|via|invoice)\b",
    r"^(?:already )?paid\b",
    r"\bpayment\b[^,;]{0,30}\b(?:made|sent|done|executed|initiated|released|processed"
    r"|on its way|under way|went out|left)\b",
    r"\bmade (?:the |a |this |your )?(?:payment|transfer)\b",
    r"\bmoney\b[^,;]{0,20}\b(?:on its way|sent|under way)\b",
    r"\b(?:habe?n?|hat|wurden?|ist|sind|bereits|schon|gestern|heute|worden)\b[^;]{0,80}"
    r"\b(?:bezahlt|gezahlt|\u00fcberwiesen|beglichen|angewiesen)\b",
    r"^(?:bereits |schon )?(?:bezahlt|\u00fcberwiesen|beglichen)\b",
    r"\bzahlung\b[^,;]{0,40}\b(?:erfolgt|veranlasst|ausgef\u00fchrt|get\u00e4tigt"
    r"|unterwegs|raus)\b",
)
#: Not done: refused, wished, planned or asked for.
NOT_PAID = _any(
    NOT,
    IF,
    r"\b(?:unpaid|will be|to be|be paid|going to|about to|can be|shall be|must be)\b",
    r"\b(?:werden|wird|unbezahlt|bezahlt werden|\u00fcberwiesen werden"
    r"|beglichen werden|erfolgt (?:am|n\u00e4chste|kommende|bis|in)|zu viel bezahlt)\b",
)

PAY_WORDS = _any(
    r"\b(?:pay|paying|payment|transfer|settle|remit|remittance|wire|send|clear"
    r"|release|paid|money|funds|settled|transferred)\b",
    r"\b(?:zahl\w*|bezahl\w*|\u00fcberweis\w*|\u00fcberwiesen|begleich\w*|beglichen"
    r"|anweis\w*|angewiesen|geld|zahlungslauf|ausgleich\w*|ausgeglichen)\b",
)


def suggest(text, today, month_first=False):
    """What a mail seems to say; None where no rule applies.

    :param str text: the mail as plain text, quotes and all
    :param date today: when it came
    :param bool month_first: whether its writer puts the month first

    >>> monday = date(2026, 6, 15)
    >>> def say(text):
    ...     found = suggest(text, monday)
    ...     return found and (found.kind, found.day and str(found.day))
    >>> say("We will pay on Friday."), say("Wir zahlen am 20.06.2026.")
    (('promise', '2026-06-19'), ('promise', '2026-06-20'))
    >>> say("We have already paid this."), say("Wurde gestern \u00fcberwiesen.")
    (('paid', None), ('paid', None))
    >>> say("We have not paid yet."), say("Das haben wir noch nicht bezahlt.")
    (None, None)
    >>> say("The amount is wrong."), say("Die Ware war besch\u00e4digt.")
    (('dispute', None), ('dispute', None))
    >>> say("There is nothing wrong with it, we pay tomorrow.")
    ('promise', '2026-06-16')
    >>> say("Thank you.\\n\\n> The amount is wrong, pay by Friday")
    >>> suggest("Hello,\\nwe paid on 12 June.\\n", monday).words
    'Hello, we paid on 12 June.'
    """
    found = {}
    for sentence in sentences(own_words(text)):
        for kind, day in _meanings(sentence, today, month_first):
            found.setdefault(kind, Suggestion(kind, day, sentence[:WORDS_MAX]))
    return next(
        (found[kind] for kind in (DISPUTE, PROMISE, PAID) if kind in found), None
    )


def _meanings(sentence, today, month_first):
    """(kind, day) of everything a sentence says."""
    if _disputes(sentence):
        yield DISPUTE, None
    day = _promised_day(sentence, today, month_first)
    if day:
        yield PROMISE, day
    elif _says_paid(sentence):
        yield PAID, None


def _disputes(sentence):
    if DISPUTED_BY_NOT.search(sentence):
        return True
    return any(
        not NO_DISPUTE.search(sentence[: match.start()]) and not _is_question(sentence)
        for match in DISPUTED.finditer(sentence)
    )


def _promised_day(sentence, today, month_first):
    """The first day to come on which the sentence says that money comes."""
    if not PAY_WORDS.search(sentence) or UNDECIDED.search(sentence):
        return None
    if _is_question(sentence):
        return None
    is_past = PAID_WORDS.search(sentence) and not NOT_PAID.search(sentence)
    first = today + timedelta(days=1) if is_past else today
    last = today + timedelta(days=AHEAD_DAYS)
    days = [named.day for named in named_days(sentence, today, month_first)]
    return next((day for day in days if first <= day <= last), None)


def _says_paid(sentence):
    """Whether some part of the sentence says paid, with no doubt in that part."""
    if _is_question(sentence):
        return False
    parts = re.split(r"[,;:]|\bbut\b|\baber\b|\band\b|\bund\b", sentence)
    whole = PAID_WORDS.search(sentence) and not NOT_PAID.search(sentence)
    return bool(whole) or any(
        PAID_WORDS.search(part.strip()) and not NOT_PAID.search(part) for part in parts
    )


def _is_question(sentence):
    return sentence.rstrip().endswith("?")
