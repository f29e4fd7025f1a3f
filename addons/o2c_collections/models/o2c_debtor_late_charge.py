from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import SQL

from ..domain.late_charge import rule
from .o2c_reference_rate import SERIES
from .res_company_late_charge import POINTS_MAX, SCHEMES


class O2cDebtor(models.Model):
    """Late charges of a customer: an agreement of his own, and what was charged."""

    _inherit = "o2c.debtor"

    late_scheme = fields.Selection(
        [("none", "Never charged"), *SCHEMES],
        "Late charges by",
        tracking=True,
        help="What was agreed with this customer. Empty: as the company's settings "
        "say. An item keeps the rule by which it was charged first.",
    )
    late_points = fields.Float(
        "Points by contract",
        digits=(7, 4),
        tracking=True,
        aggregator=None,
        help="Percentage points a year, over the reference rate if there is one.",
    )
    late_series = fields.Selection(
        SERIES,
        "Over",
        tracking=True,
        help="Reference rate of the contract. Empty: the points are the whole rate.",
    )
    late_fixed = fields.Monetary(
        "Fixed sum by contract",
        tracking=True,
        aggregator=None,
        help="Once for each invoice that is paid late.",
    )
    late_charge_ids = fields.One2many("o2c.late.charge", "debtor_id", "Late charges")
    late_charge_count = fields.Integer(
        "Number of late charges", compute="_compute_late_charge_count"
    )

    @api.depends("late_charge_ids.state")
    def _compute_late_charge_count(self):
        groups = self.env["o2c.late.charge"]._read_group(
            [("debtor_id", "in", self.ids), ("state", "!=", "cancelled")],
            ["debtor_id"],
            ["__count"],
        )
        counts = {debtor.id: count for debtor, count in groups}
        for debtor in self:
            debtor.late_charge_count = counts.get(debtor._origin.id, 0)

    @api.constrains("late_points", "late_fixed", "late_scheme")
    def _check_late_terms(self):
        for debtor in self:
            if not 0 <= debtor.late_points <= POINTS_MAX or debtor.late_fixed < 0:
                raise ValidationError(
                    self.env._(
                        "The rate of a contract is between 0 and %s percentage points, "
                        "its fixed sum not negative.",
                        POINTS_MAX,
                    )
                )

    @api.model
    def _user_fields(self):
        """EXTENDS o2c_base: managers write down what was agreed."""
        names = super()._user_fields()
        if self.env.user.has_group("o2c_base.group_manager"):
            names |= {"late_scheme", "late_points", "late_series", "late_fixed"}
        return names

    def _late_rule(self, first_day):
        """The rule that applies to this customer's items late from a day on.

        :return: a rule, or None where he is never charged
        """
        root_sudo = self.company_id.sudo()  # sudo: settings of the root company
        if self.late_scheme == "none":
            return None
        if self.late_scheme == "contract":
            return root_sudo._o2c_contract_rule(
                self.late_points, self.late_series, self.late_fixed
            )
        scheme = self.late_scheme or root_sudo.o2c_late_scheme
        if scheme == "contract":
            return root_sudo._o2c_contract_rule(
                root_sudo.o2c_late_points,
                root_sudo.o2c_late_series,
                root_sudo.o2c_late_fixed_amount,
            )
        return rule(scheme, first_day)

    def action_open_late_charges(self):
        """The late charges of this customer: the smart button."""
        self.ensure_one()
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "o2c_collections.o2c_late_charge_action"
        )
        action["domain"] = [("debtor_id", "=", self.id)]
        action["context"] = {}
        return action

    # ------------------------------------------------------------------
    # Statement and merge
    # ------------------------------------------------------------------

    def _flush_ledger(self):
        """EXTENDS o2c_base: with which invoices charge for lateness."""
        self.env["o2c.late.charge"].flush_model(["invoice_id"])
        return super()._flush_ledger()

    def _statement_kind(self):
        """EXTENDS o2c_base: late charges stand apart from what they are charged on."""
        return SQL(
            """
            CASE WHEN EXISTS (SELECT FROM o2c_late_charge charge
                               WHERE charge.invoice_id = move.id)
                 THEN 'late_charge' ELSE %s END
            """,
            super()._statement_kind(),
        )

    def _merge_into(self, target):
        """EXTENDS o2c_collections: charges go with their customer."""
        result = super()._merge_into(target)
        # sudo: the engine's
        self.sudo().late_charge_ids.write({"debtor_id": target.id})
        return result
