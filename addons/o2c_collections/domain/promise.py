"""Promises: which money is for which of them, what became of them, and instalments.

Days are ``datetime.date``; amounts are in the promise's currency unless said.
"""

import calendar
from dataclasses import dataclass
from datetime import date, timedelta

OPEN, KEPT, PARTLY, BROKEN = "open", "kept", "partly_kept", "broken"
RENEGOTIATED, CANCELLED = "renegotiated", "cancelled"
#: What a promise was judged to be, as against ended by a person.
JUDGED = (KEPT, PARTLY, BROKEN)
MISSED = (PARTLY, BROKEN)

WEEKLY, TWO_WEEKS, MONTHLY = "weekly", "two_weeks", "monthly"


@dataclass
class Money:
    """Money that came in, as far as it went to one item or to none.

    ``amounts`` has what it is worth in each currency that promises are made in;
    ``left`` is the part of it, from 1 to 0, that no promise has taken.
    """

    day: date
    amounts: dict
    item: int | None = None
    entered: tuple = ()  # when it, and when its match, came into the books
    left: float = 1.0


@dataclass
class Instalment:
    """One dated part of a promise."""

    key: int
    due: date
    deadline: date
    amount: float
    currency: str
    items: frozenset | None = None  # None: the whole account
    made: date = date.min
    recorded: object = None
    is_open: bool = True
    paid: float = 0.0
    unmatched: float = 0.0
    paid_on: date | None = None
    is_late: bool = False


def _is_meant(money, line):
    """Whether money is an answer to a promise.

    It came after the promise was made, or was not in the books yet when the promise
    was written down; money that was there already is not paid once more.

    >>> day = date(2026, 6, 15)
    >>> line = Instalment(1, day, day, 50.0, "EUR", made=day, recorded=9)
    >>> _is_meant(Money(date(2026, 6, 16), {}, entered=(3, 3)), line)
    True
    >>> [_is_meant(Money(day, {}, entered=(at, at)), line) for at in (3, 9)]
    [False, True]

    For named items there counts what is matched with them, and what is not matched
    with anything yet; never what paid something else.

    >>> line.items = frozenset([7])
    >>> [_is_meant(Money(date(2026, 6, 16), {}, i, (3, 3)), line) for i in (7, 8, None)]
    [True, False, True]
    """
    if line.items is not None and money.item not in (None, *line.items):
        return False
    line_entered, match_entered = money.entered
    entered = line_entered if line.items is None else match_entered
    return money.day > line.made or entered >= line.recorded


def _in_order(moneys, line):
    """Oldest first; for named items what is matched with them comes before the rest."""
    if line.items is None:
        return moneys
    return sorted(moneys, key=lambda money: money.item is None)


def share_out(moneys, lines, digits=2):
    """Say how much of each instalment is paid: money counts once, for the first due.

    Money later than the deadline of an instalment is not for that one. An instalment
    for named items takes what is matched with them, then, oldest first, what lies on
    the account unmatched. What was judged keeps what it had, and nobody else gets that.

    :param moneys: list of :class:`Money`; their ``left`` is counted down
    :param lines: list of :class:`Instalment`; open ones get ``paid``, of it
        ``unmatched``, and ``paid_on``, and ``is_late`` where money came after their
        deadline

    >>> day = date(2026, 6, 15)
    >>> def line(key, due, amount, **more):
    ...     return Instalment(key, due, due, amount, "EUR", recorded=0, **more)
    >>> lines = [line(1, day, 60.0), line(2, day + timedelta(7), 60.0)]
    >>> share_out([Money(day, {"EUR": 100.0}, entered=(1, 1))], lines)
    >>> [each.paid for each in lines]
    [60.0, 40.0]
    >>> late = [Money(day + timedelta(1), {"EUR": 100.0}, entered=(1, 1))]
    >>> share_out(late, lines)
    >>> [(each.paid, each.is_late) for each in lines]
    [(0.0, True), (60.0, False)]
    >>> lines = [line(1, day, 60.0, items=frozenset([7]))]
    >>> share_out([Money(day, {"EUR": 50.0}, None, (1, 1)),
    ...            Money(day, {"EUR": 40.0}, 7, (1, 1))], lines)
    >>> lines[0].paid, lines[0].unmatched
    (60.0, 20.0)
    """
    moneys = sorted(moneys, key=lambda money: (money.day, money.entered))
    for line in sorted(lines, key=lambda line: (line.due, line.key)):
        wanted = line.amount if line.is_open else line.paid
        paid, unmatched, last = 0.0, 0.0, None
        for money in _in_order(moneys, line):
            worth = money.amounts.get(line.currency, 0.0)
            if worth <= 0 or money.day > line.deadline or not _is_meant(money, line):
                continue
            part = min(wanted - paid, worth * money.left)
            if round(part, digits) <= 0:
                continue
            money.left -= part / worth
            paid, last = paid + part, max(last or money.day, money.day)
            unmatched += part if money.item is None else 0.0
        if line.is_open:
            line.paid, line.paid_on = round(paid, digits), last
            line.unmatched = round(unmatched, digits)
            line.is_late = any(
                money.day > line.deadline
                and _is_meant(money, line)
                and (line.items is None or money.item is not None)
                for money in moneys
            )


