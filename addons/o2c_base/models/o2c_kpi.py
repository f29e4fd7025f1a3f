from odoo import api, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import format_date
from odoo.tools.misc import formatLang

from ..domain.kpi import (
    CURRENCY,
    METRICS,
    PERCENT,
    Figure,
    Inputs,
    figures,
    month_rows,
)


class O2cKpi(models.AbstractModel):
    """The one way to work a metric out: every screen, job and mail asks here."""

    _name = "o2c.kpi"
    _description = "Receivables figures"

    @api.model
    def _figures(self, company, date=None, metrics=None, segment=None, collector=None):
        """The figures of a company, or of a segment's or collector's customers.

        Of a past date, the ledger is taken as of it, with the collectors of today.

        :param company: any company; its root's figures are given
        :param date: None for live figures, else a date up to today
        :param metrics: codes, all unless told otherwise
        :return: dict of code to ``Figure``
        """
        inputs = self._inputs(company, date, segment, collector)
        return self._rounded(company, figures(inputs, metrics))

    @api.model
    def _figures_by_scope(self, company, date=None, metrics=None):
        """The figures of a company, of all its segments and all its collectors.

        :return: dict of (segment id, collector id) to a dict of code to ``Figure``;
            the company has neither, a segment no collector, a collector no segment
        """
        return {
            scope: self._rounded(company, figures(inputs, metrics))
            for scope, inputs in self._inputs_by_scope(company, date).items()
        }

    @api.model
    def _inputs(self, company, date=None, segment=None, collector=None):
        """What the figures of one scope are worked out from."""
        cells = self._cells_of(company, date)
        return sum(
            (
                inputs
                for (segment_id, collector_id), inputs in cells.items()
                if (not segment or segment_id == segment.id)
                and (not collector or collector_id == collector.id)
            ),
            self._no_inputs(company, date),
        )

    @api.model
    def _inputs_by_scope(self, company, date=None):
        """The same for all scopes of a company, from the same statements."""
        scopes = {(None, None): self._no_inputs(company, date)}
        for (segment_id, collector_id), inputs in self._cells_of(company, date).items():
            for scope in {(None, None), (segment_id, None), (None, collector_id)}:
                scopes[scope] = scopes.get(scope, Inputs()) + inputs
        return scopes

    def _cells_of(self, company, date):
        root = company._o2c_root()
        return self._cells(root, self._as_of(root, date))

    def _no_inputs(self, company, date):
        return Inputs(today=date or company._o2c_root()._o2c_today())

    def _as_of(self, root, date):
        """None for today, whose figures are live; else the past date."""
        today = root._o2c_today()
        if date and date > today:
            raise UserError(
                self.env._("There are no figures of %(date)s yet.", date=date)
            )
        return date if date and date < today else None

    def _rounded(self, company, found):
        """Amounts rounded by the company's currency."""
        currency = company._o2c_root().currency_id
        return {
            code: Figure(currency.round(figure.value), CURRENCY)
            if METRICS[code].unit == CURRENCY
            else figure
            for code, figure in found.items()
        }

    # ------------------------------------------------------------------
    # One click away
    # ------------------------------------------------------------------

    @api.model
    @api.readonly
    def explain(
        self, metric, company_id, date=None, segment_id=None, collector_id=None
    ):
        """How a figure is worked out: its formula, what went in, what came out.

        :param str metric: code of a metric
        :param int company_id: a company the user works in
        :param str date: ISO date up to today; None is now
        :param int segment_id: only customers of this segment
        :param int collector_id: only customers of this collector
        :return: dict of texts and of the list ``inputs`` with ``label`` and ``text``
        """
        company, segment, collector = self._checked_scope(
            metric, company_id, segment_id, collector_id
        )
        inputs = self._inputs(company, self._checked_date(date), segment, collector)
        figure = self._rounded(company, figures(inputs, [metric]))[metric]
        texts = self.env["o2c.kpi.snapshot"]
        return {
            "metric": metric,
            "name": texts._label("metric", metric),
            "formula": texts._label("formula", metric),
            "unit": figure.unit,
            "value": figure.value,
            "text": self._text(company, figure),
            "reason": figure.reason and texts._label("reason", figure.reason),
            "date": str(inputs.today),
            "inputs": self._explained(company, metric, inputs),
        }

    def _checked_scope(self, metric, company_id, segment_id, collector_id):
        """What was asked for, if there is such a thing and the user may see it."""
        self.env["o2c.kpi.snapshot"].check_access("read")
        if metric not in METRICS:
            raise UserError(self.env._("There is no metric %(code)s.", code=metric))
        roots = self.env.companies._o2c_root()
        company = self.env["res.company"].browse(company_id).exists()
        if not company or company._o2c_root() not in roots:
            raise AccessError(self.env._("You do not work in this company."))
        segment = self.env["o2c.segment"].browse(segment_id or ())
        segment.check_access("read")
        return company, segment, self.env["res.users"].browse(collector_id or ())

    def _checked_date(self, date):
        return self.env["o2c.open.item"]._as_of_date(date or None)

    def _explained(self, company, metric, inputs):
        """The inputs of a metric as label and text."""
        currency = company._o2c_root().currency_id
        labels = self._input_labels()
        rows = []
        for name in METRICS[metric].inputs:
            if name == "sales_months":
                rows += [
                    (format_date(self.env, start, date_format="MMMM y"), sales)
                    for start, sales, _days in month_rows(inputs)
                ]
            else:
                rows.append((labels[name], getattr(inputs, name)))
        return [
            {
                "label": label,
                "text": str(value)
                if isinstance(value, int)
                else currency.format(value),
            }
            for label, value in rows
        ]

    def _text(self, company, figure):
        """A figure as people read it, such as "at least 46 days"."""
        if figure.value is None:
            return self.env._("n/a")
        if figure.unit == CURRENCY:
            return company._o2c_root().currency_id.format(figure.value)
        number = formatLang(self.env, figure.value, digits=1)
        if figure.unit == PERCENT:
            return self.env._("%(number)s %%", number=number)
        if figure.is_lower_bound:
            return self.env._("≥ %(number)s days", number=number)
        return self.env._("%(number)s days", number=number)

    def _input_labels(self):
        _ = self.env._
        return {
            "outstanding": _("Outstanding"),
            "owed": _("Owed before unapplied credit"),
            "overdue": _("Overdue"),
            "at_risk": _("More than 90 days overdue"),
            "unapplied": _("Unapplied credit"),
            "due_7": _("Due within 7 days"),
            "due_30": _("Due within 30 days"),
            "opening": _("Opening balance after credits"),
            "closing": _("Closing balance after credits"),
            "closing_current": _("Of it not yet due"),
            "sales": _("Sales of the window"),
            "sales_days": _("Days of the window"),
            "paid": _("Money received"),
            "paid_days_late": _("Money x days late"),
            "paid_days_late_floored": _("Money x days late, early as 0"),
            "paid_dated": _("Money received for invoices"),
            "paid_days_to_pay": _("Money x days since the invoice"),
            "fell_due": _("Fell due"),
            "fell_due_paid": _("Of it paid by the due date"),
            "fell_due_count": _("Items that fell due"),
            "fell_due_paid_count": _("Of them paid by the due date"),
        }
