"""The statement of a customer, one section per currency; currencies never add up.

Amounts come and leave as ``float``; they are added up as decimals, so that sums are
exact to the cent. A row that is nothing in its currency (an exchange difference) is not
shown; what it is in company currency counts all the same.

>>> rows = [
...     {"currency_id": 1, "bucket": "b1", "days_overdue": 3, "amount": 70.1,
...      "company": 70.1},
...     {"currency_id": 1, "bucket": "not_due", "days_overdue": 0, "amount": -20.2,
...      "company": -20.2},
... ]
>>> section = open_items(rows, ["not_due", "b1"])[1]
>>> section["closing"], section["overdue"], section["credit"], section["ageing"]
(49.9, 70.1, 20.2, {'not_due': -20.2, 'b1': 70.1})
>>> [line["amount"] for line in section["lines"]]
[70.1, -20.2]
"""

from datetime import date
from decimal import Decimal

FORMS = ("open_item", "activity")
ZERO = Decimal(0)
DAY_ONE = date.min

#: Sections of a currency in which nothing is open, or nothing happened.
NOTHING_OPEN = {
    "lines": [],
    "closing": 0.0,
    "overdue": 0.0,
    "credit": 0.0,
    "late_charges": 0.0,
    "ageing": {},
    "company": 0.0,
}
NOTHING_HAPPENED = {"opening": 0.0, "lines": [], "closing": 0.0, "company": 0.0}


def open_items(rows, buckets):
    """What is open: lines, totals and ageing.

    :param rows: dicts of ``currency_id, bucket, days_overdue, amount`` (open, in
        currency), ``company``, and whatever a reader wants to see; oldest due first
    :param buckets: keys of the ageing buckets, youngest first
    :return: dict of currency id to a section
    """
    sections = {}
    for currency_id, own in _by_currency(rows).items():
        # what is owed first, then what is owed to the customer, then late charges
        lines = sorted((row for row in own if row["amount"]), key=_place)
        late = [r for r in lines if r["days_overdue"] > 0 and not _is_credit(r)]
        sections[currency_id] = {
            "lines": lines,
            "closing": total(own),
            "overdue": total(late),
            "credit": abs(total([row for row in lines if _is_credit(row)])),
            "late_charges": total([row for row in lines if _is_late_charge(row)]),
            "ageing": _ageing(lines, buckets),
            "company": total(own, "company"),
        }
    return sections


def activity(rows, date_from=None):
    """What happened: opening balance, movements with running balance, closing balance.

    >>> from datetime import date
    >>> def row(day, amount):
    ...     day = date(2026, 1, day)
    ...     return {"currency_id": 1, "date": day, "amount": amount, "company": 0}
    >>> rows = [row(1, 100.1), row(5, 30.2), row(9, -100.1)]
    >>> section = activity(rows, date(2026, 1, 5))[1]
    >>> section["opening"], section["closing"]
    (100.1, 30.2)
    >>> [line["balance"] for line in section["lines"]]
    [130.3, 30.2]
    >>> activity(rows, date(2027, 1, 1))[1]["lines"]
    []

    :param rows: dicts of ``currency_id, date, amount, company``, in the order in
        which they are shown
    :param date_from: first day whose movements are shown; None shows all
    :return: dict of currency id to a section
    """
    first_day = date_from or DAY_ONE
    sections = {}
    for currency_id, own in _by_currency(rows).items():
        opening = total([row for row in own if row["date"] < first_day])
        balance, lines = _exact(opening), []
        for row in own:
            if row["date"] >= first_day and row["amount"]:
                balance += _exact(row["amount"])
                lines.append({**row, "balance": float(balance)})
        sections[currency_id] = {
            "opening": opening,
            "lines": lines,
            "closing": float(balance),
            "company": total(own, "company"),
        }
    return sections


def total(rows, name="amount"):
    """The sum of a column.

    >>> total([{"amount": 0.1}, {"amount": 0.2}])
    0.3
    """
    return float(sum((_exact(row[name]) for row in rows), ZERO))


def difference(balance, stated):
    """How much more the customer owes by our books than by his own.

    >>> difference(100.3, 100.1)
    0.2
    """
    return float(_exact(balance) - _exact(stated))


def _exact(amount):
    return Decimal(str(amount))


def _by_currency(rows):
    found = {}
    for row in rows:
        found.setdefault(row["currency_id"], []).append(row)
    return found


def _is_credit(row):
    return row["amount"] < 0


def _is_late_charge(row):
    return row.get("kind") == "late_charge"


def _place(row):
    return _is_late_charge(row), _is_credit(row)


def _ageing(rows, buckets):
    per_bucket = {bucket: [] for bucket in buckets}
    for row in rows:
        per_bucket.setdefault(row["bucket"], []).append(row)
    return {bucket: total(own) for bucket, own in per_bucket.items()}
