from odoo import api, models


class O2cOpenItem(models.Model):
    """Open items as an Excel file."""

    _inherit = "o2c.open.item"

    @api.model
    def _export_spec(self):
        """Hook: title of the file and names of its columns."""
        names = ["partner_id", "name", "reference", "date", "date_maturity"]
        names += ["days_overdue", "bucket", "amount_residual_currency"]
        names += ["amount_residual", "amount_disputed", "amount_promised"]
        names += ["amount_in_transit", "amount_collectable", "segment_id"]
        names += ["collector_id", "salesperson_id", "company_id"]
        return self.env._("Open items"), names
