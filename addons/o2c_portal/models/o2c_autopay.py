from odoo import fields, models
from odoo.exceptions import UserError

TEMPLATE = "o2c_portal.mail_template_autopay_mandate"

STOP_REASONS = [
    ("customer", "By the customer"),
    ("staff", "By us"),
    ("card", "The card was removed"),
    ("failed", "A charge failed too often"),
    ("refused", "A charge was refused for good"),
    ("moved", "The payer belongs to the customer no more"),
    ("merged", "The customer was merged with another one"),
]


class O2cAutopay(models.Model):
    """A customer's leave to charge his saved card, in his words and within his limit.

    It never changes after it was given: who wants it otherwise stops it and gives
    another one. What is charged by it, and when, is announced first, see
    ``o2c.autopay.charge``.
    """

    _name = "o2c.autopay"
    _description = "Autopay mandate"
    _order = "id DESC"
    _rec_name = "debtor_id"

    debtor_id = fields.Many2one(
        "o2c.debtor",
        "Customer",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one(related="debtor_id.company_id", store=True, index=True)
    partner_id = fields.Many2one(
        "res.partner",
        "Given by",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
        help="The contact whose card it is; notices go to him.",
    )
    # Whoever deletes a card may: the mandate ends, and keeps the card's masked name.
    token_id = fields.Many2one(
        "payment.token", readonly=True, index="btree_not_null", ondelete="set null"
    )
    card = fields.Char(readonly=True, help="The masked name of what is charged.")
    schedule = fields.Selection(
        [
            ("due", "Each invoice on its due date"),
            ("monthly", "Once a month, all that is due"),
        ],
        required=True,
        readonly=True,
    )
    day = fields.Integer(
        "Day of the month",
        readonly=True,
        help="In a shorter month its last day.",
    )
    with_branches = fields.Boolean(
        "With branches",
        readonly=True,
        help="What the company's branches are owed is charged too, as was agreed to.",
    )
    currency_id = fields.Many2one("res.currency", required=True, readonly=True)
    amount_cap = fields.Monetary("At most per charge", required=True, readonly=True)
    consent_text = fields.Text(
        "Consent", required=True, readonly=True, help="Exactly as it was shown."
    )
    consent_at = fields.Datetime("Given on", required=True, readonly=True)
    consent_ip = fields.Char("From address", readonly=True)
    state = fields.Selection(
        [("active", "Active"), ("stopped", "Stopped")],
        required=True,
        readonly=True,
        default="active",
        index=True,
    )
    stop_reason = fields.Selection(STOP_REASONS, "Why stopped", readonly=True)
    stopped_at = fields.Datetime("Stopped on", readonly=True)
    date_planned = fields.Date(
        readonly=True, help="The last monthly day that is dealt with."
    )
    date_checked = fields.Date(
        readonly=True, help="The last day on which it was seen what is to be charged."
    )
    charge_ids = fields.One2many("o2c.autopay.charge", "autopay_id", readonly=True)

    _active_unique = models.UniqueIndex(
        "(debtor_id, currency_id) WHERE state = 'active'",
        "There is an active mandate already: stop it first.",
    )
    _cap_positive = models.Constraint(
        "CHECK (amount_cap > 0)", "The limit of a mandate is more than nothing."
    )
    _day_of_month = models.Constraint(
        "CHECK (schedule <> 'monthly' OR day BETWEEN 1 AND 31)",
        "Choose a day of the month from 1 to 31.",
    )

    # ------------------------------------------------------------------
    # Stopping
    # ------------------------------------------------------------------

    def action_stop(self):
        """Nothing is charged any more by these mandates; the customer is told."""
        self.check_access("read")
        self.debtor_id.check_access("write")
        if any(mandate.state != "active" for mandate in self):
            raise UserError(self.env._("This mandate is stopped already."))
        # sudo: a mandate is written by its gates alone; checked just above
        self.sudo()._stop("staff")
        return True

    def _stop(self, reason):
        """Charge nothing any more; what the provider was asked for already goes on.

        The customer is told what he did not do himself, the collector what needs him.

        :param str reason: one of ``STOP_REASONS``
        """
        stopped = self.filtered(lambda mandate: mandate.state == "active")
        stopped.write(
            {
                "state": "stopped",
                "stop_reason": reason,
                "stopped_at": fields.Datetime.now(),
            }
        )
        stopped.charge_ids.filtered(
            lambda charge: charge.state in ("announced", "retry")
        )._set_cancelled("stopped")
        self.env["o2c.event"]._record("autopay_stopped", stopped, {"reason": reason})
        for mandate in stopped:
            mandate._tell_stopped(reason)
        return stopped

    def _tell_stopped(self, reason):
        reasons = dict(self._fields["stop_reason"]._description_selection(self.env))
        words = self.env._("Autopay ended. %s", reasons[reason])
        if reason in ("customer", "staff", "merged"):
            self.debtor_id._post_note(words)
        else:
            self.debtor_id._tell_collector(words, self.consent_text)
        if reason != "customer":
            self._write_to_payer(self.env.ref(TEMPLATE), self)

    # ------------------------------------------------------------------
    # Telling the payer
    # ------------------------------------------------------------------

    def _write_to_payer(self, template, record):
        """Send a template to the payer, on the customer's timeline.

        :param record: what the template is about
        :return: the message
        """
        self.ensure_one()
        return self.debtor_id._write_to(self.partner_id, template, record)

    # ------------------------------------------------------------------
    # Whether it holds
    # ------------------------------------------------------------------

    def _obstacle(self):
        """Why nothing can be charged by it any more, or None."""
        self.ensure_one()
        if not (self.token_id.active and self.token_id.provider_id.state != "disabled"):
            return "card"
        owner = self.debtor_id.partner_id
        payers = self.partner_id | self.token_id.partner_id
        if payers.commercial_partner_id != owner or not self.partner_id.active:
            return "moved"
        return None
