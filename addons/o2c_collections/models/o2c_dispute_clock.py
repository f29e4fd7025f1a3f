from datetime import timedelta

import pytz

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_datetime

from ..domain.dispute import OPEN_STATES, hours_text

#: Without working hours of the company, a day has so many.
HOURS_PER_DAY = 8.0


class O2cDispute(models.Model):
    """Working hours to answer a dispute; they rest while the customer is asked."""

    _inherit = "o2c.dispute"

    date_deadline = fields.Datetime(
        "Answer by",
        readonly=True,
        index=True,
        help="After the company's working hours; it moves by the time in which the "
        "customer was asked.",
    )
    waiting_since = fields.Datetime(readonly=True)
    hours_left = fields.Float(
        readonly=True, help="Working hours left when the clock was stopped."
    )
    hours_waited = fields.Float(
        "Hours waited",
        readonly=True,
        aggregator="avg",
        help="Working hours in which the customer's answer was waited for.",
    )
    is_late = fields.Boolean("Late", compute="_compute_age", search="_search_is_late")
    days_open = fields.Integer(
        "Days open", compute="_compute_age", help="Up to today, or to the decision."
    )
    clock_text = fields.Char("Clock", compute="_compute_clock_text")

    # ------------------------------------------------------------------
    # Computes
    # ------------------------------------------------------------------

    @api.depends("state", "outcome", "date_deadline", "date_closed")
    def _compute_age(self):
        now = fields.Datetime.now()
        for dispute in self:
            end = dispute.date_closed or now
            dispute.days_open = (end - (dispute.date_raised or now)).days
            dispute.is_late = bool(
                dispute.state == "open"
                and not dispute.outcome
                and dispute.date_deadline
                and dispute.date_deadline < now
            )

    def _search_is_late(self, operator, value):
        if operator != "in":
            return NotImplemented
        late = [
            ("state", "=", "open"),
            ("outcome", "=", False),
            ("date_deadline", "<", fields.Datetime.now()),
        ]
        found = self.env["o2c.dispute"]._search(late)
        return [("id", "in" if True in value else "not in", found)]

    @api.depends("state", "hours_left", "hours_waited", "waiting_since")
    @api.depends_context("lang")
    def _compute_clock_text(self):
        for dispute in self:
            dispute.clock_text = dispute._clock_sentence()

    def _clock_sentence(self):
        env = self.env
        if self.state == "waiting":
            return env._(
                "The clock rests since %(since)s, %(hours)s working hours are left.",
                since=format_datetime(env, self.waiting_since, dt_format="short"),
                hours=hours_text(self.hours_left),
            )
        if self.hours_waited:
            return env._(
                "%(hours)s working hours were waited for the customer.",
                hours=hours_text(self.hours_waited),
            )
        return False

    # ------------------------------------------------------------------
    # Working hours
    # ------------------------------------------------------------------

    def _calendar(self):
        """The company's working hours; empty if it has none."""
        # sudo: users may work in a company whose calendar they cannot read
        return self.sudo().company_id.resource_calendar_id

    def _after_hours(self, hours):
        """The moment that many working hours from now."""
        now = fields.Datetime.now()
        calendar = self._calendar()
        moment = calendar and calendar.plan_hours(
            hours, pytz.utc.localize(now), compute_leaves=True
        )
        if not moment:
            return now + timedelta(days=hours / HOURS_PER_DAY)
        return moment.astimezone(pytz.utc).replace(tzinfo=None)

    def _hours_between(self, start, end):
        if not start or end <= start:
            return 0.0
        calendar = self._calendar()
        if not calendar:
            return (end - start).total_seconds() / 3600 * HOURS_PER_DAY / 24
        return calendar.get_work_hours_count(start, end)

    def _plan_deadline(self):
        """Give the dispute the time that its reason allows, from now."""
        dispute_sudo = self.sudo()  # sudo: the deadline has this keeper
        hours = dispute_sudo.reason_id.deadline_hours
        dispute_sudo.date_deadline = self._after_hours(hours)

    def _deadline_day(self):
        """The deadline as a day of the company."""
        deadline = self.date_deadline or fields.Datetime.now()
        zone = self.company_id.sudo()._o2c_zone()  # sudo: the company's time zone
        return pytz.utc.localize(deadline).astimezone(zone).date()

    # ------------------------------------------------------------------
    # Asking the customer
    # ------------------------------------------------------------------

    def action_wait(self):
        """The customer is asked: the clock rests."""
        self.check_access("write")
        now = fields.Datetime.now()
        for dispute in self:
            if dispute.outcome or dispute.state not in OPEN_STATES:
                raise UserError(self.env._("This dispute is decided already."))
            if dispute.state == "open":
                left = dispute._hours_between(now, dispute.date_deadline)
                # sudo: the state has this gate
                dispute.sudo().write(
                    {"state": "waiting", "waiting_since": now, "hours_left": left}
                )
                dispute._record_event("dispute_waiting")
        return True

    def action_go_on(self):
        """The customer has answered: the clock goes on where it stood."""
        self.check_access("write")
        for dispute in self.filtered(lambda d: d.state == "waiting"):
            dispute._stop_waiting({"state": "open"})
            dispute._record_event("dispute_goes_on")
        return True

    def _stop_waiting(self, values):
        """Leave the state waiting; the deadline moves by the time waited."""
        self.ensure_one()
        if self.state == "waiting":
            waited = self._hours_between(self.waiting_since, fields.Datetime.now())
            values = {
                **values,
                "waiting_since": False,
                "hours_waited": self.hours_waited + waited,
            }
            if self.hours_left > 0:
                values["date_deadline"] = self._after_hours(self.hours_left)
        self.sudo().write(values)  # sudo: the state has this gate
