from odoo import api, models
from odoo.tools import SQL

#: Days back that count for the risk score.
YEAR_DAYS = 365


class O2cDebtor(models.Model):
    """Chases that have come to a level that stops orders, and what was not kept."""

    _inherit = "o2c.debtor"

    def _stopped_by_chase(self):
        """Those of these accounts whose chase stops orders."""
        # sudo: whoever confirms an order need not see plans
        return self.filtered(
            lambda debtor: any(
                step.stops_orders and 0 <= step.days and step.level <= debtor.level
                for step in debtor.sudo().level_step_id.plan_id.step_ids
            )
        )

    @api.model
    def _is_stopped_sql(self):
        """The same as a condition on ``debtor``."""
        return SQL(
            """
            (debtor.level > 0 AND EXISTS (
                SELECT FROM o2c_chase_step passed
                  JOIN o2c_chase_step stop ON stop.plan_id = passed.plan_id
                 WHERE passed.id = debtor.level_step_id AND stop.stops_orders
                   AND stop.days >= 0 AND stop.level <= debtor.level))
            """
        )
