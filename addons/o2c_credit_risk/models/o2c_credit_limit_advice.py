from odoo import fields, models

from ..domain.credit_limit import counts_on


class O2cCreditLimit(models.Model):
    """What stands beside a limit when somebody decides on it."""

    _inherit = "o2c.credit.limit"

    amount_recommended = fields.Monetary(
        related="debtor_id.amount_recommended",
        currency_field="company_currency_id",
        groups="o2c_base.group_collector,o2c_base.group_credit_manager,"
        "o2c_base.group_auditor",
    )
    recommended_text = fields.Char(
        related="debtor_id.recommended_text",
        groups="o2c_base.group_collector,o2c_base.group_credit_manager,"
        "o2c_base.group_auditor",
    )
    risk_class = fields.Selection(
        related="debtor_id.risk_class",
        groups="o2c_base.group_collector,o2c_base.group_credit_manager,"
        "o2c_base.group_auditor",
    )

    def _sum_on(self, day):
        """What these limits of one customer came to on a day; None: no base limit."""
        there = self.filtered(
            lambda limit: counts_on(
                limit.date_from, limit.date_ended or limit.date_to, day
            )
        )
        base = there.filtered(lambda limit: limit.kind == "base")[:1]
        if not base:
            return None
        extra = there.filtered(lambda limit: limit.kind == "temporary")
        return base.amount_company + sum(extra.mapped("amount_company"))
