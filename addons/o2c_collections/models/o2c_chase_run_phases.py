from odoo import api, fields, models
from odoo.tools import SQL

from odoo.addons.o2c_base.tools.transaction import try_lock, with_room

from ..domain.reasons import CUSTOMER_RESTS, NOT_DUE_REASONS, STILL_RIGHT
from .o2c_chase_run import RunUnderWay

#: Customers served in one transaction.
ACTIONS_PER_BATCH = 100
LOCK = "o2c.chase.run"
#: Decisions that make a pending step stale.
OBSTACLES = NOT_DUE_REASONS.keys() - set(STILL_RIGHT)


class O2cChaseRun(models.Model):
    """What a run does: evaluate, plan in the same transaction, perform in batches."""

    _inherit = "o2c.chase.run"

    # ------------------------------------------------------------------
    # Evaluate and plan
    # ------------------------------------------------------------------

    @api.model
    def _evaluate_and_plan(self, root_id, kind):
        """Decide about everybody and plan what is due, each in one statement.

        :return: id of the run
        :raise RunUnderWay: when another worker is just doing so
        """
        root = self.env["res.company"].browse(root_id)
        if not try_lock(self.env.cr, LOCK, root_id):
            raise RunUnderWay(
                self.env._("A run for %s is under way: wait until it ends.", root.name)
            )
        run = self._take(root, kind)
        decisions = self.env["o2c.chase.decision"]
        decisions._flush_query()
        sql = decisions._decision_sql(roots=root)
        with_room(self.env.cr)
        if root.o2c_sending:
            self._write_down(sql)
            statement = run._plan_sql()
        else:
            statement = run._count_sql(sql)
        rows = self.env.execute_query_dict(statement)
        run._note_evaluation(rows, is_dry=not root.o2c_sending)
        self.env.invalidate_all()
        if root.o2c_sending:
            run._settle_stale_steps(rows[0]["first_id"] if rows else None)
        return run.id

    def _count_sql(self, decision):
        return SQL(
            "SELECT reason, outcome, count(*) AS count, sum(amount_due) AS amount,"
            " 0 AS planned FROM (%s) decision GROUP BY reason, outcome",
            decision,
        )

    @api.model
    def _write_down(self, decision):
        """Keep the decision about everybody until the end of the transaction.

        A statement that also inserts is not run in parallel; deciding alone is, and the
        plan then knows how many rows there are (measured with 100,000 customers, two
        cores: 8.2 s instead of 9.6 s for both).
        """
        self.env.cr.execute("DROP TABLE IF EXISTS pg_temp.o2c_decision")
        self.env.cr.execute(
            SQL("CREATE TEMPORARY TABLE o2c_decision ON COMMIT DROP AS %s", decision)
        )

    def _plan_sql(self):
        """Plan what was decided under the unique key, and note how customers stand."""
        return SQL(
            """
            WITH decision AS NOT MATERIALIZED (SELECT * FROM pg_temp.o2c_decision),
            planned AS (
                INSERT INTO o2c_chase_action (
                    debtor_id, step_id, run_id, cycle, level, channel, state, reason,
                    date_due, recipient_email, item_id, amount_due, create_date,
                    write_date)
                SELECT debtor_id, COALESCE(item.step_id, decision.step_id), %(run)s,
                       CASE WHEN is_soon THEN 0 ELSE cycle END,
                       COALESCE(item.level, decision.level), channel, 'planned',
                       reason, today, recipient_email, item.id,
                       COALESCE(item.amount, amount_due),
                       %(now)s::timestamp, %(now)s::timestamp
                  FROM decision
             LEFT JOIN LATERAL unnest(item_ids, item_step_ids, item_levels,
                       item_amounts) AS item(id, step_id, level, amount) ON TRUE
                 WHERE outcome = 'due' ORDER BY debtor_id, item.id
                ON CONFLICT (debtor_id, cycle, level, COALESCE(item_id, 0))
                   WHERE state NOT IN ('skipped', 'cancelled') DO NOTHING
                RETURNING id),
            %(shadow)s
            standing AS (%(standing)s),
            noted AS (%(noted)s)
            SELECT reason, outcome, count(*) AS count, sum(amount_due) AS amount,
                   (SELECT count(*) FROM planned) AS planned,
                   (SELECT min(id) FROM planned) AS first_id
              FROM decision GROUP BY reason, outcome
            """,
            run=self.id,
            now=fields.Datetime.now(),
            shadow=self._shadow_sql() if self.company_id.o2c_pilot else SQL(),
            standing=self._standing_sql(),
            noted=self._noted_sql(),
        )

    def _standing_sql(self):
        """What is to be noted on each account."""
        return SQL(
            """
            SELECT debtor_id, reason, date_next, today,
                   amount_overdue > 0 AND (cycle_date IS NOT NULL
                       OR amount_ours > COALESCE(tolerance, 0)) AS is_open,
                   is_new_cycle, is_restart, cycle, level_passed, cycle_date,
                   GREATEST(level_passed, %s) AS level
              FROM decision
            """,
            self._item_level_sql(),
        )

    def _item_level_sql(self):
        """The highest level that open invoices have passed, where levels are theirs."""
        plans = self.env["o2c.chase.plan"].with_context(active_test=False)
        if not plans.search_count([("basis", "=", "invoice")], limit=1):
            return SQL("0")
        return SQL(
            """
            (SELECT max(action.level)
               FROM o2c_chase_plan plan
               JOIN o2c_chase_action action
                 ON action.debtor_id = decision.debtor_id
                AND action.cycle = decision.cycle AND action.state = 'done'
               JOIN account_move_line item
                 ON item.id = action.item_id AND NOT item.reconciled
              WHERE plan.id = decision.plan_id AND plan.basis = 'invoice'
                AND decision.cycle > 0)
            """
        )

    def _noted_sql(self):
        """Note each customer's standing where it changed."""
        return SQL(
            """
            UPDATE o2c_debtor debtor
               SET cycle = CASE WHEN standing.is_open THEN standing.cycle
                                ELSE debtor.cycle END,
                   level = CASE WHEN standing.is_open THEN standing.level ELSE 0 END,
                   level_own = CASE WHEN standing.is_open
                                    THEN standing.level_passed ELSE 0 END,
                   level_step_id = CASE
                       WHEN standing.is_open AND NOT standing.is_restart
                       THEN debtor.level_step_id END,
                   level_days = CASE
                       WHEN standing.is_open AND NOT standing.is_restart
                       THEN debtor.level_days END,
                   item_days = CASE
                       WHEN standing.is_open AND NOT standing.is_restart
                       THEN debtor.item_days END,
                   cycle_date = CASE WHEN NOT standing.is_open THEN NULL
                                     WHEN standing.is_new_cycle
                                     THEN standing.today
                                     ELSE standing.cycle_date END,
                   chase_reason = standing.reason,
                   chase_reason_since = CASE
                       WHEN debtor.chase_reason = standing.reason
                       THEN debtor.chase_reason_since ELSE standing.today END,
                   next_action_date = standing.date_next
              FROM standing
             WHERE standing.debtor_id = debtor.id
               AND (debtor.chase_reason IS DISTINCT FROM standing.reason
                    OR debtor.next_action_date IS DISTINCT FROM standing.date_next
                    OR standing.is_open <> (debtor.cycle_date IS NOT NULL)
                    OR (standing.is_open AND standing.is_new_cycle)
                    OR (standing.is_open
                        AND (standing.level, standing.level_passed)
                            <> (debtor.level, debtor.level_own)))
            """
        )

    def _shadow_sql(self):
        """List what would have been sent, each level once in a cycle.

        The rows are skipped steps: they hold no key and pass no level, so that who is
        invited later begins at the first one.
        """
        return SQL(
            """
            shadow AS (
            INSERT INTO o2c_chase_action (
                debtor_id, step_id, run_id, cycle, level, channel, state, reason,
                date_due, recipient_email, item_id, amount_due, create_date,
                write_date)
            SELECT debtor_id, COALESCE(item.step_id, decision.step_id), %(run)s,
                   turn.cycle, turn.level, channel, 'skipped', reason, today,
                   recipient_email, item.id, COALESCE(item.amount, amount_due),
                   %(now)s::timestamp, %(now)s::timestamp
              FROM decision
         LEFT JOIN LATERAL unnest(item_ids, item_step_ids, item_levels,
                   item_amounts) AS item(id, step_id, level, amount) ON TRUE
        CROSS JOIN LATERAL (
                SELECT CASE WHEN is_soon THEN 0 ELSE decision.cycle END AS cycle,
                       COALESCE(item.level, decision.level) AS level) turn
             WHERE outcome = 'shadow' AND pending_id IS NULL
               AND NOT EXISTS (
                   SELECT FROM o2c_chase_action told
                    WHERE told.debtor_id = decision.debtor_id
                      AND told.cycle = turn.cycle AND told.level = turn.level
                      AND COALESCE(told.item_id, 0) = COALESCE(item.id, 0)
                      AND told.state = 'skipped' AND told.reason = decision.reason)
          ORDER BY debtor_id, item.id),
            """,
            run=self.id,
            now=fields.Datetime.now(),
        )

    def _note_evaluation(self, rows, is_dry):
        """Keep the counts by reason."""
        counts = {
            row["reason"]: {
                "count": row["count"],
                "amount": float(row["amount"] or 0),
                "outcome": row["outcome"],
            }
            for row in rows
        }
        planned = rows[0]["planned"] if rows else 0
        self.write(
            {
                "counts": counts,
                "is_dry": is_dry,
                "is_pilot": self.company_id.o2c_pilot,
                "evaluated_count": sum(row["count"] for row in rows),
                "planned_count": self.planned_count + planned,
                "problems": not planned and self._company_problem(),
            }
        )
        self.env["o2c.event"]._record(
            "run_evaluated",
            self,
            {"date": str(self.date), "planned": planned, "dry": is_dry}
            | {code: values["count"] for code, values in counts.items()},
        )

    def _company_problem(self):
        """What is wrong with the company itself, if that is why nothing happens."""
        accounts = self.env["account.account"].search_count(
            [
                ("company_ids", "child_of", self.company_id.id),
                ("account_type", "=", "asset_receivable"),
            ],
            limit=1,
        )
        if accounts:
            return False
        return self.env._(
            "%s has no chart of accounts: install one in the accounting settings.",
            self.company_id.name,
        )

    def _settle_stale_steps(self, first_id=None):
        """Drop pending steps for which the facts no longer speak.

        Messages that were handed over check the facts themselves before sending. An
        activity that was archived was done; one that is gone was not.

        :param first_id: the first of the steps that were planned just now, which
            need no second look
        """
        by_reason = {}
        for action_id, reason in self.env.execute_query(self._stale_sql(first_id)):
            by_reason.setdefault(reason, []).append(action_id)
        actions = self.env["o2c.chase.action"]
        actions.browse(by_reason.pop("done", ()))._set_done()
        for reason, ids in by_reason.items():
            actions.browse(ids)._set_skipped(reason)

    def _stale_sql(self, first_id=None):
        return SQL(
            """
            SELECT id, reason FROM (
                SELECT action.id,
                       CASE WHEN action.state = 'queued' AND NOT activity.active
                            THEN 'done'
                            WHEN debtor.chase_reason = ANY(CASE
                                 WHEN action.item_id IS NULL THEN %(obstacles)s
                                 ELSE %(customer_rests)s END)
                            THEN debtor.chase_reason
                            WHEN item.reconciled THEN 'paid'
                            WHEN action.cycle <> debtor.cycle
                                 AND (action.item_id IS NULL OR action.cycle > 0)
                            THEN 'step_changed'
                            WHEN action.state = 'queued' AND activity.id IS NULL
                            THEN 'activity_removed' END AS reason
                  FROM o2c_chase_action action
                  JOIN o2c_debtor debtor ON debtor.id = action.debtor_id
             LEFT JOIN mail_activity activity ON activity.id = action.activity_id
             LEFT JOIN account_move_line item ON item.id = action.item_id
                 WHERE debtor.company_id = %(company)s
                   AND (action.state IN ('planned', 'to_review', 'failed')
                        OR action.state = 'queued'
                            AND action.channel IN ('call', 'todo'))
                   %(before)s
                 ) pending
             WHERE reason IS NOT NULL
          ORDER BY id
            """,
            obstacles=sorted(OBSTACLES),
            customer_rests=list(CUSTOMER_RESTS),
            company=self.company_id.id,
            before=SQL("AND action.id < %s", first_id) if first_id else SQL(),
        )

    # ------------------------------------------------------------------
    # Perform
    # ------------------------------------------------------------------

    def _perform_batch(self):
        """Carry out a batch of planned steps; none once chasing was switched off.

        :return: (number of steps looked at, number of steps left)
        """
        if not self.company_id.o2c_sending:
            return 0, 0
        actions = self.env["o2c.chase.action"]
        domain = self._planned_domain()
        batch = actions.search(domain, order="id", limit=ACTIONS_PER_BATCH)
        batch = batch.try_lock_for_update().filtered_domain(domain)
        if not batch:
            return 0, 0
        self._add_problems(batch._perform())
        self.performed_count += len(batch)
        self.env["o2c.chase.message"]._trigger_sending()
        return len(batch), actions.search_count(domain)

    def _planned_domain(self):
        return [
            ("company_id", "=", self.company_id.id),
            ("state", "=", "planned"),
            ("date_due", "<=", self.company_id._o2c_today()),
        ]
