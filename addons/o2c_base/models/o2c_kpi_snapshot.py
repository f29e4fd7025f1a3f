from psycopg2.extras import Json

from odoo import api, fields, models
from odoo.tools import SQL

from ..domain.kpi import METRICS, REASONS, Figure, figures, used_inputs

UNITS = [("days", "Days"), ("percent", "Percent"), ("currency", "Amount")]

#: Columns of a row besides its company and day.
KEYS = ("metric", "segment_id", "collector_id", "scope")
VALUES = ("value", "has_value", "unit", "reason", "inputs", "is_rebuilt")


class O2cKpiSnapshot(models.Model):
    """One figure of one day and scope, as it was known then.

    A company's own rows have neither segment nor collector. Rows are written by the
    jobs in ``o2c_kpi_snapshot_jobs.py`` only. A past row stays as it was even when
    the ledger of that day changes later; ``is_rebuilt`` marks rows that were worked
    out afterwards from the ledger.
    """

    _name = "o2c.kpi.snapshot"
    _description = "Receivables figure of a day"
    _order = "date DESC, metric, id"
    _log_access = False
    _rec_name = "metric"

    metric = fields.Selection(
        [(code, metric.name) for code, metric in METRICS.items()],
        required=True,
        readonly=True,
        help="What was measured.",
    )
    formula = fields.Selection(
        [(code, metric.formula) for code, metric in METRICS.items()],
        compute="_compute_formula",
        help="How the figure is worked out.",
    )
    company_id = fields.Many2one(
        "res.company",
        required=True,
        readonly=True,
        ondelete="cascade",
        help="The root company; its branches count in.",
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    segment_id = fields.Many2one(
        "o2c.segment",
        readonly=True,
        index="btree_not_null",
        ondelete="cascade",
        help="Only customers of this segment. Empty: of all.",
    )
    collector_id = fields.Many2one(
        "res.users",
        readonly=True,
        index="btree_not_null",
        ondelete="cascade",
        help="Only customers of this collector. Empty: of all.",
    )
    scope = fields.Selection(
        [("company", "Company"), ("segment", "Segment"), ("collector", "Collector")],
        required=True,
        readonly=True,
        help="Whose customers are counted.",
    )
    date = fields.Date(required=True, readonly=True, help="The company's local day.")
    value = fields.Float(
        readonly=True, aggregator="avg", help="The figure. Empty where it is n/a."
    )
    has_value = fields.Boolean(readonly=True, help="Whether there is a figure at all.")
    text = fields.Char("Figure", compute="_compute_text", help="Figure with its unit.")
    unit = fields.Selection(UNITS, required=True, readonly=True)
    reason = fields.Selection(
        list(REASONS.items()),
        "Remark",
        readonly=True,
        help="Why there is no figure, or what it does not say.",
    )
    inputs = fields.Json(readonly=True, help="What the figure was worked out from.")
    is_rebuilt = fields.Boolean(
        "Worked out later",
        readonly=True,
        help="Worked out afterwards from the ledger, not taken on the day itself.",
    )

    _scope_unique = models.UniqueIndex(
        "(metric, company_id, COALESCE(segment_id, 0), COALESCE(collector_id, 0),"
        " date)",
        "There is one figure of a day and scope.",
    )
    _company_date_idx = models.Index("(company_id, date)")

    @api.depends("metric")
    def _compute_formula(self):
        for snapshot in self:
            snapshot.formula = snapshot.metric

    @api.depends("value", "has_value", "unit", "reason", "company_id")
    def _compute_text(self):
        figures = self.env["o2c.kpi"]
        for snapshot in self:
            snapshot.text = figures._text(snapshot.company_id, snapshot._figure())

    def _figure(self):
        """The figure as the formulas gave it."""
        self.ensure_one()
        value = self.value if self.has_value else None
        return Figure(value, self.unit, self.reason or None)

    def _label(self, name, code):
        """The translated label of a selection's value."""
        return dict(self._fields[name]._description_selection(self.env))[code]

    # ------------------------------------------------------------------
    # Reading
    # ------------------------------------------------------------------

    @api.model
    def _figures_at(self, company, date, metrics=None, segment=None, collector=None):
        """The stored figures of a day and scope.

        :return: dict of code to ``Figure``; codes that were not stored are missing
        """
        domain = [
            ("company_id", "=", company._o2c_root().id),
            ("segment_id", "=", segment.id if segment else False),
            ("collector_id", "=", collector.id if collector else False),
            ("date", "=", date),
            ("metric", "in", list(metrics or METRICS)),
        ]
        return {row.metric: row._figure() for row in self.search(domain)}

    # ------------------------------------------------------------------
    # Writing
    # ------------------------------------------------------------------

    @api.model
    def _take(self, company, date=None):
        """Store the figures of a company, its segments and collectors.

        Today's rows are brought up to date; those of a past day are only added
        where there are none, and marked as worked out later.

        :param date: None for today, else a past date
        """
        root = company._o2c_root()
        day = date or root._o2c_today()
        scopes = self.env["o2c.kpi"]._inputs_by_scope(root, date)
        rows = [
            row
            for scope, inputs in scopes.items()
            for row in self._rows_of(root, scope, inputs, bool(date))
        ]
        if not date:
            self._remove_other_scopes(root, day, scopes)
        self._insert_rows(root, day, rows, overwrite=not date)
        self.invalidate_model()
        if not date:
            self.env["o2c.kpi.goal"].search([("company_id", "=", root.id)])._keep()

    def _rows_of(self, root, scope, inputs, is_rebuilt):
        """Values of one scope's rows, in the order of KEYS and VALUES."""
        calculator = self.env["o2c.kpi"]
        segment, collector = scope
        kind = "segment" if segment else "collector" if collector else "company"
        found = calculator._rounded(root, figures(inputs))
        for code, figure in found.items():
            key = (code, segment, collector, kind)
            what = (figure.value, figure.value is not None, figure.unit, figure.reason)
            origin = Json(used_inputs(code, inputs))
            yield (*key, *what, origin, is_rebuilt)

    def _insert_rows(self, root, day, rows, overwrite):
        update = SQL(", ").join(
            SQL("%s = EXCLUDED.%s", SQL.identifier(name), SQL.identifier(name))
            for name in VALUES
        )
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO o2c_kpi_snapshot (%(columns)s, company_id, date)
                VALUES %(rows)s
                ON CONFLICT (metric, company_id, COALESCE(segment_id, 0),
                             COALESCE(collector_id, 0), date) DO %(action)s
                """,
                columns=SQL(", ").join(map(SQL.identifier, KEYS + VALUES)),
                rows=SQL(", ").join(SQL("%s", (*row, root.id, day)) for row in rows),
                action=SQL("UPDATE SET %s", update) if overwrite else SQL("NOTHING"),
            )
        )

    def _remove_other_scopes(self, root, day, scopes):
        """Remove today's rows of segments and collectors that lost their customers."""
        self.env.cr.execute(
            SQL(
                """
                DELETE FROM o2c_kpi_snapshot
                 WHERE company_id = %s AND date = %s
                   AND (COALESCE(segment_id, 0), COALESCE(collector_id, 0)) NOT IN %s
                """,
                root.id,
                day,
                tuple((segment or 0, collector or 0) for segment, collector in scopes),
            )
        )
