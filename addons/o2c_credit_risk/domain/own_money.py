"""What the payments for an order secure of it.

A payment may be drawn in parts, called off in parts, and given back in parts. Amounts
are in the currency of the payment, all of them positive.
"""

from typing import NamedTuple

#: States of a refund in which the money is gone, or on its way.
GIVEN_BACK = ("pending", "authorized", "done")


class Payment(NamedTuple):
    """A payment as its provider tells it.

    ``parts`` are the payments by which an authorized one is drawn, or called off;
    ``refunded`` is what was given back of it.
    """

    state: str
    amount: float
    parts: tuple = ()
    refunded: float = 0.0


def secured(payment):
    """What of a payment is drawn, or still blocked, and was not given back.

    >>> secured(Payment("done", 100.0)), secured(Payment("pending", 100.0))
    (100.0, 0.0)
    >>> secured(Payment("done", 100.0, refunded=30.0))
    70.0

    Of an authorized one, what was not drawn stays blocked until it is called off:

    >>> drawn, void = Payment("done", 60.0), Payment("cancel", 40.0)
    >>> secured(Payment("authorized", 100.0, (drawn,)))
    100.0
    >>> secured(Payment("done", 100.0, (drawn, void)))
    60.0
    >>> secured(Payment("authorized", 100.0, (void,)))
    60.0
    >>> secured(Payment("done", 100.0, (drawn._replace(refunded=10.0), void)))
    50.0
    """
    if payment.state not in ("authorized", "done"):
        return 0.0
    settled = [part for part in payment.parts if part.state in ("cancel", "done")]
    whole = sum(map(secured, settled))
    if payment.state == "authorized" or not settled:
        whole += payment.amount - sum(part.amount for part in settled)
    return max(0.0, whole - payment.refunded)
