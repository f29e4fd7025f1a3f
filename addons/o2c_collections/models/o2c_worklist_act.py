from odoo import api, models


class O2cWorklist(models.Model):
    """What a collector does from the worklist; each button leads on, none writes."""

    _inherit = "o2c.worklist"

    @api.readonly
    def action_open_debtor(self):
        """The customer account behind the row."""
        self.ensure_one()
        return self.debtor_id.get_formview_action()

    @api.readonly
    def action_call(self):
        """Call mode: through these customers, or through everybody on the list."""
        self.check_access("read")
        return {
            "type": "ir.actions.client",
            "tag": "o2c_collections.call_mode",
            "name": self.env._("Call mode"),
            "target": "fullscreen",
            "context": {"o2c_debtor_ids": self.ids},
        }

    def action_review(self):
        """The message that waits for this customer's review."""
        self.ensure_one()
        waiting = self.env["o2c.chase.action"].search(
            [("debtor_id", "=", self.debtor_id.id), ("state", "=", "to_review")],
            order="id",
            limit=1,
        )
        return waiting.action_review()

    def action_snooze(self):
        """Take these customers off the worklist until a day: opens the dialog."""
        return self._open_batch("snooze")

    def action_wake(self):
        """Put these customers back on the worklist, and say how many."""
        return self._open_batch("wake")

    def action_pause(self):
        """Leave these customers alone for a while: opens the dialog."""
        return self._open_batch("pause")

    def action_approve(self):
        """Send what waits for review, as it is, and say how many."""
        return self._open_batch("approve")

    def action_assign(self):
        """Give these customers to other collectors: opens the dialog."""
        self.debtor_id.check_access("write")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Reassign customers"),
            "res_model": "o2c.collector.reassign",
            "view_mode": "form",
            "target": "new",
            "context": {
                "active_model": "o2c.debtor",
                "active_ids": self.debtor_id.ids,
            },
        }

    def _open_batch(self, mode):
        self.check_access("read")
        return self.env["o2c.worklist.batch"]._open(mode, self.debtor_id)
