from datetime import datetime, time, timedelta

import pytz

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import SQL, ormcache

from ..domain import ageing

#: Items due longer ago than this at installation wait in the clean-up list.
CHASE_FROM_DAYS = 90


class ResCompany(models.Model):
    _inherit = "res.company"

    o2c_chase_from = fields.Date(
        string="Chase from",
        default=lambda self: self._o2c_default_chase_from(),
        help="Items due before this date are not chased until somebody includes "
        "them in the clean-up list.",
    )
    o2c_checklist = fields.Json(
        "Checklist ticks",
        readonly=True,
        copy=False,
        help="What was ticked by hand or tried on the overview's checklist.",
    )
    o2c_bucket_limits = fields.Char(
        string="Ageing buckets",
        default=ageing.DEFAULT_LIMITS_TEXT,
        help="Last days of the ageing buckets: 30, 60, 90 makes 1-30, 31-60, 61-90 and "
        "91+ days. One to six ascending whole numbers; those of the root company "
        "count.",
    )

    @api.constrains("o2c_bucket_limits")
    def _check_o2c_bucket_limits(self):
        for company in self:
            try:
                ageing.parse_limits(company.o2c_bucket_limits)
            except ValueError as error:
                raise ValidationError(
                    self.env._(
                        "Ageing buckets are one to six ascending whole numbers of "
                        "days, such as 30, 60, 90; “%(text)s” is not.",
                        text=company.o2c_bucket_limits or "",
                    )
                ) from error

    def _o2c_bucket_limits(self):
        """The ageing limits of the root company, such as (30, 60, 90)."""
        return ageing.parse_limits(
            self._o2c_root().o2c_bucket_limits or ageing.DEFAULT_LIMITS_TEXT
        )

    def _o2c_today(self):
        """The company's local day, the only "today" the suite knows.

        :return: date in the time zone of the company's partner, else UTC
        """
        self.ensure_one()
        now = pytz.utc.localize(fields.Datetime.now())
        return now.astimezone(self._o2c_zone()).date()

    def _o2c_zone(self):
        return pytz.timezone(self._o2c_zone_name())

    @ormcache("self.id")
    def _o2c_zone_name(self):
        """Kept, as every posting and order asks for the day.

        ``res.partner`` drops it when a time zone changes.
        """
        # sudo: users may work in a company whose contact they cannot read
        return self.sudo().partner_id.tz or "UTC"

    def cache_invalidation_fields(self):
        """EXTENDS base: the contact decides on the time zone."""
        return super().cache_invalidation_fields() | {"partner_id"}

    def _o2c_root(self):
        """The company at the top of the branch tree: whose debtors they are."""
        # sudo: a user of a branch may not read its root company
        company_sudo = self.sudo()
        if len(self) != 1 or not self.id:
            return company_sudo.root_id
        return company_sudo.browse(self._o2c_root_id())

    @ormcache("self.id")
    def _o2c_root_id(self):
        """Kept, as core lets no company move to another parent."""
        # sudo: see _o2c_root
        return self.sudo().root_id.id

    def _o2c_roots(self):
        """Every root company, archived ones too: they may still be owed."""
        # sudo: for jobs and counts that concern all companies
        companies_sudo = self.env["res.company"].sudo().with_context(active_test=False)
        return companies_sudo.search([("parent_id", "=", False)])

    def _o2c_default_chase_from(self):
        today = self._o2c_today() if self else fields.Date.today()
        return today - timedelta(days=CHASE_FROM_DAYS)

    def _o2c_calendar(self):
        """(company id, root id, today, chase from) of every company.

        The open item query joins this, so that each item ages in the local day
        of its own company.
        """
        self.flush_model(["o2c_chase_from", "parent_id"])
        # Not by the ORM: each cursor of a job would read whole companies for it.
        rows = self.env.execute_query(
            SQL(
                """
                SELECT company.id, root.id, root.o2c_chase_from
                  FROM res_company company
                  JOIN res_company root
                    ON root.id = COALESCE(
                       NULLIF(split_part(company.parent_path, '/', 1), '')::int,
                       company.id)
              ORDER BY company.id
                """
            )
        )
        return [
            (company, root, self.browse(company)._o2c_today(), start)
            for company, root, start in rows
        ]

    def _o2c_midnight(self):
        """The instant at which the company's present day began.

        Where the clocks change at midnight, that hour comes twice or not at all;
        the day begins with its first instant.

        :return: naive UTC datetime
        """
        today = self._o2c_today()
        zone = self._o2c_zone()
        wall_clock = datetime.combine(today, time.min)
        instants = sorted(
            zone.localize(wall_clock, is_dst=flag) for flag in (True, False)
        )
        first = next(
            (i for i in instants if zone.normalize(i).date() == today), instants[0]
        )
        return first.astimezone(pytz.utc).replace(tzinfo=None)

    def _o2c_note_checklist(self, code, is_right=True):
        """Keep what a person has ticked, or tried, on the overview's checklist."""
        self.ensure_one()
        others = [other for other in self.o2c_checklist or [] if other != code]
        self.o2c_checklist = [*others, code] if is_right else others
