from odoo import fields, models


class O2cEventSeal(models.Model):
    """Where the chain of events ended after each sealing.

    Kept apart from the events, so that removing the latest ones shows as well.
    """

    _name = "o2c.event.seal"
    _description = "Seal of the receivables history"
    _order = "id DESC"
    _rec_name = "hash"
    _log_access = False

    sequence = fields.Integer(required=True, readonly=True)
    hash = fields.Char(required=True, readonly=True)
