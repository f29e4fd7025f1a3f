from datetime import timedelta

from odoo import api, models
from odoo.tools import SQL

from ..tools.transaction import try_in_new_transaction

#: History that is worked out after the installation.
HISTORY_DAYS = 60
HISTORY_MONTHS = 24
#: Daily rows older than this make room; those of month ends stay.
KEPT_DAYS = 800


class O2cKpiSnapshot(models.Model):
    """When figures are taken: each hour, and once for the time before us."""

    _inherit = "o2c.kpi.snapshot"

    @api.model
    def _cron_take(self):
        """Bring today's figures of every company up to date.

        The first run after a company's midnight begins its new day; what the last
        run of a day stored stays.
        """
        progress = self.env["ir.cron"]
        roots = self.env["res.company"]._o2c_roots()
        for done, root in enumerate(roots, start=1):
            what = f"Taking the figures of {root.name}"
            try_in_new_transaction(self.env, _taker(root.id), what)
            if not progress._commit_progress(1, remaining=len(roots) - done):
                return

    @api.model
    def _cron_build_history(self):
        """Work out figures of past days, the latest first, one day at a time.

        Resumable: what is stored already tells where to go on. It waits for the
        customer accounts, and ends for good when nothing is missing.
        """
        progress = self.env["ir.cron"]
        builder = self.env.ref("o2c_base.ir_cron_build_debtors", False)
        if builder and builder.sudo().active:  # sudo: jobs are the system's
            return
        missing = self._missing_days()
        for done, (company_id, day) in enumerate(missing, start=1):
            what = f"Working out the figures of {day}"
            try_in_new_transaction(self.env, _taker(company_id, day), what)
            if not progress._commit_progress(1, remaining=len(missing) - done):
                return
        progress._commit_progress(deactivate=True)

    @api.model
    def _missing_days(self):
        """(company id, day) of the history that is not stored yet, latest first."""
        self.env["o2c.debtor"]._flush_ledger()
        wanted = {
            (root.id, day)
            for root in self.env["res.company"]._o2c_roots()
            for day in self._history_of(root)
        }
        stored = self.env.execute_query(
            SQL("SELECT DISTINCT company_id, date FROM o2c_kpi_snapshot")
        )
        missing = wanted - set(stored)
        return sorted(missing, key=lambda pair: (pair[1], pair[0]), reverse=True)

    def _history_of(self, root):
        """The last days, and month ends before them, since the first entry."""
        today = root._o2c_today()
        first = self._first_entry(root)
        days = {today - timedelta(days=n) for n in range(1, HISTORY_DAYS + 1)}
        end = today
        for _month in range(HISTORY_MONTHS):
            end = end.replace(day=1) - timedelta(days=1)
            days.add(end)
        return {day for day in days if first and day >= first}

    def _first_entry(self, root):
        """Date of a company's first receivable, None if there is none."""
        query = SQL(
            "SELECT min(line.date) FROM account_move_line line WHERE %s",
            self.env["o2c.kpi"]._lines_of(root),
        )
        return self.env.execute_query(query)[0][0]

    @api.autovacuum
    def _gc_old_days(self):
        """Remove old days, but not the last ones of months."""
        self.env.cr.execute(
            SQL(
                """
                DELETE FROM o2c_kpi_snapshot
                 WHERE date < CURRENT_DATE - %s
                   AND date_trunc('month', date) = date_trunc('month', date + 1)
                """,
                KEPT_DAYS,
            )
        )


def _taker(company_id, day=None):
    """What takes the figures of one company and day, in a transaction of its own."""

    def take(env):
        env["o2c.kpi.snapshot"]._take(env["res.company"].browse(company_id), day)

    return take
