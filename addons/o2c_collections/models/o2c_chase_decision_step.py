from odoo import models
from odoo.tools import SQL, email_normalize


class O2cChaseDecision(models.Model):
    """The first half of the statement: what is known, and what would come next.

    Parts that only some plans want are left out where no plan wants them, see
    ``_wanted_parts``.
    """

    _inherit = "o2c.chase.decision"

    def _wanted_parts(self, roots, by_rule=None):
        """Which parts of the statement the plans in use want.

        :param roots: root companies
        :param by_rule: see ``o2c.chase.plan._by_rule``, where it is known
        :return: set of ``invoice`` (levels per invoice), ``soon`` (reminders before
            the due date) and ``only_sent``
        """
        # sudo: what the plans want, for whoever may see the decisions
        plans = self.env["o2c.chase.plan"].sudo()._in_use(roots, by_rule)
        wanted = {"invoice"} if "invoice" in plans.mapped("basis") else set()
        if any(day < 0 for day in plans.step_ids.mapped("days")):
            wanted.add("soon")
        if any(plans.mapped("only_sent")):
            wanted.add("only_sent")
        return wanted

    def _company_values(self, roots):
        return SQL(", ").join(
            SQL(
                "(%s, %s::date, %s, %s)",
                root.id,
                root._o2c_today(),
                bool(
                    email_normalize(root.sudo().email)
                ),  # sudo: may be another company's
                bool(root.sudo().o2c_pilot),  # sudo: likewise
            )
            for root in roots
        )

    # ------------------------------------------------------------------
    # What is known
    # ------------------------------------------------------------------

    def _account_sql(self, roots, accounts, by_rule=None):
        """The customer accounts with the plan that applies to each.

        :param accounts: condition on ``debtor``
        """
        plans = self.env["o2c.chase.plan"].sudo()  # sudo: which plan, not its content
        return SQL(
            """
            SELECT debtor.id AS debtor_id, debtor.partner_id, debtor.company_id,
                   debtor.collector_id, debtor.segment_id, debtor.paused_until,
                   debtor.preferred_channel,
                   debtor.level_own AS level_reached, debtor.level_date,
                   debtor.level_days, debtor.level_number, debtor.level_step_id,
                   debtor.level_step_date, debtor.item_days,
                   debtor.cycle AS cycle_reached, debtor.cycle_date,
                   debtor.chase_reason, debtor.chase_reason_since,
                   partner.active AS is_active, partner.lang,
                   company.pilot AND debtor.is_pilot IS NOT TRUE AS is_shadow,
                   company.today, company.has_sender,
                   plan.id AS plan_id, plan.gap_days, plan.tolerance,
                   plan.final_action, plan.repeat_days, plan.basis, plan.only_sent
              FROM o2c_debtor debtor
              JOIN company ON company.id = debtor.company_id
              JOIN res_partner partner ON partner.id = debtor.partner_id
         LEFT JOIN o2c_chase_plan own ON own.id = debtor.plan_id AND own.active
               AND (debtor.plan_until IS NULL OR debtor.plan_until >= company.today)
         LEFT JOIN o2c_chase_plan plan ON plan.id = COALESCE(own.id, %(choice)s)
             WHERE %(accounts)s
            """,
            choice=plans._choice_sql(roots, by_rule),
            accounts=accounts,
        )

    def _fact_sql(self, items, wanted, rests):
        """Sums per account. *Late* is what is overdue, *ours* what may be chased."""
        return SQL(
            """
            SELECT debtor_id,
                   count(*) AS item_count,
                   sum(amount_residual) FILTER (WHERE late) AS amount_overdue,
                   sum(amount_residual) FILTER (WHERE ours) AS amount_ours,
                   sum(amount_collectable) FILTER (WHERE ours) AS amount_due,
                   %(resting)s,
                   max(days_overdue) FILTER (WHERE ours) AS days_oldest,
                   max(days_overdue) FILTER (
                       WHERE ours AND amount_collectable > 0) AS days_collectable,
                   min(date_maturity) FILTER (
                       WHERE NOT late AND amount_residual > 0) AS date_first_due,
                   bool_or(no_followup) FILTER (WHERE late) AS has_no_followup,
                   bool_or(NOT has_rate) FILTER (WHERE ours) AS lacks_rate,
                   bool_or(is_unsent AND NOT no_followup) FILTER (WHERE late)
                       AS has_unsent
                   %(item_lists)s
              FROM (SELECT item.*,
                           item.days_overdue > 0 AND item.amount_residual > 0 AS late,
                           item.days_overdue > 0 AND item.amount_residual > 0
                               AND NOT item.no_followup
                               AND NOT COALESCE(item.is_before_chase_from, FALSE)
                               AND NOT %(unsent)s
                               AS ours,
                           item.currency_id = item.company_currency_id
                               OR (item.currency_id, item.root_company_id) IN (
                                   SELECT rate.currency_id, company.id
                                     FROM res_currency_rate rate
                                     JOIN company ON company.id = COALESCE(
                                          rate.company_id, company.id))
                               AS has_rate
                           %(item_columns)s
                      FROM (%(items)s) item
                           %(item_joins)s
                     WHERE item.debtor_id IS NOT NULL
                    OFFSET 0) item
          GROUP BY debtor_id
            """,
            resting=self._resting_sums(rests),
            items=items,
            **self._item_parts(wanted),
        )

    def _resting_sums(self, rests):
        """Sums of what rests; nothing is summed while nothing does."""
        names = ("amount_disputed", "amount_promised", "amount_in_transit")
        term = "sum(%s) FILTER (WHERE ours) AS %s" if rests else "0.0 AS %s"
        return SQL(", ").join(
            SQL(term, *[SQL.identifier(name)] * term.count("%s")) for name in names
        )

    # ------------------------------------------------------------------
    # Cycle and level
    # ------------------------------------------------------------------

    def _state_sql(self, wanted):
        """Cycle and level as of today.

        A cycle opens with an overdue amount above the tolerance and lasts while
        anything overdue remains. When what is left is younger than the level that
        was reached, a new cycle begins at the first level. When the plan is another
        one, the customer stands on its comparable level; where that has a lower
        number, a new cycle keeps the numbers apart.
        """
        return SQL(
            """
            SELECT account.*,
                   COALESCE(fact.item_count, 0) AS item_count,
                   COALESCE(fact.amount_overdue, 0) AS amount_overdue,
                   COALESCE(fact.amount_ours, 0) AS amount_ours,
                   COALESCE(fact.amount_due, 0) AS amount_due,
                   COALESCE(fact.amount_disputed, 0) AS amount_disputed,
                   COALESCE(fact.amount_promised, 0) AS amount_promised,
                   COALESCE(fact.amount_in_transit, 0) AS amount_in_transit,
                   COALESCE(fact.amount_ours - fact.amount_disputed
                       - fact.amount_promised - fact.amount_in_transit, 0)
                       AS amount_covered,
                   COALESCE(fact.days_oldest, 0) AS days_oldest,
                   COALESCE(fact.days_collectable, 0) AS days_collectable,
                   fact.date_first_due, fact.has_no_followup, fact.has_unsent,
                   fact.lacks_rate,
                   reached.plan_id IS DISTINCT FROM account.plan_id AS is_moved,
                   fresh.is_new AS is_new_cycle,
                   restart.needed OR account.cycle_date IS NULL AS is_restart,
                   account.cycle_reached + fresh.is_new::int AS cycle,
                   CASE WHEN restart.needed OR account.cycle_date IS NULL
                       THEN 0 ELSE passed.level END AS level_passed
                   %(item_lists)s
              FROM account
         LEFT JOIN fact ON fact.debtor_id = account.debtor_id
         LEFT JOIN o2c_chase_step reached ON reached.id = account.level_step_id
        CROSS JOIN LATERAL (SELECT %(passed)s AS level OFFSET 0) passed
        CROSS JOIN LATERAL (
                SELECT account.cycle_date IS NOT NULL AND passed.level > 0
                       AND account.basis <> 'invoice'
                       AND fact.days_oldest IS NOT NULL
                       AND fact.days_oldest < COALESCE(
                           NULLIF(GREATEST(account.level_days, account.item_days), 0), (
                           SELECT line.days FROM o2c_chase_step line
                            WHERE line.plan_id = account.plan_id AND line.days >= 0
                              AND line.level <= passed.level
                         ORDER BY line.level DESC, line.days
                            LIMIT 1)) AS needed_or_null
                ) younger
        CROSS JOIN LATERAL (
                SELECT COALESCE(younger.needed_or_null, FALSE) AS needed
                OFFSET 0) restart
        CROSS JOIN LATERAL (
                SELECT restart.needed OR passed.level < account.level_reached
                       OR account.cycle_date IS NULL AS is_new) fresh
            """,
            item_lists=self._item_list_names(wanted),
            passed=self._passed_sql(),
        )

    def _passed_sql(self):
        """The level that was passed, in numbers of the plan that applies now.

        Within a plan a passed level stays passed, whatever days or number it was
        given since. In another plan, or when the level was removed, it is the
        highest level that comes no later than the one that was reached, by the
        customer or by one of his invoices.
        """
        return SQL(
            """
            GREATEST(
            CASE WHEN account.plan_id IS NULL OR account.cycle_date IS NULL
                      OR reached.plan_id IS NULL AND COALESCE(account.level_days, 0) = 0
                 THEN account.level_reached
                 WHEN reached.plan_id = account.plan_id
                 THEN GREATEST(reached.level, account.level_number)
                 ELSE (SELECT max(line.level) FROM o2c_chase_step line
                        WHERE line.plan_id = account.plan_id
                          AND line.days BETWEEN 0 AND account.level_days) END,
            CASE WHEN account.item_days > 0 AND account.basis = 'customer'
                 THEN (SELECT max(line.level) FROM o2c_chase_step line
                        WHERE line.plan_id = account.plan_id
                          AND line.days BETWEEN 0 AND account.item_days) END, 0)
            """
        )

    # ------------------------------------------------------------------
    # What comes next
    # ------------------------------------------------------------------

    def _line_order_sql(self):
        """Hook: of the lines of a level, those for some come before those for all."""
        return SQL("COALESCE(line.segment_key, '') = ''")

    def _line_fits_sql(self, amount, segment):
        """Hook: whether a line of a level is for an amount and a segment.

        On ``line``, and on ``state`` of the customer.
        """
        return SQL(
            """
            (%(amount)s >= COALESCE(line.amount_min, 0)
             AND (COALESCE(line.amount_max, 0) = 0 OR %(amount)s < line.amount_max)
             AND (COALESCE(line.segment_key, '') = '' OR EXISTS (
                  SELECT FROM o2c_chase_step_segment_rel meant
                   WHERE meant.step_id = line.id
                     AND meant.segment_id = %(segment)s)))
            """,
            amount=amount,
            segment=segment,
        )

    def _step_sql(self, wanted):
        """What comes next, from which day on.

        The next level is the first one above the passed one with a line for the
        amount; where there is none, the plan's final action follows, which counts
        as the next level each time. What is repeated is the last level with a line
        for the amount; nothing is repeated before a first level was passed. Lines
        for a segment come before lines for all.
        """
        return SQL(
            """
            SELECT state.*,
                   levels.plan_id IS NULL AS lacks_levels,
                   CASE WHEN by_item.is_true THEN late.debtor_id IS NULL
                        ELSE next.id IS NULL AND state.level_passed = 0
                        END AS lacks_line,
                   CASE WHEN by_item.is_true THEN late.is_final
                        ELSE next.id IS NULL END AS is_final,
                   COALESCE(late.step_id, next.id, last.id) AS step_id,
                   COALESCE(late.level, next.level, state.level_passed + 1) AS level,
                   CASE WHEN late.debtor_id IS NOT NULL THEN late.channel
                        WHEN next.id IS NOT NULL THEN next.channel
                        WHEN state.final_action = 'repeat' AND last.id IS NOT NULL
                        THEN last.channel
                        ELSE 'todo' END AS channel,
                   CASE WHEN late.debtor_id IS NOT NULL THEN late.template_id
                        WHEN next.id IS NOT NULL THEN next.template_id
                        ELSE last.template_id END AS template_id,
                   CASE WHEN by_item.is_true THEN late.date_next
                        WHEN next.id IS NOT NULL
                        THEN state.today + next.days - state.days_collectable
                        ELSE state.today END AS date_level,
                   CASE WHEN NOT by_item.is_true THEN
                        state.level_date + CASE WHEN next.id IS NOT NULL
                             THEN state.gap_days ELSE state.repeat_days END
                        END AS date_gap,
                   FALSE AS is_soon, by_item.is_true AS is_by_item,
                   COALESCE(late.fresh_count, 0) AS fresh_count,
                   late.amount AS turn_amount, late.item_ids, late.item_step_ids,
                   late.item_levels, late.item_amounts
              FROM state
        CROSS JOIN LATERAL (
                SELECT COALESCE(state.basis = 'invoice', FALSE) AS is_true) by_item
         LEFT JOIN turn late ON late.debtor_id = state.debtor_id AND NOT late.is_soon
         LEFT JOIN (SELECT DISTINCT plan_id FROM o2c_chase_step WHERE days >= 0) levels
                ON levels.plan_id = state.plan_id
         LEFT JOIN LATERAL (
                SELECT id, level, days, channel, template_id FROM o2c_chase_step line
                 WHERE line.plan_id = state.plan_id AND line.days >= 0
                   AND NOT by_item.is_true AND line.level > state.level_passed
                   AND state.amount_due > 0 AND %(fits)s
              ORDER BY level, %(order)s, amount_min DESC, id
                 LIMIT 1) next ON TRUE
         LEFT JOIN LATERAL (
                SELECT id, level, channel, template_id FROM o2c_chase_step line
                 WHERE next.id IS NULL AND line.plan_id = state.plan_id
                   AND line.days >= 0 AND NOT by_item.is_true AND %(fits)s
              ORDER BY level DESC, %(order)s, amount_min DESC, id
                 LIMIT 1) last ON TRUE
                   %(soon)s
            """,
            fits=self._line_fits_sql(SQL("state.amount_due"), SQL("state.segment_id")),
            order=self._line_order_sql(),
            soon=self._soon_steps_sql(wanted),
        )
