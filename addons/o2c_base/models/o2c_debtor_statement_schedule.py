from odoo import api, fields, models

FREQUENCIES = [
    ("monthly", "Monthly"),
    ("quarterly", "Quarterly"),
    ("never", "Never"),
]


class O2cDebtor(models.Model):
    """How often a customer gets a statement, and those he got."""

    _inherit = "o2c.debtor"

    statement_frequency = fields.Selection(
        FREQUENCIES,
        "Statements",
        tracking=True,
        help="How often the customer gets a statement by e-mail. Empty: as his "
        "segment says.",
    )
    statement_frequency_effective = fields.Selection(
        FREQUENCIES,
        "Statements in effect",
        compute="_compute_statement_frequency_effective",
        search="_search_statement_frequency_effective",
        help="His own setting, else the one of his segment, else never.",
    )
    statement_ids = fields.One2many("o2c.statement", "debtor_id", "Kept statements")
    statement_count = fields.Integer("Statements sent", compute="_compute_statements")

    @api.model
    def _user_fields(self):
        return super()._user_fields() | {"statement_frequency"}

    @api.depends("statement_frequency", "segment_id.statement_frequency")
    def _compute_statement_frequency_effective(self):
        for debtor in self:
            own, segment = debtor.statement_frequency, debtor.segment_id
            debtor.statement_frequency_effective = (
                own or segment.statement_frequency or "never"
            )

    def _search_statement_frequency_effective(self, operator, value):
        if operator != "in":
            return NotImplemented
        wanted = list(value)
        inherited = fields.Domain("statement_frequency", "=", False)
        of_segment = fields.Domain("segment_id.statement_frequency", "in", wanted)
        if "never" in wanted:
            of_segment |= fields.Domain("segment_id", "=", False)
            of_segment |= fields.Domain("segment_id.statement_frequency", "=", False)
        return fields.Domain("statement_frequency", "in", wanted) | (
            inherited & of_segment
        )

    @api.depends("statement_ids.state")
    def _compute_statements(self):
        groups = self.env["o2c.statement"]._read_group(
            [("debtor_id", "in", self.ids), ("state", "=", "sent")],
            ["debtor_id"],
            ["__count"],
        )
        counts = {debtor.id: count for debtor, count in groups}
        for debtor in self:
            debtor.statement_count = counts.get(debtor._origin.id, 0)

    def action_open_statements(self):
        """The statements this customer got, from the smart button."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "o2c_base.o2c_statement_action"
        )
        action["domain"] = [("debtor_id", "=", self.id), ("state", "=", "sent")]
        action["context"] = {}
        return action

    def _merge_into(self, target):
        """Move kept statements; each period's count as the one of neither."""
        result = super()._merge_into(target)
        kept = self.env["o2c.statement"].search([("debtor_id", "in", self.ids)])
        kept.write({"is_merged": True, "debtor_id": target.id})
        return result
