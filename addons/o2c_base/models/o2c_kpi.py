from datetime import date

from odoo import api, models
from odoo.exceptions import UserError

from ..domain.kpi import CURRENCY, Figure, Inputs, figures

#: Nobody kept books here before; windows of the past stay within the calendar.
DATE_MIN = date(1900, 1, 1)


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
    def _figures_on(self, company, date, metrics):
        """A company's figures as they were stored on a day, else worked out.

        What mails and cards show: the same as the KPI screen, at no cost.
        """
        snapshots = self.env["o2c.kpi.snapshot"]
        stored = snapshots._figures_at(company, date, metrics)
        if stored.keys() == set(metrics):
            return stored
        return self._figures(company, date, metrics)

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
        root = company._o2c_root()
        today = root._o2c_today()
        return Inputs(today=date or today, is_past=bool(date and date < today))

    def _as_of(self, root, date):
        """None for today, whose figures are live; else the past date."""
        today = root._o2c_today()
        if date and date > today:
            raise UserError(
                self.env._("There are no figures of %(date)s yet.", date=date)
            )
        if date and date < DATE_MIN:
            raise UserError(self.env._("There are no figures of %(date)s.", date=date))
        return date if date and date < today else None

    def _rounded(self, company, found):
        """Amounts rounded by the company's currency."""
        currency = company._o2c_root().currency_id
        return {
            code: Figure(currency.round(figure.value), CURRENCY)
            if figure.unit == CURRENCY and figure.value is not None
            else figure
            for code, figure in found.items()
        }
