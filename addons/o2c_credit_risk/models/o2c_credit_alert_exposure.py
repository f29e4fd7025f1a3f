from odoo import api, models
from odoo.tools import SQL

from .o2c_credit_alert_find import LOOK_BACK_DAYS


class O2cCreditAlert(models.Model):
    """Alerts about what is used of the limit, and about what waits for it."""

    _inherit = "o2c.credit.alert"

    @api.model
    def _finders(self, root):
        """EXTENDS: what the exposure and the holds tell."""
        return {
            **super()._finders(root),
            "utilisation": self._find_utilisation(root),
            "hold_old": self._find_hold_old(root),
            "invoice_over": self._find_invoice_over(root),
        }

    @api.model
    def _find_utilisation(self, root):
        """Customers beyond a threshold of their policy, or beyond the whole limit.

        Beyond the limit is a case of its own, which takes the place of the other. The
        limit of a group's head is used by all of its members together.
        """
        return SQL(
            """
            SELECT debtor.id AS debtor_id,
                   CASE WHEN used.exposure > debtor.amount_credit_limit THEN 'over'
                        ELSE 'threshold' END AS case_key,
                   jsonb_build_object(
                       'number', round(100 * used.exposure
                                       / debtor.amount_credit_limit),
                       'limit', debtor.amount_credit_limit) AS figures
              FROM o2c_debtor debtor
              JOIN (%(policy)s) whose ON whose.debtor_id = debtor.id
         LEFT JOIN o2c_credit_policy policy ON policy.id = whose.policy_id
              JOIN (%(used)s) used ON used.debtor_id = debtor.id
             WHERE debtor.company_id = %(root)s AND debtor.amount_credit_limit > 0
               AND used.exposure > debtor.amount_credit_limit
                   * COALESCE(NULLIF(LEAST(policy.alert_utilisation, 100), 0), 100)
                   / 100
            """,
            policy=self.env["o2c.credit.policy"]._policy_sql(root),
            used=self._used_sql(root),
            root=root.id,
        )

    @api.model
    def _used_sql(self, root):
        """What is used of customers' limits: by themselves and by their group."""
        return SQL(
            """
            SELECT limited.debtor_id, sum(part.exposure) AS exposure
              FROM (%(exposure)s) part
              JOIN o2c_debtor member ON member.partner_id = part.partner_id
                                    AND member.company_id = part.root_id
        CROSS JOIN LATERAL (
                VALUES (member.id), (member.group_id)) limited(debtor_id)
             WHERE limited.debtor_id IS NOT NULL
          GROUP BY limited.debtor_id
            """,
            exposure=self.env["o2c.debtor"]._exposure_sql(root),
        )

    @api.model
    def _find_hold_old(self, root):
        """Orders that have waited for longer than their policy finds right."""
        return SQL(
            """
            SELECT hold.debtor_id, hold.id AS case_key,
                   jsonb_build_object('name', sale.name,
                                      'day', hold.create_date::date) AS figures
              FROM o2c_credit_hold hold
              JOIN sale_order sale ON sale.id = hold.sale_order_id
              JOIN (%(policy)s) whose ON whose.debtor_id = hold.debtor_id
         LEFT JOIN o2c_credit_policy policy ON policy.id = whose.policy_id
             WHERE hold.company_id = %(root)s AND hold.state IN ('held', 'requested')
               AND hold.create_date < %(today)s - COALESCE(policy.alert_hold_days, 3)
            """,
            policy=self.env["o2c.credit.policy"]._policy_sql(root),
            root=root.id,
            today=root._o2c_today(),
        )

    @api.model
    def _find_invoice_over(self, root):
        """Invoices without an order, posted lately, of customers beyond their limit.

        Beyond their own, or beyond that of their group.
        """
        # sudo: all branches, for a job
        companies_sudo = self.env["res.company"].sudo().with_context(active_test=False)
        branches = companies_sudo.search([("id", "child_of", root.id)])
        return SQL(
            """
            WITH beyond AS MATERIALIZED (
                SELECT limited.id, limited.amount_credit_limit
                  FROM o2c_debtor limited
                  JOIN (%(used)s) used ON used.debtor_id = limited.id
                 WHERE limited.company_id = %(root)s AND limited.has_credit_limit
                   AND used.exposure > limited.amount_credit_limit)
            SELECT debtor.id AS debtor_id, move.id AS case_key,
                   jsonb_build_object('name', move.name, 'limit', COALESCE(
                       own.amount_credit_limit, shared.amount_credit_limit)) AS figures
              FROM account_move move
              JOIN o2c_debtor debtor ON debtor.partner_id = move.commercial_partner_id
         LEFT JOIN beyond own ON own.id = debtor.id
         LEFT JOIN beyond shared ON shared.id = debtor.group_id
             WHERE debtor.company_id = %(root)s
               AND (own.id IS NOT NULL OR shared.id IS NOT NULL)
               AND move.company_id = ANY(%(branches)s)
               AND move.move_type = 'out_invoice' AND move.state = 'posted'
               AND move.invoice_date > %(today)s - %(days)s
               AND NOT EXISTS (
                   SELECT FROM account_move_line line
                     JOIN sale_order_line_invoice_rel rel
                       ON rel.invoice_line_id = line.id
                    WHERE line.move_id = move.id)
            """,
            used=self._used_sql(root),
            root=root.id,
            branches=branches.ids,
            today=root._o2c_today(),
            days=LOOK_BACK_DAYS,
        )
