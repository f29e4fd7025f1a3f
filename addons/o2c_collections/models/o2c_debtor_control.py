from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain

from ..domain.reasons import REVIEW_DAYS
from .o2c_chase_action import PENDING


class O2cDebtor(models.Model):
    """Customers whom the chase has lost sight of; there should be none."""

    _inherit = "o2c.debtor"

    lacks_next_step = fields.Boolean(
        "Without next step",
        compute="_compute_lacks_next_step",
        search="_search_lacks_next_step",
        help="Owes something overdue and has neither a next step with a date nor a "
        "reason with a day on which somebody looks again.",
    )

    @api.depends("amount_overdue", "chase_reason", "next_action_date")
    def _compute_lacks_next_step(self):
        domain = Domain("id", "in", self.ids) & Domain("lacks_next_step", "=", True)
        lost = self.search(domain)
        for debtor in self:
            debtor.lacks_next_step = debtor._origin in lost

    @api.model
    def _search_lacks_next_step(self, operator, value):
        if operator != "in" or True not in value:
            return NotImplemented
        roots = self.env["res.company"]._o2c_roots()
        return Domain.OR(self._silent_domain(root) for root in roots)

    @api.model
    def _silent_domain(self, root):
        """Whom nobody would contact, nor look at, while the company chases.

        A day of grace: what is due today is done by today's run.
        """
        today = root._o2c_today()
        company = Domain("company_id", "=", root.id)
        if not root.sudo().o2c_sending:  # sudo: see _o2c_roots
            return company & Domain.FALSE
        lost = (
            Domain("chase_reason", "=", False)
            | Domain("next_action_date", "=", False)
            | Domain("next_action_date", ">", today + timedelta(days=REVIEW_DAYS))
            | Domain("next_action_date", "<", today - timedelta(days=1))
        )
        left = Domain("chase_reason", "=", "in_progress") & Domain(
            "action_ids", "not any", [("state", "in", PENDING)]
        )
        return company & Domain("amount_overdue", ">", 0) & (lost | left)
