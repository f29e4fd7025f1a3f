from odoo import fields, models


class O2cDebtor(models.Model):
    """A payment came back from the bank."""

    _inherit = "o2c.debtor"

    def _note_returned(self, payment, reason):
        """Hook: what follows a returned payment; later add-ons lower the risk class.

        The items are open again at their true age, so the plan goes on where they
        stand. The collector is told.
        """
        self.env["o2c.event"]._record(
            "payment_returned",
            self,
            {
                "payment": payment.name or "",
                "amount": payment.amount,
                "currency": payment.currency_id.name,
                "date": fields.Date.to_string(payment.date),
                "reason": reason,
            },
        )
        for debtor in self:
            text = self.env._(
                "Payment %(name)s came back. %(reason)s",
                name=payment.name or "",
                reason=reason,
            )
            debtor._post_note(text.strip())
            person = debtor._responsible() or debtor.company_id._o2c_owner()
            debtor.activity_schedule(
                "mail.mail_activity_data_todo",
                date_deadline=debtor.company_id._o2c_today(),
                summary=self.env._("Payment returned: %s", payment.name or ""),
                user_id=person.id,
            )
        self._note_decision()
