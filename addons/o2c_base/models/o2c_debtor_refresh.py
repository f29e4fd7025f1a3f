from odoo import api, fields, models
from odoo.tools import SQL

from ..tools.transaction import (
    in_new_transaction,
    try_lock,
    wait_lock,
    without_jit,
)
from .o2c_debtor import FACTS
from .o2c_debtor_mark import EVERY_COMPANY

#: Marks, accounts and partners worked off in one transaction.
MARKS_PER_BATCH = 5000
ACCOUNTS_PER_BATCH = 5000
PARTNERS_PER_BATCH = 5000

#: How often an explicit refresh waits for another worker's batch and goes on.
TURNS_MAX = 5

LOCK = "o2c.debtor.refresh"
BUILD_POSITION = "o2c_base.build_position"


class O2cDebtor(models.Model):
    """The keeper of the stored facts: the only code that writes them."""

    _inherit = "o2c.debtor"

    # ------------------------------------------------------------------
    # Jobs
    # ------------------------------------------------------------------

    @api.model
    def _cron_refresh_facts(self):
        """Work marks off, then bring accounts of an earlier local day up to date."""
        progress = self.env["ir.cron"]
        while done := in_new_transaction(self.env, _refresh_batch):
            if not progress._commit_progress(done, remaining=self._waiting_count()):
                return

    @api.model
    def _cron_build(self):
        """Create the accounts of customers who were there before us, in batches.

        Resumable: the position is the last partner looked at.
        """
        progress = self.env["ir.cron"]
        while True:
            position, seen = in_new_transaction(self.env, _build_batch)
            if not seen:
                progress._commit_progress(deactivate=True)
                return
            remaining = self.env["res.partner"].search_count([("id", ">", position)])
            if not progress._commit_progress(seen, remaining=remaining):
                return

    @api.model
    def _refresh_now(self):
        """Bring all stored facts up to date before returning.

        :return: number of accounts refreshed
        """
        total = 0
        for _turn in range(TURNS_MAX):
            while done := in_new_transaction(self.env, _refresh_batch):
                total += done
            if not in_new_transaction(self.env, _wait_for_turn):
                break
        self.env["o2c.debtor"].invalidate_model()
        return total

    # ------------------------------------------------------------------
    # One batch
    # ------------------------------------------------------------------

    @api.model
    def _refresh_batch(self):
        """Refresh one batch, under a lock so that one worker refreshes at a time.

        :return: number of marks and accounts worked off; 0 when nothing is left or
            another worker is at it
        """
        if not try_lock(self.env.cr, LOCK):
            return 0
        marks = self._take_marks()
        if marks:
            debtors = self._debtors_of_marks(marks)
            debtors._refresh_facts()
            debtors._announce()
            return len(marks)
        stale = self._stale_debtors()
        stale._refresh_facts()
        return len(stale)

    def _refresh_facts(self):
        """Compute and store the facts of these accounts, one statement a batch."""
        self._flush_ledger()
        without_jit(self.env.cr)
        columns = SQL(", ").join(
            SQL("%s = facts.%s", SQL.identifier(name), SQL.identifier(name))
            for name in FACTS
        )
        for start in range(0, len(self), ACCOUNTS_PER_BATCH):
            batch = self[start : start + ACCOUNTS_PER_BATCH]
            self.env.cr.execute(
                SQL(
                    "UPDATE o2c_debtor SET %s, facts_at = %s"
                    " FROM (%s) facts WHERE facts.id = o2c_debtor.id",
                    columns,
                    fields.Datetime.now(),
                    batch._facts_sql(),
                )
            )
        self.invalidate_recordset([*FACTS, "facts_at"], flush=False)

    @api.model
    def _take_marks(self):
        """Remove a batch of marks.

        :return: set of (partner id, company id); company 0 stands for all
        """
        rows = self.env.execute_query(
            SQL(
                """
                DELETE FROM o2c_debtor_mark WHERE id IN (
                    SELECT id FROM o2c_debtor_mark ORDER BY id LIMIT %s)
                RETURNING partner_id, company_id
                """,
                MARKS_PER_BATCH,
            )
        )
        return set(rows)

    @api.model
    def _debtors_of_marks(self, marks):
        """Accounts that marks speak of; those with receivables are created."""
        keys = self._keys_of_marks(marks)
        self._ensure_keys(
            {(partner, root) for partner, root, has_items in keys if has_items}
        )
        partner_ids = [partner for partner, _root, _has_items in keys]
        wanted = {(partner, root) for partner, root, _has_items in keys}
        found = self.search([("partner_id", "in", partner_ids)])
        return found.filtered(lambda d: (d.partner_id.id, d.company_id.id) in wanted)

    @api.model
    def _keys_of_marks(self, marks):
        """(commercial partner, root company, has receivables) that marks mean.

        A marked partner counts both as itself and as part of its present
        commercial entity, so that the former owner of its items is refreshed too.
        """
        if not marks:
            return []
        return self.env.execute_query(
            SQL(
                """
                WITH mark(partner_id, company_id) AS (VALUES %(marks)s),
                calendar(company_id, root_id) AS (VALUES %(roots)s),
                marked AS (
                    SELECT DISTINCT mark.partner_id, calendar.root_id
                      FROM mark JOIN calendar
                        ON mark.company_id IN (calendar.company_id, %(every_company)s)),
                entity AS (
                    SELECT marked.partner_id, marked.root_id FROM marked
                 UNION
                    SELECT partner.commercial_partner_id, marked.root_id
                      FROM marked JOIN res_partner partner
                        ON partner.id = marked.partner_id)
                SELECT entity.partner_id, entity.root_id,
                       entity.partner_id = owner.commercial_partner_id AND EXISTS (
                           SELECT FROM res_partner member
                             JOIN account_move_line line ON line.partner_id = member.id
                             JOIN calendar ON calendar.company_id = line.company_id
                            WHERE member.commercial_partner_id = entity.partner_id
                              AND calendar.root_id = entity.root_id
                              AND line.parent_state = 'posted'
                              AND line.account_id IN %(accounts)s)
                  FROM entity JOIN res_partner owner ON owner.id = entity.partner_id
                """,
                marks=SQL(", ").join(SQL("(%s, %s)", *mark) for mark in sorted(marks)),
                roots=SQL(", ").join(
                    SQL("(%s, %s)", company, root)
                    for company, root, *_ in self.env["res.company"]._o2c_calendar()
                ),
                every_company=EVERY_COMPANY,
                accounts=self.env["o2c.open.item"]._trade_accounts(),
            )
        )

    @api.model
    def _stale_debtors(self):
        """A batch of accounts not refreshed since their company's midnight."""
        stale = self.browse()
        for company in self.env["res.company"]._o2c_roots():
            stale |= self.search(
                self._stale_domain(company), limit=ACCOUNTS_PER_BATCH, order="id"
            )
            if len(stale) >= ACCOUNTS_PER_BATCH:
                break
        return stale

    @api.model
    def _stale_domain(self, company):
        return [
            ("company_id", "=", company.id),
            "|",
            ("facts_at", "=", False),
            ("facts_at", "<", company._o2c_midnight()),
        ]

    # ------------------------------------------------------------------
    # What waits
    # ------------------------------------------------------------------

    @api.model
    def _waiting_count(self):
        """How many marks and outdated accounts wait for the refresher."""
        # sudo: nobody reads marks themselves, their number is for everybody
        count = self.env["o2c.debtor.mark"].sudo().search_count([])
        for company in self.env["res.company"]._o2c_roots():
            count += self.sudo().search_count(self._stale_domain(company))
        return count

    @api.model
    @api.readonly
    def changes_waiting(self):
        """How many changes are not yet in the stored figures, for the list."""
        self.check_access("read")
        # sudo: nobody reads marks themselves, their number is for everybody
        return self.env["o2c.debtor.mark"].sudo().search_count([])

    @api.model
    def action_refresh(self):
        """Work off what waits, on a user's click.

        :return: number of changes worked off
        """
        self.check_access("read")
        return self.sudo()._refresh_now()  # sudo: the keeper writes, not the user

    # ------------------------------------------------------------------
    # Building
    # ------------------------------------------------------------------

    @api.model
    def _build_batch(self):
        """Look at the next partners and create the accounts they need.

        :return: (last partner id looked at, number of partners looked at)
        """
        # sudo: the position is the builder's own note
        parameters_sudo = self.env["ir.config_parameter"].sudo()
        position = int(parameters_sudo.get_param(BUILD_POSITION, 0))
        partners = (
            self.env["res.partner"]
            .with_context(active_test=False)
            .search([("id", ">", position)], order="id", limit=PARTNERS_PER_BATCH)
        )
        if not partners:
            return position, 0
        marks = {(partner.id, EVERY_COMPANY) for partner in partners}
        self._debtors_of_marks(marks)
        parameters_sudo.set_param(BUILD_POSITION, partners[-1].id)
        return partners[-1].id, len(partners)


def _refresh_batch(env):
    return env["o2c.debtor"].sudo()._refresh_batch()


def _build_batch(env):
    return env["o2c.debtor"].sudo()._build_batch()


def _wait_for_turn(env):
    """Wait for another worker's batch, then tell how much still waits."""
    wait_lock(env.cr, LOCK)
    return env["o2c.debtor"].sudo()._waiting_count()
