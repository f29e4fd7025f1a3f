from odoo import fields, models


class O2cCreditLimit(models.Model):
    """A limit that the customer himself has applied for."""

    _inherit = "o2c.credit.limit"

    applicant_id = fields.Many2one(
        "res.partner",
        "Applied for by",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
        help="The customer's contact who applied for it on his page. He gets the "
        "answer.",
    )
    amount_applied = fields.Monetary(
        "Amount applied for",
        readonly=True,
        copy=False,
        help="What the customer wished; you may approve another amount.",
    )

    def _decider(self, policy):
        """EXTENDS o2c_credit_risk: a customer's application always has an owner."""
        person = super()._decider(policy)
        if self.amount_applied and person.share:
            return self.debtor_id._responsible() or self.company_id._o2c_owner()
        return person

    def _tell_requester(self, text):
        """EXTENDS o2c_credit_risk: the customer gets the answer, and no more."""
        super()._tell_requester(text)
        applicant = self.sudo().applicant_id  # sudo: a contact of any branch
        if not applicant.email_normalized:
            return
        debtor_sudo = self.sudo().debtor_id  # sudo: who decides may only read it
        env = debtor_sudo.with_context(lang=applicant.lang).env
        # On the account, as the name of a limit tells its amount.
        debtor_sudo.message_post(
            subject=env._("Your application for credit"),
            body=env._("We cannot grant the credit you applied for.")
            if self.state == "refused"
            else env._("Your application for credit was approved."),
            partner_ids=applicant.ids,
            subtype_xmlid="mail.mt_comment",
        )
