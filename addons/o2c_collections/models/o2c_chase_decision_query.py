from odoo import models
from odoo.tools import SQL

from ..domain.channels import WRITTEN


class O2cChaseDecision(models.Model):
    """The one statement that decides about every customer account.

    It goes in steps, each a named sub-query: *item* (the open items), *account* (the
    customer and his plan), *fact* (sums per account), *state* (cycle and level as
    they stand today), *turn* (what is due of single items), *step* (what would come
    next and when), *verdict* (the first reason that speaks against it, or none),
    then whom to reach and how. Up to *step* they are in
    :file:`o2c_chase_decision_step.py` and :file:`o2c_chase_decision_item.py`, after
    *verdict* in :file:`o2c_chase_decision_contact.py`.
    """

    _inherit = "o2c.chase.decision"

    @property
    def _table_query(self):
        roots = self.env["res.company"].sudo().search([("parent_id", "=", False)])
        return self._decision_sql(roots=roots)

    def _decision_sql(self, roots, partner_ids=None):
        """The query.

        :param roots: root companies to decide for
        :param partner_ids: ids of commercial partners to narrow to
        :return: SQL with one row per customer account
        """
        root = roots if len(roots) == 1 else None
        source = self.env["o2c.open.item"]
        rests = source._rests_anything()
        items = source._items_sql(root=root, partner_ids=partner_ids, with_rest=rests)
        # sudo: which plans there are, for whoever may see the decisions
        by_rule = self.env["o2c.chase.plan"].sudo()._by_rule(roots)
        wanted = self._wanted_parts(roots, by_rule)
        accounts = [SQL("debtor.company_id = ANY(%s)", roots.ids)]
        if partner_ids is not None:
            accounts.append(SQL("debtor.partner_id = ANY(%s)", list(partner_ids)))
        return SQL(
            """
            WITH company(id, today, has_sender, pilot) AS (VALUES %(companies)s),
            budget(company_id, %(budget_columns)s) AS (VALUES %(budgets)s),
            contacted AS MATERIALIZED (%(contacted)s),
            account AS MATERIALIZED (%(account)s),
            fact AS (%(fact)s),
            state AS MATERIALIZED (%(state)s),
            %(turn)s
            step AS (%(step)s),
            verdict AS MATERIALIZED (%(verdict)s),
            contact AS (%(contact)s),
            reach AS (%(reach)s)
            %(decision)s
            """,
            companies=self._company_values(roots),
            budget_columns=self._budget_columns(),
            budgets=self._budget_values(roots),
            contacted=self._contacted_sql(roots),
            account=self._account_sql(roots, SQL(" AND ").join(accounts), by_rule),
            fact=self._fact_sql(items, wanted, rests),
            state=self._state_sql(wanted),
            turn=self._turn_sql(wanted),
            step=self._step_sql(wanted),
            verdict=self._verdict_sql(),
            contact=self._contact_sql(),
            reach=self._reach_sql(),
            decision=self._one_per_account(self._outcome_sql(wanted), wanted),
        )

    def _verdict_sql(self):
        """The first reason that speaks against a contact today; NULL if none does."""
        return SQL(
            """
            SELECT step.*, pending.id AS pending_id, contacted.held_until,
                   CASE WHEN channel = ANY(%(written)s)
                             AND (preferred_channel <> 'email' OR has_sender)
                        THEN preferred_channel END AS preferred,
                   CASE
                   WHEN is_soon THEN %(soon)s
                   WHEN amount_overdue <= 0 AND (item_count = 0
                       OR cycle_date IS NOT NULL OR pending.id IS NOT NULL) THEN 'paid'
                   WHEN amount_overdue <= 0 THEN 'not_due'
                   WHEN paused_until >= today THEN 'paused_until'
                   WHEN NOT is_active THEN 'archived'
                   WHEN amount_ours <= 0 AND has_unsent THEN 'invoice_not_sent'
                   WHEN amount_ours <= 0 AND has_no_followup THEN 'no_followup'
                   WHEN amount_ours <= 0 THEN 'before_chase_from'
                   WHEN amount_due <= 0 AND amount_disputed > 0
                       AND amount_disputed >= GREATEST(amount_promised,
                           amount_in_transit, amount_covered) THEN 'disputed'
                   WHEN amount_due <= 0 AND amount_promised > 0
                       AND amount_promised >= GREATEST(amount_in_transit,
                           amount_covered) THEN 'promised'
                   WHEN amount_due <= 0 AND amount_in_transit > 0
                       AND amount_in_transit >= amount_covered THEN 'in_transit'
                   WHEN amount_due <= 0 THEN 'covered_by_credit'
                   WHEN plan_id IS NULL THEN 'no_plan'
                   WHEN amount_due <= tolerance THEN 'below_tolerance'
                   WHEN lacks_levels THEN 'no_levels'
                   WHEN lacks_line THEN 'no_level_for_amount'
                   WHEN is_by_item AND fresh_count = 0 AND pending.id IS NOT NULL
                   THEN CASE WHEN is_shadow THEN 'not_in_pilot'
                        WHEN pending.state IN ('failed', 'unknown')
                        THEN pending.state
                        ELSE COALESCE(%(held)s, 'in_progress') END
                   WHEN date_level > today THEN 'waiting_level'
                   WHEN date_gap > today AND is_final THEN 'plan_finished'
                   WHEN date_gap > today THEN 'too_soon'
                   WHEN pending.id IS NOT NULL AND is_shadow THEN 'not_in_pilot'
                   WHEN NOT is_by_item AND pending.state IN ('failed', 'unknown')
                   THEN pending.state
                   WHEN %(held)s IS NOT NULL THEN %(held)s
                   WHEN NOT is_by_item AND pending.id IS NOT NULL THEN 'in_progress'
                   WHEN channel = 'email' AND template_id IS NULL THEN 'no_template'
                   WHEN channel = 'email' AND NOT has_sender THEN 'no_sender'
                   END AS obstacle
              FROM step
         LEFT JOIN budget ON budget.company_id = step.company_id
         LEFT JOIN contacted ON contacted.debtor_id = step.debtor_id
         LEFT JOIN LATERAL (
                SELECT id, state FROM o2c_chase_action
                 WHERE debtor_id = step.debtor_id AND cycle = step.cycle
                   AND (item_id IS NULL OR step.is_by_item)
                   AND state IN ('planned', 'to_review', 'claimed', 'queued',
                                 'failed', 'unknown')
              ORDER BY id DESC LIMIT 1) pending ON TRUE
            """,
            written=list(WRITTEN),
            soon=self._soon_obstacle_sql(),
            held=self._held_sql(),
        )
