from odoo import api, fields, models
from odoo.tools import format_date

from ..domain import worklist


class O2cWorklist(models.Model):
    """Why a customer stands where he stands, in words."""

    _inherit = "o2c.worklist"

    why = fields.Char(
        compute="_compute_why", help="What speaks for acting today, in words."
    )

    @api.depends("status", "waits", "snoozed_until", "days_late", "days_silent")
    @api.depends_context("lang")
    def _compute_why(self):
        for row in self:
            parts = [
                row._waits_text(),
                row._rest_text(),
                row._late_text(),
                row._trend_text(),
                row._silence_text(),
            ]
            row.why = "; ".join(part for part in parts if part)

    def _rest_text(self):
        if self.status == "paused":
            day = format_date(self.env, self.paused_until)
            return self.env._("paused until %(date)s", date=day)
        if self._is_snoozed():
            day = format_date(self.env, self.snoozed_until)
            return self.env._("snoozed until %(date)s", date=day)
        if self.status == "later":
            day = format_date(self.env, self.date_next)
            return self.env._("agreed for %(date)s", date=day)
        return ""

    def _is_snoozed(self):
        """Off the list until a day, or on it for what failed meanwhile."""
        # sudo: a user of a branch may not read its root company
        today = self.company_id.sudo()._o2c_today()
        return bool(self.snoozed_until and self.snoozed_until > today)

    def _waits_text(self):
        return {
            "decide": self.env._("a step needs your decision"),
            "review": self.env._("a message waits for review"),
            "call": self.env._("a call is due"),
            "task": self.env._("a task is due"),
        }.get(self.waits, "")

    def _late_text(self):
        if not self.days_late:
            return ""
        late = self.env._("%(days)s days late", days=self.days_late)
        if not self.has_paid:
            return self.env._("%(late)s, no payment in a year", late=late)
        if self.days_usual <= 0:
            return self.env._("%(late)s, usually on time", late=late)
        return self.env._(
            "%(late)s, usually %(usual)s", late=late, usual=round(self.days_usual)
        )

    def _is_worse(self):
        return self.days_trend > worklist.TREND_DAYS

    def _trend_text(self):
        if not self._is_worse():
            return ""
        return self.env._("pays later than before")

    def _silence_text(self):
        if not self.contact_date:
            return self.env._("never contacted")
        if not self.days_silent:
            return self.env._("in touch today")
        if self.days_silent == 1:
            return self.env._("in touch yesterday")
        return self.env._("no contact for %(days)s days", days=self.days_silent)
