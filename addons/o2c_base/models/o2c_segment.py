from ast import literal_eval

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain


class O2cSegment(models.Model):
    """A group of customers that are treated alike, such as key accounts.

    A customer belongs to the first segment whose conditions all hold. A segment
    belongs to a root company; without one it serves all, with amounts in the
    currency of each.
    """

    _name = "o2c.segment"
    _description = "Customer segment"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    code = fields.Char(
        required=True, help="Short name for imports and rules, one per company."
    )
    company_id = fields.Many2one(
        "res.company",
        ondelete="cascade",
        default=lambda self: self.env.company._o2c_root(),
        domain=[("parent_id", "=", False)],
        help="Empty: for every company.",
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    sequence = fields.Integer(
        default=10, help="The first segment that fits a customer wins."
    )
    active = fields.Boolean(default=True)
    condition_ids = fields.One2many(
        "o2c.segment.condition",
        "segment_id",
        "Conditions",
        copy=True,
        help="All must hold. Without any the segment takes every customer whom no "
        "segment before it took.",
    )
    domain = fields.Char(
        "Customer filter",
        default="[]",
        help="A filter on the contact, such as his country or tags. It must hold "
        "as well as the conditions.",
    )
    domain_error = fields.Char(
        "Problem",
        readonly=True,
        copy=False,
        help="Why the customer filter could not be used at the last run. Until it "
        "is mended, members stay and nobody joins.",
    )
    rule_text = fields.Char("Who belongs", compute="_compute_rule_text")
    member_count = fields.Integer("Customers", compute="_compute_member_count")
    membership_count = fields.Integer("History", compute="_compute_member_count")

    _code_unique = models.UniqueIndex(
        "(code, COALESCE(company_id, 0))", "This code is taken by another segment."
    )

    # ------------------------------------------------------------------
    # Computes
    # ------------------------------------------------------------------

    @api.depends("condition_ids.display_name", "domain")
    @api.depends_context("lang")
    def _compute_rule_text(self):
        for segment in self:
            parts = segment.condition_ids.mapped("display_name")
            if (segment.domain or "[]").strip() != "[]":
                parts.append(self.env._("customer filter"))
            segment.rule_text = ", ".join(parts) or self.env._("everybody else")

    def _compute_member_count(self):
        """The number of rows that the smart buttons open."""
        for name, model in (
            ("member_count", "o2c.debtor"),
            ("membership_count", "o2c.segment.membership"),
        ):
            counts = {}
            if self.env[model].has_access("read"):
                groups = self.env[model]._read_group(
                    [("segment_id", "in", self.ids)], ["segment_id"], ["__count"]
                )
                counts = {segment.id: count for segment, count in groups}
            for segment in self:
                segment[name] = counts.get(segment._origin.id, 0)

    # ------------------------------------------------------------------
    # Checks
    # ------------------------------------------------------------------

    @api.constrains("company_id")
    def _check_root_company(self):
        for segment in self:
            if segment.company_id != segment.company_id._o2c_root():
                raise ValidationError(
                    self.env._(
                        "%(name)s: a segment belongs to a whole company, not to a "
                        "branch.",
                        name=segment.name,
                    )
                )

    @api.constrains("domain")
    def _check_domain(self):
        """Refuse filters that do not work, or read what the writer may not read."""
        partners = self.env["res.partner"].sudo(False)  # checks run in superuser mode
        for segment in self:
            error = segment._domain_problem(partners)
            if error:
                raise ValidationError(
                    self.env._(
                        "The customer filter of %(name)s does not work: %(error)s",
                        name=segment.name,
                        error=error,
                    )
                )
            path = segment._company_path(partners, segment._parsed_domain())
            if path:
                raise ValidationError(
                    self.env._(
                        "The customer filter of %(name)s asks for %(path)s, which may "
                        "belong to other companies. Ask for the contact itself; sales "
                        "and amounts are conditions.",
                        name=segment.name,
                        path=path,
                    )
                )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_history(self):
        """Segments that had members are part of their history."""
        memberships_sudo = self.env["o2c.segment.membership"].sudo()  # all companies'
        used = memberships_sudo.search([("segment_id", "in", self.ids)], limit=1)
        if used:
            raise UserError(
                self.env._(
                    "%(name)s had customers, and their history names it. Archive it "
                    "instead.",
                    name=used.segment_id.name,
                )
            )

    def write(self, vals):
        """A new filter starts without the problem of the old one."""
        if "domain" in vals:
            vals = {"domain_error": False, **vals}
        return super().write(vals)

    # ------------------------------------------------------------------
    # The customer filter
    # ------------------------------------------------------------------

    def _parsed_domain(self):
        return literal_eval((self.domain or "[]").strip())

    def _company_path(self, model, domain):
        """The first path that leads from the contact into records of companies.

        The job applies filters as superuser: through invoices or orders, a manager
        could learn figures of a company that is not his.

        :return: the path, None when there is none
        """
        for condition in Domain(domain).iter_conditions():
            current = model
            names = condition.field_expr.split(".")
            is_nested = condition.operator in ("any", "not any")
            for place, name in enumerate(names, start=1):
                field = current._fields.get(name)
                if field is None or not field.relational:
                    break
                current = self.env[field.comodel_name]
                is_reference = field.type == "many2one" and place == len(names)
                if (
                    current._name != "res.partner"
                    and "company_id" in current._fields
                    and (is_nested or not is_reference)
                ):
                    return condition.field_expr
            if is_nested and (path := self._company_path(current, condition.value)):
                return path
        return None

    def _domain_problem(self, partners):
        """Try the filter out.

        :param partners: res.partner in the environment that is to search
        :return: text of what is wrong, empty when nothing is
        """
        self.ensure_one()
        try:
            with self.env.cr.savepoint():
                partners.search(self._parsed_domain(), limit=1)
        except Exception as error:  # noqa: BLE001 anything a person typed may raise
            return str(error).strip().split("\n")[0] or type(error).__name__
        return ""

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    @api.readonly
    def action_open_members(self):
        """The customers who are in the segment now."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "o2c_base.o2c_debtor_action"
        )
        action.update(domain=[("segment_id", "=", self.id)], context={})
        return action

    @api.readonly
    def action_open_memberships(self):
        """Who was in the segment, from when to when."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "o2c_base.o2c_segment_membership_action"
        )
        action.update(domain=[("segment_id", "=", self.id)], context={})
        return action
