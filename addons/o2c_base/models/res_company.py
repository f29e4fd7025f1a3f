from datetime import timedelta

import pytz

from odoo import fields, models

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

    def _o2c_today(self):
        """The company's local day, the only "today" the suite knows.

        :return: date in the time zone of the company's partner, else UTC
        """
        self.ensure_one()
        # sudo: users may work in a company whose contact they cannot read
        zone = pytz.timezone(self.sudo().partner_id.tz or "UTC")
        return pytz.utc.localize(fields.Datetime.now()).astimezone(zone).date()

    def _o2c_root(self):
        """The company at the top of the branch tree: whose debtors they are."""
        # sudo: a user of a branch may not read its root company
        return self.sudo().root_id

    def _o2c_default_chase_from(self):
        return fields.Date.today() - timedelta(days=CHASE_FROM_DAYS)

    def _o2c_calendar(self):
        """(company id, root id, today, chase from) of every company.

        The open item query joins this, so that each item ages in the local day
        of its own company.
        """
        # sudo: the query covers all companies, record rules narrow the result
        companies = self.env["res.company"].sudo().search([("id", "!=", 0)])
        return [
            (c.id, c.root_id.id, c._o2c_today(), c.root_id.o2c_chase_from)
            for c in companies
        ]
