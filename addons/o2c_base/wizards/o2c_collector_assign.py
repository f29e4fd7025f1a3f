from collections import Counter, defaultdict

from odoo import Command, api, fields, models


class O2cCollectorAssign(models.TransientModel):
    """How many customers each collector would get, before they are assigned."""

    _name = "o2c.collector.assign"
    _description = "Preview of assigning collectors"

    company_id = fields.Many2one("res.company", required=True, readonly=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    line_ids = fields.One2many("o2c.collector.assign.line", "assign_id", readonly=True)
    change_count = fields.Integer("Customers assigned", readonly=True)

    @api.model
    def action_preview(self):
        """Count, and show it."""
        self.check_access("create")
        company = self.env.company._o2c_root()
        # sudo: the lines are counted here, nobody writes them
        preview_sudo = self.sudo().create({"company_id": company.id})
        preview_sudo._count()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Assign collectors"),
            "res_model": self._name,
            "res_id": preview_sudo.id,
            "view_mode": "form",
            "target": "new",
        }

    def _count(self):
        rules = self.env["o2c.collector.rule"]
        rows = rules._rows(self.company_id, rules)
        plan = rules._plan(self.company_id)
        before, after, gets = Counter(), Counter(), Counter()
        amounts = defaultdict(float)
        for row in rows:
            collector_id, _rule = plan.get(row.debtor_id, (row.owner_id, None))
            before[row.owner_id] += 1
            after[collector_id] += 1
            amounts[collector_id] += float(row.amount)
            gets[collector_id] += row.debtor_id in plan
        self.change_count = len(plan)
        people = sorted(before | after, key=lambda user_id: (not user_id, user_id or 0))
        self.line_ids = [
            Command.create(
                {
                    "user_id": user_id,
                    "count_before": before[user_id],
                    "gets": gets[user_id],
                    "count_after": after[user_id],
                    "amount_after": amounts[user_id],
                }
            )
            for user_id in people
        ]

    def action_assign(self):
        """Do what was shown, on the figures of now."""
        self.ensure_one()
        self.check_access("write")
        done, is_more = self.env["o2c.collector.rule"]._assign_now(self.company_id)
        message = self.env._("%(count)s customers assigned.", count=done)
        if is_more:
            message += " " + self.env._("The others follow within minutes.")
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": message,
                "next": {"type": "ir.actions.act_window_close"},
            },
        }


class O2cCollectorAssignLine(models.TransientModel):
    """One collector of the preview; without a user, customers shown to all."""

    _name = "o2c.collector.assign.line"
    _description = "Line of a preview of assigning collectors"

    assign_id = fields.Many2one(
        "o2c.collector.assign", required=True, ondelete="cascade"
    )
    currency_id = fields.Many2one(related="assign_id.currency_id")
    user_id = fields.Many2one("res.users", readonly=True, ondelete="cascade")
    name = fields.Char("Collector", compute="_compute_name")
    count_before = fields.Integer("Now", readonly=True)
    gets = fields.Integer(readonly=True)
    count_after = fields.Integer("Then", readonly=True)
    amount_after = fields.Monetary("Outstanding", readonly=True)

    @api.depends("user_id")
    @api.depends_context("lang")
    def _compute_name(self):
        for line in self.sudo():  # sudo: users of other companies may be hidden
            line.name = line.user_id.name or self.env._("Nobody: shown to all")
