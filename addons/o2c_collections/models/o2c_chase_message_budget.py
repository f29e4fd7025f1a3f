from datetime import timedelta

import pytz

from odoo import fields, models

from ..domain.reasons import HOLDING


class O2cChaseMessage(models.Model):
    """The contact budget at the last moment: who may not be contacted now, waits.

    Nothing is dropped: the message stays in the outbox with the moment at which it is
    looked at again, and is sent then if it still holds.
    """

    _inherit = "o2c.chase.message"

    not_before = fields.Datetime(
        "Not before",
        readonly=True,
        help="The contact budget holds it back until then: quiet hours of the "
        "customer, days off, or contacted often enough.",
    )

    def _hold_back(self, obstacle, decision=None):
        """Let the message wait if it may not leave now.

        :param obstacle: what the decision says, a code of ``HOLDING`` or False
        :param decision: about the customer, where it was read already
        :return: whether it waits
        """
        company, partner = self.company_id, self.partner_id
        day = self._day_allowed(decision) if obstacle in HOLDING else None
        moment = company._o2c_contact_moment(partner, self.channel, day)
        if moment <= fields.Datetime.now():
            return False
        reason = obstacle or company._o2c_why_later(partner)
        self.write({"next_try_at": moment, "not_before": moment, "reason": reason})
        self._open_actions()._hold_back(reason, self._day_due(), moment)
        self.env["o2c.event"]._record(
            "message_held", self, {"reason": reason, "until": str(moment)}
        )
        self._trigger_sending(moment)
        return True

    def _day_allowed(self, decision=None):
        """The day from which a contact is allowed; tomorrow at the earliest."""
        debtor = self.debtor_id
        if decision is None:
            decision = self.env["o2c.chase.decision"]._decide(debtor)[debtor.id]
        tomorrow = self.company_id._o2c_today() + timedelta(days=1)
        return max(decision["date_next"] or tomorrow, tomorrow)

    def _day_due(self):
        """The local day it was written for, or held back to."""
        if not self.not_before:
            return self.date
        moment = pytz.utc.localize(self.not_before)
        return max(self.date, moment.astimezone(self.company_id._o2c_zone()).date())
