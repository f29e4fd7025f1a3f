from odoo import api, fields, models
from odoo.tools.misc import format_amount

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
    held_text = fields.Char(
        "Held today at this limit",
        compute="_compute_held_text",
        groups="o2c_base.group_collector,o2c_base.group_credit_manager,"
        "o2c_base.group_auditor",
        help="Which quotations would wait if they were confirmed today, each by "
        "itself. Where a next amount is entered, at that.",
    )
    risk_class = fields.Selection(
        related="debtor_id.risk_class",
        groups="o2c_base.group_collector,o2c_base.group_credit_manager,"
        "o2c_base.group_auditor",
    )

    def _counts_on(self, day):
        """Whether a limit that was active counts, or counted, on a day."""
        return counts_on(self.date_from, self.date_ended or self.date_to, day)

    def _sum_on(self, day):
        """What these limits of one customer came to on a day; None: no base limit."""
        there = self.filtered(lambda limit: limit._counts_on(day))
        base = there.filtered(lambda limit: limit.kind == "base")[:1]
        if not base:
            return None
        extra = there.filtered(lambda limit: limit.kind == "temporary")
        return base.amount_company + sum(extra.mapped("amount_company"))

    # ------------------------------------------------------------------
    # What would be held
    # ------------------------------------------------------------------

    @api.depends("amount_company", "amount_proposed", "kind", "debtor_id")
    @api.depends_context("lang")
    def _compute_held_text(self):
        # sudo: figures of all salespeople; the field is for roles only
        debtors_sudo = self.sudo().debtor_id
        exposures = debtors_sudo._exposures()
        totals = debtors_sudo._quotation_totals()
        base = debtors_sudo._active_limits()
        for limit in self:
            key = limit.debtor_id.id
            amount = limit._amount_if(base.get(key, {}).get("base"))
            used = exposures.get(key, {}).get("exposure", 0.0)
            limit.held_text = limit._held_words(amount, used, totals.get(key, []))

    def _amount_if(self, base):
        """The whole limit, if this one counted with its next amount."""
        amount = self.amount_company
        if self.amount_proposed and self.currency_id:
            amount = self.currency_id._convert(
                self.amount_proposed,
                self.company_currency_id,
                self.company_id,
                self.date_from,
            )
        return amount + (float(base or 0) if self.kind == "temporary" else 0.0)

    def _held_words(self, amount, used, totals):
        """How many quotations do not fit beside what is used.

        :param amount: the limit
        :param used: the exposure
        :param totals: amounts of the quotations, in company currency
        """
        currency = self.company_currency_id
        held = [t for t in totals if currency.compare_amounts(used + t, amount) > 0]
        over = currency.compare_amounts(used, amount) > 0
        if held:
            return self.env._(
                "%(held)s of %(count)s quotations, %(amount)s",
                held=len(held),
                count=len(totals),
                amount=format_amount(self.env, sum(held), currency),
            )
        if over:
            return self.env._(
                "any order: %(over)s over already",
                over=format_amount(self.env, used - amount, currency),
            )
        return self.env._("nothing")
