"""When an order is beyond its customer's credit.

Amounts are floats in company currency; who calls rounds the results by it. A limit of
None is no limit, 0.0 is one: no credit at all.
"""


def excess(exposure, need, limit, percent=0.0):
    """By how much an exposure with a new need would be over a limit.

    >>> excess(800.0, 300.0, 1000.0)
    100.0
    >>> excess(800.0, 200.0, 1000.0)
    0.0
    >>> excess(800.0, 300.0, 1000.0, percent=10.0)
    0.0
    >>> excess(800.0, 300.0, None)
    0.0
    >>> excess(0.0, 1.0, 0.0)
    1.0
    """
    if limit is None:
        return 0.0
    allowed = limit * (1 + percent / 100.0)
    over = round(exposure + need - allowed, 6)
    return max(0.0, over)


def payment_that_frees(rules):
    """The smallest payment after which none of these rules holds an order any more.

    :param rules: dicts of broken rules; ``cure`` is what must be paid, missing where
        money does not help
    :return: None where no payment frees the order

    >>> payment_that_frees([{"cure": 100.0}, {"cure": 250.0}])
    250.0
    >>> payment_that_frees([{"cure": 100.0}, {"rule": "first_order"}]) is None
    True
    >>> payment_that_frees([]) is None
    True
    """
    cures = [rule.get("cure") for rule in rules]
    if not cures or None in cures:
        return None
    return max(cures)


def may_release(user_id, asked_by, others):
    """Whether somebody may release: who asked may not, unless nobody else can.

    :param user_id: who wants to release
    :param asked_by: ids of those who asked for it
    :param others: ids of all who could decide
    :return: ``yes``, ``no``, or ``alone`` where a written reason is needed

    >>> may_release(1, {2}, {1, 3})
    'yes'
    >>> may_release(1, {1, 2}, {1, 3})
    'no'
    >>> may_release(1, {1}, {1})
    'alone'
    """
    if user_id not in asked_by:
        return "yes"
    return "no" if set(others) - set(asked_by) else "alone"
