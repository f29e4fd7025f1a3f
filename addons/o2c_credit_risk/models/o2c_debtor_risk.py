from odoo import fields, models

from ..domain.risk_class import CLASSES


class O2cDebtor(models.Model):
    """The risk class of a customer."""

    _inherit = "o2c.debtor"

    risk_class = fields.Selection(
        CLASSES,
        readonly=True,
        index=True,
        help="From A, very good, to E, poor; worked out each day from how the customer "
        "pays, unless a person has decided otherwise.",
    )
