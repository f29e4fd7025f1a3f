"""Which open items to pay, so that what is paid reaches an amount.

Amounts are floats in company currency.
"""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Payable:
    """An open item: what can be paid of it, and with which others in one payment."""

    key: Any
    purse: Any  # items of one payment have the same
    worth: float


def choice_that_covers(items, needed):
    """The items to pay, in their order, the last one in part.

    One payment has one purse: the first that reaches is taken.

    :param items: list of Payable, the first to be paid first
    :param float needed: what the payment must come to
    :return: dict of key to the part to pay; empty where no purse reaches

    >>> one, two = Payable(1, "EUR", 100.0), Payable(2, "EUR", 50.0)
    >>> choice_that_covers([one, two], 120.0)
    {1: 100.0, 2: 20.0}
    >>> choice_that_covers([one, two], 100.0)
    {1: 100.0}
    >>> choice_that_covers([one, two], 150.01)
    {}
    >>> choice_that_covers([one, Payable(3, "USD", 500.0)], 120.0)
    {3: 120.0}
    """
    for purse in dict.fromkeys(item.purse for item in items):
        chosen, left = {}, needed
        for item in items:
            if item.purse != purse or item.worth <= 0 or left <= 0:
                continue
            chosen[item.key] = min(item.worth, left)
            left = round(left - item.worth, 6)
        if left <= 0:
            return chosen
    return {}
