from odoo import models

from .o2c_chase_action import PENDING


class O2cDebtor(models.Model):
    """Merging where two customers stand in the chase."""

    _inherit = "o2c.debtor"

    def _merge_into(self, target):
        """EXTENDS o2c_base: history is kept, the stricter standing wins."""
        result = super()._merge_into(target)
        for source in self:
            source._merge_chase(target)
        return result

    def _merge_chase(self, target):
        """Move steps and messages; the higher level goes on, the longer pause holds.

        Cycle numbers are shifted so that the key (customer, cycle, level) holds:
        the one that goes on keeps the highest numbers.
        """
        self.ensure_one()
        loser, winner = (
            (target, self)
            if self._chase_rank() > target._chase_rank()
            else (self, target)
        )
        loser._pending_actions()._set_skipped("merged")
        winner.action_ids._shift_cycles(loser.cycle)
        standing = {
            "cycle": self.cycle + target.cycle,
            "cycle_date": winner.cycle_date,
            "level": winner.level,
            "level_own": winner.level_own,
            "level_step_id": winner.level_step_id.id,
            "level_step_date": winner.level_step_date,
            "level_days": winner.level_days,
            "level_number": winner.level_number,
            "item_days": max((self + target).mapped("item_days")),
            "level_date": max(
                filter(None, (self + target).mapped("level_date")), default=False
            ),
            **self._merged_pause(target),
            "is_pilot": self.is_pilot and target.is_pilot,
            **self._merged_plan(target),
        }
        self._messages().write({"is_merged": True, "debtor_id": target.id})
        self.action_ids.write({"debtor_id": target.id})
        self.reply_ids.sudo().write({"debtor_id": target.id})  # sudo: the engine's
        target.write(standing)

    def _merged_pause(self, target):
        """The longer pause holds, with its reason and who set it."""
        longer = max(self + target, key=lambda debtor: str(debtor.paused_until or ""))
        return {
            "paused_until": longer.paused_until,
            "pause_reason": longer.pause_reason,
            "paused_by_id": longer.paused_by_id.id,
        }

    def _merged_plan(self, target):
        """The target's own plan, else the source's, with reason and end."""
        keeper = target if target.plan_id else self
        return {
            "plan_id": keeper.plan_id.id,
            "plan_reason": keeper.plan_reason,
            "plan_until": keeper.plan_until,
        }

    def _chase_rank(self):
        """Who stands higher: an open cycle first, then the level."""
        return (bool(self.cycle_date), self.level)

    def _pending_actions(self):
        """Steps that can still be taken back.

        Of an unknown one a person decides, and one whose message is just being sent
        ends as the mail server says.
        """
        open_states = set(PENDING) - {"unknown"}
        return self.action_ids.filtered(
            lambda action: (
                action.state in open_states and action.message_id.state != "sending"
            )
        )

    def _messages(self):
        return self.env["o2c.chase.message"].search([("debtor_id", "in", self.ids)])
