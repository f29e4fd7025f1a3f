from odoo import api, models
from odoo.exceptions import AccessError, ValidationError
from odoo.tools import SQL


class ResPartner(models.Model):
    """Odoo's own credit limit and ours are one.

    Writing a positive amount on the commercial entity makes it the active base
    limit; 0, or the company's default, removes the customer's own limit. Reading
    gives the active base limit back, in the root company and in its branches.
    """

    _inherit = "res.partner"

    @api.model_create_multi
    def create(self, vals_list):
        """EXTENDS base: a contact may begin with a limit."""
        partners = super().create(vals_list)
        for partner, vals in zip(partners, vals_list, strict=True):
            if vals.get("credit_limit"):
                partner._o2c_check_limit(vals["credit_limit"])
                partner._o2c_take_limit(vals["credit_limit"])
        return partners

    def write(self, vals):
        """EXTENDS base: what is written is the active limit."""
        is_moved = "parent_id" in vals or "is_company" in vals
        if "credit_limit" not in vals and not is_moved:
            return super().write(vals)
        result = super().write(vals)
        if "credit_limit" in vals:  # afterwards: the contact may just become an entity
            self._o2c_check_limit(vals["credit_limit"])
            self._o2c_take_limit(vals["credit_limit"])
        if is_moved:
            # sudo: whoever may move the contact need not have a receivables role
            entities_sudo = self.sudo().commercial_partner_id
            for root in self.env["res.company"]._o2c_roots():
                entities_sudo._o2c_store_limit(root, entities_sudo.ids)
        return result

    def _o2c_check_limit(self, amount):
        """Refuse amounts that make no sense, and people who may not decide."""
        if (amount or 0.0) < 0:
            raise ValidationError(self.env._("A credit limit cannot be negative."))
        entities = self.filtered(lambda p: p == p.commercial_partner_id)
        root = self.env.company._o2c_root()
        if self.env.su or not entities or not root.o2c_credit_enforce:
            return
        accounts_sudo = self.env["o2c.debtor"]._ensure([(p, root) for p in entities])
        policies = self.env["o2c.credit.policy"].sudo()._for_debtors(accounts_sudo)
        decided = self._o2c_amounts_decided(accounts_sudo, amount)
        user = self.env.user
        if not all(
            policies[account]._may_approve(user, decided[account])
            for account in accounts_sudo
        ):
            raise AccessError(
                self.env._(
                    "You may not decide on this credit limit. Ask for it under "
                    "Receivables / Credit / Limits."
                )
            )

    def _o2c_amounts_decided(self, accounts_sudo, amount):
        """How much credit is decided about when an amount is written.

        Removing a limit gives what the policy gives without one: that is decided
        about where it is more than the limit that is removed.

        :return: dict of account to an amount, infinity for credit without bound
        """
        if self._o2c_is_own_limit(amount):
            return dict.fromkeys(accounts_sudo, amount)
        own = accounts_sudo._active_limits()
        decided = {}
        for account, after in accounts_sudo._default_limits().items():
            removed = own.get(account.id, {}).get("base")
            is_more = removed is not None and after > removed
            decided[account] = after if is_more else 0.0
        return decided

    def _o2c_is_own_limit(self, amount):
        """Whether an amount is a limit of one's own, not the company's default."""
        default = self._fields["credit_limit"].get_company_dependent_fallback(self)
        return bool(amount) and amount != default

    def _o2c_take_limit(self, amount):
        """Make what was written on commercial entities their active base limit."""
        entities = self.filtered(lambda p: p == p.commercial_partner_id)
        if entities:
            is_own = self._o2c_is_own_limit(amount)
            # sudo: what was written counts, whoever could write it
            self.env["o2c.credit.limit"].sudo()._take_from_contacts(
                entities, self.env.company._o2c_root(), amount if is_own else None
            )

    @api.model
    def _o2c_store_limit(self, root, partner_ids):
        """Store the active base limits on contacts, for a company and its branches.

        :param root: root company
        :param partner_ids: ids of commercial entities
        """
        # sudo: all branches, whoever changed the limit
        companies_sudo = self.env["res.company"].sudo().with_context(active_test=False)
        keys = [
            str(c) for c in companies_sudo.search([("id", "child_of", root.id)]).ids
        ]
        self.env["o2c.credit.limit"].flush_model()
        self.flush_model(["credit_limit", "commercial_partner_id"])
        self.env.cr.execute(
            SQL(
                """
                UPDATE res_partner partner
                   SET credit_limit = target.credit_limit
                  FROM (
                    SELECT member.id, NULLIF(
                               COALESCE(member.credit_limit, '{}') - %(keys)s::text[]
                               || CASE WHEN own.id IS NULL THEN '{}'
                                  ELSE (SELECT jsonb_object_agg(
                                                   key, own.amount_company)
                                          FROM unnest(%(keys)s::text[]) key)
                                  END, '{}') AS credit_limit
                      FROM res_partner member
                 LEFT JOIN o2c_debtor debtor
                        ON debtor.partner_id = member.commercial_partner_id
                       AND debtor.company_id = %(root)s
                 LEFT JOIN o2c_credit_limit own
                        ON own.debtor_id = debtor.id
                       AND own.kind = 'base' AND own.state = 'active'
                     WHERE member.commercial_partner_id = ANY(%(partners)s)) target
                 WHERE target.id = partner.id
                   AND target.credit_limit IS DISTINCT FROM partner.credit_limit
                """,
                keys=keys,
                root=root.id,
                partners=partner_ids,
            )
        )
        self.invalidate_model(["credit_limit"], flush=False)
