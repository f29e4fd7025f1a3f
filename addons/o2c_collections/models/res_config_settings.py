from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    """The contact budget, of the root company whose customers they are."""

    _inherit = "res.config.settings"

    o2c_contact_cap = fields.Integer(
        related="company_id.root_id.o2c_contact_cap", readonly=False
    )
    o2c_contact_cap_days = fields.Integer(
        related="company_id.root_id.o2c_contact_cap_days", readonly=False
    )
    o2c_quiet_from = fields.Float(
        related="company_id.root_id.o2c_quiet_from", readonly=False
    )
    o2c_quiet_to = fields.Float(
        related="company_id.root_id.o2c_quiet_to", readonly=False
    )
    o2c_quiet_email = fields.Boolean(
        related="company_id.root_id.o2c_quiet_email", readonly=False
    )
    o2c_working_days_only = fields.Boolean(
        related="company_id.root_id.o2c_working_days_only", readonly=False
    )
    o2c_falls_to_sms = fields.Boolean(
        related="company_id.root_id.o2c_falls_to_sms", readonly=False
    )
    o2c_falls_to_letter = fields.Boolean(
        related="company_id.root_id.o2c_falls_to_letter", readonly=False
    )
    o2c_attachment_limit = fields.Float(
        related="company_id.root_id.o2c_attachment_limit", readonly=False
    )
    o2c_cost_email = fields.Monetary(
        related="company_id.root_id.o2c_cost_email",
        readonly=False,
        currency_field="currency_id",
    )
    o2c_cost_sms = fields.Monetary(
        related="company_id.root_id.o2c_cost_sms",
        readonly=False,
        currency_field="currency_id",
    )
    o2c_cost_letter = fields.Monetary(
        related="company_id.root_id.o2c_cost_letter",
        readonly=False,
        currency_field="currency_id",
    )
    o2c_cost_call = fields.Monetary(
        related="company_id.root_id.o2c_cost_call",
        readonly=False,
        currency_field="currency_id",
    )
