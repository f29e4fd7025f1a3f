from odoo import models

from .o2c_chase_message import REJECTED


class O2cChaseMessage(models.Model):
    """A message that came back reminded nobody: its level is repeated.

    What its steps passed is taken back, as long as nothing else has happened with the
    customer since. Where the address is to blame they go on by the next channel, which
    is never that address; else a person decides.
    """

    _inherit = "o2c.chase.message"

    def _note_standing(self, steps, before):
        """Keep what its steps changed, to take it back.

        :param steps: those that this made done
        :param dict before: the customers' standing, see ``o2c.debtor._chase_standing``
        """
        after = steps.debtor_id._chase_standing()
        for message in steps.message_id & self:
            debtor_id = message.debtor_id.id
            message.standing = {
                "steps": (steps & message.action_ids).ids,
                "before": before[debtor_id],
                "after": after[debtor_id],
            }

    def _repeat_steps(self, reason, words):
        """Let the steps of a message that came back happen after all.

        :return: whether a person has a task of it by now
        """
        steps = self._open_actions() | self._take_back_steps()
        if reason in REJECTED.values():
            steps._fall_back(reason, words)
        else:
            steps._set_failed(reason, words)
        steps.debtor_id._note_decision()
        return bool(steps.activity_id)

    def _take_back_steps(self):
        """Undo that its steps were done; none of them where the chase has gone on."""
        standing, debtor = self.standing or {}, self.debtor_id
        if debtor._chase_standing()[debtor.id] != standing.get("after"):
            return self.action_ids.browse()
        steps = self.action_ids.filtered(
            lambda step: step.state == "done" and step.id in standing["steps"]
        )
        if steps:
            debtor._restore_standing(standing["before"])
            steps._set_taken_back()
        return steps
