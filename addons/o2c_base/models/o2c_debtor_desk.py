from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools.misc import formatLang

from ..domain.behaviour import direction
from ..domain.kpi import TREND_DAYS
from ..domain.kpi_formulas import share

#: Items and contacts shown on the form itself; the smart buttons open them all.
SHOWN_MAX = 200


class O2cDebtor(models.Model):
    """What a collector sees on the customer account, and where it leads.

    Nothing here is stored. Each number on a button is the length of the list that
    the button opens, so both are made from one domain, with the user's own rights.
    """

    _inherit = "o2c.debtor"

    open_item_count = fields.Integer("Open items", compute="_compute_item_counts")
    overdue_item_count = fields.Integer("Overdue items", compute="_compute_item_counts")
    invoice_count = fields.Integer("Invoices", compute="_compute_invoice_count")
    activity_count = fields.Integer("Planned", compute="_compute_activity_count")
    open_item_ids = fields.Many2many(
        "o2c.open.item",
        compute="_compute_open_items",
        help="Oldest due first, each instalment by itself.",
    )
    contact_ids = fields.Many2many(
        "res.partner", string="Contacts", compute="_compute_contacts"
    )
    is_items_cut = fields.Boolean(compute="_compute_open_items")
    overdue_share = fields.Char(
        compute="_compute_live",
        help="Which part of what is owed, before unapplied credit, is past due.",
    )
    oldest_due_note = fields.Char(
        "Age of the oldest",
        compute="_compute_live",
        help="How long the oldest open item has been due.",
    )
    days_late_live = fields.Char(
        "Pays late by",
        compute="_compute_live",
        help="Days from due date to value date of the money that came in within 365 "
        "days, weighted by amount.",
    )
    days_late_direction = fields.Selection(
        [("worse", "Worse"), ("steady", "Steady"), ("better", "Better")],
        compute="_compute_live",
    )
    days_late_note = fields.Char(
        "Trend in words",
        compute="_compute_live",
        help="Average of the last 90 days against that of 365 days.",
    )
    on_time_live = fields.Char(
        "Paid on time now",
        compute="_compute_live",
        help="By amount, of what fell due within 365 days.",
    )
    next_step = fields.Char(compute="_compute_next_step", help="What happens next.")
    next_step_date = fields.Date(compute="_compute_next_step")

    # ------------------------------------------------------------------
    # Lists behind the form
    # ------------------------------------------------------------------

    def _items_domain(self):
        """Open items of these accounts.

        By customer and company rather than by account: the query is then narrowed
        to these customers.
        """
        # sudo: ids of the partners narrow the query, nothing of them is shown
        debtors_sudo = self.sudo()
        return Domain("partner_id", "in", debtors_sudo.partner_id.ids) & Domain(
            "root_company_id", "in", debtors_sudo.company_id.ids
        )

    def _overdue_domain(self):
        return (
            self._items_domain()
            & Domain("days_overdue", ">", 0)
            & Domain("amount_residual", ">", 0)
        )

    def _invoices_domain(self):
        """Posted customer invoices and credit notes of one account."""
        self.ensure_one()
        return (
            Domain("partner_id.commercial_partner_id", "=", self.partner_id.id)
            & Domain("company_id", "child_of", self.company_id.id)
            & Domain("move_type", "in", self.env["account.move"].get_sale_types())
            & Domain("state", "=", "posted")
        )

    def _activities_domain(self):
        return Domain("res_model", "=", self._name) & Domain("res_id", "in", self.ids)

    @api.depends("partner_id", "company_id")
    @api.depends_context("uid", "allowed_company_ids")
    def _compute_item_counts(self):
        items = self.env["o2c.open.item"]
        counts = {}
        for name, domain in (
            ("open_item_count", self._origin._items_domain()),
            ("overdue_item_count", self._origin._overdue_domain()),
        ):
            rows = items._read_group(domain, ["debtor_id"], ["__count"])
            counts[name] = {debtor.id: count for debtor, count in rows}
        for debtor in self:
            for name, numbers in counts.items():
                debtor[name] = numbers.get(debtor._origin.id, 0)

    @api.depends("partner_id", "company_id")
    @api.depends_context("uid", "allowed_company_ids")
    def _compute_invoice_count(self):
        for debtor in self:
            moves = self.env["account.move"]
            debtor.invoice_count = moves.search_count(debtor._origin._invoices_domain())

    @api.depends("activity_ids")
    def _compute_activity_count(self):
        for debtor in self:
            debtor.activity_count = len(debtor.activity_ids)

    @api.depends("partner_id", "company_id")
    @api.depends_context("uid", "allowed_company_ids")
    def _compute_open_items(self):
        for debtor in self:
            items = self.env["o2c.open.item"].search_fetch(
                debtor._origin._items_domain(), limit=SHOWN_MAX + 1
            )
            debtor.is_items_cut = len(items) > SHOWN_MAX
            debtor.open_item_ids = items[:SHOWN_MAX]

    @api.depends("partner_id")
    @api.depends_context("uid", "allowed_company_ids")
    def _compute_contacts(self):
        for debtor in self:
            debtor.contact_ids = self.env["res.partner"].search(
                [("commercial_partner_id", "=", debtor.partner_id.id)],
                order="o2c_contact_role, is_company DESC, complete_name, id",
                limit=SHOWN_MAX,
            )

    # ------------------------------------------------------------------
    # Header
    # ------------------------------------------------------------------

    def _live_values(self, facts):
        """EXTENDS o2c_base: what the figures mean, in words."""
        trend = facts.get("days_late_trend")
        return {
            **super()._live_values(facts),
            "overdue_share": self._overdue_share_text(facts),
            "oldest_due_note": self._oldest_due_text(facts.get("date_oldest_due")),
            "days_late_live": self._days_late_text(facts.get("days_late_average")),
            "days_late_direction": direction(trend),
            "days_late_note": self._trend_text(trend),
            "on_time_live": self._on_time_text(facts.get("on_time_share")),
        }

    def _overdue_share_text(self, facts):
        owed = facts.get("amount_outstanding", 0) + facts.get("amount_unapplied", 0)
        figure = share(facts.get("amount_overdue", 0), owed)
        if figure.value is None:
            return self.env._("n/a: nothing is owed")
        number = formatLang(self.env, figure.value, digits=1)
        return self.env._("%(share)s %% of what is owed", share=number)

    def _days_late_text(self, days):
        if days is None:
            return self.env._("n/a")
        number = formatLang(self.env, abs(days), digits=1)
        if days < 0:
            return self.env._("%(days)s days early", days=number)
        return self.env._("%(days)s days", days=number)

    def _trend_text(self, trend):
        """The trend in a word, so that no colour or arrow stands alone."""
        if trend is None:
            return self.env._("no trend: no money in %(days)s days", days=TREND_DAYS)
        number = formatLang(self.env, abs(trend), digits=1)
        return {
            "worse": self.env._("getting worse by %(days)s days", days=number),
            "better": self.env._("getting better by %(days)s days", days=number),
            "steady": self.env._("steady"),
        }[direction(trend)]

    def _on_time_text(self, percent):
        if percent is None:
            return self.env._("n/a: nothing fell due in a year")
        number = formatLang(self.env, percent, digits=1)
        return self.env._("%(share)s %%", share=number)

    def _oldest_due_text(self, oldest):
        if not oldest:
            return self.env._("n/a: nothing is open")
        # sudo: a user of a branch may not read its root company
        days = (self.company_id.sudo()._o2c_today() - oldest).days
        if days > 1:
            return self.env._("%(days)s days late", days=days)
        if days == 1:
            return self.env._("1 day late")
        if days == 0:
            return self.env._("due today")
        return self.env._("due in %(days)s days", days=-days)

    @api.depends("activity_ids.date_deadline")
    @api.depends_context("lang", "uid")
    def _compute_next_step(self):
        steps = self._next_steps()
        for debtor in self:
            day, text = steps.get(debtor._origin.id, (False, False))
            debtor.next_step_date = day
            debtor.next_step = text

    def _next_steps(self):
        """Hook: what happens next with each customer; here, what is planned.

        :return: dict of account id to (date or False, text)
        """
        steps = {}
        for debtor in self._origin:
            activity = debtor.activity_ids[:1]
            if activity:
                text = activity.summary or activity.activity_type_id.name
                steps[debtor.id] = (activity.date_deadline, text)
            else:
                steps[debtor.id] = (False, self.env._("Nothing is planned"))
        return steps

    def _standing(self):
        """Hook: in a few words, whether something keeps the customer apart.

        Salespeople read it on the contact.
        """
        self.ensure_one()
        if self.amount_overdue_live > 0:
            return self.env._("Overdue")
        return self.env._("Nothing overdue")

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    def get_formview_action(self, access_uid=None):
        """EXTENDS web: the account shows today, wherever it is opened from."""
        today = self.with_context(o2c_as_of=None)
        action = super(O2cDebtor, today).get_formview_action(access_uid=access_uid)
        action["context"].pop("o2c_as_of")
        return action

    def _action_items(self, domain):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "o2c_base.o2c_open_item_action"
        )
        action["domain"] = list(domain)
        action["context"] = {"search_default_group_currency": 0}
        return action

    def action_open_items(self):
        """The items behind the figures, from the smart button."""
        self.check_access("read")
        return self._action_items(self._items_domain())

    def action_open_overdue(self):
        """The items that are past due, from the smart button."""
        self.check_access("read")
        action = self._action_items(self._overdue_domain())
        action["name"] = self.env._("Overdue items")
        return action

    def action_open_invoices(self):
        """The customer's posted invoices and credit notes, from the smart button."""
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "account.action_move_out_invoice_type"
        )
        action["domain"] = list(self._invoices_domain())
        action["context"] = {"default_move_type": "out_invoice", "create": False}
        return action

    def action_open_activities(self):
        """What is planned with the customer, from the smart button."""
        self.ensure_one()
        self.check_access("read")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Planned activities"),
            "res_model": "mail.activity",
            "view_mode": "list,form",
            "domain": list(self._activities_domain()),
            "context": {"create": False},
        }

    def action_open_partner(self):
        """The contact itself."""
        self.ensure_one()
        self.check_access("read")
        return self.partner_id.get_formview_action()

    def action_log_call(self):
        """Note a call: opens the dialog."""
        self.ensure_one()
        self.check_access("write")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Log a call"),
            "res_model": "o2c.call",
            "view_mode": "form",
            "target": "new",
            "context": {"default_debtor_id": self.id},
        }

    def _planned_calls(self):
        """Calls planned with this customer, the first one first."""
        return self.activity_ids.filtered(
            lambda activity: activity.activity_type_id.category == "phonecall"
        )
