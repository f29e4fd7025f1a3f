from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..domain import channels

#: How a customer is contacted.
CHANNELS = list(channels.CHANNELS.items())


class O2cChaseStep(models.Model):
    """One contact of a chase plan: when, with whom, how."""

    _name = "o2c.chase.step"
    _description = "Chase plan level"
    _order = "plan_id, days, level, amount_min, id"

    plan_id = fields.Many2one(
        "o2c.chase.plan", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="plan_id.company_id", store=True, index=True)
    level = fields.Integer(
        required=True,
        default=1,
        help="Place in the plan. Levels are passed one after the other; several "
        "lines of one level are for different amounts.",
    )
    days = fields.Integer(
        "Days late",
        required=True,
        help="The level is due when the oldest collectable item is this many days "
        "past its due date. Below 0: so many days before an invoice is due.",
    )
    is_before_due = fields.Boolean("Before the due date", compute="_compute_is_before")
    channel = fields.Selection(CHANNELS, required=True, default="email")
    segment_ids = fields.Many2many(
        "o2c.segment",
        "o2c_chase_step_segment_rel",
        "step_id",
        "segment_id",
        "Segments",
        check_company=True,
        domain="[('company_id', 'in', [company_id, False])]",
        help="The line is for customers of these segments only, and comes before "
        "lines for all. Empty: for all.",
    )
    segment_key = fields.Char(compute="_compute_segment_key", store=True)
    template_id = fields.Many2one(
        "mail.template",
        "E-mail template",
        domain=[("model", "=", "o2c.chase.message")],
        ondelete="restrict",
        help="Rendered in the customer's language.",
    )
    amount_min = fields.Float(
        "From amount",
        required=True,
        default=0.0,
        digits=(16, 2),
        help="The line applies from this collectable overdue amount on, in company "
        "currency.",
    )
    amount_max = fields.Float(
        "Below amount",
        required=True,
        default=0.0,
        digits=(16, 2),
        help="And below this amount. 0: no upper end.",
    )
    script = fields.Text(translate=True, help="What to say in the call.")

    # One line per amount and segment is checked below: the segments of a new line are
    # written after it. The name replaces an index that was unique.
    _plan_level_unique = models.Index("(plan_id, level)")
    _level_positive = models.Constraint("CHECK(level >= 1)", "Levels count from 1.")
    # The name is that of a narrower rule: under another one both would hold while
    # the data of an upgrade is loaded.
    _days_positive = models.Constraint(
        "CHECK(days BETWEEN -365 AND 3650)",
        "Days count from the due date: from 365 before to 3650 after it.",
    )
    _band_sound = models.Constraint(
        "CHECK(amount_min >= 0 AND (amount_max = 0 OR amount_max > amount_min))",
        "The amount band is empty: its end must be above its start.",
    )

    @api.constrains("level", "days", "plan_id")
    def _check_order_in_plan(self):
        self.plan_id._check_levels_in_order()

    @api.constrains("template_id")
    def _check_template_model(self):
        for step in self:
            if step.template_id and step.template_id.model != "o2c.chase.message":
                raise ValidationError(
                    self.env._(
                        "The template %s is for other records: choose one for chase "
                        "messages.",
                        step.template_id.display_name,
                    )
                )

    @api.constrains("plan_id", "level", "days", "amount_min", "segment_ids")
    def _check_one_line(self):
        """Refuse two lines of a level for the same amount and the same segments."""
        for plan in self.plan_id:
            lines = plan.step_ids.grouped(lambda step: step._line_key())
            for (_is_before, level, *_rest), steps in lines.items():
                if len(steps) > 1:
                    raise ValidationError(
                        self.env._(
                            "Plan %(plan)s, level %(level)s: two lines begin at the "
                            "same amount, for the same customers.",
                            plan=plan.name,
                            level=level,
                        )
                    )

    def _line_key(self):
        """Hook: what tells the lines of a plan apart."""
        return self.days < 0, self.level, self.amount_min, self.segment_ids

    @api.constrains("segment_ids", "plan_id")
    def _check_segment_company(self):
        """Refuse segments of another company than the plan's."""
        for step in self:
            foreign = step.segment_ids.filtered(
                lambda segment, plan=step.plan_id: (
                    segment.company_id and segment.company_id != plan.company_id
                )
            )
            if foreign:
                raise ValidationError(
                    self.env._(
                        "The segment %(segment)s belongs to %(company)s: choose one "
                        "of the plan's company.",
                        segment=foreign[0].name,
                        company=foreign[0].company_id.name,
                    )
                )

    @api.depends("days")
    def _compute_is_before(self):
        for step in self:
            step.is_before_due = step.days < 0

    @api.depends("segment_ids")
    def _compute_segment_key(self):
        for step in self:
            ids = sorted(step.segment_ids.ids)
            step.segment_key = ",".join(map(str, ids))

    @api.depends("level", "days")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for step in self:
            text = (
                self.env._("Reminder %(level)s, %(days)s days before the due date")
                if step.days < 0
                else self.env._("Level %(level)s, %(days)s days")
            )
            step.display_name = text % {"level": step.level, "days": abs(step.days)}
