from datetime import timedelta

from odoo import fields, models

from ..domain.reasons import REVIEW_DAYS


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    o2c_review_date = fields.Date(
        "Look again on",
        readonly=True,
        copy=False,
        index="btree_not_null",
        help="When somebody decides anew about an item that is excluded from "
        "follow-up.",
    )

    o2c_review_asked = fields.Boolean(
        "Asked to look again",
        readonly=True,
        copy=False,
        help="Somebody was given a task when the day came.",
    )

    def write(self, vals):
        """EXTENDS account: no item is excluded from follow-up without a review."""
        if "no_followup" in vals and "o2c_review_date" not in vals:
            vals = {**vals, "o2c_review_date": self._o2c_review_day(vals)}
        if "o2c_review_date" in vals:
            vals = {"o2c_review_asked": False, **vals}
        return super().write(vals)

    def _o2c_review_day(self, vals):
        if not vals["no_followup"]:
            return False
        company = self.company_id[:1] or self.env.company
        return company.sudo()._o2c_today() + timedelta(days=REVIEW_DAYS)
