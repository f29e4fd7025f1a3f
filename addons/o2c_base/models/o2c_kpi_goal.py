from odoo import api, fields, models
from odoo.exceptions import AccessError, ValidationError

from ..domain import kpi_goal
from ..domain.kpi import METRICS, Figure

#: With these metrics, the best possible DSO is a floor.
DSO_METRICS = ("dso", "dso_countback")
#: What says whose figure is measured, and since when: a change measures afresh.
MEASURED = {"metric", "company_id", "segment_id", "collector_id", "date_start"}
#: What is measured; nobody writes it.
KEPT = {"baseline", "has_baseline", "value", "has_value", "progress", "state"}


class O2cKpiGoal(models.Model):
    """A figure that is to be somewhere else by a date, and who sees to it.

    The figure at the start is frozen. The present one is kept by the job that takes
    the figures of the day, so a goal shows what every other screen shows; after the
    deadline it stays as it was on that day.
    """

    _name = "o2c.kpi.goal"
    _description = "Receivables goal"
    _inherit = ["mail.thread"]
    _order = "date, id"

    metric = fields.Selection(
        [(c, m.name) for c, m in METRICS.items() if m.better != "none"],
        required=True,
        default="dso",
        tracking=True,
        help="The figure that is to change.",
    )
    formula = fields.Selection(
        [(c, m.formula) for c, m in METRICS.items()],
        compute="_compute_formula",
        help="How the figure is worked out.",
    )
    unit = fields.Char(compute="_compute_unit")
    company_id = fields.Many2one(
        "res.company",
        required=True,
        default=lambda self: self.env.company._o2c_root().id,
        domain=[("parent_id", "=", False)],
        ondelete="cascade",
        help="Whose figure it is; branches count in.",
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    segment_id = fields.Many2one(
        "o2c.segment",
        ondelete="cascade",
        index="btree_not_null",
        tracking=True,
        domain="[('company_id', 'in', (False, company_id))]",
        help="Only customers of this segment. Empty: of all.",
    )
    collector_id = fields.Many2one(
        "res.users",
        ondelete="cascade",
        index="btree_not_null",
        tracking=True,
        domain=[("share", "=", False)],
        help="Only customers of this collector. Empty: of all.",
    )
    owner_id = fields.Many2one(
        "res.users",
        tracking=True,
        default=lambda self: self.env.user,
        domain=[("share", "=", False)],
        ondelete="set null",
        help="Who sees to it.",
    )
    date_start = fields.Date(
        "From",
        required=True,
        default=lambda self: self.env.company._o2c_root()._o2c_today(),
        help="The figure of this day is where the way begins.",
    )
    date = fields.Date("Until", required=True, tracking=True, help="The deadline.")
    target = fields.Float(
        required=True, tracking=True, help="What the figure is to be by the deadline."
    )
    active = fields.Boolean(default=True)

    baseline = fields.Float(
        "Start", readonly=True, copy=False, help="The figure when the goal began."
    )
    has_baseline = fields.Boolean(readonly=True, copy=False)
    value = fields.Float(
        "Now",
        readonly=True,
        copy=False,
        aggregator=None,
        help="The figure of today, or of the deadline once it has passed.",
    )
    has_value = fields.Boolean(readonly=True, copy=False)
    baseline_text = fields.Char("Start, with unit", compute="_compute_texts")
    value_text = fields.Char("Now, with unit", compute="_compute_texts")
    target_text = fields.Char("Target, with unit", compute="_compute_texts")
    progress = fields.Integer(
        readonly=True,
        copy=False,
        aggregator="avg",
        help="Percent of the way from start to target.",
    )
    state = fields.Selection(
        [("open", "Running"), ("reached", "Reached"), ("missed", "Missed")],
        readonly=True,
        copy=False,
        default="open",
        tracking=True,
        help="Reached or missed is said once the deadline has passed.",
    )
    warning = fields.Text(
        compute="_compute_warning",
        store=True,
        help="Why the target cannot be reached as things stand.",
    )

    _date_order = models.Constraint(
        "CHECK(date > date_start)", "A goal ends after it has begun."
    )
    _one_scope = models.Constraint(
        "CHECK(segment_id IS NULL OR collector_id IS NULL)",
        "A goal is for the company, for a segment or for a collector: leave the "
        "segment or the collector empty.",
    )

    # ------------------------------------------------------------------
    # Computes
    # ------------------------------------------------------------------

    @api.depends("metric", "segment_id", "collector_id", "company_id")
    def _compute_display_name(self):
        labels = dict(self._fields["metric"]._description_selection(self.env))
        for goal in self:
            scope = goal.segment_id.name or goal.collector_id.name
            name = labels.get(goal.metric, "")
            goal.display_name = f"{name}: {scope}" if scope else name

    @api.depends("metric")
    def _compute_formula(self):
        for goal in self:
            goal.formula = goal.metric

    @api.depends("metric", "currency_id")
    def _compute_unit(self):
        signs = {"days": self.env._("days"), "percent": "%"}
        for goal in self:
            unit = METRICS[goal.metric].unit if goal.metric else ""
            goal.unit = signs.get(unit) or goal.currency_id.symbol

    @api.depends("metric", "company_id", "baseline", "value", "target")
    def _compute_texts(self):
        for goal in self:
            baseline = goal.baseline if goal.has_baseline else None
            value = goal.value if goal.has_value else None
            goal.baseline_text = goal._text(baseline)
            goal.value_text = goal._text(value)
            goal.target_text = goal._text(goal.target)

    def _text(self, value):
        unit = METRICS[self.metric].unit if self.metric else "days"
        company = self.company_id or self.env.company
        return self.env["o2c.kpi"]._text(company, Figure(value, unit))

    @api.depends("metric", "target", "company_id", "segment_id", "collector_id")
    def _compute_warning(self):
        for goal in self:
            is_about_dso = goal.metric in DSO_METRICS and goal.company_id
            goal.warning = goal._warning() if is_about_dso else False

    def _warning(self):
        """The arithmetic against a DSO target below the best possible DSO."""
        calculator = self.env["o2c.kpi"]
        inputs = calculator._inputs(
            self.company_id, None, self.segment_id, self.collector_id
        )
        best = METRICS["best_possible_dso"].compute(inputs)
        if best.value is None or self.target >= best.value:
            return False
        format_amount = self.company_id._o2c_root().currency_id.format
        return self.env._(
            "A target of %(target)s is below the best possible DSO of %(best)s: what "
            "is not yet due, %(not_due)s, divided by the sales of %(days)s days, "
            "%(sales)s, times %(days)s. Even if every customer paid on the due date, "
            "DSO would not get there: shorten payment terms, or choose a target "
            "above it.",
            target=self._text(self.target),
            best=self._text(best.value),
            not_due=format_amount(inputs.owed - inputs.overdue),
            sales=format_amount(inputs.sales),
            days=inputs.sales_days,
        )

    # ------------------------------------------------------------------
    # Checks and CRUD
    # ------------------------------------------------------------------

    @api.constrains("company_id", "segment_id")
    def _check_goal_company(self):
        for goal in self.sudo():  # sudo: a user of a branch may not read its root
            if goal.company_id.parent_id:
                raise ValidationError(
                    self.env._("Set goals for the main company: branches count in.")
                )
            owner = goal.segment_id.company_id
            if owner and owner != goal.company_id:
                raise ValidationError(
                    self.env._("This segment belongs to another company.")
                )

    @api.model_create_multi
    def create(self, vals_list):
        """EXTENDS base: say at once where the way begins."""
        self._check_kept(*vals_list)
        goals = super().create(vals_list)
        goals._freeze_baseline()
        goals._measure()
        return goals

    def write(self, vals):
        """EXTENDS base: another figure or start begins another way."""
        self._check_kept(vals)
        result = super().write(vals)
        if MEASURED & vals.keys():
            self._freeze_baseline()
        if (MEASURED | {"target", "date"}) & vals.keys():
            self._measure()
        return result

    def _check_kept(self, *vals_list):
        """Refuse what the keeper measures: nobody says himself how far he got."""
        if not self.env.su and any(KEPT & vals.keys() for vals in vals_list):
            raise AccessError(
                self.env._("Start, present figure and progress are measured, not set.")
            )

    # ------------------------------------------------------------------
    # Measuring
    # ------------------------------------------------------------------

    def _keep(self):
        """Bring goals up to date; those that begin by now get their first figure."""
        begun = self.filtered(
            lambda goal: not goal.has_baseline and goal.date_start == goal._today()
        )
        begun._freeze_baseline()
        self._measure()

    def _freeze_baseline(self):
        """Note the figure of the first day; a goal that has not begun has none yet."""
        found = self._figures_at({goal: goal.date_start for goal in self})
        for goal in self:
            figure = found.get(goal)
            value = figure.value if figure else None
            # sudo: these figures have a keeper, nobody writes them
            goal.sudo().write(
                {"baseline": value or 0.0, "has_baseline": value is not None}
            )

    def _measure(self):
        """Note the figure of today, or of the deadline, and what it means."""
        days = {goal: min(goal._today(), goal.date) for goal in self}
        found = self._figures_at(days)
        for goal in self:
            figure = found.get(goal)
            value = figure.value if figure else None
            better = METRICS[goal.metric].better
            start = goal.baseline if goal.has_baseline else None
            values = {
                "value": value or 0.0,
                "has_value": value is not None,
                "progress": kpi_goal.progress(start, value, goal.target, better),
                "state": kpi_goal.state(
                    value, goal.target, better, is_over=goal.date < goal._today()
                ),
            }
            changed = {name: v for name, v in values.items() if goal[name] != v}
            if changed:
                goal.sudo().write(changed)  # sudo: kept, not written by people

    def _today(self):
        return self.company_id._o2c_root()._o2c_today()

    def _figures_at(self, days):
        """The figures of goals on their days: as stored, else worked out.

        :param days: dict of goal to date; dates to come have no figure
        :return: dict of goal to ``Figure``
        """
        stored = self._stored_figures(days.values())
        found = {}
        for goal, day in days.items():
            if day > goal._today():
                continue
            figure = stored.get((*goal._scope(), day))
            found[goal] = figure or goal._computed_figure(day)
        return found

    def _scope(self):
        company = self.company_id._o2c_root()
        return self.metric, company.id, self.segment_id.id, self.collector_id.id

    def _stored_figures(self, days):
        """Snapshots by metric, company, segment, collector and day."""
        rows = self.env["o2c.kpi.snapshot"].search(
            [
                ("metric", "in", self.mapped("metric")),
                ("company_id", "in", self.company_id.ids),
                ("segment_id", "in", [False, *self.segment_id.ids]),
                ("collector_id", "in", [False, *self.collector_id.ids]),
                ("date", "in", list(set(days))),
            ]
        )
        return {
            (
                row.metric,
                row.company_id.id,
                row.segment_id.id,
                row.collector_id.id,
                row.date,
            ): row._figure()
            for row in rows
        }

    def _computed_figure(self, day):
        return self.env["o2c.kpi"]._figures(
            self.company_id, day, [self.metric], self.segment_id, self.collector_id
        )[self.metric]

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    def action_trend(self):
        """The figure over time, in a graph."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "o2c_base.o2c_kpi_snapshot_action"
        )
        action["domain"] = [
            ("metric", "=", self.metric),
            ("company_id", "=", self.company_id.id),
            ("segment_id", "=", self.segment_id.id),
            ("collector_id", "=", self.collector_id.id),
            ("has_value", "=", True),
        ]
        action["context"] = {"graph_groupbys": ["date:week", "metric"]}
        return action
