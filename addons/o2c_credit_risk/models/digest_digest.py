from odoo import fields, models
from odoo.exceptions import AccessError


class DigestDigest(models.Model):
    _inherit = "digest.digest"

    kpi_o2c_credit_alerts = fields.Boolean("Credit alerts")
    kpi_o2c_credit_alerts_value = fields.Integer(
        compute="_compute_kpi_o2c_credit_alerts_value"
    )

    def _compute_kpi_o2c_credit_alerts_value(self):
        """Alerts that came up in the digest's time frame.

        :raise AccessError: for users without a role: the digest leaves the tile out
        """
        alerts = self.env["o2c.credit.alert"]
        if not alerts.has_access("read"):
            raise AccessError(self.env._("This tile is for Receivables users."))
        for digest in self:
            company = digest.company_id or self.env.company
            start, end = (
                self.env.context.get(name)
                for name in ("start_datetime", "end_datetime")
            )
            domain = [("company_id", "=", company._o2c_root().id)]
            if start and end:
                domain += [("date", ">=", start.date()), ("date", "<=", end.date())]
            digest.kpi_o2c_credit_alerts_value = alerts.search_count(domain)

    def _compute_kpis_actions(self, company, user):
        """EXTENDS digest: the tile leads to the alerts."""
        menu_id = self.env.ref("o2c_base.menu_root").id
        action = f"o2c_credit_risk.o2c_credit_alert_action?menu_id={menu_id}"
        return {
            **super()._compute_kpis_actions(company, user),
            "kpi_o2c_credit_alerts": action,
        }
