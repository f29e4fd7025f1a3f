from odoo import api, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import format_date
from odoo.tools.misc import formatLang

from ..domain.kpi import CURRENCY, METRICS, PERCENT, figures, month_rows


class O2cKpi(models.AbstractModel):
    """Formula and inputs of a figure, one click away, and figures as text."""

    _inherit = "o2c.kpi"

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
        if not isinstance(metric, str) or metric not in METRICS:
            raise UserError(self.env._("There is no metric %(code)s.", code=metric))
        for number in (company_id, segment_id or 0, collector_id or 0):
            if type(number) is not int:
                raise UserError(
                    self.env._("%(value)s is no id: ids are numbers.", value=number)
                )
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
        return {
            "outstanding": self.env._("Outstanding"),
            "owed": self.env._("Owed before unapplied credit"),
            "overdue": self.env._("Overdue"),
            "at_risk": self.env._("More than 90 days overdue"),
            "unapplied": self.env._("Unapplied credit"),
            "disputed": self.env._("Resting because disputed or deducted"),
            "promised": self.env._("Resting because promised"),
            "due_7": self.env._("Due within 7 days"),
            "due_30": self.env._("Due within 30 days"),
            "opening": self.env._("Opening balance after credits"),
            "closing": self.env._("Closing balance after credits"),
            "closing_current": self.env._("Of it not yet due"),
            "sales": self.env._("Sales of the window"),
            "sales_days": self.env._("Days of the window"),
            "paid": self.env._("Money received"),
            "paid_days_late": self.env._("Money x days late"),
            "paid_days_late_floored": self.env._("Money x days late, early as 0"),
            "paid_dated": self.env._("Money received for invoices"),
            "paid_days_to_pay": self.env._("Money x days since the invoice"),
            "fell_due": self.env._("Fell due"),
            "fell_due_paid": self.env._("Of it paid by the due date"),
            "fell_due_count": self.env._("Items that fell due"),
            "fell_due_paid_count": self.env._("Of them paid by the due date"),
        }
