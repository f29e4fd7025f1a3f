from odoo import api, models


class O2cOverview(models.AbstractModel):
    """The tile of what is disputed."""

    _inherit = "o2c.overview"

    @api.model
    def _tiles(self):
        """EXTENDS o2c_base: what rests because customers do not accept it."""
        return [
            *super()._tiles(),
            {
                "code": "disputed",
                "field": "amount_disputed",
                "label": self.env._("Disputed"),
                "help": self.env._(
                    "What of open items rests because it is disputed or was deducted."
                ),
                "metric": "disputed",
                "good": "down",
            },
        ]

    @api.model
    def _watched_jobs(self):
        return [*super()._watched_jobs(), "o2c_collections.ir_cron_dispute"]
