from odoo import api, fields, models
from odoo.tools import SQL

#: Days back that count for the risk score.
YEAR_DAYS = 365


class O2cDebtor(models.Model):
    """Chases that have come to a level that stops orders, and what was not kept."""

    _inherit = "o2c.debtor"

    is_order_stopped = fields.Boolean(
        "Orders stopped",
        compute="_compute_is_order_stopped",
        help="The chase has passed a level that stops new orders.",
    )

    @api.depends("level", "level_step_id.plan_id.step_ids.stops_orders")
    def _compute_is_order_stopped(self):
        stopped = self._origin._stopped_by_chase()
        for debtor in self:
            debtor.is_order_stopped = debtor._origin in stopped

    def _stopped_by_chase(self):
        """Those of these accounts whose chase stops orders, from one query."""
        self._flush_stops()
        rows = self.env.execute_query(
            SQL(
                "SELECT id FROM o2c_debtor debtor WHERE debtor.id = ANY(%s) AND %s",
                self.ids,
                self._is_stopped_sql(),
            )
        )
        return self.browse(number for (number,) in rows)

    @api.model
    def _flush_stops(self):
        """Write pending changes that the condition reads."""
        self.flush_model(["level", "level_step_id"])
        self.env["o2c.chase.step"].flush_model(
            ["days", "level", "plan_id", "stops_orders"]
        )

    @api.model
    def _is_stopped_sql(self):
        """A level that stops orders was passed: a condition on ``debtor``."""
        return SQL(
            """
            (debtor.level > 0 AND EXISTS (
                SELECT FROM o2c_chase_step passed
                  JOIN o2c_chase_step stop ON stop.plan_id = passed.plan_id
                 WHERE passed.id = debtor.level_step_id AND stop.stops_orders
                   AND stop.days >= 0 AND stop.level <= debtor.level))
            """
        )

    def _note_returned(self, lines, reason):
        """EXTENDS o2c_collections: the class falls at once, not in the night."""
        result = super()._note_returned(lines, reason)
        self._judge_now()
        return result

    @api.model
    def _flush_risk(self):
        """EXTENDS o2c_credit_risk."""
        self.env["o2c.promise.line"].flush_model()
        self.env["o2c.dispute"].flush_model()
        return super()._flush_risk()

    @api.model
    def _risk_extra_sql(self, root):
        """EXTENDS o2c_credit_risk: promises not kept, disputes without cause."""
        return SQL(
            """
            SELECT debtor_id, sum(broken) AS broken_promises,
                   sum(rejected) AS rejected_disputes
              FROM (
                SELECT debtor_id, 1 AS broken, 0 AS rejected
                  FROM o2c_promise_line
                 WHERE company_id = %(root)s AND state = 'broken'
                   AND date_deadline > %(today)s - %(year)s
             UNION ALL
                SELECT dispute.debtor_id, 0, 1
                  FROM o2c_dispute dispute
                  JOIN o2c_debtor debtor ON debtor.id = dispute.debtor_id
                 WHERE debtor.company_id = %(root)s AND dispute.state = 'rejected'
                   AND dispute.date_closed::date > %(today)s - %(year)s) extra
          GROUP BY debtor_id
            """,
            root=root.id,
            today=root._o2c_today(),
            year=YEAR_DAYS,
        )
