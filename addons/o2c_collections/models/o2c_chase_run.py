from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL

from odoo.addons.o2c_base.tools.transaction import in_new_transaction, try_lock

from ..domain.reasons import NOT_DUE_REASONS, STILL_RIGHT

#: Customers served in one transaction.
ACTIONS_PER_BATCH = 50
#: From this hour on, in the company's local time, the nightly run may begin.
NIGHTLY_HOUR = 5
LOCK = "o2c.chase.run"
#: Decisions that make a pending step stale.
OBSTACLES = NOT_DUE_REASONS.keys() - set(STILL_RIGHT)


class O2cChaseRun(models.Model):
    """One evaluation of all customers of a company, and what came of it.

    A run decides about everybody in one statement, plans the steps that are due
    under their unique key, and carries them out in batches. It may be cut off
    anywhere and begun again: what is planned stays planned, what is done stays
    done, and nothing is planned twice.
    """

    _name = "o2c.chase.run"
    _description = "Chase run"
    _order = "date DESC, id DESC"
    _rec_name = "date"

    company_id = fields.Many2one("res.company", required=True, readonly=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    date = fields.Date(required=True, readonly=True, help="The company's local day.")
    kind = fields.Selection(
        [("nightly", "Nightly"), ("manual", "By hand")],
        required=True,
        readonly=True,
    )
    state = fields.Selection(
        [
            ("requested", "Requested"),
            ("running", "Running"),
            ("done", "Done"),
            ("failed", "Failed"),
        ],
        required=True,
        readonly=True,
        default="requested",
    )
    started_at = fields.Datetime(readonly=True)
    finished_at = fields.Datetime(readonly=True)
    is_dry = fields.Boolean(
        "Only decided",
        readonly=True,
        help="Chasing was switched off: the run counted, and contacted nobody.",
    )
    counts = fields.Json(
        readonly=True, help="Per reason: number of customers and amount to ask for."
    )
    summary = fields.Html(compute="_compute_summary", sanitize=False)
    evaluated_count = fields.Integer("Customers looked at", readonly=True)
    planned_count = fields.Integer("Steps planned", readonly=True)
    performed_count = fields.Integer("Steps carried out", readonly=True)
    progress = fields.Float(compute="_compute_progress", help="Share carried out, %.")
    problems = fields.Text(
        readonly=True, help="Customers who could not be served, by name, and why."
    )
    action_ids = fields.One2many("o2c.chase.action", "run_id", "Steps", readonly=True)

    _once_a_day = models.UniqueIndex(
        "(company_id, date, kind)", "There is one run of a kind per company and day."
    )

    @api.depends("planned_count", "performed_count")
    def _compute_progress(self):
        for run in self:
            total = run.planned_count
            run.progress = 100.0 * run.performed_count / total if total else 100.0

    @api.depends("counts")
    @api.depends_context("lang")
    def _compute_summary(self):
        labels = dict(
            self.env["o2c.chase.decision"]
            ._fields["reason"]
            ._description_selection(self.env)
        )
        for run in self:
            rows = [
                {"reason": labels.get(code, code), **values}
                for code, values in (run.counts or {}).items()
            ]
            run.summary = self.env["ir.qweb"]._render(
                "o2c_collections.chase_run_summary",
                {"rows": sorted(rows, key=lambda row: -row["count"]), "run": run},
            )

    # ------------------------------------------------------------------
    # Jobs
    # ------------------------------------------------------------------

    @api.model
    def _cron_run(self):
        """Carry out runs asked for by hand, then the nightly ones that are due."""
        asked = self.search([("state", "in", ("requested", "running"))], order="id")
        for run in asked:
            self._execute(run.company_id, run.kind)
        for company in self.env["res.company"].search([("parent_id", "=", False)]):
            if self._nightly_is_due(company):
                self._execute(company, "nightly")

    @api.model
    def _nightly_is_due(self, company):
        local = fields.Datetime.context_timestamp(
            # sudo: the zone of the company's contact
            self.with_context(tz=company.sudo().partner_id.tz or "UTC"),
            fields.Datetime.now(),
        )
        domain = [
            ("company_id", "=", company.id),
            ("date", "=", company._o2c_today()),
            ("kind", "=", "nightly"),
            ("state", "=", "done"),
        ]
        return local.hour >= NIGHTLY_HOUR and not self.search_count(domain, limit=1)

    # ------------------------------------------------------------------
    # One run
    # ------------------------------------------------------------------

    @api.model
    def _execute(self, company, kind="manual"):
        """Refresh, evaluate, plan and perform for one root company.

        :param company: any company, its root counts
        :param kind: ``nightly`` or ``manual``
        :return: the run
        """
        root_id = company._o2c_root().id
        self.env["o2c.debtor"]._refresh_now()
        run_id = in_new_transaction(
            self.env, lambda env: _runs(env)._evaluate_and_plan(root_id, kind)
        )
        run = self.browse(run_id)
        while done := in_new_transaction(
            self.env, lambda env: _runs(env).browse(run_id)._perform_batch()
        ):
            if self.env.context.get("ir_cron_progress_id"):
                left = self._planned_count(root_id)
                if not self.env["ir.cron"]._commit_progress(done, remaining=left):
                    return run  # the job is called again and goes on here
        in_new_transaction(self.env, lambda env: _runs(env).browse(run_id)._finish())
        self.env.invalidate_all()
        return run

    @api.model
    def _evaluate_and_plan(self, root_id, kind):
        """Decide about everybody and plan what is due, in one statement.

        :return: id of the run
        """
        root = self.env["res.company"].browse(root_id)
        if not try_lock(self.env.cr, LOCK, root_id):
            raise UserError(
                self.env._("A run for %s is under way: wait until it ends.", root.name)
            )
        run = self._take(root, kind)
        decisions = self.env["o2c.chase.decision"]
        decisions._flush_query()
        sql = decisions._decision_sql(roots=root)
        statement = run._plan_sql(sql) if root.o2c_sending else run._count_sql(sql)
        rows = self.env.execute_query_dict(statement)
        run._note_evaluation(rows, is_dry=not root.o2c_sending)
        self.env.invalidate_all()
        if root.o2c_sending:
            run._skip_stale_steps()
        return run.id

    @api.model
    def _take(self, root, kind):
        """Today's run of a kind: the one begun, or a new one."""
        values = {"company_id": root.id, "date": root._o2c_today(), "kind": kind}
        run = self.search([(name, "=", value) for name, value in values.items()])
        run = run or self.create(values)
        run.write(
            {
                "state": "running",
                "started_at": fields.Datetime.now(),
                "finished_at": False,
                "problems": False,
            }
        )
        return run

    def _count_sql(self, decision):
        return SQL(
            "SELECT reason, outcome, count(*) AS count, sum(amount_due) AS amount,"
            " 0 AS planned FROM (%s) decision GROUP BY reason, outcome",
            decision,
        )

    def _plan_sql(self, decision):
        """Decide, plan under the unique key, and note each customer's standing."""
        return SQL(
            """
            WITH decision AS MATERIALIZED (%(decision)s),
            planned AS (
                INSERT INTO o2c_chase_action (
                    debtor_id, company_id, plan_id, step_id, run_id, cycle, level,
                    channel, state, reason, date_due, recipient_id, recipient_email,
                    amount_due, create_uid, write_uid, create_date, write_date)
                SELECT debtor_id, company_id, plan_id, step_id, %(run)s, cycle, level,
                       channel, 'planned', reason, today, recipient_id,
                       recipient_email, amount_due, %(uid)s, %(uid)s,
                       %(now)s::timestamp, %(now)s::timestamp
                  FROM decision WHERE outcome = 'due'
                ON CONFLICT (debtor_id, cycle, level, COALESCE(item_id, 0))
                   WHERE state NOT IN ('skipped', 'cancelled') DO NOTHING
                RETURNING id),
            standing AS (
                SELECT debtor_id, reason, date_next, today,
                       amount_overdue > 0 AND (cycle_date IS NOT NULL
                           OR amount_ours > COALESCE(tolerance, 0)) AS is_open,
                       is_new_cycle, cycle, level_passed, cycle_date
                  FROM decision),
            noted AS (
                UPDATE o2c_debtor debtor
                   SET cycle = CASE WHEN standing.is_open THEN standing.cycle
                                    ELSE debtor.cycle END,
                       level = CASE WHEN standing.is_open THEN standing.level_passed
                                    ELSE 0 END,
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
                        OR (standing.is_open AND standing.is_new_cycle)))
            SELECT reason, outcome, count(*) AS count, sum(amount_due) AS amount,
                   (SELECT count(*) FROM planned) AS planned
              FROM decision GROUP BY reason, outcome
            """,
            decision=decision,
            run=self.id,
            uid=self.env.uid,
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
                "evaluated_count": sum(row["count"] for row in rows),
                "planned_count": self.planned_count + planned,
                "problems": self._company_problem(rows),
            }
        )
        self.env["o2c.event"]._record(
            "run_evaluated",
            self,
            {"date": str(self.date), "planned": planned, "dry": is_dry}
            | {code: values["count"] for code, values in counts.items()},
        )

    def _company_problem(self, rows):
        """What is wrong with the company itself, if that is why nothing happens."""
        company = self.company_id
        if not company.chart_template and not rows:
            return self.env._(
                "%s has no chart of accounts: install one in the accounting settings.",
                company.name,
            )
        return False

    def _skip_stale_steps(self):
        """Drop pending steps for which the facts no longer speak.

        Messages that were handed over check the facts themselves before sending.
        """
        stale = self.env["o2c.chase.action"].search(
            [
                ("company_id", "=", self.company_id.id),
                ("debtor_id.chase_reason", "in", list(OBSTACLES)),
                "|",
                ("state", "in", ("planned", "failed")),
                "&",
                ("state", "=", "queued"),
                ("channel", "!=", "email"),
            ]
        )
        for debtor, actions in stale.grouped("debtor_id").items():
            actions._set_skipped(debtor.chase_reason)

    def _perform_batch(self):
        """Carry out a batch of planned steps.

        :return: number of steps looked at
        """
        actions = self.env["o2c.chase.action"]
        domain = self._planned_domain(self.company_id.id)
        batch = actions.search(domain, order="id", limit=ACTIONS_PER_BATCH)
        batch = batch.try_lock_for_update().filtered_domain(domain)
        if not batch:
            return 0
        problems = batch._perform()
        self._note_progress(len(batch), problems)
        self.env.ref("o2c_collections.ir_cron_chase_message_send")._trigger()
        return len(batch)

    @api.model
    def _planned_domain(self, company_id):
        today = self.env["res.company"].browse(company_id)._o2c_today()
        return [
            ("company_id", "=", company_id),
            ("state", "=", "planned"),
            ("date_due", "<=", today),
        ]

    @api.model
    def _planned_count(self, company_id):
        domain = self._planned_domain(company_id)
        return self.env["o2c.chase.action"].search_count(domain)

    def _note_progress(self, count, problems):
        lines = [self.problems] if self.problems else []
        self.write(
            {
                "performed_count": self.performed_count + count,
                "problems": "\n".join(lines + problems) or False,
            }
        )

    def _finish(self):
        self.write({"state": "done", "finished_at": fields.Datetime.now()})

    # ------------------------------------------------------------------
    # Buttons
    # ------------------------------------------------------------------

    @api.model
    def action_preview(self):
        """Show who would be contacted today, and note that somebody looked."""
        self.env["o2c.chase.decision"].check_access("read")
        self.env.company._o2c_root()._o2c_note_preview()
        return self.env["ir.actions.act_window"]._for_xml_id(
            "o2c_collections.o2c_chase_decision_action"
        )

    @api.model
    def action_run_now(self):
        """Ask for a run now; the job carries it out and the form shows progress."""
        self._check_group("o2c_base.group_collector")
        root = self.env.company._o2c_root()
        runs_sudo = self.sudo()  # sudo: runs are written by the engine alone
        values = {
            "company_id": root.id,
            "date": root._o2c_today(),
            "kind": "manual",
        }
        run = runs_sudo.search([(name, "=", value) for name, value in values.items()])
        run = run or runs_sudo.create(values)
        if run.state != "running":
            run.state = "requested"
        # sudo: the job is the engine's
        self.env.ref("o2c_collections.ir_cron_chase_run").sudo()._trigger()
        return run.get_formview_action()

    @api.model
    def action_switch_on(self):
        """Begin to contact customers; the preview must have been seen."""
        self._check_group("o2c_base.group_manager")
        self.env.company._o2c_root()._o2c_set_sending(True)
        return {"type": "ir.actions.client", "tag": "soft_reload"}

    @api.model
    def action_switch_off(self):
        """Contact nobody any more; what is under way is still re-checked."""
        self._check_group("o2c_base.group_manager")
        self.env.company._o2c_root()._o2c_set_sending(False)
        return {"type": "ir.actions.client", "tag": "soft_reload"}

    @api.model
    def _check_group(self, group):
        if not self.env.user.has_group(group):
            raise AccessError(
                self.env._("Your role in Receivables does not allow this.")
            )


def _runs(env):
    return env["o2c.chase.run"].sudo()
