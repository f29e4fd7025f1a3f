from odoo import api, fields, models
from odoo.tools import SQL


class O2cEvent(models.Model):
    """Matches that were undone: the ledger forgets them, the history does not."""

    _inherit = "o2c.event"

    @api.model
    def _record_unmatched(self, partials):
        """Note that matches of customers are undone, in one statement.

        :param partials: partial reconciliations that are about to be deleted
        """
        if not partials:
            return
        self.env["account.partial.reconcile"].flush_model(["amount"])
        self.env["account.move.line"].flush_model(["move_name", "partner_id"])
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO o2c_event (kind, date, user_number, user_name, company_id,
                                       company_number, debtor_id, res_model, res_id,
                                       payload)
                SELECT 'unmatched', %(now)s, %(uid)s, actor.name, debtor.company_id,
                       debtor.company_id, debtor.id, 'account.move.line', credit.id,
                       jsonb_build_object(
                           'debtor', debtor.id, 'amount', partial.amount,
                           'debit', debit.move_name, 'credit', credit.move_name)
                  FROM account_partial_reconcile partial
                  JOIN account_move_line debit ON debit.id = partial.debit_move_id
                  JOIN account_move_line credit ON credit.id = partial.credit_move_id
                  JOIN account_account account ON account.id = debit.account_id
                  JOIN res_partner partner ON partner.id = debit.partner_id
                  JOIN res_company company ON company.id = debit.company_id
                  JOIN o2c_debtor debtor
                    ON debtor.partner_id = partner.commercial_partner_id
                   AND debtor.company_id
                       = split_part(company.parent_path, '/', 1)::integer
                  JOIN res_users actor_user ON actor_user.id = %(uid)s
                  JOIN res_partner actor ON actor.id = actor_user.partner_id
                 WHERE partial.id = ANY(%(ids)s)
                   AND account.account_type = 'asset_receivable'
                   AND account.non_trade IS NOT TRUE
                """,
                now=fields.Datetime.now(),
                uid=self.env.uid,
                ids=partials.ids,
            )
        )
