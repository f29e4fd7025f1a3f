from odoo import api, fields, models
from odoo.exceptions import ValidationError


class O2cChaseStep(models.Model):
    """One contact of a chase plan: when, with whom, how."""

    _name = "o2c.chase.step"
    _description = "Chase plan level"
    _order = "plan_id, level, amount_min"

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
        "past its due date.",
    )
    channel = fields.Selection(
        [("email", "E-mail"), ("call", "Call")], required=True, default="email"
    )
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

    _plan_level_unique = models.UniqueIndex(
        "(plan_id, level, amount_min)",
        "A level has one line per starting amount.",
    )
    _level_positive = models.Constraint("CHECK(level >= 1)", "Levels count from 1.")
    _days_positive = models.Constraint(
        "CHECK(days >= 0)", "Days late count from the due date: 0 or more."
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

    @api.depends("level", "days", "channel")
    def _compute_display_name(self):
        for step in self:
            step.display_name = self.env._(
                "Level %(level)s, %(days)s days", level=step.level, days=step.days
            )
