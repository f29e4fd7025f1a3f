from odoo import models

from .ir_websocket import SUBCHANNEL

#: Ids told by name; of more changes at once, screens just look again.
IDS_MAX = 500
CHANGED = "o2c.debtor/changed"


class O2cDebtor(models.Model):
    """Telling open screens which customers have changed, once that is committed.

    Ids alone go over the bus: what is behind them, each reader asks for with his own
    rights.
    """

    _inherit = "o2c.debtor"

    def _announce(self):
        """Tell who works in these customers' companies that they have changed."""
        for company, debtors in self.grouped("company_id").items():
            ids = debtors.ids if len(debtors) <= IDS_MAX else []
            self.env["bus.bus"]._sendone((company, SUBCHANNEL), CHANGED, {"ids": ids})
