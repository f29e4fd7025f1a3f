"""How own credits are shared over what a customer chose to pay."""

from dataclasses import dataclass


class TooMuchCredit(ValueError):
    """A credit is worth more than the parts of invoices it could pay."""


@dataclass
class Wanted:
    """What is to be paid of one item, in one currency.

    :param amount: what is chosen of it
    :param open: what is open of it
    :param account: only credits of the same receivable account can settle it
    :param discount: an item with a discount is paid with money, as the discount is
        granted with the payment
    """

    amount: float
    open: float
    account: int = 0
    discount: float = 0.0


def share_credits(items, credits, rounded=lambda amount: round(amount, 2)):
    """Say how much of each item the credits pay.

    Items that are paid in full come first, as matching one of them with a credit can
    never take more than was chosen; a part is paid by credits that are used up by it.

    :param items: list of Wanted
    :param credits: list of (account, amount), amounts positive
    :param rounded: rounds by the currency
    :return: list of amounts, one per item
    :raise TooMuchCredit: when a credit would have to be split for a part of an item

    >>> share_credits([Wanted(100, 100)], [(0, 30)])
    [30.0]
    >>> share_credits([Wanted(20, 80), Wanted(100, 100)], [(0, 100), (0, 5)])
    [5.0, 100.0]
    >>> share_credits([Wanted(100, 100)], [(0, 130)])
    [100.0]
    >>> share_credits([Wanted(0.3, 0.1 + 0.2)], [(0, 1)])
    [0.3]
    """
    left = [amount for _account, amount in credits]
    covered = [0.0] * len(items)
    for number in _whole_first(items, rounded):
        item = items[number]
        for position, (account, _amount) in enumerate(credits):
            open_now = rounded(item.amount - covered[number])
            if account != item.account or not left[position] > 0 or not open_now > 0:
                continue
            if left[position] > open_now and _is_part(item, rounded):
                raise TooMuchCredit
            taken = min(left[position], open_now)
            covered[number] = rounded(covered[number] + taken)
            left[position] = rounded(left[position] - taken)
    return covered


def _is_part(item, rounded):
    return rounded(item.open - item.amount) > 0


def _whole_first(items, rounded):
    """Positions of the items that credits may pay, those paid in full first."""
    plain = [number for number, item in enumerate(items) if not item.discount]
    return sorted(plain, key=lambda number: _is_part(items[number], rounded))
