from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    """Late charges, of the root company whose customers they are."""

    _inherit = "res.config.settings"

    o2c_root_id = fields.Many2one(related="company_id.root_id", string="Root company")
    o2c_late_charges = fields.Boolean(
        related="company_id.root_id.o2c_late_charges", readonly=False
    )
    o2c_late_scheme = fields.Selection(
        related="company_id.root_id.o2c_late_scheme", readonly=False
    )
    o2c_late_points = fields.Float(
        related="company_id.root_id.o2c_late_points", readonly=False
    )
    o2c_late_series = fields.Selection(
        related="company_id.root_id.o2c_late_series", readonly=False
    )
    o2c_late_fixed_amount = fields.Monetary(
        related="company_id.root_id.o2c_late_fixed_amount",
        readonly=False,
        currency_field="currency_id",
    )
    o2c_late_fixed = fields.Boolean(
        related="company_id.root_id.o2c_late_fixed", readonly=False
    )
    o2c_late_actual_year = fields.Boolean(
        related="company_id.root_id.o2c_late_actual_year", readonly=False
    )
    o2c_late_consumers = fields.Boolean(
        related="company_id.root_id.o2c_late_consumers", readonly=False
    )
    o2c_late_minimum = fields.Monetary(
        related="company_id.root_id.o2c_late_minimum",
        readonly=False,
        currency_field="currency_id",
    )
    o2c_late_from = fields.Date(
        related="company_id.root_id.o2c_late_from", readonly=False
    )
    o2c_late_account_id = fields.Many2one(
        related="company_id.root_id.o2c_late_account_id", readonly=False
    )
    o2c_late_journal_id = fields.Many2one(
        related="company_id.root_id.o2c_late_journal_id", readonly=False
    )
