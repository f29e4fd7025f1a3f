from odoo import fields, models


class O2cSegment(models.Model):
    """A group of customers that are treated alike, such as key accounts.

    A segment belongs to a root company; without one it serves all.
    """

    _name = "o2c.segment"
    _description = "Customer segment"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    code = fields.Char(
        required=True, help="Short name for imports and rules, one per company."
    )
    company_id = fields.Many2one(
        "res.company", ondelete="cascade", help="Empty: for every company."
    )
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)

    _code_unique = models.UniqueIndex(
        "(code, COALESCE(company_id, 0))", "This code is taken by another segment."
    )
