from decimal import Decimal

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import float_repr, format_date

from ..domain.reference_rate import Rates, half_year

SERIES = [
    ("ecb", "ECB, main refinancing operations"),
    ("de_base", "Germany, base rate (§ 247 BGB)"),
    ("boe", "Bank of England, Bank Rate"),
    ("fr_legal", "France, legal interest rate between businesses"),
]


class O2cReferenceRate(models.Model):
    """The rates that laws on late payment build on, one per series and half-year.

    Public facts, the same for all companies; each with its source. Nothing is charged
    for a half-year whose rate is missing.
    """

    _name = "o2c.reference.rate"
    _description = "Reference rate"
    _order = "date_from DESC, series"

    series = fields.Selection(SERIES, required=True)
    date_from = fields.Date(
        "Half-year from",
        required=True,
        help="1 January or 1 July: the first day of the half-year for which the rate "
        "counts. Of the Bank of England it is the rate of the day before.",
    )
    rate = fields.Float("Rate in %", required=True, digits=(7, 4), aggregator=None)
    source = fields.Char(
        required=True,
        help="Where the rate was read: an address, or the name of a publication.",
    )

    _series_date_unique = models.UniqueIndex(
        "(series, date_from)", "There is already a rate of this half-year."
    )
    _rate_range = models.Constraint(
        "CHECK(rate BETWEEN -10 AND 100)",
        "A reference rate is a percentage a year, between -10 and 100.",
    )

    @api.constrains("date_from")
    def _check_date_from(self):
        for rate in self:
            if rate.date_from != half_year(rate.date_from):
                raise ValidationError(
                    self.env._(
                        "%(day)s is no first day of a half-year: enter 1 January or "
                        "1 July.",
                        day=rate.date_from,
                    )
                )

    @api.constrains("source")
    def _check_source(self):
        if not all((rate.source or "").strip() for rate in self):
            raise ValidationError(self.env._("Say where the rate was read."))

    @api.depends("series", "date_from")
    def _compute_display_name(self):
        names = dict(self._fields["series"]._description_selection(self.env))
        for rate in self:
            name = names.get(rate.series, "")
            rate.display_name = f"{name}, {rate.date_from}" if name else ""

    # ------------------------------------------------------------------
    # History
    # ------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        """EXTENDS base: a rate is money, its entry part of the history."""
        rates = super().create(vals_list)
        rates._record("rate_added")
        return rates

    def write(self, vals):
        """EXTENDS base: so is its change; the next proposals correct what it was."""
        result = super().write(vals)
        self._record("rate_changed")
        return result

    @api.ondelete(at_uninstall=False)
    def _record_removal(self):
        self._record("rate_removed")

    def _record(self, kind):
        if self.env.context.get("install_mode"):
            return
        payload = {
            rate.id: {
                "series": rate.series,
                "date_from": str(rate.date_from),
                "rate": rate.rate,
                "source": rate.source,
            }
            for rate in self
        }
        self.env["o2c.event"]._record(kind, self, payload)

    # ------------------------------------------------------------------
    # Reading
    # ------------------------------------------------------------------

    @api.model
    def _rates(self):
        """All rates, for the engine."""
        # sudo: public facts, read by jobs and by whoever may propose
        rows = self.sudo().search_fetch([], ["series", "date_from", "rate"])
        return Rates({(row.series, row.date_from): _exact(row.rate) for row in rows})

    @api.model
    def _missing(self, root):
        """(series, first day of the half-year) that a company needs and has not.

        Needed is what its rules and those of its customers build on, from the oldest
        item that may be charged to today.
        """
        first = root._o2c_late_first_day()
        if not first:
            return []
        rates = self._rates()
        today = root._o2c_today()
        return [
            (series, start)
            for series in sorted(root._o2c_late_series_used())
            for start in rates.missing(series, min(first, today), today)
        ]

    @api.model
    def _missing_words(self, missing):
        names = dict(self._fields["series"]._description_selection(self.env))
        return ", ".join(
            f"{names[series]}: {format_date(self.env, start)}"
            for series, start in missing
        )

    @api.model
    @api.readonly
    def missing_text(self):
        """What the list says of missing rates of the user's company; empty if none."""
        self.check_access("read")
        # sudo: settings of the root company, not shown
        root_sudo = self.env.company._o2c_root()
        return self._missing_words(self._missing(root_sudo))


def _exact(rate):
    """What a person entered, not the float nearest to it."""
    return Decimal(float_repr(rate, 4))
