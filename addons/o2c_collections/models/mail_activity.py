from odoo import models


class MailActivity(models.Model):
    _inherit = "mail.activity"

    def _action_done(self, feedback=False, attachment_ids=None):
        """EXTENDS mail: a call that was made passes its level of the chase plan."""
        actions = self._o2c_chase_actions()
        result = super()._action_done(feedback=feedback, attachment_ids=attachment_ids)
        actions._set_done()
        return result

    def unlink(self):
        """EXTENDS mail: a deleted call is a step that was not taken."""
        actions = self._o2c_chase_actions()
        result = super().unlink()
        if actions:
            actions._set_skipped("activity_removed")
        return result

    def _o2c_chase_actions(self):
        """The chase actions that wait for these activities."""
        ours = self.filtered(lambda activity: activity.res_model == "o2c.debtor")
        if not ours:
            return self.env["o2c.chase.action"]
        # sudo: whoever may close the activity closes the step
        return (
            self.env["o2c.chase.action"]
            .sudo()
            .search([("activity_id", "in", ours.ids), ("state", "=", "queued")])
        )
