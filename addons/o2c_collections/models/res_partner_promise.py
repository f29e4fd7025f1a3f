from odoo import models
from odoo.tools import SQL

from ..domain.promise import JUDGED


class ResPartner(models.Model):
    _inherit = "res.partner"

    def _o2c_promise_figures(self, debtors):
        """How what these people promised for some customers was kept.

        :return: dict of (account id, person id) to (kept, judged, median of days late)
        """
        self.env["o2c.promise.line"].flush_model()
        self.env["o2c.promise"].flush_model(["person_id"])
        rows = self.env.execute_query(
            SQL(
                """
                SELECT line.debtor_id, promise.person_id,
                       count(*) FILTER (WHERE line.state = 'kept'), count(*),
                       percentile_cont(0.5) WITHIN GROUP (
                           ORDER BY line.date_paid - line.date_due)
                  FROM o2c_promise_line line
                  JOIN o2c_promise promise ON promise.id = line.promise_id
                 WHERE line.debtor_id = ANY(%s) AND promise.person_id = ANY(%s)
                   AND line.state = ANY(%s)
              GROUP BY line.debtor_id, promise.person_id
                """,
                debtors.ids,
                self.ids,
                list(JUDGED),
            )
        )
        return {(debtor, person): figures for debtor, person, *figures in rows}
