from odoo import api, fields, models

from odoo.addons.o2c_base.tools.transaction import without_jit

from ..domain.reasons import DUE_REASONS, NOT_DUE_REASONS
from .o2c_chase_step import CHANNELS

#: With what the open items depend on, all that the query reads.
DEPENDS = {
    "account.move": ["is_move_sent", "move_type"],
    "mail.message": ["date", "model", "res_id", "subtype_id"],
    "o2c.chase.action": [
        "channel",
        "cycle",
        "date_done",
        "debtor_id",
        "item_id",
        "level",
        "state",
    ],
    "o2c.chase.message": [
        "channel",
        "date",
        "debtor_id",
        "reason",
        "recipient",
        "sent_at",
        "state",
    ],
    "o2c.chase.plan": [
        "active",
        "basis",
        "company_id",
        "final_action",
        "gap_days",
        "only_sent",
        "repeat_days",
        "sequence",
        "tolerance",
    ],
    "o2c.chase.step": [
        "amount_max",
        "amount_min",
        "channel",
        "days",
        "level",
        "plan_id",
        "segment_ids",
        "segment_key",
        "template_id",
    ],
    "o2c.debtor": [
        "chase_reason",
        "chase_reason_since",
        "collector_id",
        "cycle",
        "cycle_date",
        "is_pilot",
        "item_days",
        "level_date",
        "level_days",
        "level_number",
        "level_own",
        "level_step_date",
        "level_step_id",
        "paused_until",
        "plan_id",
        "plan_until",
        "preferred_channel",
        "segment_id",
    ],
    "o2c.open.item": [],
    "phone.blacklist": ["active", "number"],
    "res.currency.rate": ["company_id", "currency_id"],
    "res.partner": [
        "active",
        "city",
        "commercial_partner_id",
        "country_id",
        "email",
        "email_normalized",
        "lang",
        "o2c_contact_role",
        "phone",
        "phone_sanitized",
        "street",
        "type",
    ],
}


class O2cChaseDecision(models.Model):
    """What is decided about each customer account now, and why.

    Read-only and never stored: preview, "Why?" and the run read the same query
    (``o2c_chase_decision_query.py``), so they cannot differ on the same facts.
    """

    _name = "o2c.chase.decision"
    _description = "Chase decision"
    _auto = False
    _order = "amount_due DESC, id"
    _rec_name = "debtor_id"
    _depends = DEPENDS

    debtor_id = fields.Many2one("o2c.debtor", "Customer", readonly=True)
    partner_id = fields.Many2one("res.partner", "Contact", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    collector_id = fields.Many2one("res.users", readonly=True)
    plan_id = fields.Many2one("o2c.chase.plan", readonly=True)
    step_id = fields.Many2one("o2c.chase.step", readonly=True)
    cycle = fields.Integer(readonly=True)
    level = fields.Integer("Next level", readonly=True, aggregator=None)
    channel = fields.Selection(CHANNELS, readonly=True)
    outcome = fields.Selection(
        [
            ("due", "Contact today"),
            ("shadow", "In shadow"),
            ("none", "No contact today"),
        ],
        readonly=True,
        help="In shadow: would be contacted today, but is not invited to the pilot.",
    )
    reason = fields.Selection(
        list({**DUE_REASONS, **NOT_DUE_REASONS}.items()), readonly=True
    )
    date_next = fields.Date(
        "Next look",
        readonly=True,
        help="When the next step is due, or a person looks again.",
    )
    days_oldest = fields.Integer("Oldest days late", readonly=True, aggregator="max")
    amount_overdue = fields.Monetary("Overdue", readonly=True)
    amount_due = fields.Monetary(
        "To ask for",
        readonly=True,
        help="Collectable part of what is overdue and may be chased.",
    )
    recipient_id = fields.Many2one("res.partner", readonly=True)
    recipient_email = fields.Char("Address", readonly=True)

    def _search(self, *args, **kwargs):
        """EXTENDS base: read with a plan, not with a compiler."""
        without_jit(self.env.cr)
        return super()._search(*args, **kwargs)

    @api.model
    def _decide(self, debtors):
        """Decide about some accounts on facts read now.

        :param debtors: customer accounts
        :return: dict of account id to a dict of the decision's columns
        """
        if not debtors:
            return {}
        self._flush_query()
        # sudo: ids of partners and companies narrow the query, nothing is shown
        debtors_sudo = debtors.sudo()
        partner_ids = debtors_sudo.partner_id.ids
        sql = self._decision_sql(roots=debtors_sudo.company_id, partner_ids=partner_ids)
        rows = self.env["o2c.open.item"]._rows_about(partner_ids, sql)
        return {
            row["debtor_id"]: row for row in rows if row["debtor_id"] in debtors.ids
        }

    @api.model
    def _flush_query(self):
        """Write pending changes of everything the query reads."""
        self.env["o2c.debtor"]._flush_ledger()
        for name, field_names in self._depends.items():
            if self.env[name]._auto:
                self.env[name].flush_model(field_names)

    def action_switch_on(self):
        """Begin to contact customers as the preview shows."""
        return self.env["o2c.chase.run"].action_switch_on()

    def action_pilot_on(self):
        """Contact invited customers only."""
        return self.env["o2c.chase.run"].action_pilot_on()

    def action_pilot_off(self):
        """Contact everybody who is due."""
        return self.env["o2c.chase.run"].action_pilot_off()
