from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import SQL


class O2cCollectorRule(models.Model):
    """Which collectors look after which customers.

    The first rule that fits a customer decides; several collectors share what
    falls under a rule evenly. Where no rule fits, all collectors of the company
    share, managers only if a rule names them.
    """

    _name = "o2c.collector.rule"
    _description = "Collector rule"
    _order = "sequence, id"
    _check_company_auto = True

    name = fields.Char(required=True)
    sequence = fields.Integer(
        default=10, help="The first rule that fits a customer decides."
    )
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company",
        required=True,
        ondelete="cascade",
        default=lambda self: self.env.company._o2c_root(),
        domain=[("parent_id", "=", False)],
        help="The root company whose customers it shares out.",
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    segment_ids = fields.Many2many(
        "o2c.segment",
        string="Segments",
        check_company=True,
        domain="[('company_id', 'in', [company_id, False])]",
        help="Empty: customers of any segment.",
    )
    country_ids = fields.Many2many(
        "res.country", string="Countries", help="Empty: customers of any country."
    )
    salesperson_ids = fields.Many2many(
        "res.users",
        "o2c_collector_rule_salesperson_rel",
        string="Salespeople",
        domain=[("share", "=", False)],
        help="Salespeople of the customers, as written on the contact. Empty: any.",
    )
    amount_from = fields.Monetary(
        "Outstanding from", help="Customers who owe at least this. 0: no bound."
    )
    amount_to = fields.Monetary(
        "Outstanding below", help="Customers who owe less than this. 0: no bound."
    )
    collector_ids = fields.Many2many(
        "res.users",
        "o2c_collector_rule_collector_rel",
        string="Collectors",
        required=True,
        domain=lambda self: self._collector_domain(),
        help="Several share evenly what falls under the rule.",
    )

    _bounds_in_order = models.Constraint(
        "CHECK(COALESCE(amount_to, 0) = 0 OR amount_to > COALESCE(amount_from, 0))",
        "The upper bound must be above the lower one.",
    )

    # ------------------------------------------------------------------
    # Checks
    # ------------------------------------------------------------------

    @api.constrains("company_id")
    def _check_root_company(self):
        for rule in self:
            if rule.company_id != rule.company_id._o2c_root():
                raise ValidationError(
                    self.env._("A collector rule belongs to a company, not a branch.")
                )

    @api.constrains("collector_ids", "company_id")
    def _check_collectors(self):
        for rule in self:
            wrong = rule.collector_ids - self._collectors(rule.company_id)
            if wrong or not rule.collector_ids:
                raise ValidationError(
                    self.env._(
                        "%(rule)s: each collector needs a Receivables role and access "
                        "to %(company)s. %(names)s",
                        rule=rule.name,
                        company=rule.company_id.name,
                        names=", ".join(wrong.mapped("name")),
                    )
                )

    # ------------------------------------------------------------------
    # Who can be a collector
    # ------------------------------------------------------------------

    @api.model
    def _collector_domain(self):
        """Users with a role that lets them work on customer accounts."""
        groups = self._collector_group() | self.env.ref("o2c_base.group_credit_manager")
        return [("share", "=", False), ("all_group_ids", "in", groups.ids)]

    @api.model
    def _collector_group(self):
        return self.env.ref("o2c_base.group_collector")

    @api.model
    def _collectors(self, company):
        """Who can own customers of a root company: role, access, not archived."""
        # sudo: who collects is no secret, users of other companies may be hidden
        users_sudo = self.env["res.users"].sudo().with_context(active_test=True)
        return users_sudo.search(
            [*self._collector_domain(), ("company_ids", "child_of", company.id)],
            order="id",
        )

    @api.model
    def _pool(self, company):
        """Who shares the customers whom no rule fits."""
        collector = self._collector_group()
        manager = self.env.ref("o2c_base.group_manager")
        return self._collectors(company).filtered(
            lambda user: (
                collector in user.all_group_ids and manager not in user.all_group_ids
            )
        )

    # ------------------------------------------------------------------
    # Whom a rule fits
    # ------------------------------------------------------------------

    def _fits_sql(self):
        """The rule as a condition on ``debtor`` and ``partner``."""
        self.ensure_one()
        parts = [SQL("TRUE")]
        for column, records in (
            (SQL("debtor.segment_id"), self.segment_ids),
            (SQL("partner.country_id"), self.country_ids),
            (SQL("partner.user_id"), self.salesperson_ids),
        ):
            if records:
                parts.append(SQL("%s = ANY(%s)", column, records.ids))
        if self.amount_from:
            parts.append(SQL("debtor.amount_outstanding >= %s", self.amount_from))
        if self.amount_to:
            parts.append(SQL("debtor.amount_outstanding < %s", self.amount_to))
        return SQL(" AND ").join(parts)
