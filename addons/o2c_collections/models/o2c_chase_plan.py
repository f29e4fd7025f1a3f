import itertools

from odoo import api, fields, models
from odoo.exceptions import ValidationError


class O2cChasePlan(models.Model):
    """The agreed sequence of contacts with a customer who is late.

    Amounts are in the currency of the company whose customers are chased.
    """

    _name = "o2c.chase.plan"
    _description = "Chase plan"
    _order = "sequence, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(
        default=10, help="The first plan of a company applies where none is chosen."
    )
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company",
        index=True,
        domain=[("parent_id", "=", False)],
        help="Empty: for all companies.",
    )
    step_ids = fields.One2many("o2c.chase.step", "plan_id", "Levels", copy=True)
    gap_days = fields.Integer(
        "Days between contacts",
        default=7,
        required=True,
        help="After a level was done, the next one waits at least this long.",
    )
    tolerance = fields.Float(
        default=5.0,
        digits=(16, 2),
        help="Customers who owe this much or less are not chased.",
    )
    final_action = fields.Selection(
        [
            ("person", "Ask a person to decide"),
            ("repeat", "Repeat the last level"),
        ],
        "After the last level",
        default="person",
        required=True,
    )
    repeat_days = fields.Integer(
        "Again after days",
        default=30,
        required=True,
        help="How long after the last level, and then again and again.",
    )

    _gap_positive = models.Constraint(
        "CHECK(gap_days >= 1)", "Leave at least one day between contacts."
    )
    _repeat_range = models.Constraint(
        "CHECK(repeat_days BETWEEN 1 AND 90)",
        "After the last level somebody must look again within 1 to 90 days.",
    )
    _tolerance_positive = models.Constraint(
        "CHECK(tolerance >= 0)", "The tolerance cannot be negative."
    )

    @api.constrains("company_id")
    def _check_root_company(self):
        for plan in self:
            if plan.company_id.parent_id:
                raise ValidationError(
                    self.env._(
                        "Plan %(plan)s: customers are chased by the root company "
                        "%(root)s, not by its branch %(branch)s.",
                        plan=plan.name,
                        root=plan.company_id._o2c_root().name,
                        branch=plan.company_id.name,
                    )
                )

    @api.constrains("step_ids")
    def _check_levels_in_order(self):
        """Days never fall from level to level; lines of one level may differ."""
        for plan in self:
            by_level = sorted(plan.step_ids.grouped("level").items())
            for (earlier, before), (later, after) in itertools.pairwise(by_level):
                if min(after.mapped("days")) < max(before.mapped("days")):
                    raise ValidationError(
                        self.env._(
                            "Plan %(plan)s: level %(later)s comes before level "
                            "%(earlier)s. Days must not fall from level to level.",
                            plan=plan.name,
                            later=later,
                            earlier=earlier,
                        )
                    )

    @api.model
    def _default_for(self, root):
        """The plan of customers for whom none is chosen: the company's own first.

        :param root: root company
        :return: a plan, or an empty recordset
        """
        plans = self.search([("company_id", "in", [root.id, False])])
        return (plans.filtered("company_id") or plans)[:1]
