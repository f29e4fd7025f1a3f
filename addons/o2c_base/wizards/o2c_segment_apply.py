from collections import Counter

from odoo import Command, api, fields, models


class O2cSegmentApply(models.TransientModel):
    """How many customers would be in each segment, before the rules are applied."""

    _name = "o2c.segment.apply"
    _description = "Preview of segments"

    company_id = fields.Many2one("res.company", required=True, readonly=True)
    line_ids = fields.One2many("o2c.segment.apply.line", "apply_id", readonly=True)
    change_count = fields.Integer("Customers who change", readonly=True)
    problem = fields.Text(readonly=True)

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
            "name": self.env._("Apply segments"),
            "res_model": self._name,
            "res_id": preview_sudo.id,
            "view_mode": "form",
            "target": "new",
        }

    def _count(self):
        segments = self.env["o2c.segment"]
        decided = segments._decide(self.company_id)
        before = Counter(old for _id, old, _new in decided)
        after = Counter(new for _id, _old, new in decided)
        joining = Counter(new for _id, old, new in decided if new != old)
        shown = segments._segments_of(self.company_id)
        self.problem = self._problem_text(shown)
        gone = segments.browse(filter(None, before)) - shown
        self.change_count = sum(joining.values())
        ids = [*shown.ids, *gone.ids, *([None] if before[None] or after[None] else [])]
        self.line_ids = [
            Command.create(
                {
                    "segment_id": segment_id,
                    "count_before": before[segment_id],
                    "count_after": after[segment_id],
                    "joining": joining[segment_id],
                }
            )
            for segment_id in ids
        ]

    def _problem_text(self, segments):
        return "\n".join(
            self.env._(
                "%(name)s: its customer filter does not work (%(error)s). Its members "
                "stay, nobody joins.",
                name=segment.name,
                error=segment.domain_error,
            )
            for segment in segments
            if segment.domain_error
        )

    def action_apply(self):
        """Do what was shown, on the figures of now."""
        self.ensure_one()
        self.check_access("write")
        changed = self.env["o2c.segment"]._apply_now(self.company_id)
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": self.env._(
                    "%(count)s customers are in another segment now.", count=changed
                ),
                "next": {"type": "ir.actions.act_window_close"},
            },
        }


class O2cSegmentApplyLine(models.TransientModel):
    """One segment of the preview; without a segment, the customers in none."""

    _name = "o2c.segment.apply.line"
    _description = "Line of a preview of segments"

    apply_id = fields.Many2one("o2c.segment.apply", required=True, ondelete="cascade")
    segment_id = fields.Many2one("o2c.segment", readonly=True, ondelete="cascade")
    name = fields.Char(compute="_compute_name")
    count_before = fields.Integer("Now", readonly=True)
    count_after = fields.Integer("Then", readonly=True)
    joining = fields.Integer(readonly=True)

    @api.depends("segment_id")
    @api.depends_context("lang")
    def _compute_name(self):
        for line in self:
            line.name = line.segment_id.name or self.env._("No segment")
