"""The scorecard: how the way a customer pays makes his risk class.

Each component gives points by bands, from none to its most; their sum is the risk, and
bands of the sum are the classes. Nothing else goes in, so every class can be explained
by the list of what gave points.
"""

from dataclasses import dataclass
from typing import NamedTuple

#: Component: bands of (more than this, points), the highest first.
BANDS = {
    "days_late": ((30, 30), (15, 20), (7, 10), (0, 5)),
    "days_late_trend": ((10, 10), (2, 5)),
    "overdue_share": ((50, 20), (25, 10), (10, 5)),
    "oldest_overdue": ((90, 25), (60, 20), (30, 10), (0, 5)),
    "returned_payments": ((1, 15), (0, 10)),
    "order_spike": ((4, 10), (2, 5)),
    "broken_promises": ((1, 10), (0, 5)),
    "rejected_disputes": ((1, 10), (0, 5)),
}
#: A relation younger than this many months gives points.
YOUNG = ((6, 10), (24, 5))

#: Class: the most points it may have. More than the last is E.
CLASS_POINTS = (("A", 10), ("B", 25), ("C", 45), ("D", 65))

#: With fewer payments than this there is too little to call anybody good.
PAYMENTS_FOR_CONFIDENCE = 3
BEST_WITHOUT_CONFIDENCE = "C"


@dataclass(frozen=True)
class Facts:
    """What is known of a customer; None where there is nothing to know yet."""

    days_late: float | None = None
    days_late_trend: float | None = None
    overdue_share: float | None = None
    oldest_overdue: int | None = None
    returned_payments: int = 0
    order_spike: float | None = None
    broken_promises: int = 0
    rejected_disputes: int = 0
    months_known: float | None = None
    payment_count: int = 0


class Reason(NamedTuple):
    """One component that gave points, with the figure that did it."""

    component: str
    value: float
    points: int


class Score(NamedTuple):
    """The class, its points, whether there was enough to go by, and why."""

    risk_class: str
    points: int
    is_confident: bool
    reasons: tuple


def score(facts):
    """The risk class that facts give, and why.

    >>> good = Facts(days_late=-2, overdue_share=0, months_known=60, payment_count=40)
    >>> score(good)
    Score(risk_class='A', points=0, is_confident=True, reasons=())
    >>> poor = Facts(days_late=40, days_late_trend=12, overdue_share=80,
    ...              oldest_overdue=100, months_known=60, payment_count=9)
    >>> score(poor).risk_class, score(poor).points
    ('E', 85)
    >>> score(Facts(days_late=12, months_known=60, payment_count=9)).reasons
    (Reason(component='days_late', value=12, points=10),)

    Who is new is called fair, not good, until he has paid a few times:

    >>> score(Facts())
    Score(risk_class='C', points=10, is_confident=False, reasons=(Reason(component='\
months_known', value=0, points=10),))
    """
    reasons = [
        Reason(name, getattr(facts, name), points)
        for name in BANDS
        if (points := _points(name, getattr(facts, name)))
    ]
    months = facts.months_known or 0
    if points := next((points for limit, points in YOUNG if months < limit), 0):
        reasons.append(Reason("months_known", round(months, 1), points))
    total = sum(reason.points for reason in reasons)
    is_confident = facts.payment_count >= PAYMENTS_FOR_CONFIDENCE
    return Score(_class(total, is_confident), total, is_confident, tuple(reasons))


def _points(component, value):
    """Points of one component.

    >>> _points("days_late", 0), _points("days_late", 0.5), _points("days_late", 31)
    (0, 5, 30)
    >>> _points("overdue_share", None)
    0
    """
    if value is None:
        return 0
    return next((points for bound, points in BANDS[component] if value > bound), 0)


def _class(points, is_confident=True):
    """The class of a sum of points.

    >>> [_class(points) for points in (0, 10, 11, 25, 45, 46, 65, 66)]
    ['A', 'A', 'B', 'B', 'C', 'D', 'D', 'E']
    >>> _class(0, is_confident=False)
    'C'
    """
    found = next((name for name, most in CLASS_POINTS if points <= most), "E")
    return found if is_confident else max(found, BEST_WITHOUT_CONFIDENCE)


def steps_down(before, after):
    """How many classes a customer fell; negative: he rose; 0 if unknown.

    >>> steps_down("B", "D"), steps_down("C", "A"), steps_down(None, "E")
    (2, -2, 0)
    """
    if not before or not after:
        return 0
    return ord(after) - ord(before)
