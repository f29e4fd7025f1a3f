"""The demo's year, worked out before anything is written.

``plan_history`` turns the cast and a date into documents and payments: plain
values, the same for the same date, without Odoo. What each character does
with an invoice is one small function below.
"""

import random
from dataclasses import dataclass, field
from datetime import date, timedelta

from .cast import CUSTOMERS, Customer

SEED = 19
MONTHS = 12
DAYS_PER_MONTH = 30
# A forgetful customer has lost what fell due between one and six weeks ago.
LOST_FROM, LOST_UNTIL = timedelta(days=8), timedelta(days=45)

ARTICLES = (
    ("Centrifugal pump NP-40", 480),
    ("Dosing pump ND-8", 265),
    ("Shaft seal set", 58),
    ("Pressure sensor 16 bar", 94),
    ("Control cabinet NC-2", 1150),
    ("Maintenance, flat rate", 340),
)


@dataclass
class Payment:
    """Money in: on which day, how much, for which documents (none: unmatched)."""

    customer: Customer
    day: date
    amount: float
    documents: list = field(default_factory=list)
    memo: str = ""


@dataclass
class Document:
    """An invoice or a credit note to be posted."""

    number: int  # its place in the story, not the accounting number
    customer: Customer
    day: date
    due: date
    lines: list  # (text, quantity, price)
    reference: str = ""
    is_credit: bool = False
    applied_to: "Document | None" = None

    @property
    def amount(self):
        """The total, tax-free as all sales of the story."""
        return round(sum(quantity * price for _, quantity, price in self.lines), 2)


# ---------------------------------------------------------------- characters
# Each takes the dice, the document, how many of the customer's documents come
# after it, and today; it returns [(days after the due date, share)].


def _punctual(dice, _document, _left, _today):
    return [(dice.randint(-3, 0), 1.0)]


def _slow(dice, _document, _left, _today):
    return [(dice.randint(20, 36), 1.0)]


def _disputer(dice, document, _left, _today):
    share = 0.86 if document.number % 4 == 0 else 1.0
    return [(dice.randint(-2, 1), share)]


def _promiser(dice, _document, left, _today):
    days = dice.randint(48, 66)
    if left % 3 == 0:
        return [(days, 0.5)]
    return [(days, 0.5), (days + dice.randint(20, 35), 0.5)]


def _bankrupt(dice, document, _left, today):
    if document.due > today - timedelta(days=150):
        return []
    return [(dice.randint(5, 14), 1.0)]


def _ordinary(dice, _document, _left, _today):
    roll = dice.random()
    if roll < 0.70:
        return [(dice.randint(-2, 6), 1.0)]
    if roll < 0.93:
        return [(dice.randint(8, 24), 1.0)]
    return [(dice.randint(70, 120), 1.0)]


def _forgetful(dice, document, _left, today):
    """Pays well, but has lost the invoice of last month."""
    if _is_lost(document, today):
        return []
    return [(dice.randint(-1, 5), 1.0)]


def _instalments(dice, document, _left, today):
    """Pays the first two thirds; of old invoices also the last one."""
    first = dice.randint(0, 5)
    thirds = [(first - 60, 1 / 3), (first - 30, 1 / 3)]
    if document.due < today - timedelta(days=90):
        thirds.append((first, 1 / 3))
    return thirds


def _penny(dice, document, left, _today):
    share = 1.0 if left != 2 else 1.0 - 0.40 / document.amount
    return [(dice.randint(-1, 3), share)]


CHARACTERS = {
    "punctual": _punctual,
    "slow": _slow,
    "disputer": _disputer,
    "promiser": _promiser,
    "bankrupt": _bankrupt,
    "ordinary": _ordinary,
    "forgetful": _forgetful,
    "unmatched": _forgetful,
    "credited": _forgetful,
    "instalments": _instalments,
    "penny": _penny,
}


# ---------------------------------------------------------------- the year


