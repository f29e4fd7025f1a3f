import logging
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ..tools.transaction import in_new_transaction, try_lock

_logger = logging.getLogger(__name__)

#: Files of so many rows are written while the user waits; larger ones by the job.
SMALL_ROWS = 10000

#: More would take a worker of the job longer than Odoo lets it live by default.
FILE_ROWS_MAX = 200_000

#: How often a file is begun; what killed its worker three times would do it again.
TRIES_MAX = 3

#: Days a file can be downloaded.
KEPT_DAYS = 7

#: What of the user's context says which rows he sees, and how.
CONTEXT_KEYS = (
    "allowed_company_ids",
    "lang",
    "o2c_as_of",
    "o2c_in_currency",
    "tz",
)

LOCK = "o2c.export"


class O2cExport(models.Model):
    """An Excel file that a user asked for, and how far it is.

    The rows are read as that user, so his rights and companies decide what is in
    it, and only he can download it.
    """

    _name = "o2c.export"
    _description = "Excel file"
    _order = "id DESC"

    name = fields.Char(readonly=True)
    user_id = fields.Many2one(
        "res.users", readonly=True, required=True, index=True, ondelete="cascade"
    )
    state = fields.Selection(
        [
            ("waiting", "Waiting"),
            ("running", "Being written"),
            ("done", "Ready"),
            ("failed", "Failed"),
        ],
        default="waiting",
        required=True,
        readonly=True,
    )
    model_name = fields.Char(readonly=True, required=True)
    query = fields.Json(readonly=True, help="Domain, order and context of the rows.")
    row_count = fields.Integer("Rows", readonly=True)
    done_count = fields.Integer("Rows written", readonly=True)
    progress = fields.Float("Progress (%)", compute="_compute_progress")
    tries = fields.Integer(readonly=True)
    error = fields.Char(readonly=True)
    attachment_id = fields.Many2one("ir.attachment", "File", readonly=True)

    _state_idx = models.Index("(state) WHERE state IN ('waiting', 'running')")

    @api.depends("state", "row_count", "done_count")
    def _compute_progress(self):
        for export in self:
            if export.state == "done":
                export.progress = 100.0
            else:  # the last percent is for putting the file together
                share = export.done_count / max(1, export.row_count)
                export.progress = min(99.0, 100.0 * share)

    # ------------------------------------------------------------------
    # Asking for a file
    # ------------------------------------------------------------------

    @api.model
    def start(self, model_name, domain, order=None):
        """Ask for an Excel file of some rows.

        :param model_name: a model with rows that can be exported
        :param domain: which rows, as the user sees them
        :param order: in which order, by default the model's
        :return: dict with id, state and, when it is ready, url
        """
        model = self._exportable(model_name)
        row_count = self._count_rows(model, domain, order)
        context = {key: self.env.context.get(key) for key in CONTEXT_KEYS}
        context["allowed_company_ids"] = self.env.companies.ids
        # sudo: users read their files' records, only this method makes them
        export_sudo = self.sudo().create(
            {
                "name": model._export_spec()[0],
                "user_id": self.env.uid,
                "model_name": model_name,
                "query": {"domain": domain, "order": order, "context": context},
                "row_count": row_count,
            }
        )
        if export_sudo.row_count <= SMALL_ROWS:
            export_sudo._set_done(*export_sudo._write_file(self.env))
        else:
            # sudo: waking a job is for its owner
            self.env.ref("o2c_base.ir_cron_export").sudo()._trigger()
        return export_sudo.with_env(self.env)._status()

    @api.model
    def _exportable(self, model_name):
        """The model, if it is one of ours and the user may read it."""
        model = self.env.get(model_name) if isinstance(model_name, str) else None
        if model is None or not hasattr(model, "_export_spec"):
            raise UserError(self.env._("These records cannot be exported."))
        model.check_access("read")
        self.check_access("read")
        return model

    @api.model
    def _count_rows(self, model, domain, order):
        """How many rows there are, before a file is begun.

        :raise UserError: when it is no domain of the model, or no order, or when
            there are more than one file takes
        """
        try:
            if not isinstance(order or "", str):
                raise TypeError(order)
            model._search(domain, order=order or None)  # not run yet
        except (TypeError, ValueError) as error:
            raise UserError(
                self.env._("These rows cannot be searched: %(reason)s", reason=error)
            ) from error
        row_count = model.search_count(domain)
        if row_count > FILE_ROWS_MAX:
            raise UserError(
                self.env._(
                    "These are %(count)s rows, and a file takes %(max)s. Filter the "
                    "list, by collector or segment for example, and export it in "
                    "parts.",
                    count=row_count,
                    max=FILE_ROWS_MAX,
                )
            )
        return row_count

    @api.readonly
    def status(self):
        """How far a file is.

        :return: dict with id, state, progress, error and, when it is ready, url
        """
        self.check_access("read")
        return self._status()

    def _status(self):
        self.ensure_one()
        # sudo: who may read the record may download its file
        file_sudo = self.sudo().attachment_id
        return {
            "id": self.id,
            "name": self.name,
            "state": self.state,
            "rows": self.row_count,
            "progress": self.progress,
            "error": self.error or "",
            "url": f"/web/content/{file_sudo.id}?download=true" if file_sudo else "",
        }

    def action_download(self):
        """Download a file from the list."""
        self.check_access("read")
        status = self._status()
        if not status["url"]:
            raise UserError(self.env._("This file is not ready."))
        return {
            "type": "ir.actions.act_url",
            "url": status["url"],
            "target": "download",
        }

    # ------------------------------------------------------------------
    # The job
    # ------------------------------------------------------------------

    @api.model
    def _cron_run(self):
        """Write the files that wait; one whose worker died is begun again."""
        progress = self.env["ir.cron"]
        waiting = self.search(self._waiting_domain(), order="id")
        progress._commit_progress(remaining=len(waiting))
        for export in waiting:
            self._run(export.id)
            if not progress._commit_progress(1):
                return

    @api.model
    def _waiting_domain(self):
        return [("state", "in", ("waiting", "running"))]

    @api.model
    def _run(self, export_id):
        """Write one file in a transaction of its own, which only reads.

        Its advisory lock says that a worker is at it; state and progress are
        written beside it, so they show at once and outlive it.
        """
        with self.env.registry.cursor() as cr:
            if not try_lock(cr, LOCK, export_id):
                return
            if not in_new_transaction(self.env, _on(export_id, "_set_running")):
                return
            export = self.with_env(self.env(cr=cr)).browse(export_id)
            try:
                name, content = export._write_file(export._reader_env(), progress=True)
            except Exception as error:  # noqa: BLE001 the user must hear of any
                cr.rollback()
                level = logging.INFO if isinstance(error, UserError) else logging.ERROR
                _logger.log(level, "File %s failed: %s", export_id, error)
                text = str(error) if isinstance(error, UserError) else ""
                in_new_transaction(self.env, _on(export_id, "_set_failed", text))
                return
            in_new_transaction(self.env, _on(export_id, "_set_done", name, content))

    def _reader_env(self):
        """The environment of who asked: his rights, his companies, his date."""
        if not self.user_id.active:
            raise AccessError(self.env._("The user was archived."))
        return self.env(user=self.user_id.id, su=False, context=self.query["context"])

    # ------------------------------------------------------------------
    # States
    # ------------------------------------------------------------------

    def _set_running(self):
        """Whether the file is ours to begin."""
        if self.state not in ("waiting", "running"):
            return False
        if self.tries >= TRIES_MAX:
            self._set_failed(self.env._("It was begun three times and never finished."))
            return False
        self.write({"state": "running", "tries": self.tries + 1, "done_count": 0})
        return True

    def _set_progress(self, done):
        self.done_count = done

    def _set_failed(self, text):
        text = text or self.env._("The file could not be written.")
        self.write({"state": "failed", "error": text})

    def _set_done(self, name, content):
        file = self.env["ir.attachment"].create(
            {
                "name": name,
                "raw": content,
                "res_model": self._name,
                "res_id": self.id,
                "mimetype": "application/vnd.openxmlformats-officedocument"
                ".spreadsheetml.sheet",
            }
        )
        self.write(
            {
                "state": "done",
                "done_count": self.row_count,
                "attachment_id": file.id,
                "name": name,
            }
        )

    @api.autovacuum
    def _gc_files(self):
        """Remove files that nobody needs any more."""
        limit = fields.Datetime.now() - timedelta(days=KEPT_DAYS)
        self.search([("create_date", "<", limit)], limit=1000).unlink()


def _on(export_id, method, *args):
    """A callback for ``in_new_transaction``: call a method of the record."""
    return lambda env: getattr(
        env["o2c.export"].sudo().browse(export_id).exists(), method
    )(*args)
