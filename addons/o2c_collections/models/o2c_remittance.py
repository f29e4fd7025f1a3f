from odoo import fields, models

#: Working days that an announced transfer takes at most.
TRANSIT_DAYS = 5


class O2cRemittance(models.Model):
    """What a payer says he has paid, and for which items.

    Its items rest as in transit for five working days, once: what is announced and
    does not come is asked for again, and announcing it anew changes nothing.
    """

    _name = "o2c.remittance"
    _description = "Announced payment"
    _order = "date DESC, id DESC"
    _rec_name = "reference"

    debtor_id = fields.Many2one(
        "o2c.debtor",
        "Customer",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one(related="debtor_id.company_id", store=True, index=True)
    source = fields.Selection(
        [("call", "Call"), ("email", "E-mail"), ("portal", "Portal")],
        required=True,
        readonly=True,
        help="Where it was announced.",
    )
    reference = fields.Char(
        required=True, readonly=True, help="Tells one announcement from the next."
    )
    date = fields.Date("Announced on", required=True, readonly=True)
    date_until = fields.Date(
        "Rests until",
        required=True,
        readonly=True,
        help="The money is awaited so long.",
    )
    user_id = fields.Many2one(
        "res.users", "Noted by", readonly=True, ondelete="set null"
    )
    note = fields.Text(readonly=True)
    line_ids = fields.One2many(
        "o2c.remittance.line", "remittance_id", "Items", readonly=True
    )

    _reference_unique = models.UniqueIndex(
        "(company_id, source, reference)", "This payment was announced already."
    )
