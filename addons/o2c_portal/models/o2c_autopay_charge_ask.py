import logging
from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain

from odoo.addons.o2c_base.tools.transaction import try_in_new_transaction, wait_rows

from ..domain.autopay import LATE_DAYS, fitting

_logger = logging.getLogger(__name__)

BATCH_SIZE = 200
#: No provider takes longer to answer; what is still asked for then was cut off.
ANSWER_MINUTES = 30
PAYMENTS = "payment.transaction"


class O2cAutopayCharge(models.Model):
    """The charge itself: first it is written down for good, then it is asked for."""

    _inherit = "o2c.autopay.charge"

    def _ids_due(self):
        """Charges whose day has come, by the local day of their company."""
        days = Domain.OR(
            Domain("company_id", "=", company.id)
            & Domain("date_next", "<=", company._o2c_today())
            for company in self.env["o2c.autopay"]._companies()
        )
        domain = Domain("state", "in", ("announced", "retry")) & days
        return self.search(domain, order="date_next, id", limit=BATCH_SIZE).ids

    def _charge(self, number):
        """Charge one of them; cut off anywhere, it is never charged twice."""
        what = f"Autopay charge {number}"
        transaction = try_in_new_transaction(
            self.env, lambda env: env[self._name].browse(number)._prepare_ask(), what
        )
        if not transaction:
            return
        if self._ask(transaction):
            # What core's own job does some minutes later, and again should it fail.
            try_in_new_transaction(
                self.env,
                lambda env: env[PAYMENTS].browse(transaction)._post_process(),
                f"Booking payment transaction {transaction}",
            )

    # ------------------------------------------------------------------
    # Writing down
    # ------------------------------------------------------------------

    def _prepare_ask(self):
        """Write down that the provider is asked, and for what, as it is now.

        :return: id of the payment transaction; None when nothing is to be charged
        """
        mandate = self.exists().autopay_id
        wait_rows(mandate)
        charge = self.try_lock_for_update()
        charge = charge.filtered(lambda c: c.state in ("announced", "retry"))
        if not charge:
            return None
        obstacle = mandate._obstacle()
        if obstacle:
            mandate._stop(obstacle)
            return None
        today = charge.company_id._o2c_today()
        if not charge._is_in_time(today):
            return None
        charge._rest_until_day_before(today)
        amounts = charge._amounts_now(today)
        if not amounts:
            charge._set_cancelled("nothing_left")
            return None
        return charge._set_asked(amounts, today).id

    def _is_in_time(self, today):
        """Whether the payer was told, and not too long ago."""
        partner = self.autopay_id.partner_id
        notice = self.message_id.sudo().notification_ids.filtered(
            lambda notice: notice.res_partner_id == partner
        )
        states = set(notice.mapped("notification_status"))
        is_told = "sent" in states
        if not (is_told or states & {"ready", "process", "pending"}):
            self._set_cancelled("not_told")
            self.debtor_id._tell_collector(
                self.env._("Autopay: the notice did not reach the payer"),
                self.env._(
                    "Nothing was charged. Mend the address of %s; what is due is then "
                    "announced anew.",
                    partner.display_name,
                ),
            )
            return False
        if today > fields.Date.add(self.date_next, days=LATE_DAYS):
            self._set_cancelled("too_late")
            return False
        return is_told  # else it is still to be sent: wait for it

    def _amounts_now(self, today):
        """What of the announcement is still to be paid; never more than it says."""
        lines = self.announced_id.line_ids
        announced = {line.move_line_id.id: line.amount for line in lines}
        now = self.autopay_id._amounts_due(today, set(announced))
        least = {
            item: min(amount, announced[item.move_line_id.id])
            for item, amount in now.items()
        }
        return fitting(least, min(self.amount_announced, self.autopay_id.amount_cap))

    def _set_asked(self, amounts, today):
        mandate = self.autopay_id
        remittance = mandate._remittance(self.date, amounts)
        # Rests while it is asked for; the answer says for how long after that.
        remittance._rest_until(fields.Date.add(today, days=1))
        token, transactions = mandate.token_id, self.env[PAYMENTS]
        transaction = transactions.create(
            {
                "provider_id": token.provider_id.id,
                "payment_method_id": token.payment_method_id.id,
                "token_id": token.id,
                "reference": transactions._compute_reference(
                    token.provider_code, prefix=f"AUTOPAY{self.id}"
                ),
                "amount": remittance.amount_total,
                "currency_id": remittance.currency_id.id,
                "partner_id": token.partner_id.id,
                "operation": "offline",
                "o2c_remittance_id": remittance.id,
                "o2c_autopay_charge_id": self.id,
            }
        )
        self.write(
            {
                "state": "asked",
                "asked_at": fields.Datetime.now(),
                "tries": self.tries + 1,
                "amount": remittance.amount_total,
                "remittance_id": remittance.id,
                "reference": transaction.reference,
            }
        )
        return transaction

    # ------------------------------------------------------------------
    # Asking
    # ------------------------------------------------------------------

    @api.model
    def _ask(self, number):
        """Ask the provider, once: a failure after that leaves it ``unknown``.

        The transaction is not retried, as the request cannot be taken back.

        :param int number: of the payment transaction
        :return: whether the money is there
        """
        try:
            with self.env.registry.cursor() as cr:
                transaction = self.env(cr=cr)[PAYMENTS].browse(number)
                transaction = transaction.try_lock_for_update()
                if transaction.state != "draft":
                    return False
                transaction._charge_with_token()
                transaction.env.flush_all()
                # The cursor's own transaction, opened above for this request only.
                cr.commit()  # pylint: disable=invalid-commit
                return transaction.state == "done"
        except Exception:
            _logger.info("The answer to payment %s was lost", number, exc_info=True)
            self._lost(number)
            return False

    def _lost(self, number):
        """Note that an answer was lost, unless the provider told it otherwise."""

        def note(env):
            transaction = env[PAYMENTS].browse(number)
            if transaction.state == "draft":
                transaction.o2c_autopay_charge_id._set_unknown()

        what = f"Noting that the answer to payment {number} was lost"
        try_in_new_transaction(self.env, note, what)

    def _look_at_interrupted(self):
        """What a worker left behind that died while it asked."""
        since = fields.Datetime.now() - timedelta(minutes=ANSWER_MINUTES)
        domain = [("state", "=", "asked"), ("asked_at", "<", since)]
        for number in self.search(domain, limit=BATCH_SIZE).ids:
            try_in_new_transaction(
                self.env,
                lambda env, n=number: (
                    env[self._name].browse(n).try_lock_for_update()._set_unknown()
                ),
                f"Noting autopay charge {number} as unknown",
            )
