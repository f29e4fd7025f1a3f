from odoo import api, fields, models


class O2cDisputeReason(models.Model):
    """Why customers dispute: a tree, with who answers and how fast."""

    _name = "o2c.dispute.reason"
    _description = "Dispute reason"
    _parent_store = True
    _order = "sequence, id"
    _rec_name = "complete_name"
    _rec_names_search = ["name", "code"]

    name = fields.Char(required=True, translate=True)
    complete_name = fields.Char(
        "Full name", compute="_compute_complete_name", recursive=True
    )
    code = fields.Char(
        required=True, help="Short and lasting: figures and guesses go by it."
    )
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    parent_id = fields.Many2one(
        "o2c.dispute.reason", "Part of", index=True, ondelete="restrict"
    )
    parent_path = fields.Char(index=True)
    child_ids = fields.One2many("o2c.dispute.reason", "parent_id", "Finer reasons")
    kind = fields.Selection(
        [("any", "Both"), ("dispute", "Disputes"), ("deduction", "Deductions")],
        "Used for",
        required=True,
        default="any",
        help="Disputes: the customer says so. Deductions: he simply paid less.",
    )
    owner_id = fields.Many2one(
        "res.users",
        "Answered by",
        domain=[("share", "=", False)],
        ondelete="set null",
        help="Who finds out whether the customer is right, in sales, logistics or "
        "quality. Empty: that of the reason above, else the collector.",
    )
    manager_id = fields.Many2one(
        "res.users",
        "Escalated to",
        domain=[("share", "=", False)],
        ondelete="set null",
        help="Gets a task when no answer was given in time. Empty: that of the reason "
        "above, else a manager of Receivables.",
    )
    deadline_hours = fields.Float(
        "Hours to answer",
        default=24.0,
        help="Working hours of the company. They rest while the customer is asked.",
    )
    hint = fields.Text(
        "What proves it", translate=True, help="Shown to whom the dispute belongs."
    )

    _code_unique = models.UniqueIndex("(code)", "There is a reason of that code.")
    _hours_positive = models.Constraint(
        "CHECK(deadline_hours > 0 AND deadline_hours <= 720)",
        "Give some time to answer, but no more than 720 working hours.",
    )

    @api.depends("name", "parent_id.complete_name")
    @api.depends_context("lang")
    def _compute_complete_name(self):
        for reason in self:
            above = reason.parent_id.complete_name
            reason.complete_name = f"{above} / {reason.name}" if above else reason.name

    def _find_user(self, name, company):
        """The nearest user in the tree who works in a company, from here upwards."""
        reason = self
        while reason:
            user = reason[name]
            if user.active and company in user.company_ids:
                return user
            reason = reason.parent_id
        return self.env["res.users"]
