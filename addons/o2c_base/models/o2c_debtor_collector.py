from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain
from odoo.tools import format_date


class O2cDebtor(models.Model):
    """Who looks after a customer today: the collector, or who acts for him."""

    _inherit = "o2c.debtor"

    collector_id = fields.Many2one(
        domain=lambda self: self.env["o2c.collector.rule"]._collector_domain()
    )
    is_mine = fields.Boolean(
        "My customer",
        compute="_compute_is_mine",
        search="_search_is_mine",
        help="You own the customer, act for the owner who is away, or nobody owns him.",
    )
    acting_collector_id = fields.Many2one(
        "res.users",
        "Acting collector",
        compute="_compute_acting_collector",
        help="The collector, or who acts for him while he is away.",
    )
    absence_text = fields.Char("Hand-over", compute="_compute_acting_collector")

    @api.constrains("collector_id")
    def _check_collector(self):
        """Refuse what no screen offers: customers and visitors sign no letters."""
        if self.sudo().collector_id.filtered("share"):  # sudo: of any company
            raise ValidationError(self.env._("A collector is one of your own people."))

    def write(self, vals):
        """Let users choose only who can see the customer.

        Keepers and merges keep who it was, even if he has left meanwhile.
        """
        if vals.get("collector_id") and not self.env.su:
            self.check_access("write")
            self._check_can_collect(vals["collector_id"])
        return super().write(vals)

    def _check_can_collect(self, user_id):
        """Refuse a collector to whom these customers would not be shown."""
        for company in self.sudo().company_id:  # sudo: the root of a user's branch
            if user_id in self.env["o2c.collector.rule"]._collectors(company).ids:
                continue
            person_sudo = self.env["res.users"].sudo().browse(user_id).exists()
            raise ValidationError(
                self.env._(
                    "%(person)s cannot look after customers of %(company)s: give him "
                    "a role in Receivables and access to the company first.",
                    person=person_sudo.name or user_id,  # sudo: of any company
                    company=company.name,
                )
            )

    # ------------------------------------------------------------------
    # Mine
    # ------------------------------------------------------------------

    @api.depends("collector_id", "company_id")
    @api.depends_context("uid", "allowed_company_ids")
    def _compute_is_mine(self):
        mine = self.search(Domain("id", "in", self.ids) & self._mine_domain())
        for debtor in self:
            debtor.is_mine = debtor._origin in mine

    def _search_is_mine(self, operator, value):
        if operator != "in" or True not in value:
            return NotImplemented
        return self._mine_domain()

    @api.model
    def _mine_domain(self):
        """Customers of the user, of those he acts for today, and nobody's."""
        absences = self.env["o2c.collector.absence"]
        domain = Domain("collector_id", "in", [self.env.uid, False])
        for root in {company._o2c_root() for company in self.env.companies}:
            acting = absences._acting_by_owner(root)
            owners = [o for o, person in acting.items() if person == self.env.uid]
            if owners:
                domain |= Domain(
                    [("company_id", "=", root.id), ("collector_id", "in", owners)]
                )
        return domain

    # ------------------------------------------------------------------
    # Who acts
    # ------------------------------------------------------------------

    @api.depends("collector_id", "company_id")
    @api.depends_context("lang")
    def _compute_acting_collector(self):
        self.absence_text = False
        for company, debtors in self.grouped("company_id").items():
            away = self.env["o2c.collector.absence"]._away(company)
            for debtor in debtors:
                owner_sudo = debtor.sudo().collector_id  # sudo: of any company
                person_id, last_day = away.get(owner_sudo.id, (owner_sudo.id, None))
                person_sudo = owner_sudo.browse(person_id).filtered("active")
                debtor.acting_collector_id = person_sudo.id
                if last_day:
                    debtor.absence_text = self.env._(
                        "%(owner)s is away until %(date)s. %(person)s acts.",
                        owner=owner_sudo.name,
                        date=format_date(self.env, last_day),
                        person=person_sudo.name,
                    )

    def _acting_collector(self):
        """Who looks after this customer today, as a user in superuser mode.

        Nobody, where there is no customer, no owner, or the owner was archived.
        """
        owner_sudo = self.sudo().collector_id  # sudo: may be of another company
        if not owner_sudo:
            return owner_sudo
        absences = self.env["o2c.collector.absence"]
        acting = absences._acting_by_owner(self.company_id)
        person_sudo = owner_sudo.browse(acting.get(owner_sudo.id, owner_sudo.id))
        return person_sudo.filtered("active")
