from odoo import models

#: Part of a company's bus that tells of its customers.
SUBCHANNEL = "o2c_receivables"
ROLES = (
    "o2c_base.group_collector",
    "o2c_base.group_credit_manager",
    "o2c_base.group_auditor",
)


class IrWebsocket(models.AbstractModel):
    _inherit = "ir.websocket"

    def _build_bus_channel_list(self, channels):
        """EXTENDS bus: who has a role hears of changes in the companies he works in.

        The channels are chosen here; what the client asks for opens none of them.
        """
        channels = super()._build_bus_channel_list(channels)
        user = self.env.user
        if any(user.has_group(role) for role in ROLES):
            roots = {company._o2c_root() for company in user.company_ids}
            channels = [*channels, *((root, SUBCHANNEL) for root in roots)]
        return channels
