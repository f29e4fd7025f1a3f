from odoo import api, fields, models
from odoo.tools.misc import format_amount


class AccountMove(models.Model):
    """Invoices without an order beyond the credit: told, never held back."""

    _inherit = "account.move"

    o2c_credit_warning = fields.Char(
        compute="_compute_o2c_credit_warning",
        groups="account.group_account_invoice,account.group_account_readonly",
        help="By how much the customer's credit is exceeded, where no order was "
        "checked for it.",
    )

    @api.depends(
        "company_id",
        "invoice_line_ids.sale_line_ids",
        "move_type",
        "partner_id",
        "payment_state",
        "state",
        "tax_totals",
    )
    @api.depends_context("lang")
    def _compute_o2c_credit_warning(self):
        self.o2c_credit_warning = False
        watched = self.filtered(lambda move: move._o2c_needs_credit())
        if not watched:
            return
        # sudo: who writes invoices has no right to credit checks
        checks_sudo = self.env["o2c.credit.check"].sudo()
        for move, free in checks_sudo._free_credit(watched).items():
            added = move._o2c_not_saved_yet()
            currency = move.company_currency_id
            if currency.compare_amounts(free, added) < 0:
                move.o2c_credit_warning = self.env._(
                    "%(amount)s beyond the credit of %(customer)s. The invoice is not "
                    "held back; ask for a limit, or for payment.",
                    amount=format_amount(self.env, added - free, currency),
                    customer=move.commercial_partner_id.display_name,
                )

    @api.depends("o2c_credit_warning")
    def _compute_alerts(self):
        return super()._compute_alerts()

    def _get_alerts(self):
        """EXTENDS account: the banner above the invoice."""
        alerts = super()._get_alerts()
        may_know = self.env.user.has_groups(
            "account.group_account_invoice,account.group_account_readonly"
        )
        if may_know and self.o2c_credit_warning:
            alerts["o2c_credit"] = {
                "level": "warning",
                "message": self.o2c_credit_warning,
            }
        return alerts

    def _o2c_needs_credit(self):
        """Whether the invoice counts, and no order was checked for it.

        Companies that only observe are left alone.
        """
        self.ensure_one()
        return (
            self.move_type == "out_invoice"
            and self.state in ("draft", "posted")
            and self.payment_state in ("not_paid", "partial", False)
            and self.partner_id
            and not self.invoice_line_ids.sale_line_ids
            and self.company_id._o2c_root().o2c_credit_enforce
        )

    def _o2c_not_saved_yet(self):
        """What was typed since the invoice was saved, in company currency."""
        total = (self.tax_totals or {}).get("total_amount", 0.0)
        return total - self._origin.amount_total_signed

    def _o2c_credit_key(self):
        """(customer, root company) whose credit the invoice uses, in superuser mode."""
        move_sudo = self.sudo()  # sudo: customers of any branch
        return (
            move_sudo.partner_id.commercial_partner_id._origin,
            move_sudo.company_id._o2c_root(),
        )
