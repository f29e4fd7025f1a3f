import logging
from datetime import date, timedelta

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.fields import Domain

from odoo.addons.o2c_base.tools.transaction import RETRIABLE, try_in_new_transaction

_logger = logging.getLogger(__name__)

#: Limits that begin, end or are to be renewed in one transaction.
LIMITS_PER_BATCH = 500


class O2cCreditLimit(models.Model):
    """What the day does to limits: they begin, end, and ask to be renewed."""

    _inherit = "o2c.credit.limit"

    begin_failed_on = fields.Date(
        "Could not begin on",
        readonly=True,
        copy=False,
        help="Last day on which the limit was to begin and could not. It is tried "
        "again every day.",
    )

    @api.model
    def _cron_limits(self):
        """Bring the limits of each company to its local day, batch by batch."""
        progress = self.env["ir.cron"]
        roots = self.env["res.company"]._o2c_roots()
        for root in roots:
            what = f"Turning the day for the limits of {root.name}"
            while done := try_in_new_transaction(self.env, _turn_day(root.id), what):
                if not progress._commit_progress(done):
                    return
            what = f"Storing the limits of {root.name}"
            try_in_new_transaction(self.env, _store_all(root.id), what)

    @api.model
    def _turn_day(self, root):
        """Work one batch off.

        :return: number of limits and covers that were moved
        """
        for step in (self._end_due, self._begin_due, self._open_renewals):
            if done := step(root):
                return done
        return self.env["o2c.credit.cover"]._open_renewals(root)

    @api.model
    def _end_due(self, root):
        """Let limits expire whose last day, or whose cover, is over."""
        today = root._o2c_today()
        over = Domain("date_to", "<", today) | Domain("cover_id.date_to", "<", today)
        limits = self.search(
            Domain("company_id", "=", root.id)
            & Domain("state", "in", ("active", "approved"))
            & over,
            limit=LIMITS_PER_BATCH,
        )
        for limit in limits:
            limit._set_state("expired")
        if limits:
            limits._after_change()
        return len(limits)

    @api.model
    def _begin_due(self, root):
        """Let approved limits begin whose first day has come.

        One that cannot does not stop the others; it is tried again the next day.
        """
        today = root._o2c_today()
        limits = self.search(
            Domain("company_id", "=", root.id)
            & Domain("state", "=", "approved")
            & Domain("date_from", "<=", today)
            & (
                Domain("begin_failed_on", "=", False)
                | Domain("begin_failed_on", "<", today)
            ),
            order="date_from, id",
            limit=LIMITS_PER_BATCH,
        )
        limits._lock_accounts()
        for limit in limits:
            limit._try_begin(today)
        if limits:
            limits._after_change()
        return len(limits)

    def _try_begin(self, today):
        """Let one limit begin; where it cannot, tell somebody once."""
        try:
            with self.env.cr.savepoint():
                self._make_room()
                self._set_state("active")
                self.flush_recordset()
        except RETRIABLE:
            raise
        except Exception:
            _logger.warning("Credit limit %s cannot begin", self.id, exc_info=True)
            self._begin_failed(today)
        else:
            if self.begin_failed_on:
                self._close_activities()

    def _begin_failed(self, today):
        """Give the limit to somebody who can mend it, and leave it until tomorrow."""
        if not self.begin_failed_on:
            policy = self.env["o2c.credit.policy"]._for_debtors(self.debtor_id)
            self._give_to_decider(
                policy[self.debtor_id],
                self.env._("This approved limit could not begin"),
                today,
            )
        self.begin_failed_on = today

    # ------------------------------------------------------------------
    # Renewal
    # ------------------------------------------------------------------

    @api.model
    def _open_renewals(self, root):
        """Ask once for the renewal or the review of limits that need it."""
        today = root._o2c_today()
        active = self.search(
            Domain("company_id", "=", root.id)
            & Domain("state", "=", "active")
            & Domain("renewal_opened_on", "=", False)
            & self._renewal_domain(today)
        )
        policies = self.env["o2c.credit.policy"]._for_debtors(active.debtor_id)
        due = active.filtered(
            lambda limit: limit._renewal_day(policies[limit.debtor_id]) <= today
        )[:LIMITS_PER_BATCH]
        for limit in due:
            limit._open_renewal(policies[limit.debtor_id])
        due.write({"renewal_opened_on": today})
        return len(due)

    @api.model
    def _renewal_domain(self, today):
        """Limits that some policy would have renewed or reviewed by a day."""
        policies = self.env["o2c.credit.policy"].search([("active", "=", True)])
        days = max(policies.mapped("renewal_days"), default=0)
        months = min(filter(None, policies.mapped("review_months")), default=1200)
        return Domain("date_to", "<=", today + timedelta(days=days)) | (
            Domain("date_to", "=", False)
            & Domain("date_from", "<=", today - relativedelta(months=months))
        )

    def _renewal_day(self, policy):
        """The day on which somebody is asked to renew or to review a limit."""
        if self.date_to:
            return self.date_to - timedelta(days=policy.renewal_days)
        if not policy.review_months:
            return date.max
        return self.date_from + relativedelta(months=policy.review_months)

    def _open_renewal(self, policy):
        """Give the limit to somebody who can renew it, as an activity."""
        summary = (
            self.env._("Renew this credit limit")
            if self.date_to
            else self.env._("Review this credit limit")
        )
        self._give_to_decider(policy, summary, self.date_to or self._today())

    def _give_to_decider(self, policy, summary, deadline):
        root = self.company_id._o2c_root()
        deciders = policy._approvers(root, self._amount_decided())
        person = deciders & self.decided_by_id or deciders[:1]
        if person:
            self.activity_schedule(
                "o2c_credit_risk.activity_credit_limit",
                date_deadline=deadline,
                summary=summary,
                user_id=person.id,
            )


def _turn_day(root_id):
    def turn(env):
        root = env["res.company"].sudo().browse(root_id)
        return env["o2c.credit.limit"].sudo()._turn_day(root)

    return turn


def _store_all(root_id):
    def store(env):
        root = env["res.company"].sudo().browse(root_id)
        return env["o2c.debtor"].sudo()._store_limits(root)

    return store
