from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain

from ..domain.absence import acting


class O2cCollectorAbsence(models.Model):
    """Who acts for a collector who is away, both days included.

    Owners stay owners: the absence ends by itself with its last day, by the
    calendar of the company.
    """

    _name = "o2c.collector.absence"
    _description = "Absence of a collector"
    _order = "date_from DESC, id DESC"
    _rec_name = "user_id"
    _check_company_auto = True

    user_id = fields.Many2one(
        "res.users",
        "Who is away",
        required=True,
        index=True,
        ondelete="cascade",
        default=lambda self: self.env.user,
        domain=lambda self: self.env["o2c.collector.rule"]._collector_domain(),
    )
    substitute_id = fields.Many2one(
        "res.users",
        "Who acts",
        required=True,
        ondelete="cascade",
        domain=lambda self: self.env["o2c.collector.rule"]._collector_domain(),
        help="Sees the customers under My customers, gets the tasks, and signs the "
        "messages meanwhile.",
    )
    company_id = fields.Many2one(
        "res.company",
        required=True,
        index=True,
        ondelete="cascade",
        default=lambda self: self.env.company._o2c_root(),
        domain=[("parent_id", "=", False)],
        help="The company whose customers are handed over.",
    )
    date_from = fields.Date("From", required=True)
    date_to = fields.Date("To", required=True, help="The last day of the absence.")
    note = fields.Char()
    customer_count = fields.Integer("Customers", compute="_compute_customer_count")
    is_now = fields.Boolean("Now", compute="_compute_is_now", search="_search_is_now")

    _dates_in_order = models.Constraint(
        "CHECK(date_to >= date_from)", "An absence ends on or after its first day."
    )
    _not_oneself = models.Constraint(
        "CHECK(user_id != substitute_id)", "Nobody is his own substitute."
    )

    # ------------------------------------------------------------------
    # Computes
    # ------------------------------------------------------------------

    @api.depends("user_id", "company_id")
    def _compute_customer_count(self):
        groups = self.env["o2c.debtor"]._read_group(
            [
                ("collector_id", "in", self.user_id.ids),
                ("company_id", "in", self.company_id.ids),
            ],
            ["company_id", "collector_id"],
            ["__count"],
        )
        counts = {(company, user): count for company, user, count in groups}
        for absence in self:
            key = (absence.company_id, absence.user_id)
            absence.customer_count = counts.get(key, 0)

    @api.depends("date_from", "date_to", "company_id")
    def _compute_is_now(self):
        for absence in self:
            today = absence.company_id and absence.company_id._o2c_today()
            absence.is_now = bool(
                today
                and absence.date_from
                and absence.date_to
                and absence.date_from <= today <= absence.date_to
            )

    def _search_is_now(self, operator, value):
        if operator != "in" or True not in value:
            return NotImplemented
        roots = self.env["res.company"]._o2c_roots()
        return Domain.OR(self._day_domain(root, root._o2c_today()) for root in roots)

    # ------------------------------------------------------------------
    # Checks
    # ------------------------------------------------------------------

    @api.constrains("company_id")
    def _check_root_company(self):
        for absence in self:
            if absence.company_id != absence.company_id._o2c_root():
                raise ValidationError(
                    self.env._("An absence belongs to a company, not to a branch.")
                )

    @api.constrains("substitute_id", "company_id")
    def _check_substitute(self):
        for absence in self:
            able = self.env["o2c.collector.rule"]._collectors(absence.company_id)
            if absence.substitute_id not in able:
                raise ValidationError(
                    self.env._(
                        "%(name)s cannot act in %(company)s: a Receivables role and "
                        "access to the company are needed.",
                        name=absence.substitute_id.name,
                        company=absence.company_id.name,
                    )
                )

    @api.constrains("user_id", "company_id", "date_from", "date_to")
    def _check_overlap(self):
        for absence in self:
            others = self._during(absence) - absence
            same = others.filtered(lambda o, a=absence: o.user_id == a.user_id)[:1]
            if same:
                raise ValidationError(
                    self.env._(
                        "%(name)s is already entered as away from %(start)s to "
                        "%(end)s.",
                        name=absence.user_id.name,
                        start=same.date_from,
                        end=same.date_to,
                    )
                )

    @api.constrains("user_id", "substitute_id", "company_id", "date_from", "date_to")
    def _check_circle(self):
        """On no day may the line of substitutes lead back to who is away."""
        for absence in self:
            others = self._during(absence)
            days = {max(other.date_from, absence.date_from) for other in others}
            for day in sorted(days | {absence.date_from}):
                away = others.filtered(lambda o, d=day: o.date_from <= d <= o.date_to)
                substitutes = {o.user_id: o.substitute_id for o in away}
                if acting(absence.user_id, substitutes) == absence.user_id:
                    raise ValidationError(
                        self.env._(
                            "On %(day)s everybody in the line of substitutes of "
                            "%(name)s is away. Choose somebody who is present.",
                            day=day,
                            name=absence.user_id.name,
                        )
                    )

    @api.model
    def _during(self, absence):
        """Absences of the company that share a day with this one, itself included."""
        return self.search(
            [
                ("company_id", "=", absence.company_id.id),
                ("date_from", "<=", absence.date_to),
                ("date_to", ">=", absence.date_from),
            ]
        )

    def write(self, vals):
        """Nobody turns his own absence into another's: rules hold afterwards too."""
        result = super().write(vals)
        self.check_access("write")
        return result

    # ------------------------------------------------------------------
    # Who acts
    # ------------------------------------------------------------------

    @api.model
    def _day_domain(self, company, day):
        return Domain(
            [
                ("company_id", "=", company.id),
                ("date_from", "<=", day),
                ("date_to", ">=", day),
            ]
        )

    @api.model
    def _acting_by_owner(self, company):
        """Who acts today for whom, in a root company.

        :return: {id of who is away: id of who acts for him}
        """
        away = self._away(company)
        return {owner: person for owner, (person, _last_day) in away.items()}

    @api.model
    def _away(self, company):
        """Who is away today, in a root company.

        Substitutes who lost the role or were archived do not act.

        :return: {id of who is away: (id of who acts, last day of the absence)}
        """
        # sudo: who acts is decided by all absences, whoever asks
        away_sudo = self.sudo().search(
            self._day_domain(company, company._o2c_today()), order="date_from, id"
        )
        if not away_sudo:
            return {}
        able = set(self.env["o2c.collector.rule"]._collectors(company).ids)
        last_days, substitutes = {}, {}
        for absence in away_sudo.filtered(lambda a: a.substitute_id.id in able):
            last_days.setdefault(absence.user_id.id, absence.date_to)
            substitutes.setdefault(absence.user_id.id, absence.substitute_id.id)
        found = {owner: acting(owner, substitutes) for owner in substitutes}
        return {
            owner: (person, last_days[owner])
            for owner, person in found.items()
            if person != owner
        }
