from odoo.addons.web.controllers.export import ExcelExport

#: What a spreadsheet program would take for a formula.
FORMULA = ("=", "{=")


class TextExport(ExcelExport):
    """Lists that are exported hold what customers wrote: text, and never a formula.

    Core marks such texts in CSV files by an apostrophe; here it does in Excel files.
    """

    def from_data(self, fields, columns_headers, rows):
        """EXTENDS web: of rows."""
        return super().from_data(fields, columns_headers, _plain_rows(rows))

    def from_group_data(self, fields, columns_headers, groups):
        """EXTENDS web: of rows in groups, and of the groups' names."""
        _make_plain(groups)
        return super().from_group_data(fields, columns_headers, groups)


def _make_plain(group):
    group.data = _plain_rows(group.data)
    children = list(group.children.items())
    group.children.clear()
    for name, child in children:
        _make_plain(child)
        name = tuple(map(_plain, name)) if isinstance(name, tuple) else _plain(name)
        group.children[name] = child


def _plain_rows(rows):
    return [[_plain(value) for value in row] for row in rows]


def _plain(value):
    if isinstance(value, str) and value.startswith(FORMULA):
        return f"'{value}"
    return value
