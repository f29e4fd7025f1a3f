from odoo import api, fields, models

from ..domain.dispute import OPEN_STATES


class O2cDebtor(models.Model):
    """Disputes on the customer account: button, timeline, "Why?"."""

    _inherit = "o2c.debtor"

    dispute_ids = fields.One2many("o2c.dispute", "debtor_id", "Disputes", readonly=True)
    dispute_count = fields.Integer("Open disputes", compute="_compute_dispute_count")

    @api.depends("dispute_ids.state")
    @api.depends_context("uid", "allowed_company_ids")
    def _compute_dispute_count(self):
        rows = self.env["o2c.dispute"]._read_group(
            [("debtor_id", "in", self.ids), ("state", "in", OPEN_STATES)],
            ["debtor_id"],
            ["__count"],
        )
        counts = {debtor.id: count for debtor, count in rows}
        for debtor in self:
            debtor.dispute_count = counts.get(debtor._origin.id, 0)

    def action_open_disputes(self):
        """The customer's open disputes, from the smart button."""
        self.ensure_one()
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "o2c_collections.o2c_dispute_action"
        )
        action["domain"] = [
            ("debtor_id", "=", self.id),
            ("state", "in", list(OPEN_STATES)),
        ]
        action["context"] = {}
        return action

    def action_new_dispute(self):
        """Note what the customer does not accept: opens the dialog."""
        self.ensure_one()
        self.check_access("write")
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "o2c_collections.o2c_dispute_action_new"
        )
        name = self.partner_id.sudo().display_name  # sudo: a branch's contact
        action["name"] = self.env._("Dispute of %(customer)s", customer=name)
        action["context"] = {
            "default_debtor_id": self.id,
            "o2c_partner_id": self.partner_id.id,
        }
        return action

    def _rule_sentence(self, decision, values):
        """EXTENDS o2c_collections: which disputes, and until when."""
        if decision["reason"] != "disputed":
            return super()._rule_sentence(decision, values)
        disputes = self.dispute_ids.filtered(lambda d: d.state in OPEN_STATES)
        return " ".join(dispute._why() for dispute in disputes.sorted("date_deadline"))

    def _timeline_rows(self):
        """EXTENDS o2c_base: disputes, on the day they were raised."""
        return super()._timeline_rows() + [d._timeline_row() for d in self.dispute_ids]

    def _merge_into(self, target):
        """EXTENDS o2c_base: disputes go on with the account that stays."""
        result = super()._merge_into(target)
        self.dispute_ids.sudo().write({"debtor_id": target.id})  # sudo: the keeper's
        return result
