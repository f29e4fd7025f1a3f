from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.o2c_base.tools.transaction import try_in_new_transaction

from ..domain.creditor_reference import creditor_reference, grouped

#: Bank transactions that one call of the job matches.
LINES_MOST = 200


class O2cRemittance(models.Model):
    """One structured reference by which a transfer finds what it pays."""

    _inherit = "o2c.remittance"

    payment_reference = fields.Char(
        compute="_compute_payment_reference",
        store=True,
        index="btree_not_null",
        help="A structured creditor reference (ISO 11649): customers who transfer the "
        "money themselves name it, and nothing else.",
    )

    @api.depends("payer_id")
    def _compute_payment_reference(self):
        """Of what was chosen on the page; what was announced has the payer's own."""
        for remittance in self:
            is_choice = remittance.payer_id and remittance._origin
            remittance.payment_reference = (
                creditor_reference(f"PAY{remittance._origin.id:05}")
                if is_choice
                else False
            )

    def _payment_reference_text(self):
        """As people read and type it."""
        return grouped(self.payment_reference or "")

    def _attempt_under_way(self):
        """The payment whose money is awaited, in superuser mode."""
        return self.transaction_ids.filtered(
            lambda attempt: attempt.state in ("pending", "authorized")
        )[:1]

    def _transfer_awaited(self):
        """The transfer whose money has come; booked, where somebody has confirmed it.

        :raise UserError: when none is awaited
        """
        self.ensure_one()
        done = self.transaction_ids.filtered(lambda attempt: attempt.state == "done")
        if self.settled_at or done.filtered(lambda attempt: not attempt._o2c_is_wire()):
            raise UserError(self.env._("It was paid in another way already."))
        attempt = done[:1] or self._attempt_under_way()
        if not attempt._o2c_is_wire():
            raise UserError(self.env._("No transfer is awaited for it any more."))
        return attempt

    @api.model
    def _cron_match_references(self):
        """Match bank transactions that name a reference of ours, one by one."""
        lines = self.env["account.bank.statement.line"].search(
            [("o2c_reference_state", "=", "waiting")], order="id", limit=LINES_MOST
        )
        commit = self.env["ir.cron"]._commit_progress
        commit(remaining=len(lines))
        for line in lines:
            what = f"Matching bank transaction {line.id}"
            if not try_in_new_transaction(
                self.env, lambda env, line=line: line.with_env(env)._o2c_settle(), what
            ):
                why = self.env._("It could not be booked; the log says why.")
                try_in_new_transaction(
                    self.env,
                    lambda env, line=line, w=why: line.with_env(env)._o2c_leave(w),
                    what,
                )
            if not commit(1):
                break
