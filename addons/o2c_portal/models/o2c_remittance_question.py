from odoo import api, fields, models
from odoo.tools import SQL

from odoo.addons.o2c_base.tools.transaction import try_in_new_transaction

from .o2c_dispute import LAYOUT

TEMPLATE = "o2c_portal.mail_template_payment_arrived"
#: Later than this a payment is forgotten.
DAYS_MOST = 7
#: A customer is asked by a mail of its own at most once in so many days.
DAYS_BETWEEN = 30


class O2cRemittance(models.Model):
    """Whose payment took its time is told that it has come, and asked how that was.

    Who pays at once has read it on the page, and was asked there.
    """

    _inherit = "o2c.remittance"

    def rating_apply(self, rate, token=None, rating=None, feedback=None, **_kwargs):
        """Take the answer from Odoo's page for it; see ``mail.thread``."""
        self.ensure_one()
        debtor = self.debtor_id
        return debtor._take_mailed_answer(self, rate, token, rating, feedback)

    @api.model
    def _cron_ask(self):
        """Tell whose payment has come, in a transaction each."""
        if not self.env["o2c.chase.message"]._may_send():
            return
        found = self._ids_to_ask()
        commit = self.env["ir.cron"]._commit_progress
        commit(remaining=len(found))
        for number in found:
            try_in_new_transaction(
                self.env,
                lambda env, number=number: env[self._name].browse(number)._ask(),
                f"Telling that payment {number} has come",
            )
            if not commit(1):
                return

    def _ids_to_ask(self):
        """Payments that came an hour or more after they were begun, not asked about."""
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT DISTINCT remittance.id
                  FROM payment_transaction attempt
                  JOIN o2c_remittance remittance
                    ON remittance.id = attempt.o2c_remittance_id
                  JOIN res_company company ON company.id = remittance.company_id
                 WHERE attempt.state = 'done'
                   AND attempt.o2c_autopay_charge_id IS NULL
                   AND attempt.last_state_change > %(begin)s
                   AND attempt.last_state_change
                       > attempt.create_date + '1 hour'::interval
                   AND company.o2c_sending
                   AND NOT EXISTS (
                       SELECT FROM rating_rating rating
                        WHERE rating.res_model = 'o2c.remittance'
                          AND rating.res_id = remittance.id)
              ORDER BY remittance.id
                """,
                begin=fields.Datetime.subtract(fields.Datetime.now(), days=DAYS_MOST),
            )
        )
        return [number for [number] in rows]

    def _ask(self):
        """Tell that the money has come and ask, if the contact may be written to."""
        debtor, payer = self.debtor_id, self.payer_id
        if not self._may_ask():
            return
        question = debtor._mailed_question(self, payer)
        template = self.env.ref(TEMPLATE)
        asking = debtor.with_context(**question)
        asking._write_to(payer, template, self, email_layout_xmlid=LAYOUT)

    def _may_ask(self):
        """By the contact's hours, the pilot, and what he was asked lately."""
        debtor, payer = self.debtor_id, self.payer_id
        now = fields.Datetime.now()
        return (
            self.transaction_ids.payment_id
            and payer.email_normalized
            and payer.commercial_partner_id == debtor.partner_id
            and not debtor._rating_sudo(self)
            and not debtor._is_shadow()
            and debtor.company_id._o2c_contact_moment(payer, "email") <= now
            and not self._was_asked_lately(now)
        )

    def _was_asked_lately(self, now):
        begin = fields.Datetime.subtract(now, days=DAYS_BETWEEN)
        others = self._search([("debtor_id", "=", self.debtor_id.id)])
        return self.env["rating.rating"].search_count(
            [
                ("res_model", "=", self._name),
                ("res_id", "in", others),
                ("create_date", ">", begin),
            ],
            limit=1,
        )
