from odoo import models
from odoo.tools import format_amount, format_date

from ..domain.reasons import HOLDING

#: Reasons that come from a rule of the plan, which is then named.
BY_PLAN = (
    "due",
    "waiting_level",
    "too_soon",
    "plan_finished",
    "below_tolerance",
    "no_level_for_amount",
    "no_levels",
    "not_in_pilot",
)


class O2cDebtor(models.Model):
    """What answers "Why?": reason, deciding figure, rule of the plan, what is next."""

    _inherit = "o2c.debtor"

    def _fetch_rules(self, decisions):
        """Read the plans and levels that the texts name, of all customers at once."""
        # sudo: names and days of plans, which everybody with a role may know
        env_sudo = self.sudo().env
        for model, column, names in (
            ("o2c.chase.plan", "plan_id", ["name", "gap_days", "repeat_days"]),
            ("o2c.chase.step", "step_id", ["days", "level"]),
        ):
            ids = {decision[column] for decision in decisions} - {None}
            env_sudo[model].browse(ids).fetch(names)

    def _explain(self, decision):
        """The decision in words, with the figure and the rule that decide it."""
        self.ensure_one()
        values = self._explained_figures(decision)
        sentences = (
            self._figure_sentence(decision, values),
            self._rule_sentence(decision, values),
            self._preference_sentence(decision, values),
            self._next_sentence(decision, values),
        )
        return " ".join(filter(None, sentences))

    def _explained_figures(self, decision):
        """What the sentences may name, formatted."""
        env = self.env
        reasons = dict(self._fields["chase_reason"]._description_selection(env))
        channel = env["o2c.chase.decision"]._fields["channel"]
        channels = dict(channel._description_selection(env))

        def money(amount):
            return format_amount(env, amount or 0, self.currency_id)

        return {
            "reason": reasons.get(decision["reason"], decision["reason"]),
            "amount": money(decision["amount_due"]),
            "overdue": money(decision["amount_overdue"]),
            "resting": money(self._resting_amount(decision)),
            "tolerance": money(decision["tolerance"]),
            "days": decision["days_collectable"],
            "level": decision["level"],
            "channel": channels.get(decision["channel"], ""),
            "passed": decision["level_passed"],
            "date": format_date(env, decision["date_next"]),
            "paused": format_date(env, decision["paused_until"]),
            "pause_reason": self.pause_reason or "",
            "contact": format_date(env, decision["level_date"]),
            "address": decision["recipient_email"] or "",
            **self._budget_figures(decision, money),
        }

    def _budget_figures(self, decision, money):
        """What sentences name of costs and of the contact budget."""
        root_sudo = self.company_id.sudo()  # sudo: settings that explain the decision
        return {
            "cost": money(decision["cost"]),
            "cap": root_sudo.o2c_contact_cap,
            "cap_days": root_sudo.o2c_contact_cap_days,
        }

    def _resting_amount(self, decision):
        """How much rests for the reason that was found."""
        parts = {
            name: decision[f"amount_{name}"]
            for name in ("disputed", "promised", "in_transit")
        }
        if decision["reason"] in parts:
            return parts[decision["reason"]]
        return decision["amount_ours"] - decision["amount_due"] - sum(parts.values())

    # ------------------------------------------------------------------
    # Sentences
    # ------------------------------------------------------------------

    def _figure_sentence(self, decision, values):
        """The reason and the figure that decides."""
        if decision["outcome"] == "due":
            return self._due_sentence(decision, values)
        env = self.env
        match decision["reason"]:
            case "paused_until":
                if not values["pause_reason"]:
                    return env._("%(reason)s: %(paused)s.", **values)
                return env._("%(reason)s: %(paused)s (%(pause_reason)s).", **values)
            case "below_tolerance":
                return env._(
                    "%(reason)s: %(amount)s may be asked for, the tolerance is "
                    "%(tolerance)s.",
                    **values,
                )
            case "disputed" | "promised" | "in_transit" | "covered_by_credit":
                return env._("%(reason)s: %(resting)s of %(overdue)s.", **values)
            case "waiting_level" | "too_soon" | "plan_finished":
                return env._(
                    "%(reason)s: the oldest item is %(days)s days late, %(amount)s may "
                    "be asked for.",
                    **values,
                )
            case "not_worth_it" | "contact_cap":
                return self._budget_sentence(decision, values)
            case "not_in_pilot":
                return env._(
                    "%(reason)s. Otherwise level %(level)s would be due, for "
                    "%(amount)s; the oldest item is %(days)s days late.",
                    **values,
                )
        if decision["amount_overdue"]:
            return env._("%(reason)s (overdue: %(overdue)s).", **values)
        return env._("%(reason)s.", **values)

    def _budget_sentence(self, decision, values):
        """What a contact costs, or how often there may be one."""
        if decision["reason"] == "contact_cap":
            return self.env._(
                "%(reason)s: at most %(cap)s contacts in %(cap_days)s days.", **values
            )
        return self.env._(
            "%(reason)s: %(amount)s may be asked for, the contact costs %(cost)s.",
            **values,
        )

    def _due_sentence(self, decision, values):
        if decision.get("is_soon"):
            return self.env._(
                "%(reason)s: level %(level)s, %(channel)s, for %(amount)s.", **values
            )
        if decision["channel"] == "email" and decision["recipient_email"]:
            return self.env._(
                "%(reason)s: level %(level)s by e-mail to %(address)s, for %(amount)s; "
                "the oldest item is %(days)s days late.",
                **values,
            )
        return self.env._(
            "%(reason)s. Level %(level)s, %(channel)s, for %(amount)s; the oldest item "
            "is %(days)s days late.",
            **values,
        )

    def _rule_sentence(self, decision, values):
        """The rule of the plan that gives this decision, if one does."""
        is_by_plan = decision["outcome"] == "due" or decision["reason"] in BY_PLAN
        if not (is_by_plan and decision["plan_id"]):
            return ""
        # sudo: see _fetch_rules
        plan_sudo = self.env["o2c.chase.plan"].sudo().browse(decision["plan_id"])
        step_sudo = self.env["o2c.chase.step"].sudo().browse(decision["step_id"])
        values = {
            **values,
            "plan": plan_sudo.name,
            "gap": plan_sudo.gap_days,
            "repeat": plan_sudo.repeat_days,
            "step_days": step_sudo.days,
        }
        env = self.env
        if decision["reason"] == "too_soon":
            return env._(
                "Rule: %(plan)s keeps %(gap)s days between contacts, the last one was "
                "on %(contact)s.",
                **values,
            )
        if decision["reason"] == "plan_finished":
            return env._(
                "Rule: %(plan)s has no level after %(passed)s, and looks again after "
                "%(repeat)s days.",
                **values,
            )
        if step_sudo and step_sudo.level == decision["level"]:
            return env._(
                "Rule: %(plan)s, level %(level)s from %(step_days)s days late.",
                **values,
            )
        return env._("Rule: %(plan)s.", **values)

    def _preference_sentence(self, decision, values):
        """That the customer chose the way, where it is not the plan's."""
        if not decision["is_preferred"]:
            return ""
        return self.env._("The customer prefers: %(channel)s.", **values)

    def _next_sentence(self, decision, values):
        """What comes next, and when."""
        if decision["outcome"] == "due" or not decision["date_next"]:
            return ""
        waits = ("waiting_level", "too_soon", "plan_finished", *HOLDING)
        if decision["reason"] in waits:
            return self.env._("Level %(level)s follows on %(date)s.", **values)
        return self.env._("Looked at again on %(date)s.", **values)
