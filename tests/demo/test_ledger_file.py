"""The reader of open items: every row is an item, a copy or a reason."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from dev.demo.ledger_file import UnreadableFile, read_ledger

HEADER = (
    "customer_number,customer_name,invoice_number,invoice_date,due_date,currency,"
    "open_amount,terms\n"
)
GOOD = "C1,Acme  Ltd,INV1,2020-03-30,2020-04-14,USD,98963.00,NAA8\n"


@pytest.fixture
def read(tmp_path):
    """Write a text into a file and read that as a ledger."""

    def read_text(text, encoding="utf-8"):
        path = tmp_path / "items.csv"
        path.write_bytes(text.encode(encoding))
        return read_ledger(path)

    return read_text


def test_a_good_row_becomes_an_item(read):
    ledger = read(HEADER + GOOD)
    (item,) = ledger.items
    assert (item.line, item.customer, item.number) == (2, "C1", "INV1")
    assert (item.day, item.due) == (date(2020, 3, 30), date(2020, 4, 14))
    assert (item.currency, item.amount) == ("USD", Decimal("98963.00"))
    assert ledger.names == {"C1": "Acme Ltd"}
    assert not ledger.copies
    assert not ledger.bad_rows


def test_an_exact_copy_is_counted_and_not_loaded_twice(read):
    ledger = read(HEADER + GOOD + GOOD.replace("Acme  Ltd", " Acme Ltd ") + GOOD)
    assert len(ledger.items) == 1
    assert ledger.copies == [3, 4]


def test_the_same_number_with_other_figures_is_a_bad_row(read):
    ledger = read(HEADER + GOOD + GOOD.replace("98963", "98964"))
    assert len(ledger.items) == 1
    assert ledger.bad_rows == [
        (3, "number INV1 stands in line 2 with other figures"),
    ]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("C1,A,,2020-03-30,2020-04-14,USD,1.00,X", "no invoice number"),
        (",A,I1,2020-03-30,2020-04-14,USD,1.00,X", "no customer number"),
        (
            "C1,A,I1,2020-02-30,2020-04-14,USD,1.00,X",
            "invoice date '2020-02-30' is not a date such as 2020-05-01",
        ),
        (
            "C1,A,I1,2020-03-30,soon,USD,1.00,X",
            "due date 'soon' is not a date such as 2020-05-01",
        ),
        (
            "C1,A,I1,2020-03-30,2020-04-14,US,1.00,X",
            "currency 'US' is not a code of three letters",
        ),
        (
            'C1,A,I1,2020-03-30,2020-04-14,USD,"1,000.00",X',
            "amount '1,000.00' is not a number such as 1234.56",
        ),
        (
            "C1,A,I1,2020-03-30,2020-04-14,USD,nan,X",
            "amount 'nan' is not a number such as 1234.56",
        ),
        (
            "C1,A,I1,2020-03-30,2020-04-14,USD,1e99,X",
            "amount '1e99' is not a number such as 1234.56",
        ),
        (
            "C1,A,I1,2020-03-30,2020-04-14,USD,0.00,X",
            "nothing is open: the amount is zero",
        ),
        ("C1,A,I1,2020-03-30", "4 cells instead of 8"),
    ],
)
def test_a_bad_row_is_reported_with_its_line_and_reason(read, row, reason):
    ledger = read(HEADER + row + "\n" + GOOD)
    assert ledger.bad_rows == [(2, reason)]
    assert [item.number for item in ledger.items] == ["INV1"]


def test_an_open_quotation_mark_is_one_bad_row_not_an_exception(read):
    ledger = read(HEADER + GOOD + 'C2,"Never closed,I2,2020-03-30\n' + GOOD)
    assert len(ledger.items) == 1
    assert ledger.bad_rows == [
        (3, "2 cells instead of 8; a quoted cell runs on to line 4"),
    ]


def test_windows_files_with_semicolons_are_read(read):
    text = (HEADER + GOOD.replace("Acme  Ltd", "Müller & Söhne")).replace(",", ";")
    ledger = read(text.replace("\n", "\r\n"), encoding="cp1252")
    assert ledger.names == {"C1": "Müller & Söhne"}
    assert len(ledger.items) == 1


def test_a_negative_amount_is_a_credit(read):
    assert read(HEADER + GOOD.replace("98963.00", "-12.5")).items[0].amount == -12.5


@pytest.mark.parametrize("text", ["", "\n", "a,b,c\n1,2,3\n", "\x00\x01\x02"])
def test_a_file_without_the_columns_is_refused_in_words(read, text):
    with pytest.raises(UnreadableFile):
        read(text)


def test_a_missing_file_is_refused_in_words(tmp_path):
    with pytest.raises(UnreadableFile):
        read_ledger(tmp_path / "nowhere.csv")


def test_an_old_file_is_read_as_of_the_month_of_its_newest_document(read):
    ledger = read(HEADER + GOOD)
    assert ledger.reference_day(date(2026, 1, 5)) == date(2020, 3, 1)
    fresh = date(2020, 3, 30) + timedelta(days=31)
    assert ledger.reference_day(fresh) == fresh


@pytest.mark.data
def test_the_public_ledger_is_read_to_the_last_row(data_folder):
    """Goal: ten thousand real rows; each is an item or an exact copy."""
    ledger = read_ledger(data_folder / "open_items.csv")
    assert (len(ledger.items), len(ledger.copies)) == (9703, 292)
    assert ledger.bad_rows == []
    assert len(ledger.names) == 645
    assert ledger.reference_day(date(2026, 1, 1)) == date(2020, 5, 1)
