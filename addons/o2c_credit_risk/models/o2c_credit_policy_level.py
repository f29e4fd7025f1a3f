from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..domain.credit_limit import level_allows


class O2cCreditPolicyLevel(models.Model):
    """Up to which amount certain people may approve."""

    _name = "o2c.credit.policy.level"
    _description = "Approval level"
    _order = "amount, id"

    policy_id = fields.Many2one(
        "o2c.credit.policy", required=True, ondelete="cascade", index=True
    )
    currency_id = fields.Many2one(related="policy_id.currency_id")
    role = fields.Selection(
        [("credit_manager", "Credit managers"), ("manager", "Managers")],
        required=True,
        default="credit_manager",
    )
    user_ids = fields.Many2many(
        "res.users",
        string="Only these",
        domain=[("share", "=", False)],
        help="Empty: everybody with the role.",
    )
    amount = fields.Monetary(
        "Up to", help="The whole limit, or what an order is over. 0: any amount."
    )

    @api.constrains("amount")
    def _check_amount(self):
        if any(level.amount < 0 for level in self):
            raise ValidationError(
                self.env._("An approval level cannot reach a negative amount.")
            )

    def _reaches(self, user_sudo, amount):
        """Whether a user may approve an amount by this level."""
        self.ensure_one()
        if self.user_ids and user_sudo not in self.user_ids:
            return False
        if not user_sudo.has_group(f"o2c_base.group_{self.role}"):
            return False
        return level_allows(self.amount, amount)
