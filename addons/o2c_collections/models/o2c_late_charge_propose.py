import logging
from datetime import timedelta

from psycopg2.errors import UniqueViolation

from odoo import Command, api, models
from odoo.exceptions import AccessError, ConcurrencyError, UserError
from odoo.tools import format_date, groupby

from odoo.addons.o2c_base.tools.transaction import (
    in_new_transaction,
    try_in_new_transaction,
    wait_lock,
)

from ..domain.reference_rate import MissingRate

_logger = logging.getLogger(__name__)

LOCK = "o2c.late.charge"
#: From this day of the month on the month before is proposed: its money is in by then.
PROPOSE_DAY = 5
DEBTORS_PER_BATCH = 100
#: Up to so many customers the button works by itself, for more the job does.
DEBTORS_AT_ONCE = 500


class O2cLateCharge(models.Model):
    """Proposing: when, for whom, and what becomes of earlier proposals."""

    _inherit = "o2c.late.charge"

    # ------------------------------------------------------------------
    # The job, the button
    # ------------------------------------------------------------------

    @api.model
    def _cron_propose(self):
        """Propose what last month is worth, from the fifth of a month on; resumable."""
        for root in self.env["res.company"]._o2c_roots().filtered("o2c_late_charges"):
            until = self._last_month_end(root)
            done = root.o2c_late_proposed_until
            is_asked = root.o2c_late_position
            is_time = root._o2c_today().day >= PROPOSE_DAY and (
                not done or done < until
            )
            if (is_time or is_asked) and not self._propose_in_batches(root, until):
                return

    @api.model
    def _propose_in_batches(self, root, until):
        """A transaction per batch; whose figures fail is named and left out.

        :return: whether there is time for more
        """
        ids = in_new_transaction(
            self.env, lambda env: _charges(env)._due_debtors(_root(env, root), until)
        )
        ids = [one for one in ids if one >= root.o2c_late_position]
        commit = self.env["ir.cron"]._commit_progress
        commit(remaining=len(ids))
        for start in range(0, len(ids), DEBTORS_PER_BATCH):
            batch = ids[start : start + DEBTORS_PER_BATCH]
            self._propose_batch(root, until, batch)
            root.o2c_late_position = batch[-1]
            if not commit(len(batch)):
                return False
        root.write({"o2c_late_proposed_until": until, "o2c_late_position": 0})
        return bool(commit(0)) or not self.env.context.get("cron_id")

    @api.model
    def _propose_batch(self, root, until, ids):
        def propose(env, some):
            debtors = env["o2c.debtor"].sudo().browse(some)
            return _charges(env)._propose(_root(env, root), until, debtors)

        try:
            in_new_transaction(self.env, lambda env: propose(env, ids))
        except Exception:
            _logger.info("Late charges one by one", exc_info=True)
            for one in ids:
                try_in_new_transaction(
                    self.env,
                    lambda env, one=one: propose(env, [one]),
                    f"Late charges of customer account {one}",
                )

    def action_propose(self):
        """Propose up to the end of last month: the button on the list."""
        self._check_may_propose()
        root_sudo = self.env.company._o2c_root()
        if not root_sudo.o2c_late_charges:
            raise UserError(
                self.env._(
                    "Late charges are off for %s: a manager switches them on in the "
                    "settings of Receivables.",
                    root_sudo.name,
                )
            )
        until = self._last_month_end(root_sudo)
        # sudo: proposals are the engine's, for all customers
        charges_sudo = self.sudo()
        ids = charges_sudo._due_debtors(root_sudo, until)
        if len(ids) > DEBTORS_AT_ONCE:
            root_sudo.o2c_late_position = 1
            # sudo: the job is the engine's
            self.env.ref("o2c_collections.ir_cron_late_charge").sudo()._trigger()
            return self._tell(self.env._("They are proposed in the background."))
        debtors_sudo = self.env["o2c.debtor"].sudo().browse(ids)
        found, missing = charges_sudo._propose(root_sudo, until, debtors_sudo)
        day = format_date(self.env, until)
        words = self.env._(
            "%(count)s late charges are proposed up to %(day)s.",
            count=len(found),
            day=day,
        )
        if missing:
            names = self.env["o2c.reference.rate"]._missing_words(sorted(missing))
            words += " " + self.env._("Rates are missing: %s.", names)
        return self._tell(words, "warning" if missing else "success")

    @api.model
    def _check_may_propose(self):
        if not (self.env.su or self.env.user.has_group("o2c_base.group_collector")):
            raise AccessError(self.env._("Only collectors propose late charges."))
        root = self.env.company._o2c_root()
        if not self.env.su and root not in self.env.user.company_ids:
            raise AccessError(
                self.env._(
                    "Late charges are proposed for all of %s: ask somebody who works "
                    "for it.",
                    root.name,
                )
            )

    @api.model
    def _last_month_end(self, root):
        return root._o2c_today().replace(day=1) - timedelta(days=1)

    # ------------------------------------------------------------------
    # Proposing
    # ------------------------------------------------------------------

    @api.model
    def _propose(self, root, until, debtors, item_ids=None):
        """Propose what these customers owe for lateness up to a day.

        What was proposed and not decided is worked out anew.

        :param item_ids: ids of the items to look at; None: all
        :return: (the proposals, what is missing as a set of (series, half-year))
        """
        if not debtors:
            return self.browse(), set()
        wait_lock(self.env.cr, LOCK, root.id)
        rows = self._facts(root, until, debtors)
        if item_ids is not None:
            rows = [row for row in rows if row["id"] in item_ids]
        known = self._known(rows)
        run = self._new_run(root, until)
        fixed_moves = {c.move_id.id for c in known if c.amount_fixed > 0}
        by_item = known.grouped(lambda charge: charge.item_id.id)
        values = [(one, None) for one in self._left_over(debtors, rows, item_ids)]
        missing = set()
        for row in rows:
            own = by_item.get(row["id"], self.browse())
            proposed = own.filtered(lambda charge: charge.state == "proposed")
            carries = row["move_id"] not in fixed_moves or any(
                charge.amount_fixed > 0 for charge in own
            )
            try:
                bill = self._reckon(run, row, own, carries)
            except MissingRate as error:
                missing.add((error.series, error.start))
                bill = None
            if bill and bill["amount_fixed"] > 0:
                fixed_moves.add(row["move_id"])
            values.append((proposed, bill))
        return self._keep(values), missing

    @api.model
    def _left_over(self, debtors, rows, item_ids):
        """Proposals of these customers for items that may not be charged any more."""
        found = {row["id"] for row in rows}
        proposed = self.search(
            [("debtor_id", "in", debtors.ids), ("state", "=", "proposed")]
        )
        return proposed.filtered(
            lambda c: (
                c.item_id.id not in found
                and (item_ids is None or c.item_id.id in item_ids)
            )
        )

    @api.model
    def _known(self, rows):
        """The charges of these items' invoices that count."""
        moves = list({row["move_id"] for row in rows})
        return self.search(
            [("move_id", "in", moves), ("state", "!=", "cancelled")], order="date_from"
        )

    @api.model
    def _keep(self, values):
        """Write proposals: new ones, changed ones, and those that do not hold any more.

        :param values: (the proposal there is or none, its new values or None) each
        """
        kept = self.browse()
        for proposed, bill in values:
            if proposed and bill:
                proposed.write(
                    {**bill, "line_ids": [Command.clear(), *bill["line_ids"]]}
                )
                kept |= proposed
            elif proposed:
                proposed._decide(
                    "cancelled", reason=self.env._("It does not hold any more.")
                )
        new = [bill for proposed, bill in values if bill and not proposed]
        try:
            with self.env.cr.savepoint():
                return kept | self.create(new)
        except UniqueViolation as error:
            # Another one proposed them after our snapshot: look again.
            raise ConcurrencyError(str(error)) from error

    def _refresh(self):
        """Work proposals out anew, each up to its own day.

        :return: those that have changed; what is not owed any more is cancelled
        """
        changed = self.browse()
        for (debtor, until), charges in groupby(
            self, lambda charge: (charge.debtor_id, charge.date_to)
        ):
            mine = self.browse().concat(*charges)
            before = {charge: charge._figures() for charge in mine}
            items = set(mine.item_id.ids)
            self._propose(debtor.company_id, until, debtor, items)
            changed |= mine.filtered(
                lambda c, before=before: (
                    c.state != "proposed" or c._figures() != before[c]
                )
            )
        return changed

    def _figures(self):
        return (
            self.date_from,
            self.date_to,
            self.amount_interest,
            self.amount_correction,
            self.amount_fixed,
        )


def _charges(env):
    return env["o2c.late.charge"].sudo()


def _root(env, root):
    return env["res.company"].sudo().browse(root.id)
