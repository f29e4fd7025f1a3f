from odoo import fields, models

#: Steps shown, newest first.
STEPS_MAX = 100
#: Steps that stand on the timeline as a message or a call already.
TOLD_STATES = ("done", "queued")


class O2cDebtor(models.Model):
    """The steps of the chase on the timeline, those not taken with their reason."""

    _inherit = "o2c.debtor"

    def _timeline_rows(self):
        """EXTENDS o2c_base: what the plan did, or why it did not."""
        return super()._timeline_rows() + self._step_rows() + self._promise_rows()

    def _step_rows(self):
        actions = self.env["o2c.chase.action"].search(
            [("debtor_id", "=", self.id)], order="id DESC", limit=STEPS_MAX
        )
        return [self._step_row(action) for action in actions]

    def _step_row(self, action):
        def label(name):
            choices = action._fields[name]._description_selection(self.env)
            return dict(choices).get(action[name], "")

        return {
            "key": f"step-{action.id:012}",
            "kind": "steps",
            "date": fields.Date.to_string(action.date_done or action.date_due),
            "icon": "fa-step-forward",
            "title": self.env._(
                "Level %(level)s, %(channel)s: %(state)s",
                level=action.level,
                channel=label("channel"),
                state=label("state"),
            ),
            "text": label("reason"),
            "in_all": action.state not in TOLD_STATES,
            "res_model": False,
            "res_id": False,
        }

    def _promise_rows(self):
        """Promises on the day they were for; that one was taken, a note tells."""
        promises = self.env["o2c.promise"].search(
            [("debtor_id", "=", self.id)], limit=STEPS_MAX
        )
        states = dict(promises._fields["state"]._description_selection(self.env))
        return [
            {
                "key": f"promise-{promise.id:012}",
                "kind": "promises",
                "date": fields.Date.to_string(promise.date_due),
                "icon": "fa-handshake-o",
                "title": self.env._(
                    "Promise: %(state)s", state=states.get(promise.state, "")
                ),
                "text": promise._sentence(),
                "in_all": promise.state != "open",
                "res_model": promise._name,
                "res_id": promise.id,
            }
            for promise in promises
        ]
