"""Excel workbooks from rows: typed cells, safe from formulas, in bounded memory.

A sheet is some columns and an iterable of rows, each a sequence with one value per
column. Rows are written as they come and nothing of them is kept, so a hundred
thousand of them take no more memory than ten.

* Text is always text: a customer named ``=HYPERLINK(...)`` stays a name.
* Dates are dates and amounts are numbers in the format of their currency, which is
  the column's or, where rows differ, the row's: ``(1000, Currency("JPY", 0))``.
* ``None`` and ``False`` leave a cell empty; in a number column 0 is written.
* Columns with ``total`` are added up, each currency by itself.

>>> sheet_names(["Open items", "a/b", "OPEN ITEMS", "", "'x'"])
['Open items', 'a b', 'OPEN ITEMS (2)', 'Sheet', 'x']
>>> safe_text("A\\x00B\\r\\nC")
'AB\\nC'
>>> number_format("amount", Currency("JPY", 0))
'#,##0 "JPY";[Red]-#,##0 "JPY"'
"""

import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from itertools import chain, islice
from numbers import Number
from typing import Any, NamedTuple

import xlsxwriter

#: Excel's own limits: rows of a sheet (less header and totals), letters of a cell.
ROWS_MAX = 1_048_000
TEXT_MAX = 32767
NAME_MAX = 31

#: Before that day Excel counts a day that never was.
DATE_MIN = date(1900, 3, 1)

FORBIDDEN = re.compile("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
NAME_FORBIDDEN = re.compile(r"[\[\]:*?/\\\x00-\x1f]")

WIDTHS = {"text": 24, "date": 12, "integer": 10, "number": 14, "percent": 10}
AMOUNT_WIDTH = 20

OPTIONS = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}


class Currency(NamedTuple):
    """What a number format needs to know of a currency."""

    name: str
    decimals: int


class Column(NamedTuple):
    """A column: ``kind`` is text, date, integer, number, percent or amount.

    A percent is a share: 0.25 reads 25.0%.
    """

    label: str
    kind: str = "text"
    currency: Currency | None = None
    width: int | None = None
    total: bool = False


class Sheet(NamedTuple):
    """A sheet: ``heading`` are rows of texts and dates above the header."""

    name: str
    columns: Sequence[Column]
    rows: Iterable[Sequence[Any]]
    heading: Sequence[Sequence[Any]] = ()
    total_label: str = "Total"


def write(target, sheets):
    """Write a workbook.

    :param target: path, or file open for writing bytes
    :param sheets: iterable of :class:`Sheet`
    """
    sheets = list(sheets)
    with xlsxwriter.Workbook(target, OPTIONS) as book:
        formats = _Formats(book)
        names = sheet_names(sheet.name for sheet in sheets)
        for name, sheet in zip(names, sheets, strict=True):
            _write_sheet(book, formats, sheet._replace(name=name))


def _write_sheet(book, formats, sheet):
    """Write a sheet, and a next one where the rows are too many for Excel."""
    rows, number = iter(sheet.rows), 1
    totals = [Counter() for _column in sheet.columns]
    while True:
        page = _Page(book, formats, sheet, number)
        for row in islice(rows, ROWS_MAX):
            page.write_row(row)
            _add_up(totals, sheet.columns, row)
        page.filter_rows()
        following = next(rows, None)
        if following is None:
            break
        rows, number = chain([following], rows), number + 1
    for row in _total_rows(sheet, totals):
        page.write_row(row, bold=True)


def currency_of(record):
    """The :class:`Currency` of a ``res.currency``."""
    return Currency(record.name, record.decimal_places)


