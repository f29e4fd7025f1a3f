"""A table as plain text: aligned columns for readers without HTML.

The cells come in ready for the reader (dates, amounts and labels in his own
language); this module only aligns them.
"""

import unicodedata

GAP = "  "
#: A column never grows beyond this; longer words are cut with an ellipsis.
WIDTH_MAX = 28


def one_line(text):
    """Make a text safe for one line: no breaks, no control characters.

    >>> one_line("Acme\\r\\nBcc: all@example.com")
    'Acme Bcc: all@example.com'
    >>> one_line("a\\u202eb\\x00c  d ")
    'abc d'
    >>> one_line(None)
    ''
    """
    if text and text.isascii() and text.isprintable():
        return " ".join(text.split())  # as most are, and much quicker
    words = "".join(
        " " if character.isspace() else character
        for character in text or ""
        if character.isspace() or unicodedata.category(character)[0] != "C"
    )
    return " ".join(words.split())


def width(text):
    """Count the columns a text takes on a screen of fixed-width characters.

    >>> width("Möbel"), width("株式"), width("e\\u0301")
    (5, 4, 1)
    """
    if text.isascii():
        return len(text)
    return sum(
        0
        if unicodedata.combining(character)
        else 2
        if unicodedata.east_asian_width(character) in "WF"
        else 1
        for character in text
    )


def shorten(text, limit=WIDTH_MAX):
    """Cut a text to ``limit`` columns.

    >>> shorten("INV/2026/00001", 8)
    'INV/202…'
    >>> shorten("short", 8)
    'short'
    """
    if width(text) <= limit:
        return text
    kept = ""
    for character in text:
        if width(kept + character) > limit - 1:
            break
        kept += character
    return kept + "…"


def text_table(header, rows, right=()):
    """Align rows under a header.

    :param list header: one label per column
    :param list rows: lists of as many texts
    :param right: numbers of the columns that are aligned to the right
    :return: the table's lines as one text

    >>> print(text_table(
    ...     ["Number", "Open"],
    ...     [["INV/1", "1,200.00 EUR"], ["Credit note RINV/7", "-80.50 EUR"]],
    ...     right={1},
    ... ))
    Number                      Open
    ------------------  ------------
    INV/1               1,200.00 EUR
    Credit note RINV/7    -80.50 EUR
    """
    table = [[shorten(one_line(cell)) for cell in row] for row in [header, *rows]]
    widths = [max(map(width, column)) for column in zip(*table, strict=True)]
    lines = [_line(row, widths, right) for row in table]
    lines.insert(1, GAP.join("-" * columns for columns in widths))
    return "\n".join(lines)


def _line(row, widths, right):
    cells = []
    for number, (cell, columns) in enumerate(zip(row, widths, strict=True)):
        padding = " " * (columns - width(cell))
        cells.append(padding + cell if number in right else cell + padding)
    return GAP.join(cells).rstrip()
