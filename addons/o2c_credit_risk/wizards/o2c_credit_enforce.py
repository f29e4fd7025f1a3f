from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

#: Checks of so many days are shown, the newest first, up to so many.
DAYS_SHOWN = 30
SHOWN_MAX = 200


class O2cCreditEnforce(models.TransientModel):
    """Before orders are held: the list of those that would have been.

    A company only observes until a manager, with this list before him, enforces.
    """

    _name = "o2c.credit.enforce"
    _description = "Enforce credit"

    company_id = fields.Many2one(
        "res.company",
        required=True,
        readonly=True,
        default=lambda self: self.env.company._o2c_root(),
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    is_enforced = fields.Boolean(related="company_id.o2c_credit_enforce")
    check_ids = fields.Many2many(
        "o2c.credit.check", string="Would have been held", compute="_compute_checks"
    )
    check_count = fields.Integer("Orders", compute="_compute_checks")
    amount = fields.Monetary("Needed", compute="_compute_checks")
    has_seen = fields.Boolean("I have looked at the list")

    @api.depends("company_id")
    def _compute_checks(self):
        since = fields.Datetime.now() - timedelta(days=DAYS_SHOWN)
        for wizard in self:
            domain = [
                ("company_id", "=", wizard.company_id.id),
                ("outcome", "=", "observed"),
                ("date", ">=", since),
            ]
            checks = self.env["o2c.credit.check"]
            [[count, amount]] = checks._read_group(
                domain, aggregates=["__count", "amount_need:sum"]
            )
            wizard.check_count = count
            wizard.amount = amount
            wizard.check_ids = checks.search(domain, limit=SHOWN_MAX)

    def action_enforce(self):
        """Hold orders beyond the credit from now on."""
        self.ensure_one()
        if not self.has_seen:
            raise UserError(
                self.env._(
                    "Look at the list and tick that you have: it shows whose "
                    "orders would wait."
                )
            )
        return self._switch(True)

    def action_observe(self):
        """Hold no orders any more; what waits stays until somebody decides."""
        self.ensure_one()
        return self._switch(False)

    def _switch(self, on):
        if not self.env.user.has_group("o2c_base.group_manager"):
            raise AccessError(self.env._("A Receivables manager decides on this."))
        root = self.env.company._o2c_root()
        if root != self.company_id:
            raise UserError(self.env._("Open this again: you changed the company."))
        if root.o2c_credit_enforce != on:
            root.o2c_credit_enforce = on  # in superuser mode, as _o2c_root gives it
            kind = "credit_enforced" if on else "credit_observed"
            self.env["o2c.event"]._record(kind, root, {"checks": self.check_count})
        return {"type": "ir.actions.client", "tag": "soft_reload"}
