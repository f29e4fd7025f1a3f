import tempfile
import time
from datetime import date, datetime

from odoo import fields, models
from odoo.tools import SQL

from ..tools import workbook
from ..tools.transaction import in_new_transaction, with_room
from ..tools.workbook import Column, Sheet

#: Rows fetched at a time; names are looked up for as many.
BATCH_ROWS = 2000

#: Seconds between two notes of how far the file is.
NOTE_SECONDS = 1.0

KINDS = {
    "date": "date",
    "datetime": "date",
    "float": "number",
    "integer": "integer",
    "monetary": "amount",
}


class O2cExport(models.Model):
    """Writing the file: rows come from a cursor of the database, batch by batch."""

    _inherit = "o2c.export"

    def _write_file(self, reader, progress=False):
        """The file's name and content.

        :param reader: environment of the user whose rights count
        :param progress: whether to note how far it is, for the job
        """
        model = reader[self.model_name]
        title, names = model._export_spec()
        rows = _Rows(model, names, self.query["domain"], self.query["order"])
        sheet = Sheet(
            title,
            rows.columns(),
            self._noting(rows) if progress else rows,
            heading=self._heading(model, title),
            total_label=self.env._("Total"),
        )
        with tempfile.TemporaryFile() as target:
            workbook.write(target, [sheet])
            target.seek(0)
            day = reader.context.get("o2c_as_of") or reader.company._o2c_today()
            return f"{title} {day}.xlsx", target.read()

    def _heading(self, model, title):
        """What stands above the rows: what it is, of when and of whom."""
        env = model.env
        as_of = env["o2c.open.item"]._as_of_date(env.context.get("o2c_as_of"))
        companies = ", ".join(env.companies.mapped("name"))
        when = as_of or env.company._o2c_today()
        return [(title, companies), (env._("As of"), when)]

    def _noting(self, rows):
        """The same rows; how many went by is noted beside this transaction."""
        noted = time.monotonic()
        for number, row in enumerate(rows):
            if number % BATCH_ROWS == 0 and time.monotonic() - noted > NOTE_SECONDS:
                in_new_transaction(self.env, self._note(number))
                noted = time.monotonic()
            yield row

    def _note(self, number):
        export_id = self.id
        return lambda env: (
            env["o2c.export"].sudo().browse(export_id)._set_progress(number)
        )


class _Rows:
    """The rows of a search as values for a sheet, never all at once.

    The database evaluates the search once and keeps its rows; names of customers
    and others are looked up per batch and forgotten. What cannot be read of one
    record leaves a mark in its cell.
    """

    def __init__(self, model, names, domain, order):
        self.model = model
        self.info = model.fields_get(names)
        self.names = [name for name in names if name in self.info]
        self.domain = domain
        self.order = order
        # sudo: which currencies there are is no secret, archived ones included
        currencies_sudo = model.env["res.currency"].sudo()
        currencies_sudo = currencies_sudo.with_context(active_test=False).search([])
        self.currencies = {c.id: workbook.currency_of(c) for c in currencies_sudo}

    def columns(self):
        return [
            Column(
                self.info[name]["string"],
                KINDS.get(self.info[name]["type"], "text"),
                total=self.info[name]["type"] == "monetary",
            )
            for name in self.names
        ]

    def __iter__(self):
        cr = self.model.env.cr
        with_room(cr)
        cr.execute("SET LOCAL cursor_tuple_fraction = 1")
        cr.execute(SQL("DECLARE o2c_export NO SCROLL CURSOR FOR %s", self._select()))
        while True:
            cr.execute(SQL("FETCH %s FROM o2c_export", BATCH_ROWS))
            rows = cr.fetchall()
            if not rows:
                break
            yield from self._values(rows)
            self.model.env.invalidate_all()
        cr.execute("CLOSE o2c_export")

    def _select(self):
        """The search with the exported columns, and each amount's currency."""
        model = self.model
        query = model._search(self.domain, order=self.order or model._order)
        selected = []
        for name in self.names:
            selected.append(self._column_sql(name, query))
            currency = self.info[name].get("currency_field")
            if currency:
                selected.append(model._field_to_sql(model._table, currency, query))
        return query.select(*selected)

    def _column_sql(self, name, query):
        sql = self.model._field_to_sql(self.model._table, name, query)
        # a date that Python has not would break the whole batch
        dated = self.info[name]["type"] in ("date", "datetime")
        return SQL("(%s)::text", sql) if dated else sql

    # ------------------------------------------------------------------
    # Values
    # ------------------------------------------------------------------

    def _values(self, rows):
        """Turn fetched rows into what the sheet takes."""
        columns, width = [], 0
        for name in self.names:
            values = [row[width] for row in rows]
            width += 1
            if self.info[name].get("currency_field"):
                codes = [self.currencies.get(row[width]) for row in rows]
                values = list(zip(values, codes, strict=True))
                width += 1
            columns.append(self._converted(name, values))
        return zip(*columns, strict=True)

    def _converted(self, name, values):
        kind = self.info[name]["type"]
        if kind == "many2one":
            names = self._names(name, {value for value in values if value})
            return [names.get(value) for value in values]
        if kind == "selection":
            labels = dict(self.info[name]["selection"])
            return [labels.get(value, value) for value in values]
        if kind in ("date", "datetime"):
            return [_day(value) for value in values]
        if kind == "boolean":
            return [self.model.env._("Yes") if value else None for value in values]
        return values

    def _names(self, name, ids):
        """Names of records, one that cannot be told as its number."""
        # sudo: who sees the row sees whose it is, as on the screen
        records_sudo = self.model.env[self.info[name]["relation"]].sudo().browse(ids)
        names = {None: self.info[name].get("falsy_value_label")}
        try:
            return names | {r.id: r.display_name for r in records_sudo}
        except Exception:  # noqa: BLE001 one bad record must not cost the others
            return names | {r.id: _name_or_number(r) for r in records_sudo}


def _name_or_number(record):
    try:
        return record.browse(record.id).display_name  # not with all the others
    except Exception:  # noqa: BLE001 its number says which it is
        return f"#{record.id}"


def _day(text):
    """The date that the database tells, as text where Python has none such."""
    if not text:
        return None
    try:
        return date.fromisoformat(text[:10]) if len(text) == 10 else _moment(text)
    except ValueError:
        return text


def _moment(text):
    return fields.Datetime.to_datetime(text[:19]) or datetime.min
