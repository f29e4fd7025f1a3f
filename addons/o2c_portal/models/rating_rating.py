from odoo import models


class RatingRating(models.Model):
    """One question about a dispute or a payment, and one answer."""

    _inherit = "rating.rating"

    _o2c_once = models.UniqueIndex(
        "(res_model, res_id) WHERE res_model IN ('o2c.dispute', 'o2c.remittance')",
        "This was asked or answered already.",
    )
