from odoo import fields, models


class O2cChaseStep(models.Model):
    """What a level needs for its channel, besides the template and the script."""

    _inherit = "o2c.chase.step"

    attach = fields.Selection(
        [("none", "Nothing"), ("invoices", "Invoices"), ("statement", "Statement")],
        "Attached",
        default="none",
        required=True,
        help="What goes along with the e-mail. Invoices that are too large for one "
        "e-mail give way to the statement.",
    )
    sms_template_id = fields.Many2one(
        "sms.template",
        "Text message",
        domain=[("model", "=", "o2c.chase.message")],
        ondelete="restrict",
        help="Rendered in the customer's language. Empty: the one that is shipped.",
    )
    user_id = fields.Many2one(
        "res.users",
        "Task for",
        domain=[("share", "=", False)],
        ondelete="set null",
        help="The colleague who gets the task. Empty: the customer's collector.",
    )
