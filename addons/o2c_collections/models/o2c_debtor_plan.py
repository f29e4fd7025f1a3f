from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import SQL, format_date

from ..domain.channels import CHANNELS, WRITTEN
from .o2c_chase_decision_item import SENT_TYPES


class O2cDebtor(models.Model):
    """The customer's plan: by rule, or one of his own with a reason and an end."""

    _inherit = "o2c.debtor"

    plan_reason = fields.Char(
        "Why this plan",
        tracking=True,
        help="Why the customer is treated by a plan of his own.",
    )
    plan_until = fields.Date(
        "Plan until",
        tracking=True,
        help="Last day of the customer's own plan; then the rules decide again.",
    )
    preferred_channel = fields.Selection(
        [(channel, CHANNELS[channel]) for channel in WRITTEN],
        "Prefers to be written to by",
        tracking=True,
        help="What the plan writes goes this way, if the customer can be reached by "
        "it. Empty: as the plan says.",
    )
    plan_text = fields.Char(
        "Plan now",
        compute="_compute_explanation",
        help="The plan that applies today, and why.",
    )

    def _written_channels(self):
        """Give the channels of written messages the customer can be reached by."""
        customer_sudo = self.partner_id.sudo()  # sudo: contacts may be a branch's
        persons_sudo = customer_sudo | customer_sudo.child_ids.filtered(
            lambda person: (
                person.type == "invoice"
                or person.o2c_contact_role == "accounts_payable"
            )
        )
        address_of = self.env["o2c.chase.message"]._address_of
        return [
            channel
            for channel in WRITTEN
            if any(address_of(person, channel) for person in persons_sudo)
        ]

    @api.constrains("plan_id", "plan_reason", "plan_until")
    def _check_own_plan(self):
        """Whoever is treated otherwise than by rule is so for a reason, to an end."""
        for debtor in self.filtered("plan_id"):
            if not (debtor.plan_reason or "").strip() or not debtor.plan_until:
                raise ValidationError(
                    self.env._(
                        "%(name)s has a plan of their own: say why, and enter its "
                        "last day.",
                        name=debtor.display_name,
                    )
                )

    def write(self, vals):
        """EXTENDS o2c_base: without a plan there is no reason nor end for one."""
        if "plan_id" in vals and not vals["plan_id"]:
            vals = {**vals, "plan_reason": False, "plan_until": False}
        result = super().write(vals)
        if not self.env.su and vals.keys() & {"plan_id", "plan_until"}:
            self._check_plan_ahead()
        return result

    def _check_plan_ahead(self):
        """A person gives no plan whose last day has passed."""
        for debtor in self.filtered("plan_id"):
            # sudo: a user of a branch may not read its root company
            if debtor.plan_until < debtor.company_id.sudo()._o2c_today():
                raise ValidationError(
                    self.env._(
                        "The last day of the plan of %(name)s has passed: choose today "
                        "or a later day.",
                        name=debtor.display_name,
                    )
                )

    def action_choose_plan(self):
        """Give these customers a plan, or the one by rule: opens the dialog."""
        return self.env["o2c.worklist.batch"]._open("plan", self)

    @api.onchange("plan_id")
    def _onchange_plan_id(self):
        """Without a plan of his own there is no reason nor end for one."""
        if not self.plan_id:
            self.plan_reason = self.plan_until = False

    def _explained_values(self, decision):
        """EXTENDS o2c_collections: which plan applies, and by what."""
        return {
            **super()._explained_values(decision),
            "plan_text": self._describe_plan(decision),
        }

    def _describe_plan(self, decision):
        if not decision or not decision["plan_id"]:
            return False
        # sudo: the name of the plan that applies, for whoever sees the customer
        plan_sudo = self.env["o2c.chase.plan"].sudo().browse(decision["plan_id"])
        is_own = plan_sudo == self.plan_id
        # sudo: a user of a branch may not read its root company
        today = self.company_id.sudo()._o2c_today()
        if is_own and self.plan_until and self.plan_until < today:
            is_own = False  # a rule chose the very plan that had ended as his own
        if is_own and self.plan_until:
            day = format_date(self.env, self.plan_until)
            return self.env._(
                "%(plan)s, chosen for this customer until %(day)s",
                plan=plan_sudo.name,
                day=day,
            )
        if is_own:
            return self.env._("%(plan)s, chosen for this customer", plan=plan_sudo.name)
        return self.env._(
            "%(plan)s, by rule: %(rule)s", plan=plan_sudo.name, rule=plan_sudo.rule_text
        )

    def _due_sentence(self, decision, values):
        """EXTENDS o2c_collections: before the due date nothing is late."""
        if not decision["is_soon"]:
            return super()._due_sentence(decision, values)
        return self.env._("%(reason)s: %(amount)s will be due soon.", **values)

    def _rule_sentence(self, decision, values):
        """EXTENDS o2c_collections: before the due date days count down."""
        if not decision["is_soon"]:
            return super()._rule_sentence(decision, values)
        # sudo: names and days of plans, which everybody with a role may know
        step_sudo = self.env["o2c.chase.step"].sudo().browse(decision["step_id"])
        return self.env._(
            "Rule: %(plan)s, a reminder %(days)s days before the due date.",
            plan=step_sudo.plan_id.name,
            days=-step_sudo.days,
        )

    # ------------------------------------------------------------------
    # Only what was sent
    # ------------------------------------------------------------------

    def _unsent_sql(self):
        """Condition on ``item``: an invoice that was not sent, where that counts."""
        debtors = self._only_sent_debtors()
        if not debtors:
            return SQL("FALSE")
        return SQL(
            """
            (item.debtor_id = ANY(%s) AND EXISTS (
                SELECT FROM account_move sent
                 WHERE sent.id = item.move_id AND sent.move_type = ANY(%s)
                   AND sent.is_move_sent IS NOT TRUE))
            """,
            debtors,
            list(SENT_TYPES),
        )

    def _only_sent_debtors(self):
        """Ids of those whose plan asks for invoices that were sent alone."""
        roots = self.sudo().company_id  # sudo: ids, nothing is shown
        plans_sudo = self.env["o2c.chase.plan"].sudo()  # sudo: whether there is one
        asking = [
            ("only_sent", "=", True),
            ("company_id", "in", [*roots.ids, False]),
        ]
        if not plans_sudo.search_count(asking, limit=1):
            return []
        decisions = self.env["o2c.chase.decision"]
        self.env["account.move"].flush_model(["is_move_sent", "move_type"])
        self.flush_model(["plan_id", "plan_until", "segment_id"])
        account = decisions._account_sql(roots, SQL("debtor.id = ANY(%s)", self.ids))
        rows = self.env.execute_query(
            SQL(
                "WITH company(id, today, has_sender, pilot) AS (VALUES %s)"
                " SELECT debtor_id FROM (%s) account WHERE only_sent",
                decisions._company_values(roots),
                account,
            )
        )
        return [debtor_id for (debtor_id,) in rows]
