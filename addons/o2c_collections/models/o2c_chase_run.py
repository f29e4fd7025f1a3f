import logging

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from odoo.addons.o2c_base.tools.transaction import in_new_transaction

_logger = logging.getLogger(__name__)

#: From this hour on, in the company's local time, the nightly run may begin.
NIGHTLY_HOUR = 5
#: So many customers with a problem are named in a run.
PROBLEMS_MAX = 200


class RunUnderWay(UserError):
    """Somebody else is just deciding for the same company."""


class O2cChaseRun(models.Model):
    """One evaluation of all customers of a company, and what came of it.

    A run decides about everybody in one statement, plans the steps that are due
    under their unique key, and carries them out in batches. It may be cut off
    anywhere and begun again: what is planned stays planned, what is done stays
    done, and nothing is planned twice. Here is when a run begins and ends; what it
    does in between is in :file:`o2c_chase_run_phases.py`.
    """

    _name = "o2c.chase.run"
    _description = "Chase run"
    _order = "date DESC, id DESC"
    _rec_name = "date"

    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, ondelete="cascade"
    )
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
    started_at = fields.Datetime("Started", readonly=True)
    finished_at = fields.Datetime("Finished", readonly=True)
    is_dry = fields.Boolean(
        "Only decided",
        readonly=True,
        help="Chasing was switched off: the run counted, and contacted nobody.",
    )
    is_pilot = fields.Boolean(
        "Pilot",
        readonly=True,
        help="Only customers invited to the pilot were contacted.",
    )
    counts = fields.Json(
        readonly=True, help="Per reason: number of customers and amount to ask for."
    )
    summary = fields.Html(compute="_compute_summary", sanitize=False)
    evaluated_count = fields.Integer("Looked at", readonly=True)
    planned_count = fields.Integer("Planned", readonly=True)
    performed_count = fields.Integer("Carried out", readonly=True)
    progress = fields.Float(compute="_compute_progress", help="Share carried out, %.")
    problems = fields.Text(
        readonly=True, help="Customers who could not be served, by name, and why."
    )
    action_ids = fields.One2many("o2c.chase.action", "run_id", "Steps", readonly=True)

    _once_a_day = models.UniqueIndex(
        "(company_id, date, kind)", "There is one run of a kind per company and day."
    )

    @api.depends("planned_count", "performed_count", "state")
    def _compute_progress(self):
        for run in self:
            if run.state == "done":
                run.progress = 100.0
            elif run.planned_count:
                # Steps left over from an earlier run are carried out along.
                share = run.performed_count / run.planned_count
                run.progress = min(99.0, 100.0 * share)
            else:
                run.progress = 0.0

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
        """Carry out runs asked for by hand, then the nightly ones that are due.

        What goes wrong with one company is noted in its run and stops no other.
        """
        for company, kind in self._runs_due():
            run = self._execute_safely(company, kind)
            if run and self._is_cut_off(run.id):
                return  # out of time: the job is called again and goes on here
        if self.env.context.get("ir_cron_progress_id"):
            self.env["ir.cron"]._commit_progress(remaining=0)

    @api.model
    def _is_cut_off(self, run_id):
        """Whether a run has steps left, asked where a run made meanwhile is seen."""
        return in_new_transaction(
            self.env, lambda env: _runs(env).browse(run_id).state == "running"
        )

    @api.model
    def _runs_due(self):
        """(company, kind) of each run to carry out now, each once."""
        open_runs = self.search([("state", "in", ("requested", "running"))], order="id")
        due = {(run.company_id, run.kind): True for run in open_runs}
        for company in self.env["res.company"].search([("parent_id", "=", False)]):
            if self._nightly_is_due(company):
                due[company, "nightly"] = True
        return list(due)

    @api.model
    def _nightly_is_due(self, company):
        now = fields.Datetime.context_timestamp(
            self.with_context(tz=company._o2c_zone().zone), fields.Datetime.now()
        )
        domain = [
            ("company_id", "=", company.id),
            ("date", "=", company._o2c_today()),
            ("kind", "=", "nightly"),
            ("state", "=", "done"),
        ]
        return now.hour >= NIGHTLY_HOUR and not self.search_count(domain, limit=1)

    @api.model
    def _execute_safely(self, company, kind):
        """Carry a run out; an error is kept in the run instead of raised.

        :return: the run; empty if it is under way elsewhere or could not begin
        """
        try:
            return self._execute(company, kind)
        except RunUnderWay as error:
            _logger.info("%s", error)
            return self.browse()
        except Exception as error:
            _logger.exception("Chase run of %s failed", company.name)
            root_id, words = company._o2c_root().id, str(error)
            run_id = in_new_transaction(
                self.env, lambda env: _runs(env)._note_failure(root_id, kind, words)
            )
            return self.browse(run_id)

    # ------------------------------------------------------------------
    # One run
    # ------------------------------------------------------------------

    @api.model
    def _execute(self, company, kind="manual"):
        """Refresh, evaluate, plan and perform for one root company.

        :param company: any company, its root counts
        :param kind: ``nightly`` or ``manual``
        :return: the run; still ``running`` if the job's time was up
        :raise RunUnderWay: when another worker is just deciding for this company
        """
        root = company._o2c_root()
        run_id = self._cut_off_today(root, kind).id
        if not run_id:
            self.env["o2c.debtor"]._refresh_now()
            run_id = in_new_transaction(
                self.env, lambda env: _runs(env)._evaluate_and_plan(root.id, kind)
            )
        if self._perform_in_batches(run_id):
            in_new_transaction(
                self.env, lambda env: _runs(env).browse(run_id)._finish()
            )
        self.env.invalidate_all()
        return self.browse(run_id)

    @api.model
    def _cut_off_today(self, root, kind):
        """Today's run that has decided already and only has steps left to do.

        It goes on with them: deciding anew would plan again what has just failed,
        and take as long as the first time on every call of the job.
        """
        return self.search(
            [
                ("company_id", "=", root.id),
                ("date", "=", root._o2c_today()),
                ("kind", "=", kind),
                ("state", "=", "running"),
            ]
        )

    @api.model
    def _perform_in_batches(self, run_id):
        """Carry out what is planned, a transaction a batch.

        :return: whether nothing is left; False when the job's time was up
        """
        is_job = bool(self.env.context.get("ir_cron_progress_id"))
        while True:
            done, left = in_new_transaction(
                self.env, lambda env: _runs(env).browse(run_id)._perform_batch()
            )
            if not done:
                return True
            # One more stands for ending the run, and for the companies after it.
            if is_job and not self.env["ir.cron"]._commit_progress(
                done, remaining=left + 1
            ):
                return False

    @api.model
    def _take(self, root, kind):
        """Today's run of a kind, begun; what was cut off earlier ends with it."""
        run = self._find_or_create(root, kind)
        run.write(
            {
                "state": "running",
                "started_at": fields.Datetime.now(),
                "finished_at": False,
                "problems": False,
            }
        )
        earlier = self.search(
            [
                ("company_id", "=", root.id),
                ("state", "in", ("requested", "running")),
                ("date", "<", run.date),
            ]
        )
        for cut_off in earlier:
            cut_off._add_problems(
                [
                    self.env._(
                        "Cut off; the run of %s went on with what was left.", run.date
                    )
                ]
            )
        earlier.write({"state": "failed", "finished_at": fields.Datetime.now()})
        return run

    @api.model
    def _find_or_create(self, root, kind):
        """The one run of a company, local day and kind.

        Of two who create it at once one starts again on a fresh snapshot, by the
        unique key.
        """
        values = {"company_id": root.id, "date": root._o2c_today(), "kind": kind}
        domain = [(name, "=", value) for name, value in values.items()]
        if found := self.search(domain):
            return found
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO o2c_chase_run (company_id, date, kind, state,
                    create_uid, write_uid, create_date, write_date)
                VALUES (%s, %s, %s, 'requested', %s, %s, %s, %s)
                ON CONFLICT (company_id, date, kind) DO NOTHING
                """,
                *values.values(),
                self.env.uid,
                self.env.uid,
                fields.Datetime.now(),
                fields.Datetime.now(),
            ),
            log_exceptions=False,
        )
        return self.search(domain)

    @api.model
    def _note_failure(self, root_id, kind, words):
        """Keep what made a run impossible; the next job tries again."""
        run = self._find_or_create(self.env["res.company"].browse(root_id), kind)
        run._add_problems([words])
        run.write({"state": "failed", "finished_at": fields.Datetime.now()})
        self.env["o2c.event"]._record("run_failed", run, {"error": words})
        return run.id

    def _add_problems(self, problems):
        self.ensure_one()
        lines = (self.problems or "").splitlines()
        if problems and len(lines) < PROBLEMS_MAX:
            self.problems = "\n".join([*lines, *problems][:PROBLEMS_MAX])

    def _finish(self):
        self.write({"state": "done", "finished_at": fields.Datetime.now()})


def _runs(env):
    return env["o2c.chase.run"].sudo()
