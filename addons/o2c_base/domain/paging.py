"""Where the tables of a printed statement go on on a new page.

Debian's wkhtmltopdf does not repeat a table's head, so a long table is cut into
tables that fill a page each. Heights are in rows of text; A4 has room for PAGE.

>>> [[(c.begins_page, len(c.rows)) for c in s] for s in paginate([["a"] * 3])]
[[(False, 3)]]
>>> rows = ["a"] * 100
>>> [[(c.begins_page, len(c.rows)) for c in s] for s in paginate([rows, ["b"]])]
[[(False, 36), (True, 48), (True, 16)], [(False, 1)]]
>>> paginate([[]])
[[Chunk(begins_page=False, rows=[])]]
"""

from typing import Any, NamedTuple

#: Rows of a page, and what the letterhead, a section's head and its totals take.
PAGE = 48
LETTERHEAD = 12
SECTION_HEAD = 4
SECTION_TAIL = 10
#: A section that finds less room than this begins on the next page.
ROOM_MIN = 6


class Chunk(NamedTuple):
    """Rows that stand together; whether a new page begins before them."""

    begins_page: bool
    rows: list[Any]


def paginate(sections, height=lambda row: 1):
    """Cut the rows of each section into chunks.

    :param sections: list of lists of rows, in the order in which they are printed
    :param height: function of a row, how many rows of text it takes
    :return: per section a list of :class:`Chunk`, at least one
    """
    room, result = PAGE - LETTERHEAD, []
    for number, rows in enumerate(sections):
        if number:
            room -= SECTION_HEAD
        begins_page = room < ROOM_MIN
        if begins_page:
            room = PAGE
        chunks = [Chunk(begins_page, [])]
        for row in rows:
            if height(row) > room and chunks[-1].rows:
                chunks.append(Chunk(True, []))
                room = PAGE
            chunks[-1].rows.append(row)
            room -= height(row)
        room -= SECTION_TAIL
        result.append(chunks)
    return result
