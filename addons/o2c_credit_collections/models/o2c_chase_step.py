from odoo import fields, models

from odoo.addons.o2c_credit_risk.domain.risk_class import CLASSES


class O2cChaseStep(models.Model):
    """Levels that stop orders, and lines for risky customers."""

    _inherit = "o2c.chase.step"

    stops_orders = fields.Boolean(
        help="Once the customer has passed this level, new orders of his wait until "
        "what is overdue is paid, or somebody releases them.",
    )
    risk_class_from = fields.Selection(
        CLASSES,
        "From risk class",
        help="The line is for customers of this risk class and the worse ones, and "
        "comes before lines for all. Empty: for all.",
    )

    def _line_key(self):
        """EXTENDS o2c_collections: lines may be for risky customers only."""
        return *super()._line_key(), self.risk_class_from
