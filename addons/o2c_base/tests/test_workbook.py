import doctest
import tempfile
import tracemalloc
from datetime import date, datetime
from io import BytesIO
from zipfile import ZipFile

import openpyxl

from odoo.tests import BaseCase, tagged

from ..tools import workbook
from ..tools.workbook import Column, Currency, Sheet

EURO = Currency("EUR", 2)
YEN = Currency("JPY", 0)
DINAR = Currency("KWD", 3)
HOSTILE = (
    '=HYPERLINK("http://x","y")',
    "+1",
    "-1",
    "@x",
    "\t=1+1",
    "\r=1+1",
    "\n=1+1",
    "＝1+1",
    "http://x.example",
    "mailto:a@x.example",
    "{=1+1}",
    "_x003D_1",
    "1e5",
    "<b>&amp;</b>",
)


@tagged("post_install", "-at_install")
class TestWorkbook(BaseCase):
    """What a spreadsheet programme reads back from what we write."""

    def reread(self, *sheets):
        """The workbook, read back."""
        target = BytesIO()
        workbook.write(target, sheets)
        self.content = target.getvalue()
        return openpyxl.load_workbook(BytesIO(self.content))

    def sheet(self, columns, rows, **values):
        return self.reread(Sheet("Sheet", columns, rows, **values)).worksheets[0]

    def xml(self):
        """All parts of the last workbook as one text."""
        with ZipFile(BytesIO(self.content)) as parts:
            return "".join(parts.read(name).decode() for name in parts.namelist())

    # ------------------------------------------------------------------
    # Text
    # ------------------------------------------------------------------

    def test_text_stays_text_whatever_it_looks_like(self):
        page = self.sheet([Column("Customer")], [(text,) for text in HOSTILE])
        for cell, text in zip(page["A"][1:], HOSTILE, strict=True):
            shown = text.replace("\r", "\n").replace("_x003D_", "_x005F_x003D_")
            self.assertEqual((cell.data_type, cell.value), ("s", shown))
        self.assertNotIn("<f>", self.xml())
        self.assertNotIn("<hyperlink", self.xml())

    def test_labels_and_heading_are_no_formulas_either(self):
        self.sheet([Column("=1+1")], [], heading=[("=2+2", date(2026, 6, 15))])
        self.assertNotIn("<f>", self.xml())

    def test_text_in_a_number_column_is_written_as_text(self):
        columns = [Column("Days", "integer"), Column("Open", "amount", total=True)]
        page = self.sheet(columns, [("=1+1", ("n/a", EURO))])
        self.assertEqual([c.value for c in page[2]], ["=1+1", "n/a"])
        self.assertEqual([c.data_type for c in page[2]], ["s", "s"])
        self.assertNotIn("<f>", self.xml())

    def test_letters_that_xml_forbids_are_dropped(self):
        page = self.sheet([Column("Name")], [("a\x00b\x08c\x0bd\ud800e\uffff",)])
        self.assertEqual(page["A2"].value, "abcde")

    def test_a_text_too_long_for_a_cell_is_cut_and_says_so(self):
        long = "\N{GRINNING FACE}" * 20000
        page = self.sheet([Column("Name")], [("x" * 32767,), ("x" * 32768,), (long,)])
        kept, cut, wide = (cell.value for cell in page["A"][1:])
        self.assertEqual(kept, "x" * 32767)
        self.assertEqual(cut, "x" * 32766 + "…")
        self.assertLessEqual(len(wide.encode("utf-16-le")) // 2, 32767)
        self.assertTrue(wide.endswith("…"))

    # ------------------------------------------------------------------
    # Types
    # ------------------------------------------------------------------

    def test_each_kind_has_its_type_and_format(self):
        columns = [
            Column("Name"),
            Column("Due", "date"),
            Column("Days", "integer"),
            Column("Ratio", "number"),
            Column("Share", "percent"),
            Column("Open", "amount", EURO),
        ]
        row = ("A", date(2026, 6, 15), 3, 1.5, 0.25, -1000000000.01)
        page = self.sheet(columns, [row])
        self.assertEqual(
            [(cell.value, cell.number_format) for cell in page[2]],
            [
                ("A", "@"),
                (datetime(2026, 6, 15), "yyyy-mm-dd"),
                (3, "0"),
                (1.5, "#,##0.00"),
                (0.25, "0.0%"),
                (-1000000000.01, '#,##0.00 "EUR";[Red]-#,##0.00 "EUR"'),
            ],
        )
        self.assertTrue(page["B2"].is_date)
        self.assertEqual(page["F2"].data_type, "n")

    def test_each_row_may_have_its_own_currency(self):
        rows = [((10.5, EURO),), ((1000, YEN),), ((1.234, DINAR),)]
        page = self.sheet([Column("Open", "amount")], rows)
        shown = [(cell.value, cell.number_format.split(";")[0]) for cell in page["A"]]
        self.assertEqual(
            shown[1:],
            [
                (10.5, '#,##0.00 "EUR"'),
                (1000, '#,##0 "JPY"'),
                (1.234, '#,##0.000 "KWD"'),
            ],
        )

    def test_what_is_not_there_leaves_an_empty_cell_but_zero_is_written(self):
        columns = [Column("Name"), Column("Due", "date"), Column("Open", "amount")]
        page = self.sheet(columns, [(False, False, 0), (None, "", False)])
        self.assertEqual([c.value for c in page[2]], [None, None, 0])
        self.assertEqual(page.max_row, 2, "a row of nothing leaves no trace")

    def test_what_is_no_number_leaves_an_empty_cell(self):
        rows = [(float("nan"),), (float("inf"),), (1,)]
        page = self.sheet([Column("Ratio", "number", total=True)], rows)
        self.assertEqual([cell.value for cell in page["A"][1:]], [None, None, 1, 1])

    def test_a_day_before_excels_first_is_written_as_text(self):
        rows = [(date(1, 1, 1),), (date(9999, 12, 31),)]
        page = self.sheet([Column("Due", "date")], rows)
        self.assertEqual(page["A2"].value, "0001-01-01")
        self.assertEqual(page["A3"].value, datetime(9999, 12, 31))

    def test_a_row_of_another_length_is_refused(self):
        with self.assertRaises(ValueError):
            self.sheet([Column("A"), Column("B")], [("only one",)])

    # ------------------------------------------------------------------
    # The sheet
    # ------------------------------------------------------------------

    def test_the_header_is_bold_frozen_and_filters_the_rows_only(self):
        columns = [Column("Name"), Column("Open", "amount", EURO, total=True)]
        rows = [("A", 1.1), ("B", 2.2)]
        heading = [("As of", date(2026, 6, 15))]
        page = self.sheet(columns, rows, heading=heading, total_label="Sum")
        self.assertEqual(page["B1"].value, datetime(2026, 6, 15))
        self.assertTrue(page["A2"].font.bold)
        self.assertEqual(page.freeze_panes, "A3")
        self.assertEqual(page.auto_filter.ref, "A2:B4")
        self.assertEqual([c.value for c in page[5]], ["Sum", 3.3])
        self.assertTrue(page["B5"].font.bold)

    def test_totals_never_add_currencies_and_are_exact(self):
        columns = [
            Column("Name"),
            Column("Open", "amount", EURO, total=True),
            Column("In currency", "amount", total=True),
        ]
        rows = [("A", 0.1, (0.1, EURO)), ("B", 7, (1000, YEN)), ("C", None, None)]
        rows += [("D", 0.1, (0.1, EURO))] * 9
        page = self.sheet(columns, rows)
        totals = [[cell.value for cell in row] for row in page.iter_rows(min_row=14)]
        self.assertEqual(totals[0], ["Total", 8.0, 1.0])
        self.assertEqual(totals[1], ["Total", None, 1000])
        self.assertIn("JPY", page["C15"].number_format)

    def test_names_of_sheets_are_cleaned_and_differ(self):
        names = ["a/b:c", "A b C", "x" * 40, "x" * 40, "'quoted'", "History", "=1+1"]
        book = self.reread(*(Sheet(name, [Column("A")], []) for name in names))
        self.assertEqual(
            book.sheetnames,
            [
                "a b c",
                "A b C (2)",
                "x" * 31,
                "x" * 27 + " (2)",
                "quoted",
                "Sheet",
                "=1+1",
            ],
        )

    def test_rows_too_many_for_a_sheet_go_on_in_the_next(self):
        self.addCleanup(setattr, workbook, "ROWS_MAX", workbook.ROWS_MAX)
        workbook.ROWS_MAX = 3
        columns = [Column("Number", "integer", total=True)]
        book = self.reread(Sheet("Rows", columns, ((n,) for n in range(7))))
        self.assertEqual(book.sheetnames, ["Rows", "Rows (2)", "Rows (3)"])
        self.assertEqual([cell.value for cell in book["Rows (2)"]["A"][1:]], [3, 4, 5])
        self.assertEqual([cell.value for cell in book["Rows (3)"]["A"][1:]], [6, 21])

    def test_the_doctests_of_the_rules(self):
        self.assertEqual(doctest.testmod(workbook).failed, 0)

    # ------------------------------------------------------------------
    # Size
    # ------------------------------------------------------------------

    def test_memory_does_not_grow_with_the_rows(self):
        columns = [Column("Name"), Column("Open", "amount", total=True)]
        peaks = {}
        for count in (2000, 20000):
            rows = ((f"Customer {n}", (n, EURO)) for n in range(count))
            tracemalloc.start()
            with tempfile.TemporaryFile() as target:
                workbook.write(target, [Sheet("Rows", columns, rows)])
            peaks[count] = tracemalloc.get_traced_memory()[1]
            tracemalloc.stop()
        self.assertLess(peaks[20000], peaks[2000] * 1.5)
