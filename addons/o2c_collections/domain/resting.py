"""What rests: how disputes, promises and announced payments take from open items.

Each claim takes from the items it names, oldest due first, what is still free of
them; a claim that names none takes from all items of the customer. Claims on few
items go first, so that a claim on the whole account leaves theirs alone. What finds
nothing free is lost: no item rests with more than is open of it.

``o2c.open.item`` does the same in SQL; a test feeds both the same random claims.

>>> rest({1: 100.0, 2: 50.0}, [Claim("promised", 120.0)])
{1: {'promised': 100.0}, 2: {'promised': 20.0}}
>>> rest({1: 100.0, 2: 50.0}, [Claim("promised", 120.0), Claim("disputed", 80.0, (1,))])
{1: {'disputed': 80.0, 'promised': 20.0}, 2: {'promised': 50.0}}
>>> rest({1: 100.0}, [Claim("disputed", 150.0, (1,)), Claim("promised", 10.0, (7,))])
{1: {'disputed': 100.0}}
"""

from dataclasses import dataclass

#: In this order claims on equally many items take their part.
KINDS = ("disputed", "in_transit", "promised")


@dataclass(frozen=True)
class Claim:
    """A part of what a customer owes that is not asked for.

    ``items`` are the keys of the items it names, None for all of them; ``date`` and
    ``number`` tell which of several like it goes first.
    """

    kind: str
    amount: float
    items: tuple | None = None
    date: str = ""
    number: int = 0

    @property
    def turn(self):
        width = float("inf") if self.items is None else len(self.items)
        return (width, KINDS.index(self.kind), self.date, self.number)


def rest(residuals, claims, digits=2):
    """What rests on each item.

    :param residuals: dict of item to its open amount, oldest due first
    :param claims: list of :class:`Claim`, in the currency of the residuals
    :return: dict of item to a dict of kind to amount; items on which nothing rests
        are left out
    """
    free = dict(residuals)
    taken = {}
    for claim in sorted(claims, key=lambda claim: claim.turn):
        left = claim.amount
        for item in residuals:
            if claim.items is not None and item not in claim.items:
                continue
            part = round(max(0.0, min(free[item], left)), digits)
            if part:
                free[item] -= part
                left -= part
                kinds = taken.setdefault(item, {})
                kinds[claim.kind] = round(kinds.get(claim.kind, 0.0) + part, digits)
    return {item: taken[item] for item in residuals if item in taken}
