from odoo import models


class O2cWorklist(models.Model):
    """Noting a dispute without leaving the worklist."""

    _inherit = "o2c.worklist"

    def action_dispute(self):
        """What the customer does not accept: opens the dialog."""
        self.ensure_one()
        return self.debtor_id.action_new_dispute()
