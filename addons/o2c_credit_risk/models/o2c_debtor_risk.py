from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools.misc import formatLang

from ..domain.risk_class import CLASSES

#: A decision about a class holds for this long at most.
OVERRIDE_MONTHS_MAX = 12

OVERRIDE_FIELDS = {"risk_override", "risk_override_reason", "risk_override_until"}


class O2cDebtor(models.Model):
    """The risk class of a customer: from the scorecard, or decided by a person.

    The keeper is in ``o2c_debtor_risk_day.py``.
    """

    _inherit = "o2c.debtor"

    risk_class = fields.Selection(
        CLASSES,
        string="Risk class",
        readonly=True,
        index=True,
        help="From A, very good, to E, poor; worked out each day from how the customer "
        "pays, unless a person has decided otherwise.",
    )
    risk_computed = fields.Selection(CLASSES, "Class by the scorecard", readonly=True)
    risk_points = fields.Integer(
        "Points of risk",
        readonly=True,
        aggregator="avg",
        help="Sum of the scorecard: 0 is best. Up to 10 is A, 25 B, 45 C, 65 D.",
    )
    risk_confident = fields.Boolean(
        "Enough payments to judge",
        readonly=True,
        help="Off: fewer than three payments within a year. The class is then not "
        "better than C, and says little.",
    )
    risk_facts = fields.Json("What gave points", readonly=True)
    risk_text = fields.Text("Why this class", compute="_compute_risk_text")
    risk_override = fields.Selection(
        CLASSES,
        "Decided class",
        tracking=True,
        help="Holds instead of the scorecard's until its last day.",
    )
    risk_override_reason = fields.Char("Why decided", tracking=True)
    risk_override_until = fields.Date("Decided until", tracking=True)
    is_natural_person = fields.Boolean(
        "Natural person",
        compute="_compute_is_natural_person",
        compute_sudo=True,
        help="A person is never refused by the machine alone: somebody must decide.",
    )
    risk_score_ids = fields.One2many("o2c.risk.score", "debtor_id", "Classes so far")

    # ------------------------------------------------------------------
    # Computes
    # ------------------------------------------------------------------

    @api.depends("partner_id.is_company")
    def _compute_is_natural_person(self):
        for debtor in self:
            debtor.is_natural_person = not debtor.partner_id.is_company

    @api.depends("risk_facts", "risk_confident", "risk_override", "risk_override_until")
    @api.depends_context("lang")
    def _compute_risk_text(self):
        for debtor in self:
            debtor.risk_text = "\n".join(debtor._risk_lines())

    def _risk_lines(self):
        """The scorecard in words, one line each."""
        if self._has_override():
            yield self.env._(
                "Decided until %(day)s: %(reason)s",
                day=fields.Date.to_string(self.risk_override_until),
                reason=self.risk_override_reason,
            )
        words = self._risk_words()
        for component, value, points in self.risk_facts or []:
            number = formatLang(self.env, value, digits=0 if value == int(value) else 1)
            yield self.env._(
                "+%(points)s: %(value)s %(what)s",
                points=points,
                value=number,
                what=words.get(component, component),
            )
        if self.risk_class and not self.risk_facts:
            yield self.env._("Nothing speaks against this customer.")
        if self.risk_class and not self.risk_confident:
            yield self.env._("Too few payments within a year to be sure.")

    @api.model
    def _risk_words(self):
        """What each component says, with its figure."""
        return {
            "days_late": self.env._("days late on average"),
            "days_late_trend": self.env._("days by which it pays later than before"),
            "overdue_share": self.env._("percent of what is owed are overdue"),
            "oldest_overdue": self.env._("days that the oldest item is overdue"),
            "returned_payments": self.env._("payments returned within a year"),
            "order_spike": self.env._("times as much ordered as usual, in 30 days"),
            "broken_promises": self.env._("promises broken within a year"),
            "rejected_disputes": self.env._("disputes without cause within a year"),
            "months_known": self.env._("months since the first invoice"),
        }

    # ------------------------------------------------------------------
    # A person decides
    # ------------------------------------------------------------------

    def _has_override(self):
        """Whether a person's decision holds today."""
        self.ensure_one()
        # sudo: the root of a user's branch
        today = self.company_id.sudo()._o2c_today()
        until = self.risk_override_until
        return bool(self.risk_override and until and until >= today)

    @api.constrains(*OVERRIDE_FIELDS)
    def _check_override(self):
        for debtor in self.filtered("risk_override"):
            if not (debtor.risk_override_reason or "").strip():
                raise ValidationError(
                    self.env._("Say why the risk class of this customer is decided.")
                )
            today = debtor.company_id._o2c_today()
            latest = today + relativedelta(months=OVERRIDE_MONTHS_MAX)
            until = debtor.risk_override_until
            if not until or not today <= until <= latest:
                raise ValidationError(
                    self.env._(
                        "A decided risk class needs a last day, at most %(months)s "
                        "months ahead.",
                        months=OVERRIDE_MONTHS_MAX,
                    )
                )

    @api.model
    def _user_fields(self):
        """EXTENDS o2c_base: those who decide on credit may decide on the class."""
        names = super()._user_fields()
        if self.env.user.has_group("o2c_base.group_credit_manager"):
            names |= OVERRIDE_FIELDS
        return names

    def write(self, vals):
        """EXTENDS o2c_base: a decided class holds at once."""
        result = super().write(vals)
        if OVERRIDE_FIELDS & vals.keys():
            self.sudo()._apply_override()  # sudo: the keeper writes
        return result
