from odoo import fields, models
from odoo.exceptions import AccessError


class O2cOpenItem(models.Model):
    """Items that are excluded from follow-up, and when somebody looks again."""

    _inherit = "o2c.open.item"

    review_date = fields.Date(
        related="move_line_id.o2c_review_date",
        help="When somebody decides anew about an excluded item.",
    )

    def action_follow_up(self):
        """Chase these excluded items from now on."""
        return self._decide_follow_up(exclude=False)

    def action_exclude(self):
        """Leave these items out of the chase, for a review in 90 days."""
        return self._decide_follow_up(exclude=True)

    def _decide_follow_up(self, exclude):
        self.check_access("read")
        if not self.env.user.has_group("o2c_base.group_collector"):
            raise AccessError(self.env._("Only collectors decide what is followed up."))
        # sudo: the flag is the one thing a collector decides on a journal item
        lines_sudo = self.sudo().move_line_id
        lines_sudo.write({"no_followup": exclude})
        kind = "item_excluded" if exclude else "item_followed_up"
        self.env["o2c.event"]._record(
            kind,
            self.sudo().debtor_id,
            {"items": lines_sudo.mapped("move_name")},
        )
        self.sudo().debtor_id._close_exclusion_activity()  # sudo: a colleague's too
        return True
