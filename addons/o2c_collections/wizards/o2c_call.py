from odoo import api, fields, models
from odoo.exceptions import UserError


class O2cCall(models.TransientModel):
    """What customers answer leads on: a promise, an announced payment, a dispute."""

    _inherit = "o2c.call"

    outcome = fields.Selection(
        selection_add=[
            ("paid", "Has paid already"),
            ("disputed", "Disputes something"),
        ],
        ondelete={"paid": "set default", "disputed": "set default"},
    )
    currency_id = fields.Many2one(related="debtor_id.currency_id")
    promise_amount = fields.Monetary(
        "Promises",
        compute="_compute_promise",
        store=True,
        readonly=False,
        help="Rests until the day below; what is due, oldest first.",
    )
    promise_date = fields.Date(
        "Pays on", compute="_compute_promise", store=True, readonly=False
    )

    @api.depends("debtor_id")
    def _compute_promise(self):
        for call in self:
            values = call.debtor_id._origin._promise_proposal()
            call.promise_amount = values["amount"]
            call.promise_date = values["date"]

    def action_log(self):
        """EXTENDS o2c_base: what was answered takes effect at once."""
        result = super().action_log()
        if self.outcome == "promised":
            self._take_promise()
        elif self.outcome == "paid":
            self.debtor_id._take_remittance("call", note=self.note)
        elif self.outcome == "disputed":
            return self._dispute_form()
        return result

    def _take_promise(self):
        if self.currency_id.compare_amounts(self.promise_amount, 0) <= 0:
            if self.debtor_id._amount_to_promise() <= 0:
                return  # nothing is due: the call is noted, there is nothing to rest
            raise UserError(self.env._("Say how much the customer promised."))
        if not self.promise_date:
            raise UserError(self.env._("Say when the customer pays."))
        self.debtor_id._take_promise(
            [(self.promise_date, self.promise_amount)],
            person_id=self.partner_id.id,
            channel="call",
            note=self.note,
        )

    def _dispute_form(self):
        """The dialog in which the dispute is told, of this customer's invoices."""
        action = self.debtor_id.action_new_dispute()
        action["context"]["default_description"] = self.note or ""
        return action
