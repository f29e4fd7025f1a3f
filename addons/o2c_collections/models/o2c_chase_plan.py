import itertools

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import formatLang


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
        default=10,
        help="Of the plans whose rule fits a customer, the first one applies.",
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
    basis = fields.Selection(
        [("customer", "The customer"), ("invoice", "Each invoice")],
        "Levels count for",
        default="customer",
        required=True,
        help="The customer: all that is overdue stands on one level. Each invoice: "
        "every invoice passes the levels by itself; what is due on one day still "
        "goes into one message.",
    )
    only_sent = fields.Boolean(
        "Only invoices that were sent",
        help="Leave out invoices that Odoo has not marked as sent. The customer "
        "account says so where nothing else is overdue.",
    )
    segment_ids = fields.Many2many(
        "o2c.segment",
        string="Segments",
        check_company=True,
        domain="[('company_id', 'in', [company_id, False])]",
        help="For customers of these segments. Empty: of any.",
    )
    country_ids = fields.Many2many(
        "res.country",
        string="Countries",
        help="For customers in these countries. Empty: anywhere.",
    )
    amount_min = fields.Float(
        "Outstanding from",
        default=0.0,
        required=True,
        digits=(16, 2),
        help="For customers who owe at least this, due or not, in company currency. "
        "0: whatever they owe.",
    )
    rule_text = fields.Char("For whom", compute="_compute_rule_text")
    final_action = fields.Selection(
        [
            ("person", "Ask a person to decide"),
            ("repeat", "Repeat the last level"),
            ("hand_over", "Hand over"),
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

    hand_over_id = fields.Many2one(
        "res.users",
        "Hand over to",
        domain=[("share", "=", False)],
        ondelete="set null",
        help="Who takes the case on, for instance with a lawyer or an agency. Empty: "
        "the customer's collector.",
    )

    _amount_positive = models.Constraint(
        "CHECK(amount_min >= 0)", "The amount of a rule cannot be negative."
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
        """Days never fall from level to level; lines of one level may differ.

        Levels before the due date count by themselves.
        """
        for plan in self:
            before_due = plan.step_ids.filtered("is_before_due")
            for steps in (before_due, plan.step_ids - before_due):
                plan._check_days_rise(steps)

    def _check_days_rise(self, steps):
        by_level = sorted(steps.grouped("level").items())
        for (earlier, before), (later, after) in itertools.pairwise(by_level):
            if min(after.mapped("days")) < max(before.mapped("days")):
                raise ValidationError(
                    self.env._(
                        "Plan %(plan)s: level %(later)s comes before level "
                        "%(earlier)s. Days must not fall from level to level.",
                        plan=self.name,
                        later=later,
                        earlier=earlier,
                    )
                )

    @api.constrains("basis")
    def _check_basis_unused(self):
        """Steps that were taken count for a customer or an invoice, not for both."""
        for plan in self:
            is_used = plan.step_ids and self.env["o2c.chase.action"].sudo().search(
                [
                    ("step_id", "in", plan.step_ids.ids),
                    ("cycle", ">", 0),
                    ("item_id", "=" if plan.basis == "invoice" else "!=", False),
                ],
                limit=1,
            )  # sudo: steps of any company
            if is_used:
                raise ValidationError(
                    self.env._(
                        "Plan %(plan)s is in use, and its levels count for %(basis)s. "
                        "Copy it and change the copy.",
                        plan=plan.name,
                        basis=self.env._("the customer")
                        if plan.basis == "invoice"
                        else self.env._("each invoice"),
                    )
                )

    @api.depends("segment_ids.name", "country_ids.name", "amount_min")
    @api.depends_context("lang")
    def _compute_rule_text(self):
        for plan in self:
            parts = [
                " / ".join(records.mapped("name"))
                for records in (plan.segment_ids, plan.country_ids)
                if records
            ]
            if plan.amount_min:
                amount = formatLang(self.env, plan.amount_min)
                parts.append(self.env._("outstanding from %s", amount))
            plan.rule_text = ", ".join(parts) or self.env._("Everybody else")
