from odoo import models


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    def _sale_create_reinvoice_sale_line(self):
        """EXTENDS sale: re-invoiced bills are never refused, they may open a hold."""
        with self.env["sale.order"]._o2c_as_core():
            return super()._sale_create_reinvoice_sale_line()
