from odoo import fields, models


class ResCompany(models.Model):
    """What may become of small deductions."""

    _inherit = "res.company"

    o2c_write_off_max = fields.Monetary(
        "Write off deductions up to",
        help="Smaller deductions may be written off instead of credited. 0: none.",
    )
    o2c_write_off_account_id = fields.Many2one(
        "account.account",
        "Write-off account",
        check_company=True,
        domain="[('account_type', 'in', ('expense', 'expense_other', 'income',"
        " 'income_other'))]",
        help="Where deductions go that are written off.",
    )
