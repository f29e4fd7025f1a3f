from datetime import timedelta

from odoo import models
from odoo.exceptions import AccessError
from odoo.tools import format_date

from ..domain.credit_limit import DECIDED, counts_on, overlaps


class O2cCreditLimit(models.Model):
    """How much credit a decision gives, on any day, and who may decide about that.

    Less credit than before is everybody's to decide who decides on credit at all; a
    decision must give no more than its maker may approve, neither while the limit
    runs nor after it.
    """

    _inherit = "o2c.credit.limit"

    # ------------------------------------------------------------------
    # Who may
    # ------------------------------------------------------------------

    def _check_reach(self):
        """Refuse an amount that is beyond what the user may approve.

        :return: the policy by which he may
        """
        self.ensure_one()
        policy = self.env["o2c.credit.policy"]._demand_for(self.debtor_id)
        if not policy._may_approve(self.env.user, self._amount_decided()):
            raise AccessError(
                self.env._(
                    "This amount is beyond what you may approve by the policy "
                    "“%(policy)s”.",
                    policy=policy.name,
                )
            )
        return policy

    def _check_reach_without(self):
        """Refuse to end a base limit where more than it would be allowed without.

        More than the user may approve, that is: the default limit of the policy, or
        credit without bound.
        """
        if self.kind != "base" or self.state != "active":
            return
        after = self.debtor_id._default_limits()[self.debtor_id]
        policy = self.env["o2c.credit.policy"]._demand_for(self.debtor_id)
        if after > self.amount_company and not policy._may_approve(
            self.env.user, after
        ):
            raise AccessError(
                self.env._(
                    "Without this limit %(customer)s would have more credit than you "
                    "may approve. Decide on a lower limit instead of ending this one.",
                    customer=self.debtor_id.display_name,
                )
            )

    def _check_reach_after(self, policy):
        """Refuse a base limit whose end leaves more credit than its maker may approve.

        More, that is, than there would be on that day without it: the limit that it
        replaces does not come back.
        """
        last = self._last_day()
        if self.kind != "base" or not last:
            return
        before, after = self._amounts_after(last)
        if after > before and not policy._may_approve(self.env.user, after):
            raise AccessError(
                self.env._(
                    "After %(day)s %(customer)s would have more credit than you may "
                    "approve, as the limit that this one replaces does not come back. "
                    "Give it no end, or have it decided by somebody who may.",
                    day=format_date(self.env, last),
                    customer=self.debtor_id.display_name,
                )
            )

    # ------------------------------------------------------------------
    # How much
    # ------------------------------------------------------------------

    def _amount_decided(self):
        """The most a customer may owe by this limit, in company currency.

        A temporary increase counts with what it comes on top of, a base limit with
        the increases that come on top of it.
        """
        self.ensure_one()
        days = _days(self)
        beside = self._decided_beside().filtered(
            lambda other: other.kind != self.kind and overlaps(days, _days(other))
        )
        amounts = beside.mapped("amount_company")
        if self.kind == "temporary" and not any(map(self._lasts_within, beside)):
            default = self.debtor_id._default_limits()[self.debtor_id]
            amounts += [default] if default < float("inf") else []
        return self.amount_company + max(amounts, default=0.0)

    def _amounts_after(self, last):
        """What the customer may owe after a last day: without this limit, and with it.

        Infinity where nothing bounds it.
        """
        day = last + timedelta(days=1)
        default = self.debtor_id._default_limits()[self.debtor_id]
        there = self._decided_beside().filtered(
            lambda other: other.kind == "base" and counts_on(*_days(other), day)
        )
        follows = there.filtered(lambda other: other.state == "approved")
        return tuple(
            max(limits.mapped("amount_company"), default=default)
            for limits in (follows or there, follows)
        )

    def _decided_beside(self):
        """The customer's other limits that are decided for and not over."""
        # sudo: whoever asks need not see what was decided
        return self.sudo().search(
            [
                ("debtor_id", "=", self.debtor_id.id),
                ("state", "in", DECIDED),
                ("id", "not in", self.ids),
            ]
        )

    def _last_day(self):
        """The last day on which it counts: its own or its cover's; None without."""
        days = [day for day in (self.date_to, self.sudo().cover_id.date_to) if day]
        return min(days, default=None)  # sudo: salespeople see no covers

    def _lasts_within(self, other):
        """Whether another limit counts on each day on which this one does."""
        begin, end = _days(other)
        return begin <= self.date_from and (not end or self.date_to <= end)


def _days(limit):
    return limit.date_from, limit._last_day()
