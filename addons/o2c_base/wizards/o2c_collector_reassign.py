from collections import Counter

from odoo import Command, api, fields, models

from ..domain.sharing import share_evenly

#: Customers named in the result, for each reason to be skipped.
NAMES_MAX = 10


class O2cCollectorReassign(models.TransientModel):
    """Give chosen customers to other collectors, at once or by the rules."""

    _name = "o2c.collector.reassign"
    _description = "Reassign customers"

    debtor_ids = fields.Many2many(
        "o2c.debtor", string="Customers", default=lambda self: self._default_debtors()
    )
    debtor_count = fields.Integer("Number", compute="_compute_debtor_count")
    mode = fields.Selection(
        [("people", "To these collectors"), ("rules", "By the collector rules")],
        "How",
        required=True,
        default="people",
    )
    collector_ids = fields.Many2many(
        "res.users",
        string="Collectors",
        domain=lambda self: self.env["o2c.collector.rule"]._collector_domain(),
        help="Several share the customers evenly; who has one already keeps him.",
    )
    result = fields.Text(readonly=True)

    @api.model
    def _default_debtors(self):
        if self.env.context.get("active_model") != "o2c.debtor":
            return []
        return [Command.set(self.env.context.get("active_ids") or [])]

    @api.depends("debtor_ids")
    def _compute_debtor_count(self):
        for wizard in self:
            wizard.debtor_count = len(wizard.debtor_ids)

    def action_reassign(self):
        """Reassign, and tell who was skipped and why."""
        self.ensure_one()
        self.check_access("write")
        debtors = self.debtor_ids
        debtors.check_access("write")
        note = None if self.mode == "rules" else self.env._("Reassigned by hand.")
        given, skipped = Counter(), {}
        for company, accounts in debtors.grouped("company_id").items():
            decide = self._by_rules if self.mode == "rules" else self._to_people
            plan, reasons = decide(company, accounts)
            self.env["o2c.collector.rule"]._hand_over(plan, note)
            given.update(collector_id for collector_id, _rule in plan.values())
            skipped.update(reasons)
        self.result = self._result_text(given, skipped)
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Reassigned"),
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "target": "new",
        }

    # ------------------------------------------------------------------
    # Deciding
    # ------------------------------------------------------------------

    def _to_people(self, company, debtors):
        """Share evenly among the chosen people.

        :return: ({account id: (collector id, None)}, {account: why he is skipped})
        """
        able = self.env["o2c.collector.rule"]._collectors(company) & self.collector_ids
        if not able:
            reason = self.env._("no chosen collector has a role and access there")
            return {}, dict.fromkeys(debtors, reason)
        staying = debtors.filtered(lambda debtor: debtor.collector_id in able)
        loads = Counter(debtor.collector_id.id for debtor in staying)
        moving = (debtors - staying).sorted("amount_outstanding", reverse=True)
        shared = share_evenly(moving.ids, able.ids, loads, Counter(loads))
        reason = self.env._("already with a chosen collector")
        plan = {debtor_id: (user_id, None) for debtor_id, user_id in shared.items()}
        return plan, dict.fromkeys(staying, reason)

    def _by_rules(self, company, debtors):
        """What the rules would decide had the customers no owner."""
        rules = self.env["o2c.collector.rule"].sudo()  # sudo: collectors use them too
        plan = rules._plan(company, debtors)
        ours = {d.id: plan[d.id] for d in debtors if d.id in plan and plan[d.id][0]}
        reasons = {}
        for debtor in debtors:
            if debtor.id not in ours:
                reasons[debtor] = (
                    self.env._("already where the rules want him")
                    if debtor.id not in plan and debtor.collector_id
                    else self.env._("no rule fits and nobody takes part in sharing")
                )
        return ours, reasons

    # ------------------------------------------------------------------
    # Telling
    # ------------------------------------------------------------------

    def _result_text(self, given, skipped):
        names = {u.id: u.name for u in self.env["res.users"].sudo().browse(given)}
        parts = [f"{names[user_id]}: {count}" for user_id, count in given.most_common()]
        lines = [self.env._("%(count)s customers reassigned.", count=given.total())]
        lines += [", ".join(parts)] if parts else []
        for reason in dict.fromkeys(skipped.values()):
            debtors = [debtor for debtor, why in skipped.items() if why == reason]
            shown = ", ".join(d.display_name for d in debtors[:NAMES_MAX])
            lines.append(
                self.env._(
                    "%(count)s skipped, %(reason)s: %(names)s",
                    count=len(debtors),
                    reason=reason,
                    names=shown + (" …" if len(debtors) > NAMES_MAX else ""),
                )
            )
        return "\n".join(lines)
