from odoo import api, models


class PaymentToken(models.Model):
    """Whose card is gone is charged no more."""

    _inherit = "payment.token"

    def _handle_archiving(self):
        """EXTENDS payment: the mandates of a card end with it."""
        result = super()._handle_archiving()
        self._o2c_mandates()._stop("card")
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_stops_autopay(self):
        self._o2c_mandates()._stop("card")

    def _o2c_mandates(self):
        # sudo: who removes his card need not be able to read what it is used for
        mandates_sudo = self.env["o2c.autopay"].sudo()
        return mandates_sudo.search(
            [("token_id", "in", self.ids), ("state", "=", "active")]
        )

    def get_linked_records_info(self):
        """EXTENDS payment: say what ends when the card is removed."""
        return super().get_linked_records_info() + [
            {
                "description": self.env._("Autopay"),
                "id": mandate.id,
                "name": mandate.company_id.name,
                "url": "/my/receivables/autopay",
            }
            for mandate in self._o2c_mandates()
        ]
