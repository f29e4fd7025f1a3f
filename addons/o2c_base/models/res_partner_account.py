from odoo import api, fields, models

#: Who sees how every customer stands; salespeople of "own documents" see theirs.
SEEING_ALL = (
    "o2c_base.group_collector",
    "o2c_base.group_credit_manager",
    "o2c_base.group_auditor",
    "account.group_account_invoice",
    "account.group_account_readonly",
    "sales_team.group_sale_salesman_all_leads",
)


class ResPartner(models.Model):
    """How a customer stands, on the contact, for those who sell to him.

    Salespeople need no role in Receivables. The figures are read live, for the
    present company, and only where this very user may see them: the check is here,
    not in the view.
    """

    _inherit = "res.partner"

    o2c_is_account_visible = fields.Boolean(
        "Receivables visible",
        compute="_compute_o2c_account",
        groups="base.group_user",
        help="You see how this customer stands: you sell to it or do its accounts.",
    )
    o2c_account_id = fields.Many2one(
        "o2c.debtor",
        "Customer account",
        compute="_compute_o2c_account",
        groups="o2c_base.group_collector,o2c_base.group_credit_manager,"
        "o2c_base.group_auditor",
    )
    o2c_currency_id = fields.Many2one(
        "res.currency",
        "Receivables currency",
        compute="_compute_o2c_account",
        groups="base.group_user",
    )
    o2c_amount_outstanding = fields.Monetary(
        "Outstanding",
        compute="_compute_o2c_account",
        currency_field="o2c_currency_id",
        groups="base.group_user",
    )
    o2c_amount_overdue = fields.Monetary(
        "Overdue receivables",
        compute="_compute_o2c_account",
        currency_field="o2c_currency_id",
        groups="base.group_user",
    )
    o2c_oldest_due = fields.Char(
        "Oldest due", compute="_compute_o2c_account", groups="base.group_user"
    )
    o2c_days_late = fields.Char(
        "Average days late", compute="_compute_o2c_account", groups="base.group_user"
    )
    o2c_standing = fields.Char(
        "Standing",
        compute="_compute_o2c_account",
        groups="base.group_user",
        help="Whether the customer is contacted, paused or on hold.",
    )
    o2c_collector = fields.Char(
        "Collected by", compute="_compute_o2c_account", groups="base.group_user"
    )

    @api.depends("commercial_partner_id", "user_id")
    @api.depends_context("uid", "company", "lang")
    def _compute_o2c_account(self):
        visible = self._o2c_visible()
        accounts = visible._o2c_accounts()
        for partner in self:
            account_sudo = accounts.get(partner.commercial_partner_id.id)
            shown = account_sudo is not None and partner in visible
            partner.update(partner._o2c_account_values(account_sudo if shown else None))

    def _o2c_account_values(self, account_sudo):
        """What the contact shows of an account, None if there is nothing to show."""
        if account_sudo is None:
            names = [name for name in self._fields if name.startswith("o2c_")]
            return {
                name: False
                for name in names
                if self._fields[name].compute == "_compute_o2c_account"
            }
        return {
            "o2c_is_account_visible": True,
            "o2c_account_id": account_sudo.id,
            "o2c_currency_id": account_sudo.currency_id.id,
            "o2c_amount_outstanding": account_sudo.amount_outstanding_live,
            "o2c_amount_overdue": account_sudo.amount_overdue_live,
            "o2c_oldest_due": account_sudo.oldest_due_note,
            "o2c_days_late": account_sudo.days_late_live,
            "o2c_standing": account_sudo._standing(),
            "o2c_collector": account_sudo.collector_id.name,
        }

    def _o2c_accounts(self):
        """The accounts of these contacts in the present company.

        :return: dict of commercial partner id to the account, in superuser mode
        """
        # sudo: salespeople have no role; whose account they see was decided before
        accounts_sudo = self.env["o2c.debtor"].sudo()
        found_sudo = accounts_sudo.search(
            [
                ("partner_id", "in", self.commercial_partner_id.ids),
                ("company_id", "=", self.env.company._o2c_root().id),
            ]
        )
        return {account.partner_id.id: account for account in found_sudo}

    def _o2c_visible(self):
        """Those of these contacts whose standing this user may see."""
        user = self.env.user
        if self.env.su or any(user.has_group(group) for group in SEEING_ALL):
            return self
        if not user._is_internal():
            return self.browse()
        sells = user.has_group("sales_team.group_sale_salesman")
        return self.filtered(lambda partner: partner._o2c_sold_by(user, sells))

    def _o2c_sold_by(self, user, sells):
        """Whether a user sells to the customer.

        :param sells: is a salesperson, who also sees customers of nobody
        """
        # sudo: the company's own contact may be closed to who sees its people
        sellers = (self | self.commercial_partner_id.sudo()).user_id
        return user in sellers or (sells and not sellers)

    def action_o2c_open_account(self):
        """The customer account, for those with a role."""
        self.ensure_one()
        self.check_access("read")
        account = self.o2c_account_id
        account.check_access("read")
        return account.get_formview_action()
