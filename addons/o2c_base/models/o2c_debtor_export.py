from odoo import api, models


class O2cDebtor(models.Model):
    """Customer accounts as an Excel file."""

    _inherit = "o2c.debtor"

    @api.model
    def _export_spec(self):
        """Hook: title of the file and names of its columns."""
        names = ["partner_id", "amount_outstanding", "amount_overdue"]
        names += ["amount_collectable", "amount_unapplied", "date_oldest_due"]
        names += ["segment_id", "collector_id", "company_id", "facts_at"]
        return self.env._("Customer accounts"), names
