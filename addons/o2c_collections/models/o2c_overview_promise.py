from odoo import api, models


class O2cOverview(models.AbstractModel):
    """The tile of what is promised."""

    _inherit = "o2c.overview"

    @api.model
    def _tiles(self):
        """EXTENDS o2c_base: what rests because customers said when they pay."""
        return [
            *super()._tiles(),
            {
                "code": "promised",
                "field": "amount_promised",
                "label": self.env._("Promised"),
                "help": self.env._(
                    "What of open items rests because customers said when they pay."
                ),
                "metric": "promised",
                "good": None,
            },
        ]

    @api.model
    def _watched_jobs(self):
        return [*super()._watched_jobs(), "o2c_collections.ir_cron_promise_judge"]
