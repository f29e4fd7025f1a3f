"""Collectable: what is left to ask for after everything that speaks for waiting.

The rule, in company currency:

1. what is disputed, promised or in transit is taken from the item it names;
2. an item's free part is what then remains, never below zero;
3. unapplied credit (credit notes, unmatched money) covers the oldest free
   parts first.

``o2c.open.item`` does the same in SQL; a test feeds both the same random items.

>>> items = [Item(100.0), Item(50.0, disputed=20.0), Item(40.0)]
>>> collectable(items, unapplied=110.0)
[0.0, 20.0, 40.0]
>>> collectable([Item(100.0, promised=150.0)], unapplied=0.0)
[0.0]
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Item:
    """An open item, positive residual, oldest due first in its list."""

    residual: float
    disputed: float = 0.0
    promised: float = 0.0
    in_transit: float = 0.0

    @property
    def free(self):
        taken = self.disputed + self.promised + self.in_transit
        return max(0.0, self.residual - taken)


def collectable(items, unapplied, digits=2):
    """Collectable amount of each item.

    :param items: items in the order in which credit covers them
    :param unapplied: open credit of the customer, a positive figure
    :param digits: decimal places of the currency, results are rounded to them
    :return: list of amounts, one per item, never negative
    """
    amounts = []
    credit = unapplied
    for item in items:
        covered = min(item.free, credit)
        credit -= covered
        amounts.append(round(item.free - covered, digits))
    return amounts