def plan_history(today, customers=CUSTOMERS, terms_days=None):
    """Work the year out.

    :param today: the company's day; no document and no payment is later.
    :param terms_days: days to the last instalment per payment term key.
    :return: documents, oldest first, and payments, oldest first.
    """
    terms_days = terms_days or {"30": 30, "14": 14, "thirds": 90}
    documents, payments = [], []
    for customer in customers:
        # One dice per customer: a new character does not change the others.
        dice = random.Random(f"{SEED}-{customer.key}")  # noqa: S311
        own = _invoices(dice, customer, today, terms_days[customer.terms])
        credits_ = _credit_notes(customer, own, today)
        applied = {id(credit.applied_to) for credit in credits_ if credit.applied_to}
        for index, document in enumerate(own):
            if id(document) not in applied:
                left = len(own) - 1 - index
                payments += _payments(dice, document, left, today)
        payments += _unmatched(customer, own, today)
        documents += own + credits_
    documents.sort(key=lambda document: (document.day, document.customer.key))
    payments.sort(key=lambda payment: (payment.day, payment.customer.key))
    return documents, payments


def _invoices(dice, customer, today, days):
    """A customer's invoices over the year, spread evenly with some chance."""
    count = round(MONTHS * customer.per_month)
    step = MONTHS * DAYS_PER_MONTH / count
    start = today - timedelta(days=MONTHS * DAYS_PER_MONTH)
    documents = []
    for index in range(count):
        day = start + timedelta(days=round(index * step) + dice.randint(0, 6))
        day = min(day, today)
        documents.append(
            Document(
                number=index,
                customer=customer,
                day=day,
                due=day + timedelta(days=days),
                lines=_lines(dice, customer),
                reference=_reference(dice, customer),
            )
        )
    return documents


def _lines(dice, customer):
    """One to three articles that add up to about the customer's usual amount."""
    target = dice.uniform(*customer.amount)
    articles = dice.sample(ARTICLES, dice.randint(1, 3))
    lines = []
    for text, price in articles:
        quantity = max(1, round(target / len(articles) / price))
        discount = dice.choice((1.0, 0.97, 0.95, 0.925))
        lines.append((text, quantity, round(price * discount, 2)))
    return lines


def _reference(dice, customer):
    """The customer's own order number; one in five gives none."""
    if dice.random() < 0.2:
        return ""
    style = sum(map(ord, customer.key)) % 3
    number = dice.randint(10000, 99999)
    return (f"PO 45000{number}", f"Best. {number}/A", f"{number}-{number % 7}")[style]


def _payments(dice, document, left, today):
    """What the customer has paid on one invoice up to today."""
    character = CHARACTERS[document.customer.character]
    paid, payments = 0.0, []
    shares = character(dice, document, left, today)
    total_share = sum(share for _, share in shares)
    for position, (days, share) in enumerate(shares):
        is_rest = position == len(shares) - 1 and abs(total_share - 1.0) < 1e-9
        amount = document.amount * share if not is_rest else document.amount - paid
        amount = round(amount, 2)
        day = max(document.due + timedelta(days=days), document.day)
        if day > today:
            break
        paid += amount
        payments.append(Payment(document.customer, day, amount, [document]))
    return payments


def _credit_notes(customer, own, today):
    """Applied in full for two customers, open for two others."""
    if customer.key in ("eder", "alpen"):
        old = own[len(own) // 2]
        lines = [(f"Returned: {text}", *rest) for text, *rest in old.lines]
        return [_credit(customer, old.day + timedelta(days=9), lines, old)]
    if customer.key == "fenwick":
        line = ("Goodwill for late delivery", 1, 185.0)
        return [_credit(customer, today - timedelta(days=30), [line])]
    if customer.character == "credited":
        line = ("Annual bonus", 1, round(_lost_amount(own, today) * 1.1 + 250, 2))
        return [_credit(customer, today - timedelta(days=12), [line])]
    return []


def _credit(customer, day, lines, applied_to=None):
    """A credit note; its number is above those of the invoices."""
    return Document(1000, customer, day, day, lines, "", True, applied_to)


def _is_lost(document, today):
    """Whether a forgetful customer has lost this invoice."""
    return LOST_FROM < today - document.due < LOST_UNTIL


def _lost_amount(own, today):
    """What a forgetful customer has lost, in sum."""
    return sum(document.amount for document in own if _is_lost(document, today))


def _unmatched(customer, own, today):
    """Money that came without a word: half of what is open."""
    if customer.character != "unmatched":
        return []
    amount = round(_lost_amount(own, today) / 2, -1)
    memo = "Transfer, no details"
    return [Payment(customer, today - timedelta(days=6), amount, [], memo)]
