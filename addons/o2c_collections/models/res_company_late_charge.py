from datetime import timedelta
from fractions import Fraction

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import SQL, float_repr

from ..domain.late_charge import RULES, Rule
from .o2c_reference_rate import SERIES

SCHEMES = [
    ("eu", "EU: ECB rate + 8 points"),
    ("de", "Germany: base rate + 9 points"),
    ("uk", "United Kingdom: Bank Rate + 8 points, locked"),
    ("fr", "France: ECB rate + 10 points"),
    ("contract", "By contract"),
]
BY_COUNTRY = {"DE": "de", "GB": "uk", "FR": "fr"}
#: Highest contractual rate, in points: more is a slip of the pen.
POINTS_MAX = 100


class ResCompany(models.Model):
    """Whether and by which rule a company charges for lateness.

    Settings of the root company. Off until a manager switches it on; then nothing is
    charged either, only proposed.
    """

    _inherit = "res.company"

    o2c_late_charges = fields.Boolean(
        "Late charges",
        copy=False,
        help="Interest and fixed sums are proposed once a month. A person approves or "
        "waives each of them; nothing is charged by itself.",
    )
    o2c_late_scheme = fields.Selection(
        SCHEMES,
        "Late charges by",
        compute="_compute_o2c_late_scheme",
        store=True,
        readonly=False,
        precompute=True,
        help="The law, or the terms, by which customers without an agreement of their "
        "own owe interest. Proposed by the company's country; check with your lawyer.",
    )
    o2c_late_points = fields.Float(
        "Points by contract",
        digits=(7, 4),
        help="Percentage points a year, over the reference rate if there is one.",
    )
    o2c_late_series = fields.Selection(
        SERIES, "Over", help="Empty: the points are the whole rate."
    )
    o2c_late_fixed_amount = fields.Monetary(
        "Fixed sum by contract", help="Once for each invoice that is paid late."
    )
    o2c_late_fixed = fields.Boolean(
        "Fixed sums",
        default=True,
        help="Charge the fixed sum of the law or the contract too, once per invoice.",
    )
    o2c_late_actual_year = fields.Boolean(
        "366 days in leap years",
        help="Off: a year has 365 days for interest, in leap years too.",
    )
    o2c_late_consumers = fields.Boolean(
        "Charge natural persons",
        help="At the rate for consumers, where the law has one (Germany: 5 points); "
        "never at the one for businesses. Off: natural persons are not charged.",
    )
    o2c_late_minimum = fields.Monetary(
        "Minimum",
        help="Less than this is not proposed; it adds up with later months.",
    )
    o2c_late_from = fields.Date(
        "Due from",
        help="Items due before this day are not charged. Set to the day on which late "
        "charges are switched on, if empty.",
    )
    o2c_late_account_id = fields.Many2one(
        "account.account",
        "Account of late charges",
        domain="[('account_type', 'in', ('income', 'income_other'))]",
        help="Late charges are booked here, without tax.",
    )
    o2c_late_journal_id = fields.Many2one(
        "account.journal",
        "Journal of late charges",
        domain="[('type', '=', 'sale')]",
        help="Empty: the first sales journal of the company.",
    )
    o2c_late_proposed_until = fields.Date(
        readonly=True, copy=False, help="Up to this day the job has proposed."
    )
    o2c_late_position = fields.Integer(
        readonly=True, copy=False, help="The account at which the job was cut off."
    )

    _o2c_late_range = models.Constraint(
        f"CHECK(COALESCE(o2c_late_points, 0) BETWEEN 0 AND {POINTS_MAX}"
        " AND COALESCE(o2c_late_minimum, 0) >= 0"
        " AND COALESCE(o2c_late_fixed_amount, 0) >= 0)",
        "Rates are between 0 and 100 percentage points; minimum and fixed sum cannot "
        "be negative.",
    )

    @api.depends("partner_id.country_id")
    def _compute_o2c_late_scheme(self):
        europe = self.env.ref("base.europe", raise_if_not_found=False)
        for company in self:
            country = company.partner_id.country_id
            in_europe = europe and country in europe.country_ids
            by_country = BY_COUNTRY.get(country.code, "eu" if in_europe else "contract")
            # once they are charged, a new address changes no agreement
            is_kept = company.o2c_late_charges and company.o2c_late_scheme
            company.o2c_late_scheme = is_kept or by_country

    @api.constrains("o2c_late_account_id", "o2c_late_journal_id")
    def _check_o2c_late_books(self):
        for company in self:
            account = company.o2c_late_account_id
            if account and company not in account.company_ids:
                raise ValidationError(
                    self.env._("%s is no account of this company.", account.name)
                )
            journal = company.o2c_late_journal_id
            if journal and journal.company_id != company:
                raise ValidationError(
                    self.env._("%s is no journal of this company.", journal.name)
                )

    def write(self, vals):
        """EXTENDS o2c_collections: switching late charges is part of the history."""
        before = {company: company.o2c_late_charges for company in self.sudo()}
        result = super().write(vals)
        if "o2c_late_charges" in vals:
            changed = self.sudo().filtered(lambda c: c.o2c_late_charges != before[c])
            for company in changed:
                on = company.o2c_late_charges
                if on and not company.o2c_late_from:
                    company.o2c_late_from = company._o2c_today()
                kind = "late_charges_on" if on else "late_charges_off"
                self.env["o2c.event"]._record(kind, company)
        return result

    # ------------------------------------------------------------------
    # Rules
    # ------------------------------------------------------------------

    def _o2c_contract_rule(self, points, series, fixed_amount):
        """The rule of a contract of this root company."""
        return Rule(
            "contract",
            _fraction(points),
            series or "",
            bands=((0, _decimal(fixed_amount)),) if fixed_amount else (),
            currency=self.currency_id.name,
            actual_year=self.o2c_late_actual_year,
            floor=self._o2c_late_floor() if points or series else "",
        )

    def _o2c_late_floor(self):
        """The reference rate that bounds what contracts of this company may say."""
        return "fr_legal" if self.partner_id.country_id.code == "FR" else ""

    def _o2c_late_series_used(self):
        """Reference rates on which this root company's rules build."""
        if not self.o2c_late_charges:
            return set()
        # sudo: which agreements there are, nothing is shown
        debtors_sudo = self.env["o2c.debtor"].sudo()
        groups = debtors_sudo._read_group(
            [("company_id", "=", self.id), ("late_scheme", "!=", False)],
            ["late_scheme", "late_series"],
        )
        chosen = [(self.o2c_late_scheme, self.o2c_late_series), *groups]
        of_law = {rule.scheme: rule.series for rule in RULES}
        is_by_contract = any(scheme == "contract" for scheme, _own in chosen)
        floor = {self._o2c_late_floor()} - {""} if is_by_contract else set()
        return floor | {
            series
            for scheme, own in chosen
            if (series := of_law.get(scheme) or (scheme == "contract" and own))
        }

    def _o2c_late_first_day(self):
        """The first late day of the oldest open item that may be charged."""
        if not self.o2c_late_charges:
            return None
        charges = self.env["o2c.late.charge"]
        [[oldest]] = self.env.execute_query(
            SQL(
                "SELECT min(item.date_due) FROM (%s) item",
                charges._items_sql(self, self._o2c_today() - timedelta(days=1)),
            )
        )
        return oldest and oldest + timedelta(days=1)


def _fraction(value):
    return Fraction(float_repr(value or 0.0, 4))


def _decimal(value):
    return round(Fraction(float_repr(value, 6)), 6)
