from odoo import api, fields, models

#: Changes on a journal item that concern what a customer owes, or since when.
#: Amounts of posted items change when bank entries are edited.
MARKING_FIELDS = {
    "account_id",
    "amount_currency",
    "balance",
    "company_id",
    "credit",
    "date_maturity",
    "debit",
    "no_followup",
    "o2c_clean_up",
    "partner_id",
}
#: Changes after which the former customer wants refreshing too.
MOVING_FIELDS = {"account_id", "partner_id"}


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    o2c_clean_up = fields.Selection(
        [("included", "Included"), ("left_out", "Left out")],
        string="Clean-up decision",
        readonly=True,
        copy=False,
        help="What was decided in the clean-up list about an item that was already "
        "old, or an opening entry, when receivables management began.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        """EXTENDS account: core adds items to posted bank entries when matching."""
        lines = super().create(vals_list)
        lines._o2c_mark_posted()
        return lines

    def write(self, vals):
        """EXTENDS account: mark the customer, and the former one if it changes."""
        changed = MARKING_FIELDS & vals.keys()
        if changed & MOVING_FIELDS:
            self._o2c_mark_posted()
        result = super().write(vals)
        if changed:
            self._o2c_mark_posted()
        return result

    def unlink(self):
        """EXTENDS account: core removes items from posted bank entries too."""
        self._o2c_mark_posted()
        return super().unlink()

    def _o2c_mark_posted(self):
        """Mark the customers of posted items; drafts cost nothing."""
        posted = self.filtered(lambda line: line.parent_state == "posted")
        self.env["o2c.debtor.mark"]._mark_lines(posted)

    def _o2c_decide_clean_up(self, include):
        """Include items in the chase, or leave them out for good.

        :param include: True also lifts Odoo's own follow-up exclusion
        """
        self.write(
            {
                "o2c_clean_up": "included" if include else "left_out",
                "no_followup": not include,
            }
        )
