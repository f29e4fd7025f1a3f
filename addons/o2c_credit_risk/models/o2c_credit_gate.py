from odoo import api, fields, models
from odoo.tools import SQL


class O2cCreditGate(models.Model):
    """Where confirmations of one customer queue up; nothing else writes here.

    Under Odoo's REPEATABLE READ a lock alone would let two orders use the same last
    credit: the second one would go on with its old snapshot. A row that is counted
    up makes it fail to serialize, and be tried again on fresh facts.
    """

    _name = "o2c.credit.gate"
    _description = "Credit gate"
    _log_access = False

    partner_id = fields.Integer(required=True, help="Id of the commercial partner.")
    company_id = fields.Integer(required=True, help="Id of the root company.")
    seq = fields.Integer(required=True, default=0)

    _partner_company_unique = models.UniqueIndex("(partner_id, company_id)")

    @api.model
    def _pass(self, debtors):
        """Go through the gates of accounts: heads of groups first, then the others.

        :param debtors: o2c.debtor records, in superuser mode
        """
        heads = debtors.group_id | debtors.filtered("group_member_ids")
        self._count_up(
            (debtor.partner_id.id, debtor.company_id.id)
            for group in (heads, debtors - heads)
            for debtor in group.sorted("id")
        )

    @api.model
    def _pass_terms(self, terms):
        """The same for customers whose terms are known, with their heads."""
        heads = {
            (term["head"].id, term["head_partner_id"], term["root"].id)
            for term in terms
            if term["head"]
        }
        accounts = {
            (term["debtor"].id, term["partner_id"], term["root"].id) for term in terms
        }
        self._count_up(
            key
            for group in (heads, accounts - heads)
            for _debtor_id, *key in sorted(group)
        )

    @api.model
    def _count_up(self, keys):
        """Count up the rows of (customer, root company) one after the other."""
        values = SQL(", ").join(SQL("(%s, %s, 1)", *key) for key in keys)
        if values:
            self.env.cr.execute(
                SQL(
                    """
                    INSERT INTO o2c_credit_gate AS gate (partner_id, company_id, seq)
                    VALUES %s
                    ON CONFLICT (partner_id, company_id)
                    DO UPDATE SET seq = gate.seq + 1
                    """,
                    values,
                )
            )
