from odoo import fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    o2c_credit_enforce = fields.Boolean(
        "Hold orders beyond the credit",
        copy=False,
        help="Off: orders beyond the credit are confirmed, and it is recorded that "
        "they would have been held. The root company's setting counts.",
    )
    o2c_risk_day = fields.Date(
        "Risk classes of",
        readonly=True,
        copy=False,
        help="The local day for which all customers were judged.",
    )

    def _o2c_core_default_limit(self):
        """The default limit in Odoo's own settings, None where there is none."""
        self.ensure_one()
        company_sudo = self.sudo()  # sudo: the root of a user's branch
        if not company_sudo.account_use_credit_limit:
            return None
        partners = self.env["res.partner"].with_company(company_sudo)
        field = partners._fields["credit_limit"]
        return field.get_company_dependent_fallback(partners) or None
