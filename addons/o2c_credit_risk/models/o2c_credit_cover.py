from datetime import date

from odoo import api, fields, models

from ..domain.credit_limit import DECIDED

#: What decides on which days a cover counts.
SPAN = {"active", "date_from", "date_to"}


class O2cCreditCover(models.Model):
    """What stands behind a customer's credit: an insurance, or a guarantee.

    It is shown beside the exposure and never taken off it. A limit that is bound to
    a cover counts only while the cover runs.
    """

    _name = "o2c.credit.cover"
    _description = "Credit cover"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "date_to DESC, id DESC"
    _rec_names_search = ["partner_id", "reference"]

    debtor_id = fields.Many2one(
        "o2c.debtor",
        "Customer account",
        required=True,
        index=True,
        ondelete="cascade",
    )
    partner_id = fields.Many2one(related="debtor_id.partner_id", store=True)
    company_id = fields.Many2one(related="debtor_id.company_id", store=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    kind = fields.Selection(
        [
            ("insurance", "Credit insurance"),
            ("guarantee", "Guarantee"),
            ("deposit", "Deposit"),
        ],
        required=True,
        default="insurance",
        tracking=True,
    )
    provider_id = fields.Many2one(
        "res.partner", "Given by", help="The insurer, the bank, the parent company."
    )
    reference = fields.Char(help="Number of the policy or of the deed.")
    amount = fields.Monetary("Covered", required=True, tracking=True)
    date_from = fields.Date(
        "From", required=True, default=lambda self: self.env.company._o2c_today()
    )
    date_to = fields.Date("To", required=True, tracking=True, help="Last day.")
    active = fields.Boolean(default=True, tracking=True)
    limit_ids = fields.One2many("o2c.credit.limit", "cover_id", "Limits")
    renewal_opened_on = fields.Date("Renewal opened", readonly=True, copy=False)

    _amount_positive = models.Constraint(
        "CHECK(amount > 0)", "The covered amount must be more than zero."
    )
    _dates_check = models.Constraint(
        "CHECK(date_to >= date_from)", "A cover cannot end before it begins."
    )

    @api.depends("kind", "reference", "provider_id")
    @api.depends_context("lang")
    def _compute_display_name(self):
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        for cover in self:
            parts = [
                kinds.get(cover.kind),
                cover.provider_id.display_name,
                cover.reference,
            ]
            cover.display_name = ", ".join(part for part in parts if part)

    @api.model_create_multi
    def create(self, vals_list):
        """What is bound to a cover counts with it."""
        covers = super().create(vals_list)
        covers._refresh_limits()
        return covers

    def write(self, vals):
        """What is bound to a cover counts with it, from this moment.

        To move a cover is to decide about the limits that are bound to it.

        :raise AccessError: where they, or what holds without them, are beyond what
            the user may approve
        """
        before = {cover: cover._span() for cover in self if vals.keys() & SPAN}
        for cover in before:
            cover._check_reach()
        result = super().write(vals)
        for cover, (begin, end) in before.items():
            new_begin, new_end = cover._span()
            cover._check_reach(is_less=new_begin > begin or new_end < end)
        self._refresh_limits()
        return result

    def _span(self):
        """First and last day on which it counts; none at all when it is archived."""
        if not self.active:
            return date.max, date.min
        return self.date_from, self.date_to

    def _check_reach(self, is_less=False):
        """Refuse to move what limits beyond the user's reach depend on.

        :param is_less: whether they count on fewer days than was decided
        """
        if self.env.su:
            return
        for limit in self.limit_ids.filtered(lambda limit: limit.state in DECIDED):
            limit._check_reach()
            if is_less:
                limit._check_reach_without()

    def _refresh_limits(self):
        # sudo: the keeper writes, not the user
        self.sudo().limit_ids.debtor_id._refresh_credit_limit()

    @api.model
    def _open_renewals(self, root):
        """Ask once for the renewal of covers that end soon.

        :return: number of covers somebody was asked about
        """
        today = root._o2c_today()
        running = self.search(
            [
                ("company_id", "=", root.id),
                ("date_to", ">=", today),
                ("renewal_opened_on", "=", False),
            ]
        )
        policies = self.env["o2c.credit.policy"]._for_debtors(running.debtor_id)
        due = running.filtered(
            lambda cover: (
                (cover.date_to - today).days <= policies[cover.debtor_id].renewal_days
            )
        )
        for cover in due:
            policy = policies[cover.debtor_id]
            person = policy._approvers(root, cover.amount)[:1]
            if person:
                cover.activity_schedule(
                    "mail.mail_activity_data_todo",
                    date_deadline=cover.date_to,
                    summary=self.env._("Renew this cover"),
                    user_id=person.id,
                )
        due.renewal_opened_on = today
        return len(due)
