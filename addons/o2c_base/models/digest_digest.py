from odoo import fields, models
from odoo.exceptions import AccessError

#: Tile to metric.
TILES = {"kpi_o2c_overdue": "overdue", "kpi_o2c_dso": "dso"}


class DigestDigest(models.Model):
    _inherit = "digest.digest"

    kpi_o2c_overdue = fields.Boolean("Overdue")
    kpi_o2c_overdue_value = fields.Monetary(compute="_compute_kpi_o2c_overdue_value")
    kpi_o2c_dso = fields.Boolean("DSO (days)")
    kpi_o2c_dso_value = fields.Float(compute="_compute_kpi_o2c_dso_value")

    def _compute_kpi_o2c_overdue_value(self):
        for digest in self:
            digest.kpi_o2c_overdue_value = digest._o2c_value("kpi_o2c_overdue")

    def _compute_kpi_o2c_dso_value(self):
        for digest in self:
            digest.kpi_o2c_dso_value = digest._o2c_value("kpi_o2c_dso")

    def _o2c_value(self, tile):
        """The figure at the end of the digest's time frame.

        :raise AccessError: for users without a role or of another company, and where
            there is no figure: the digest then leaves the tile out
        """
        if not self.env["o2c.kpi.snapshot"].has_access("read"):
            raise AccessError(self.env._("This tile is for Receivables users."))
        company = self.company_id or self.env.company
        if company._o2c_root() not in self.env.companies._o2c_root():
            raise AccessError(self.env._("You do not work in this company."))
        today = company._o2c_root()._o2c_today()
        end = self.env.context.get("end_datetime")
        day = min(end.date(), today) if end else today
        code = TILES[tile]
        figure = self.env["o2c.kpi"]._figures_on(company, day, [code])[code]
        if figure.value is None and day == today:
            raise AccessError(self.env._("There is no such figure yet."))
        return figure.value or 0.0

    def _compute_kpis(self, company, user):
        """EXTENDS digest: tell the change in words.

        Core paints growth green, and of these figures more is worse.
        """
        tiles = super()._compute_kpis(company, user)
        for tile in tiles:
            if tile["kpi_name"] in TILES:
                for name in ("kpi_col1", "kpi_col2", "kpi_col3"):
                    self._o2c_tell_change(tile[name])
        return tiles

    @staticmethod
    def _o2c_tell_change(column):
        if column.get("margin"):
            column["value"] += f" ({column['margin']:+.1f} %)"
            column["margin"] = 0.0

    def _compute_kpis_actions(self, company, user):
        """EXTENDS digest: the tiles lead to our screens."""
        menu_id = self.env.ref("o2c_base.menu_root").id
        return {
            **super()._compute_kpis_actions(company, user),
            "kpi_o2c_overdue": f"o2c_base.o2c_debtor_action?menu_id={menu_id}",
            "kpi_o2c_dso": f"o2c_base.o2c_kpi_snapshot_action?menu_id={menu_id}",
        }