def judge(amount, paid, is_over, is_owed):
    """What became of an instalment.

    :param is_over: whether its last day, with the grace, has passed
    :param is_owed: whether anything of what it is about is still open, or was paid
        too late; else it was credited or cancelled

    >>> [judge(50.0, paid, True, True) for paid in (50.0, 20.0, 0.0)]
    ['kept', 'partly_kept', 'broken']
    >>> judge(50.0, 20.0, False, True)
    'open'
    >>> [judge(50.0, paid, True, False) for paid in (20.0, 0.0)]
    ['kept', 'cancelled']
    """
    if paid >= amount:
        return KEPT
    if not is_over:
        return OPEN
    if not is_owed:
        return KEPT if paid else CANCELLED
    return PARTLY if paid else BROKEN


def outcome(states, paid):
    """What became of a promise, from its instalments.

    :param states: states of its instalments
    :param paid: how much was paid of all of them

    >>> outcome([KEPT, OPEN], 50.0)
    'open'
    >>> [outcome(states, 50.0) for states in ([KEPT, CANCELLED], [KEPT, BROKEN])]
    ['kept', 'partly_kept']
    >>> [outcome(states, 0.0) for states in ([BROKEN, CANCELLED], [CANCELLED])]
    ['broken', 'cancelled']
    """
    if OPEN in states:
        return OPEN
    judged = [state for state in states if state in JUDGED]
    if not judged:
        return RENEGOTIATED if RENEGOTIATED in states else CANCELLED
    if all(state == KEPT for state in judged):
        return KEPT
    return PARTLY if paid else BROKEN


def _add_months(day, months):
    """The same day so many months on, the last of the month where there is none.

    >>> str(_add_months(date(2026, 1, 31), 1))
    '2026-02-28'
    """
    number = day.year * 12 + day.month - 1 + months
    year, month = divmod(number, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return date(year, month + 1, min(day.day, last))


def instalments(total, first, number, every, deposit=0.0, digits=2):
    """Days and amounts of a payment plan; the last one takes what rounding leaves.

    :param first: day of the deposit, or else of the first instalment
    :param every: one of ``weekly``, ``two_weeks``, ``monthly``
    :return: list of (day, amount), which sum to the total

    >>> [(str(d), a) for d, a in instalments(100.0, date(2026, 1, 31), 3, MONTHLY)]
    [('2026-01-31', 33.33), ('2026-02-28', 33.33), ('2026-03-31', 33.34)]
    >>> [a for _day, a in instalments(100.0, date(2026, 1, 1), 2, WEEKLY, 40.0)]
    [40.0, 30.0, 30.0]
    """
    rest = round(total - deposit, digits)
    part = round(rest / number, digits)
    amounts = [part] * (number - 1) + [round(rest - part * (number - 1), digits)]
    if deposit:
        amounts.insert(0, deposit)
    days = {WEEKLY: 7, TWO_WEEKS: 14}.get(every)
    return [
        (
            first + timedelta(days=days * turn) if days else _add_months(first, turn),
            amount,
        )
        for turn, amount in enumerate(amounts)
    ]