class _Page:
    """One sheet of Excel."""

    def __init__(self, book, formats, sheet, number):
        name = sheet.name if number == 1 else _with_number(sheet.name, number)
        self.page = book.add_worksheet(name)
        self.formats = formats
        self.columns = sheet.columns
        self.row = 0
        for index, column in enumerate(sheet.columns):
            width = column.width or WIDTHS.get(column.kind, AMOUNT_WIDTH)
            self.page.set_column(index, index, width)
        for values in sheet.heading:
            self._write_heading(values)
        for index, column in enumerate(sheet.columns):
            label = safe_text(column.label)
            self.page.write_string(self.row, index, label, formats.header(column))
        self.row += 1
        self.first = self.row
        self.page.freeze_panes(self.first, 0)

    def write_row(self, values, bold=False):
        for index, (column, value) in enumerate(zip(self.columns, values, strict=True)):
            if value is not None:
                self._write_cell(index, column.kind, value, column.currency, bold)
        self.row += 1

    def filter_rows(self):
        """Let the reader filter the rows so far; totals below stay out of it."""
        last = max(self.row - 1, self.first - 1)
        self.page.autofilter(self.first - 1, 0, last, len(self.columns) - 1)

    def _write_heading(self, values):
        for index, value in enumerate(values):
            kind = "date" if isinstance(value, date) else "text"
            self._write_cell(index, kind, value, None, bold=index == 0)
        self.row += 1

    def _write_cell(self, index, kind, value, currency, bold):
        if isinstance(value, tuple):
            value, currency = value
        if kind == "text" or isinstance(value, str):
            if text := safe_text(value):
                cell_format = self.formats.cell("text", None, bold)
                self.page.write_string(self.row, index, text, cell_format)
            return
        cell_format = self.formats.cell(kind, currency, bold)
        if kind == "date":
            self._write_date(index, value, cell_format)
        elif _is_number(value):
            self.page.write_number(self.row, index, float(value), cell_format)

    def _write_date(self, index, value, cell_format):
        if not value:
            return
        day = value.date() if isinstance(value, datetime) else value
        if day < DATE_MIN:
            self.page.write_string(self.row, index, day.isoformat(), cell_format)
        else:
            self.page.write_datetime(self.row, index, day, cell_format)


class _Formats:
    """The formats of a workbook, each made once."""

    def __init__(self, book):
        self.book = book
        self.made = {}

    def header(self, column):
        align = "left" if column.kind in ("text", "date") else "right"
        style = {"bold": True, "bottom": 1, "align": align, "text_wrap": True}
        return self.book.add_format({**style, "bg_color": "#EEEEEE"})

    def cell(self, kind, currency, bold):
        key = (kind, currency, bold)
        if key not in self.made:
            style = {"num_format": number_format(kind, currency), "bold": bold}
            self.made[key] = self.book.add_format(style)
        return self.made[key]


# ----------------------------------------------------------------------
# Rules
# ----------------------------------------------------------------------


def number_format(kind, currency=None):
    """Excel's code for how a cell is shown."""
    if kind == "amount":
        decimals = 2 if currency is None else currency.decimals
        shown = "#,##0" + ("." + "0" * decimals if decimals else "")
        if currency:
            shown += ' "{}"'.format(currency.name.replace('"', ""))
        return f"{shown};[Red]-{shown}"
    codes = {"date": "yyyy-mm-dd", "integer": "0", "number": "#,##0.00"}
    return {**codes, "percent": "0.0%"}.get(kind, "@")


def safe_text(value):
    """Text as a cell can hold it: nothing that XML forbids, not too long.

    Excel counts a letter outside the basic plane as two.
    """
    if value is None or value is False:
        return ""
    text = FORBIDDEN.sub("", str(value).replace("\r\n", "\n").replace("\r", "\n"))
    if len(text.encode("utf-16-le")) <= TEXT_MAX * 2:
        return text
    head = text.encode("utf-16-le")[: (TEXT_MAX - 1) * 2]
    return head.decode("utf-16-le", errors="ignore") + "…"


def sheet_names(names):
    """Names as Excel takes them: short, clean and all different."""
    taken, result = set(), []
    for name in names:
        clean = NAME_FORBIDDEN.sub(" ", safe_text(name))[:NAME_MAX].strip(" '")
        if not clean or clean.lower() == "history":
            clean = "Sheet"
        unique, number = clean, 1
        while unique.lower() in taken:
            number += 1
            unique = _with_number(clean, number)
        taken.add(unique.lower())
        result.append(unique)
    return result


def _is_number(value):
    """Whether to write it: not False, which the ORM says for "nothing"."""
    return value is not False and isinstance(value, Number) and math.isfinite(value)


def _with_number(name, number):
    suffix = f" ({number})"
    return name[: NAME_MAX - len(suffix)] + suffix


def _add_up(totals, columns, row):
    """Add a row in the smallest units of its currencies, so that cents stay exact."""
    for total, column, value in zip(totals, columns, row, strict=True):
        if column.total:
            currency = column.currency
            if isinstance(value, tuple):
                value, currency = value
            if _is_number(value):
                decimals = 2 if currency is None else currency.decimals
                total[currency] += round(value * 10**decimals)


def _total_rows(sheet, totals):
    """One row of totals per currency; the first row also bears the other totals."""
    lists = [_totals_of(total) for total in totals]
    for number in range(max(map(len, lists), default=0)):
        row = [found[number] if number < len(found) else None for found in lists]
        if not sheet.columns[0].total:
            row[0] = sheet.total_label
        yield row


def _totals_of(total):
    def by_name(entry):
        return entry[0].name if entry[0] else ""

    return [
        (units / 10 ** (currency.decimals if currency else 2), currency)
        for currency, units in sorted(total.items(), key=by_name)
    ]
