from odoo import api, fields, models
from odoo.exceptions import ValidationError


class O2cDebtor(models.Model):
    """Customers that share one credit limit: that of the head of their group."""

    _inherit = "o2c.debtor"

    group_id = fields.Many2one(
        "o2c.debtor",
        "Credit group of",
        tracking=True,
        index="btree_not_null",
        ondelete="set null",
        domain="[('company_id', '=', company_id), ('id', '!=', id),"
        " ('group_id', '=', False)]",
        help="The customer whose limit holds for the whole group: what all of them "
        "may cost together. A limit of its own holds beside it.",
    )
    group_member_ids = fields.One2many("o2c.debtor", "group_id", "Members of the group")

    @api.constrains("group_id", "company_id")
    def _check_group(self):
        for debtor in self:
            head = debtor.group_id
            if not head:
                continue
            if head == debtor or head.group_id or debtor.group_member_ids:
                raise ValidationError(
                    self.env._(
                        "%(customer)s: a credit group has one level. Choose a head "
                        "that belongs to no group, for a customer who heads none.",
                        customer=debtor.display_name,
                    )
                )
            if head.company_id != debtor.company_id:
                raise ValidationError(
                    self.env._(
                        "%(customer)s: the customers of a credit group belong to one "
                        "company.",
                        customer=debtor.display_name,
                    )
                )

    @api.model
    def _user_fields(self):
        """EXTENDS o2c_base: those who decide on credit make credit groups."""
        names = super()._user_fields()
        if self.env.user.has_group("o2c_base.group_credit_manager"):
            names |= {"group_id"}
        return names

    def _credit_group(self):
        """The accounts that share these accounts' limit, with their heads."""
        heads = self.group_id | self.filtered("group_member_ids")
        return heads | heads.group_member_ids
