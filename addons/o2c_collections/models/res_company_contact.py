from datetime import datetime, time, timedelta
from functools import cache

import pytz

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..domain.contact_time import first_day, first_moment, zone_name
from ..domain.pause import is_weekday, working_day_after


class ResCompany(models.Model):
    """How often, when and at what cost a company contacts its customers.

    Settings of the root company, whose customers they are. All of it is off until
    somebody sets it.
    """

    _inherit = "res.company"

    o2c_contact_cap = fields.Integer(
        "Contacts at most",
        help="A customer is contacted so many times at most in the days that follow, "
        "over all plans and channels. 0: as often as his plan says.",
    )
    o2c_contact_cap_days = fields.Integer(
        "in days", default=7, help="The days in which contacts are counted."
    )
    o2c_quiet_from = fields.Float(
        "Quiet from",
        default=20.0,
        help="No text message leaves from this hour on, by the customer's clock.",
    )
    o2c_quiet_to = fields.Float(
        "Quiet until",
        default=7.0,
        help="Until this hour. The same hour twice: no quiet hours.",
    )
    o2c_quiet_email = fields.Boolean(
        "Quiet for e-mails too",
        help="E-mails keep the quiet hours as well, not only text messages.",
    )
    o2c_working_days_only = fields.Boolean(
        "Working days only",
        help="Customers are contacted on the working days of the company's calendar, "
        "and not on its holidays.",
    )
    o2c_falls_to_sms = fields.Boolean(
        "Text instead of e-mail",
        help="A customer without a usable e-mail address gets a text message. It needs "
        "credit for text messages, or an account with a provider.",
    )
    o2c_falls_to_letter = fields.Boolean(
        "Letter instead of e-mail",
        default=True,
        help="A customer without a usable e-mail address gets a letter, which waits in "
        "the list of letters until somebody prints it. Else he is called.",
    )
    o2c_attachment_limit = fields.Float(
        "Attachments up to (MB)",
        default=10.0,
        help="Larger e-mails carry the statement in place of the invoices, or nothing.",
    )
    o2c_cost_email = fields.Monetary("Cost of an e-mail")
    o2c_cost_sms = fields.Monetary("Cost of a text message")
    o2c_cost_letter = fields.Monetary(
        "Cost of a letter", help="Paper, postage and the time it takes."
    )
    o2c_cost_call = fields.Monetary(
        "Cost of a call", help="The time a call takes, with its preparation."
    )

    _o2c_cap_range = models.Constraint(
        "CHECK(COALESCE(o2c_contact_cap, 0) >= 0"
        " AND COALESCE(o2c_contact_cap_days, 7) BETWEEN 1 AND 90)",
        "Contacts are counted in 1 to 90 days, and their number cannot be negative.",
    )
    _o2c_quiet_range = models.Constraint(
        "CHECK(COALESCE(o2c_quiet_from, 0) BETWEEN 0 AND 24"
        " AND COALESCE(o2c_quiet_to, 0) BETWEEN 0 AND 24)",
        "Quiet hours are hours of the day: 0 to 24.",
    )
    _o2c_costs_positive = models.Constraint(
        "CHECK(COALESCE(LEAST(o2c_cost_email, o2c_cost_sms, o2c_cost_letter,"
        " o2c_cost_call, o2c_attachment_limit), 0) >= 0)",
        "Costs and limits cannot be negative.",
    )

    @api.constrains("o2c_quiet_from", "o2c_quiet_to")
    def _check_o2c_quiet(self):
        for company in self:
            length = (company.o2c_quiet_to - company.o2c_quiet_from) % 24
            whole_day = abs(company.o2c_quiet_to - company.o2c_quiet_from) == 24
            if length > 20 or whole_day:
                raise ValidationError(
                    self.env._(
                        "Leave at least four hours of the day that are not quiet."
                    )
                )

    # ------------------------------------------------------------------
    # Working days
    # ------------------------------------------------------------------

    def _o2c_next_working_day(self, day):
        """The first working day from a day on; that day where each one is."""
        is_working = self._o2c_is_working()
        return first_day(day, is_working) if is_working else day

    def _o2c_is_working(self):
        """A function that says whether customers are contacted on a date.

        :return: None where they are on each one
        """
        # sudo: a setting of the root company, not shown
        root_sudo = self._o2c_root().sudo()
        return root_sudo._o2c_open_days() if root_sudo.o2c_working_days_only else None

    def _o2c_open_days(self):
        """A function that says whether a date is a working day; None: nobody says."""
        # sudo: the calendar of the root company, not shown
        root_sudo = self._o2c_root().sudo()
        calendar_sudo = root_sudo.resource_calendar_id
        if not calendar_sudo or calendar_sudo.flexible_hours:
            return None
        return cache(root_sudo._o2c_is_open)

    def _o2c_working_day_after(self, day, count):
        """The day on which so many working days of the company have passed."""
        return working_day_after(day, count, self._o2c_open_days() or is_weekday)

    def _o2c_is_open(self, day):
        """Whether anybody works on a day by the company's calendar and its holidays."""
        calendar = self.resource_calendar_id
        zone = pytz.timezone(calendar.tz or "UTC")
        begin = zone.localize(datetime.combine(day, time.min))
        end = zone.localize(datetime.combine(day + timedelta(days=1), time.min))
        holidays = [
            ("time_type", "=", "leave"),
            ("company_id", "in", [False, self.id]),
        ]
        hours = calendar._work_intervals_batch(begin, end, domain=holidays)
        return bool(list(hours[False]))

    # ------------------------------------------------------------------
    # Quiet hours
    # ------------------------------------------------------------------

    def _o2c_contact_moment(self, partner, channel, day=None, later=timedelta()):
        """When a message may leave: now, or the first moment that is allowed.

        :param partner: the contact whose clock counts
        :param str channel: ``email`` or ``sms``
        :param day: not before this date of the company's, if any
        :param later: asked so long before that moment
        :return: naive UTC datetime, not in the past
        """
        root_sudo = self._o2c_root().sudo()  # sudo: settings, not shown
        now = pytz.utc.localize(fields.Datetime.now() + later)
        if day:
            zone = self._o2c_zone()
            begin = zone.localize(datetime.combine(day, time.min))
            now = max(now, begin.astimezone(pytz.utc))
        is_loud = channel == "sms" or root_sudo.o2c_quiet_email
        quiet = (root_sudo.o2c_quiet_from, root_sudo.o2c_quiet_to)
        if not is_loud and not root_sudo.o2c_working_days_only:
            return now.replace(tzinfo=None)
        moment = first_moment(
            now,
            self._o2c_zone_of(partner),
            quiet if is_loud else (0.0, 0.0),
            self._o2c_is_working(),
        )
        return moment.replace(tzinfo=None)

    def _o2c_zone_of(self, partner):
        """The clock a contact lives by."""
        partner_sudo = partner.sudo()  # sudo: may be another branch's contact
        country = partner_sudo.country_id or (
            partner_sudo.commercial_partner_id.country_id
        )
        zones = pytz.country_timezones.get(country.code or "", [])
        return pytz.timezone(
            zone_name(partner_sudo.tz, zones, self.sudo().partner_id.tz)
        )

    def _o2c_why_later(self, partner):
        """Why a contact waits that would be right now: the day, or the hour."""
        now = pytz.utc.localize(fields.Datetime.now())
        day = now.astimezone(self._o2c_zone_of(partner)).date()
        is_working = self._o2c_is_working()
        return "no_working_day" if is_working and not is_working(day) else "quiet_hours"
