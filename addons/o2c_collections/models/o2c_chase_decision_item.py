from odoo import models
from odoo.tools import SQL

from ..domain.reasons import HOLDING

#: Documents of which Odoo knows whether they were sent.
SENT_TYPES = ("out_invoice", "out_receipt")
#: What the statement carries of each item that may have a turn of its own.
LISTS = ("chased_ids", "chased_days", "chased_amounts")


class O2cChaseDecision(models.Model):
    """Single items in the statement: levels per invoice, reminders before due.

    Items are summed per account in one pass; those that may have a turn of their
    own are kept in arrays beside the sums. *Turn* then has a row per account for
    what is late and one for what is due soon; all items whose turn it is go into
    one contact, by the channel of the highest level.
    """

    _inherit = "o2c.chase.decision"

    # ------------------------------------------------------------------
    # Facts
    # ------------------------------------------------------------------

    def _item_parts(self, wanted):
        """What is added to the sums per account, by name of its place."""
        unsent = SQL("FALSE")
        columns, joins = [], []
        if wanted:
            joins.append(SQL("LEFT JOIN account ON account.debtor_id = item.debtor_id"))
        if "only_sent" in wanted:
            joins.append(SQL("LEFT JOIN account_move sent ON sent.id = item.move_id"))
            unsent = SQL(
                "(COALESCE(account.only_sent, FALSE) AND sent.move_type = ANY(%s)"
                " AND sent.is_move_sent IS NOT TRUE)",
                list(SENT_TYPES),
            )
        if wanted & {"invoice", "soon"}:
            columns.append(SQL("account.today - item.date_maturity AS days_late"))
            columns.append(SQL("%s AS is_chased", self._is_chased_sql(wanted, unsent)))
            joins.append(
                SQL(
                    "LEFT JOIN (SELECT plan_id, min(days) AS days FROM o2c_chase_step"
                    " WHERE days < 0 GROUP BY plan_id) early"
                    " ON early.plan_id = account.plan_id"
                )
            )
        columns.append(SQL("%s AS is_unsent", unsent))
        return {
            "unsent": unsent,
            "item_columns": SQL(", %s", SQL(", ").join(columns)),
            "item_joins": SQL(" ").join(joins),
            "item_lists": self._item_lists(wanted),
        }

    def _is_chased_sql(self, wanted, unsent):
        """Whether an item may have a turn of its own."""
        cases = []
        if "invoice" in wanted:
            cases.append(SQL("item.days_overdue > 0 AND account.basis = 'invoice'"))
        if "soon" in wanted:
            cases.append(
                SQL(
                    "item.days_overdue = 0"
                    " AND account.today - item.date_maturity >= early.days"
                )
            )
        return SQL(
            "(item.amount_residual > 0 AND item.amount_collectable > 0"
            " AND NOT item.no_followup AND NOT %s"
            " AND NOT COALESCE(item.is_before_chase_from, FALSE) AND (%s))",
            unsent,
            SQL(" OR ").join(cases),
        )

    def _item_lists(self, wanted):
        if not wanted & {"invoice", "soon"}:
            return SQL("")
        return SQL(
            """,
            array_agg(id) FILTER (WHERE is_chased) AS chased_ids,
            array_agg(days_late) FILTER (WHERE is_chased) AS chased_days,
            array_agg(amount_collectable) FILTER (WHERE is_chased) AS chased_amounts
            """
        )

    def _item_list_names(self, wanted):
        if not wanted & {"invoice", "soon"}:
            return SQL("")
        names = SQL(", ").join(SQL("fact.%s", SQL.identifier(name)) for name in LISTS)
        return SQL(", %s", names)

    # ------------------------------------------------------------------
    # Whose turn it is
    # ------------------------------------------------------------------

    def _turn_sql(self, wanted):
        """A row per account and kind, late or soon, with the items due today.

        Where no item is due yet, the row tells the step that comes first.
        """
        if not wanted & {"invoice", "soon"}:
            return SQL(
                """
                turn AS (
                SELECT NULL::int AS debtor_id, FALSE AS is_soon, FALSE AS is_final,
                       NULL::int AS step_id, NULL::int AS level,
                       NULL::varchar AS channel, NULL::int AS template_id,
                       NULL::date AS date_next, 0 AS fresh_count,
                       NULL::numeric AS amount, NULL::int[] AS item_ids,
                       NULL::int[] AS item_step_ids, NULL::int[] AS item_levels,
                       NULL::numeric[] AS item_amounts WHERE FALSE),
                """
            )
        return SQL(
            """
            chased AS (%(chased)s),
            turn AS MATERIALIZED (
            SELECT debtor_id, is_soon, bool_and(is_final) AS is_final,
                   (array_agg(step_id ORDER BY place, item_id))[1] AS step_id,
                   (array_agg(level ORDER BY place, item_id))[1] AS level,
                   (array_agg(channel ORDER BY place, item_id))[1] AS channel,
                   (array_agg(template_id ORDER BY place, item_id))[1] AS template_id,
                   min(date_next) FILTER (WHERE NOT is_pending) AS date_next,
                   count(*) FILTER (WHERE is_due AND NOT is_pending) AS fresh_count,
                   sum(amount) FILTER (WHERE is_due) AS amount,
                   array_agg(item_id ORDER BY item_id) FILTER (WHERE is_due)
                       AS item_ids,
                   array_agg(step_id ORDER BY item_id) FILTER (WHERE is_due)
                       AS item_step_ids,
                   array_agg(level ORDER BY item_id) FILTER (WHERE is_due)
                       AS item_levels,
                   array_agg(amount ORDER BY item_id) FILTER (WHERE is_due)
                       AS item_amounts
              FROM chased
        CROSS JOIN LATERAL (
                SELECT date_next <= today AS is_due,
                       CASE WHEN date_next <= today THEN -level
                            ELSE date_next - today END AS place) due
          GROUP BY debtor_id, is_soon),
            """,
            chased=self._chased_sql(),
        )

    def _chased_sql(self):
        """The next step of each item that may have one of its own.

        Late items pass the levels one after the other. Of the reminders before the
        due date only the one nearest to it counts, and only if the document was
        there on its day. A customer who comes from another plan has passed the
        comparable level with all that was late at his last contact.
        """
        return SQL(
            """
            SELECT state.debtor_id, state.today, item.id AS item_id, item.amount,
                   kind.is_soon, next.id IS NULL AS is_final,
                   COALESCE(taken.is_pending, FALSE) AS is_pending,
                   COALESCE(next.id, last.id) AS step_id,
                   COALESCE(next.level, passed.level + 1) AS level,
                   CASE WHEN next.id IS NOT NULL THEN next.channel
                        WHEN state.final_action = 'repeat' AND last.id IS NOT NULL
                        THEN last.channel ELSE 'todo' END AS channel,
                   COALESCE(next.template_id, last.template_id) AS template_id,
                   CASE WHEN kind.is_soon THEN state.today
                        ELSE GREATEST(
                            CASE WHEN next.id IS NOT NULL
                                 THEN state.today + next.days - item.days
                                 ELSE state.today END,
                            passed.day + CASE WHEN next.id IS NOT NULL
                                 THEN state.gap_days ELSE state.repeat_days END)
                        END AS date_next
              FROM state
        CROSS JOIN LATERAL unnest(state.chased_ids, state.chased_days,
                   state.chased_amounts) AS item(id, days, amount)
              JOIN account_move_line entry ON entry.id = item.id
        CROSS JOIN LATERAL (SELECT item.days <= 0 AS is_soon) kind
         LEFT JOIN (%(taken)s) taken
                ON taken.debtor_id = state.debtor_id AND taken.item_id = item.id
               AND taken.cycle = CASE WHEN kind.is_soon THEN 0 ELSE state.cycle END
        CROSS JOIN LATERAL (
                SELECT NOT kind.is_soon AND state.is_moved AND state.level_passed > 0
                       AND item.days > state.today - state.level_step_date
                       AS is_true) moved
        CROSS JOIN LATERAL (
                SELECT COALESCE(GREATEST(taken.level, CASE WHEN moved.is_true
                           THEN state.level_passed END), 0) AS level,
                       GREATEST(taken.day, CASE WHEN moved.is_true
                           THEN state.level_step_date END) AS day) passed
         LEFT JOIN LATERAL (
                SELECT id, level, days, channel, template_id FROM o2c_chase_step line
                 WHERE line.plan_id = state.plan_id AND %(fits)s
                   AND CASE WHEN kind.is_soon
                       THEN line.days < 0 AND line.days <= item.days
                            AND entry.date <= state.today - item.days + line.days
                       ELSE line.days >= 0 AND line.level > passed.level END
              ORDER BY CASE WHEN kind.is_soon THEN -level ELSE level END,
                       %(order)s, amount_min DESC, id
                 LIMIT 1) next ON TRUE
         LEFT JOIN LATERAL (
                SELECT id, level, channel, template_id FROM o2c_chase_step line
                 WHERE next.id IS NULL AND NOT kind.is_soon AND passed.level > 0
                   AND line.plan_id = state.plan_id AND line.days >= 0 AND %(fits)s
              ORDER BY level DESC, %(order)s, amount_min DESC, id
                 LIMIT 1) last ON TRUE
             WHERE CASE WHEN kind.is_soon THEN next.level > passed.level
                        ELSE next.id IS NOT NULL OR passed.level > 0 END
            """,
            taken=self._taken_steps_sql(),
            fits=self._line_fits_sql(SQL("item.amount"), SQL("state.segment_id")),
            order=self._line_order_sql(),
        )

    def _taken_steps_sql(self):
        """Per item and cycle, how far its own steps have come."""
        return SQL(
            """
            SELECT debtor_id, item_id, cycle,
                   max(level) FILTER (WHERE state = 'done') AS level,
                   max(date_done) AS day,
                   bool_or(state <> 'done') AS is_pending
              FROM o2c_chase_action
             WHERE item_id IS NOT NULL AND state NOT IN ('skipped', 'cancelled')
          GROUP BY debtor_id, item_id, cycle
            """
        )

    # ------------------------------------------------------------------
    # Reminders before the due date
    # ------------------------------------------------------------------

    def _soon_steps_sql(self, wanted):
        """Further rows of *step*: what is reminded of before it is due."""
        if "soon" not in wanted:
            return SQL("")
        return SQL(
            """
            UNION ALL
            SELECT state.*, FALSE, FALSE, FALSE, soon.step_id, soon.level,
                   soon.channel, soon.template_id, state.today, NULL::date,
                   TRUE, FALSE, soon.fresh_count, soon.amount, soon.item_ids,
                   soon.item_step_ids, soon.item_levels, soon.item_amounts
              FROM state
              JOIN turn soon ON soon.debtor_id = state.debtor_id AND soon.is_soon
            """
        )

    def _soon_obstacle_sql(self):
        """What speaks against a reminder before the due date."""
        return SQL(
            """
            CASE WHEN paused_until >= today THEN 'paused_until'
                 WHEN NOT is_active THEN 'archived'
                 WHEN fresh_count = 0 AND is_shadow THEN 'not_in_pilot'
                 WHEN %(held)s IS NOT NULL THEN %(held)s
                 WHEN fresh_count = 0 THEN 'in_progress'
                 WHEN channel = 'email' AND template_id IS NULL THEN 'no_template'
                 WHEN channel = 'email' AND NOT has_sender THEN 'no_sender' END
            """,
            held=self._held_sql(),
        )

    def _date_soon_sql(self, wanted):
        """The next reminder before the due date of what is due first."""
        if "soon" not in wanted:
            return SQL("NULL::date")
        return SQL(
            """
            (SELECT min(verdict.date_first_due + line.days) FROM o2c_chase_step line
              WHERE line.plan_id = verdict.plan_id AND line.days < 0
                AND verdict.date_first_due + line.days > verdict.today)
            """
        )

    def _one_per_account(self, outcome, wanted):
        """Of a customer's two rows the one that matters today.

        Who is contacted about what is overdue gets no second letter about what is
        due soon: that waits, and is asked for as overdue if it is not paid.
        """
        if "soon" not in wanted:
            return outcome
        return SQL(
            """
            SELECT DISTINCT ON (id) * FROM (%(outcome)s) decision
          ORDER BY id, CASE
                   WHEN NOT is_soon AND (outcome IN ('due', 'shadow')
                        OR reason = ANY(%(standing)s)
                        OR reason IN ('failed', 'unknown')) THEN 1
                   WHEN is_soon AND (outcome IN ('due', 'shadow')
                        OR reason = ANY(%(standing)s)) THEN 2
                   WHEN NOT is_soon THEN 3 ELSE 4 END
            """,
            outcome=outcome,
            standing=["in_progress", *HOLDING],
        )
