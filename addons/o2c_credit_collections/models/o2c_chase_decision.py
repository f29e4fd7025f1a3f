from odoo import models
from odoo.tools import SQL


class O2cChaseDecision(models.Model):
    """Lines of a level that are for risky customers only."""

    _inherit = "o2c.chase.decision"
    _depends = {"o2c.chase.step": ["risk_class_from"], "o2c.debtor": ["risk_class"]}

    def _line_fits_sql(self, amount, segment):
        """EXTENDS o2c_collections: the customer's class is as bad, or worse."""
        return SQL(
            """
            (%s AND (line.risk_class_from IS NULL OR EXISTS (
                SELECT FROM o2c_debtor own
                 WHERE own.id = state.debtor_id
                   AND own.risk_class >= line.risk_class_from)))
            """,
            super()._line_fits_sql(amount, segment),
        )

    def _line_order_sql(self):
        """EXTENDS o2c_collections: the worst class that fits comes first."""
        return SQL(
            "COALESCE(line.risk_class_from, '') DESC, %s", super()._line_order_sql()
        )
