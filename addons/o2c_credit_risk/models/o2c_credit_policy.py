from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import SQL

from ..domain.risk_class import CLASSES

#: What must not be negative.
NOT_NEGATIVE = (
    "alert_hold_days",
    "alert_utilisation",
    "default_limit",
    "over_limit_percent",
    "overdue_days",
    "overdue_amount",
    "formula_buffer",
    "formula_max",
    "renewal_days",
    "review_months",
)


class O2cCreditPolicy(models.Model):
    """Which limit, hold rules and approval levels apply to whom.

    The first policy whose segment and class fit a customer is his. A policy belongs
    to a root company; without one it serves all, with amounts in the currency of
    each.
    """

    _name = "o2c.credit.policy"
    _description = "Credit policy"
    _inherit = ["mail.thread"]
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    code = fields.Char(
        required=True, tracking=True, help="Short name for imports, one per company."
    )
    company_id = fields.Many2one(
        "res.company",
        ondelete="cascade",
        default=lambda self: self.env.company._o2c_root(),
        domain=[("parent_id", "=", False)],
        help="Empty: for every company.",
    )
    currency_id = fields.Many2one(
        "res.currency", compute="_compute_currency_id", compute_sudo=True
    )
    sequence = fields.Integer(
        default=10, help="The first policy that fits a customer wins."
    )
    active = fields.Boolean(default=True, tracking=True)
    segment_id = fields.Many2one(
        "o2c.segment",
        ondelete="cascade",
        tracking=True,
        help="Only customers of this segment. Empty: of any.",
    )
    risk_class = fields.Selection(
        CLASSES,
        string="Risk class",
        tracking=True,
        help="Only customers of this risk class. Empty: of any, also without one.",
    )

    # Limits
    default_limit = fields.Monetary(
        "Default limit",
        tracking=True,
        help="For customers without a limit of their own, also after theirs has "
        "expired. 0: no limit, unless the box below is ticked.",
    )
    is_default_zero = fields.Boolean(
        "No credit without a limit",
        tracking=True,
        help="A customer without a limit of his own, and no default limit, has none "
        "at all: each of his orders is beyond it.",
    )
    formula_buffer = fields.Float(
        "Buffer of the formula (%)",
        default=20.0,
        digits=(16, 1),
        tracking=True,
        help="Added to the recommended limit for busy months.",
    )
    formula_max = fields.Monetary(
        "Recommend at most",
        tracking=True,
        help="The recommended limit is never more. 0: without bound.",
    )
    review_months = fields.Integer(
        "Review every (months)",
        default=12,
        tracking=True,
        help="A limit without end is looked at again after this. 0: never.",
    )
    renewal_days = fields.Integer(
        "Renewal opens before (days)",
        default=30,
        tracking=True,
        help="So many days before a limit or a cover ends, somebody is asked to renew "
        "it.",
    )

    # Hold rules
    over_limit_active = fields.Boolean(
        "Hold over the limit",
        default=True,
        tracking=True,
        help="An order that would bring the exposure over the limit waits.",
    )
    over_limit_percent = fields.Float(
        "Tolerance (%)",
        digits=(16, 1),
        tracking=True,
        help="The exposure may be so much over the limit before an order waits.",
    )
    overdue_active = fields.Boolean(
        "Hold when overdue",
        tracking=True,
        help="Orders of customers with old overdue items wait.",
    )
    overdue_days = fields.Integer(
        "Overdue longer than (days)", default=30, tracking=True
    )
    overdue_amount = fields.Monetary(
        "Overdue of more than",
        tracking=True,
        help="What is overdue so long must be more than this in total.",
    )
    expired_limit_active = fields.Boolean(
        "Hold when the limit has expired",
        tracking=True,
        help="Orders wait while the customer's own limit has run out and no other has "
        "taken its place.",
    )
    missing_document_active = fields.Boolean(
        "Hold when a document is missing",
        tracking=True,
        help="Orders wait while the customer's limit has no document with it.",
    )
    first_order_active = fields.Boolean(
        "Hold the first order",
        tracking=True,
        help="The first order of a new customer waits for a person.",
    )
    prepaid_exempt = fields.Boolean(
        "Prepaid orders pass",
        default=True,
        tracking=True,
        help="An order that is paid in full before it is confirmed needs no credit.",
    )

    # Alerts
    alert_utilisation = fields.Integer(
        "Alert from (% used)",
        default=90,
        tracking=True,
        help="An alert comes up when so much of the limit is used, and another one "
        "beyond 100 %. 0: only then.",
    )
    alert_hold_days = fields.Integer(
        "Alert for holds older than (days)",
        default=3,
        tracking=True,
        help="An alert comes up when an order has waited longer than this.",
    )

    level_ids = fields.One2many(
        "o2c.credit.policy.level",
        "policy_id",
        "Approval levels",
        copy=True,
        help="Who may approve up to which amount. Without any level every credit "
        "manager may approve any amount.",
    )

    _code_unique = models.UniqueIndex(
        "(code, COALESCE(company_id, 0))", "This code is taken by another policy."
    )

    @api.depends("company_id")
    @api.depends_context("company")
    def _compute_currency_id(self):
        for policy in self:
            policy.currency_id = (policy.company_id or self.env.company).currency_id

    # ------------------------------------------------------------------
    # Checks
    # ------------------------------------------------------------------

    @api.constrains(*NOT_NEGATIVE)
    def _check_not_negative(self):
        for policy in self:
            for name in NOT_NEGATIVE:
                if policy[name] < 0:
                    raise ValidationError(
                        self.env._(
                            "%(policy)s: “%(field)s” cannot be negative.",
                            policy=policy.name,
                            field=policy._fields[name]._description_string(self.env),
                        )
                    )

    @api.constrains("company_id", "segment_id")
    def _check_company(self):
        for policy in self:
            if policy.company_id != policy.company_id._o2c_root():
                raise ValidationError(
                    self.env._(
                        "%(policy)s: a policy belongs to a whole company, not to a "
                        "branch.",
                        policy=policy.name,
                    )
                )
            segment_company = policy.segment_id.company_id
            if segment_company and segment_company != policy.company_id:
                raise ValidationError(
                    self.env._(
                        "%(policy)s: the segment belongs to another company.",
                        policy=policy.name,
                    )
                )

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        """A new policy may give customers another limit at once."""
        policies = super().create(vals_list)
        policies._refresh_limits()
        return policies

    def write(self, vals):
        """What a policy says of limits holds at once."""
        result = super().write(vals)
        if vals.keys() & _LIMIT_FIELDS:
            self._refresh_limits()
        return result

    def unlink(self):
        """The next policy that fits takes its place at once."""
        result = super().unlink()
        self._refresh_limits()
        return result

    @api.model
    def _refresh_limits(self):
        """Have the stored limits of all customers follow the policies."""
        # sudo: the keeper writes, whoever has changed the policy
        self.env["o2c.debtor"].sudo()._refresh_all_limits()

    # ------------------------------------------------------------------
    # Whose policy
    # ------------------------------------------------------------------

    @api.model
    def _policy_sql(self, root):
        """Which policy is whose, as a query over all customers of a company.

        :param root: root company
        :return: SQL with ``debtor_id``, ``policy_id`` (NULL: none fits),
            ``default_limit`` (NULL: no limit)
        """
        return SQL(
            """
            SELECT debtor.id AS debtor_id, policy.id AS policy_id,
                   CASE WHEN policy.default_limit > 0 THEN policy.default_limit
                        WHEN policy.is_default_zero THEN 0
                        ELSE %(core_default)s::numeric END AS default_limit
              FROM o2c_debtor debtor
         LEFT JOIN LATERAL (
                SELECT policy.id, policy.default_limit, policy.is_default_zero
                  FROM o2c_credit_policy policy
                 WHERE policy.active
                   AND COALESCE(policy.company_id, %(root)s) = %(root)s
                   AND COALESCE(policy.segment_id, debtor.segment_id, 0)
                       = COALESCE(debtor.segment_id, 0)
                   AND COALESCE(policy.risk_class, debtor.risk_class, '')
                       = COALESCE(debtor.risk_class, '')
              ORDER BY policy.sequence, policy.id
                 LIMIT 1) policy ON TRUE
             WHERE debtor.company_id = %(root)s
            """,
            root=root.id,
            core_default=root._o2c_core_default_limit(),
        )

    @api.model
    def _for_debtors(self, debtors):
        """The policy of each customer.

        :return: dict of o2c.debtor to o2c.credit.policy, empty where none fits; in
            superuser mode, as salespeople meet policies without seeing them
        """
        self.flush_model()
        self.env["o2c.debtor"].flush_model(["segment_id", "risk_class"])
        found = {}
        for root in debtors.sudo().company_id:  # sudo: the root of a user's branch
            rows = self.env.execute_query(
                SQL(
                    "SELECT debtor_id, policy_id FROM (%s) policy"
                    " WHERE debtor_id = ANY(%s)",
                    self._policy_sql(root),
                    debtors.ids,
                )
            )
            found.update(rows)
        # sudo: see above
        policies_sudo = self.sudo()
        return {
            debtor: policies_sudo.browse(found.get(debtor.id) or ())
            for debtor in debtors
        }

    @api.model
    def _demand_for(self, debtor):
        """The policy of a customer, where nothing can be decided without one.

        :raise UserError: when no policy fits
        """
        policy = self._for_debtors(debtor)[debtor]
        if not policy:
            raise UserError(
                self.env._(
                    "No credit policy fits %(customer)s: make one for %(company)s "
                    "under Receivables / Configuration / Credit policies first.",
                    customer=debtor.display_name,
                    company=debtor.sudo().company_id.name,  # sudo: of a user's branch
                )
            )
        return policy

    # ------------------------------------------------------------------
    # Who may approve
    # ------------------------------------------------------------------

    def _may_approve(self, user, amount):
        """Whether a user may approve an amount, in the company's currency.

        Infinity is credit without bound, which levels without bound reach.

        Who has left, or is no credit manager, may not approve anything.
        """
        user_sudo = user.sudo()  # sudo: groups of any user
        if user_sudo._is_superuser():
            return True
        if not user_sudo.active or not user_sudo.has_group(
            "o2c_base.group_credit_manager"
        ):
            return False
        levels_sudo = self.sudo().level_ids  # sudo: whoever asks who may decide
        if not levels_sudo:
            return True
        return any(level._reaches(user_sudo, amount) for level in levels_sudo)

    def _approvers(self, company, amount):
        """The users who may approve an amount in a company, in superuser mode.

        :param company: root company
        """
        # sudo: whoever asks for approval need not see the users of the company
        users_sudo = self.env["res.users"].sudo()
        group = self.env.ref("o2c_base.group_credit_manager")
        found_sudo = users_sudo.search(
            [
                ("all_group_ids", "in", group.ids),
                ("company_ids", "in", company.ids),
                ("share", "=", False),
            ],
            order="id",
        )
        return found_sudo.filtered(lambda user: self._may_approve(user, amount))


#: What changes the limit of customers without one of their own.
_LIMIT_FIELDS = {
    "active",
    "company_id",
    "default_limit",
    "is_default_zero",
    "risk_class",
    "segment_id",
    "sequence",
}
