from odoo import fields, models

from .o2c_debtor_statement_schedule import FREQUENCIES


class O2cSegment(models.Model):
    """How often the customers of a segment get a statement."""

    _inherit = "o2c.segment"

    statement_frequency = fields.Selection(
        FREQUENCIES,
        "Statements",
        help="How often customers of this segment get a statement by e-mail, unless "
        "their account says otherwise. Empty: never.",
    )
