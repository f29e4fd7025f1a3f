from odoo import fields, models

from ..domain.reasons import HOLDING


class O2cDebtor(models.Model):
    """The next step of the chase in the header of the customer account."""

    _inherit = "o2c.debtor"

    next_step = fields.Char(compute="_compute_explanation")
    next_step_date = fields.Date(compute="_compute_explanation")

    def _explained_values(self, decision):
        """EXTENDS o2c_collections: the same decision as a date and a few words."""
        planned = self._next_steps()[self._origin.id]
        decided = self._decided_step(decision)
        dated = [step for step in (planned, decided) if step[0]]
        day, text = min(dated, key=lambda step: step[0], default=decided)
        return {
            **super()._explained_values(decision),
            "next_step_date": day,
            "next_step": text,
        }

    def _decided_step(self, decision):
        """(date or False, text) of what the plan does next."""
        if not decision:
            return False, self.env._("Nothing is planned")
        day, reason = decision["date_next"], decision["reason"]
        level = decision["level"]
        if decision["outcome"] == "due":
            channels = dict(
                self.env["o2c.chase.decision"]
                ._fields["channel"]
                ._description_selection(self.env)
            )
            text = self.env._(
                "Level %(level)s: %(channel)s",
                level=level,
                channel=channels.get(decision["channel"], ""),
            )
            return decision["today"], text
        if reason in ("waiting_level", "too_soon", "plan_finished", *HOLDING):
            return day, self.env._("Level %(level)s", level=level)
        if day:
            return day, self.env._("Look again")
        return False, self.env._("Nothing is planned")
