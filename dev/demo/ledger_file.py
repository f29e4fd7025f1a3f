"""Reads a CSV of open items: items, exact copies and bad rows with a reason.

The first line names the columns (any order; others are ignored)::

    customer_number, customer_name, invoice_number, invoice_date, due_date,
    currency, open_amount

The separator is a comma, a semicolon or a tab. Dates are ``2020-05-01``,
``20200501`` or ``01.05.2020``; amounts are plain numbers with a decimal point,
negative ones are credit notes. A row that cannot be read never stops the file.
"""

import csv
import io
import re
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal, InvalidOperation

COLUMNS = (
    "customer_number",
    "customer_name",
    "invoice_number",
    "invoice_date",
    "due_date",
    "currency",
    "open_amount",
)
DATE_FORMATS = ("%Y-%m-%d", "%Y%m%d", "%d.%m.%Y")
CENT = Decimal("0.01")
AMOUNT_MAX = Decimal("1e12")
FRESH_DAYS = 31
LENGTH_MAX = 200


class UnreadableFile(Exception):
    """The file as a whole is not a CSV of open items."""


@dataclass(frozen=True)
class Item:
    """One open invoice, or a credit note where the amount is negative."""

    line: int
    customer: str
    number: str
    day: date
    due: date
    currency: str
    amount: Decimal


@dataclass
class LedgerFile:
    """What was found in a file."""

    items: list = field(default_factory=list)
    copies: list = field(default_factory=list)  # lines of exact copies
    bad_rows: list = field(default_factory=list)  # (line, reason)
    names: dict = field(default_factory=dict)  # customer number: name

    def reference_day(self, today):
        """The day of the file that becomes today.

        A fresh file is taken as it is. An old one is read as if its today were
        the first day of the month of its newest document: ledgers are exported
        around the turn of a month, and what the new month has brought stays
        ahead of that day.

        >>> row = Item(2, "C1", "1", date(2020, 5, 21), date(2020, 6, 5), "USD", 1)
        >>> LedgerFile(items=[row]).reference_day(date(2026, 3, 3))
        datetime.date(2020, 5, 1)
        >>> LedgerFile(items=[row]).reference_day(date(2020, 5, 30))
        datetime.date(2020, 5, 30)
        """
        newest = max((item.day for item in self.items), default=today)
        if (today - newest).days <= FRESH_DAYS:
            return today
        return newest.replace(day=1)


def read_ledger(path):
    """Read a CSV of open items.

    :param path: of the file.
    :return: a LedgerFile.
    :raises UnreadableFile: where not even the columns can be found.
    """
    found = LedgerFile()
    seen, numbers, names = set(), {}, defaultdict(Counter)
    for line, row in _rows(_text(path), found.bad_rows):
        cells = tuple(_clean(row.get(column)) for column in COLUMNS)
        raw = tuple(sorted((key, _clean(value)) for key, value in row.items() if key))
        if raw in seen:
            found.copies.append(line)
            continue
        seen.add(raw)
        try:
            item = _item(line, cells)
            first = numbers.setdefault(item.number, line)
            if first != line:
                raise ValueError(
                    f"number {item.number} stands in line {first} with other figures"
                )
        except ValueError as error:
            found.bad_rows.append((line, str(error)))
            continue
        found.items.append(item)
        names[item.customer][cells[1]] += 1
    found.names = {
        number: _usual_name(number, kinds) for number, kinds in names.items()
    }
    found.bad_rows.sort()
    return found


def _text(path):
    """The file's text; what is not UTF-8 is taken for Windows' Western European."""
    try:
        with open(path, "rb") as file:
            content = file.read()
    except OSError as error:
        raise UnreadableFile(f"{path}: {error.strerror}") from error
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")


def _rows(text, bad_rows):
    """Yield (line number, {column: cell}); what csv itself refuses is a bad row."""
    first = text.partition("\n")[0]
    reader = csv.reader(
        io.StringIO(text, newline=""), delimiter=max(",;\t", key=first.count)
    )
    header = [name.strip().lower() for name in next(reader, [])]
    missing = [column for column in COLUMNS if column not in header]
    if missing:
        raise UnreadableFile(f"The first line has no column {', '.join(missing)}")
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            bad_rows.append((line, str(error)))
            continue
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) != len(header):
            reason = f"{len(cells)} cells instead of {len(header)}"
            if reader.line_num > line:
                reason += f"; a quoted cell runs on to line {reader.line_num}"
            bad_rows.append((line, reason))
            continue
        yield line, dict(zip(header, cells, strict=True))


def _clean(cell):
    """One space between words and none around them.

    >>> _clean("  SUPER   foundation ")
    'SUPER foundation'
    """
    return re.sub(r"[\s\x00]+", " ", cell or "").strip()


def _item(line, cells):
    """The item of a row, or a ValueError that says what is wrong with it."""
    customer, name, number, day, due, currency, amount = cells
    for cell, what in ((customer, "customer number"), (number, "invoice number")):
        if not cell:
            raise ValueError(f"no {what}")
        if len(cell) > LENGTH_MAX:
            raise ValueError(f"the {what} is longer than {LENGTH_MAX} characters")
    if len(name) > LENGTH_MAX:
        raise ValueError(f"the customer name is longer than {LENGTH_MAX} characters")
    if not re.fullmatch("[A-Za-z]{3}", currency):
        raise ValueError(f"currency {currency!r} is not a code of three letters")
    return Item(
        line,
        customer,
        number,
        _date(day, "invoice date"),
        _date(due, "due date"),
        currency.upper(),
        _amount(amount),
    )


def _date(cell, what):
    """
    >>> _date("20200501", "due date") == _date("01.05.2020", "due date")
    True
    """
    for pattern in DATE_FORMATS:
        try:
            day = datetime.strptime(cell, pattern).date()
        except ValueError:
            continue
        if 1990 <= day.year <= 2100:
            return day
    raise ValueError(f"{what} {cell!r} is not a date such as 2020-05-01")


def _amount(cell):
    try:
        amount = Decimal(cell)
    except InvalidOperation:
        amount = Decimal("NaN")
    if not amount.is_finite() or abs(amount) >= AMOUNT_MAX:
        raise ValueError(f"amount {cell!r} is not a number such as 1234.56")
    amount = amount.quantize(CENT)
    if not amount:
        raise ValueError("nothing is open: the amount is zero")
    return amount


def _usual_name(number, kinds):
    """The name met most often, the shortest of equals.

    >>> _usual_name("1", Counter({"MDV/ co": 2, "MDV/": 2, "MDV/ us": 1}))
    'MDV/'
    """
    names = [name for name in kinds if name]
    best = min(names, key=lambda name: (-kinds[name], len(name), name), default="")
    return best or f"Customer {number}"
