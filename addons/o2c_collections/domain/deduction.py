"""Why did a customer pay less? A guess from the amount and the date.

The rules are looked at in this order; the first one that fits gives the reason:

1. a discount of the payment terms, or a usual one, of the whole invoice;
2. a line of the invoice: freight if it is called so, else something is missing;
3. a rate of withholding tax, of the amount before or after tax;
4. a bank's fee: little money, and a small part of the invoice.

>>> facts = ShortPayment(amount=20.0, total=1000.0, untaxed=1000.0)
>>> guess(facts)
'discount'
>>> guess(facts._replace(amount=119.0, lines=((119.0, "Freight to Kiel"),)))
'freight'
>>> guess(facts._replace(amount=119.0, lines=((119.0, "Oak table"),)))
'quantity'
>>> guess(facts._replace(amount=150.0))
'withholding'
>>> guess(facts._replace(amount=12.5))
'bank_fee'
>>> guess(facts._replace(amount=187.0))
'unexplained'
"""

import re
from typing import NamedTuple

#: Usual cash discounts, in percent, beside the one of the payment terms.
DISCOUNTS = (1.0, 1.5, 2.0, 2.5, 3.0, 4.0)
#: Usual rates of tax that a customer withholds, in percent.
WITHHOLDING = (5.0, 7.5, 10.0, 15.0, 15.825, 20.0, 30.0)
#: A bank takes no more than this, and never a large part of the invoice.
BANK_FEE_MAX = 50.0
BANK_FEE_SHARE_MAX = 0.05

FREIGHT = re.compile(
    r"freight|shipping|carriage|postage|delivery (fee|charge|cost)"
    r"|fracht|versand|porto|lieferkosten|transport",
    re.IGNORECASE,
)


class ShortPayment(NamedTuple):
    """What is known of an invoice that was paid short, in its currency."""

    amount: float
    total: float
    untaxed: float
    discount_percent: float = 0.0
    lines: tuple = ()
    rounding: float = 0.01


def guess(facts):
    """The code of the likely reason of a short payment.

    :param facts: a ``ShortPayment``; ``lines`` are (amount with tax, text)
    :return: discount, freight, quantity, withholding, bank_fee or unexplained
    """
    if facts.amount <= 0 or facts.total <= 0:
        return "unexplained"
    discounts = (facts.discount_percent, *DISCOUNTS)
    if _is_share(facts, facts.total, discounts):
        return "discount"
    for amount, text in facts.lines:
        if amount > 0 and _is_same(facts, amount):
            return "freight" if FREIGHT.search(text or "") else "quantity"
    if any(_is_share(facts, b, WITHHOLDING) for b in (facts.untaxed, facts.total)):
        return "withholding"
    is_small = facts.amount <= facts.total * BANK_FEE_SHARE_MAX
    if is_small and facts.amount <= BANK_FEE_MAX:
        return "bank_fee"
    return "unexplained"


def _is_share(facts, base, percents):
    return any(p > 0 and _is_same(facts, base * p / 100.0) for p in percents)


def _is_same(facts, amount):
    """Equal but for the rounding of the currency."""
    return abs(facts.amount - amount) <= facts.rounding * 1.000001


def days_outstanding(opened, raised, days):
    """Days deductions outstanding: open / (raised within a window / its days).

    >>> days_outstanding(300.0, 900.0, 90)
    (30.0, '')
    >>> days_outstanding(300.0, 0.0, 90)
    (None, 'none_raised')
    >>> days_outstanding(0.0, 0.0, 90)
    (0.0, '')

    :return: (value, why there is none)
    """
    if not opened:
        return 0.0, ""
    if raised <= 0:
        return None, "none_raised"
    return opened / (raised / days), ""
