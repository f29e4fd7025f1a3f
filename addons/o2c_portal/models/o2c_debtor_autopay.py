from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import format_amount

from ..domain.autopay import LADDER_DAYS, NOTICE_DAYS
from .o2c_autopay import TEMPLATE


class O2cDebtor(models.Model):
    """The customer lets his saved card be charged."""

    _inherit = "o2c.debtor"

    autopay_ids = fields.One2many(
        "o2c.autopay", "debtor_id", "Autopay mandates", readonly=True
    )

    def _autopay_currencies(self):
        """In which a mandate can be given: of the company and of what is open."""
        rows = self._portal_totals()
        found = self.company_id.currency_id.union(*(row["currency"] for row in rows))
        active = self.autopay_ids.filtered(lambda mandate: mandate.state == "active")
        return found - active.currency_id

    def _autopay_tokens(self, actor, currency):
        """The contact's own saved cards with which this company can be paid."""
        company = self.company_id
        # sudo: providers are no customer's to read; what is found is his own
        providers_sudo = self.env["payment.provider"].sudo()
        providers_sudo = providers_sudo._get_compatible_providers(
            company.id, actor.id, 0.0, currency_id=currency.id
        )
        tokens_sudo = self.env["payment.token"].sudo()  # sudo: as above
        return tokens_sudo._get_available_tokens(providers_sudo.ids, actor.id)

    def _autopay_text(self, token, schedule, day, cap, currency):
        """What the customer agrees to, in his language."""
        company = self.company_id.name
        if self._autopay_has_branches():
            company = self.env._("%(company)s with its branches", company=company)
        names = {
            "company": company,
            "card": token.display_name,
            "customer": self.partner_id.name,
            "currency": currency.name,
            "day": day,
        }
        if schedule == "monthly":
            when = self.env._(
                "I allow %(company)s to charge %(card)s once a month, on day %(day)s "
                "(in shorter months on the last day), with all invoices in "
                "%(currency)s to %(customer)s that are due.",
                **names,
            )
        else:
            when = self.env._(
                "I allow %(company)s to charge %(card)s with each invoice in "
                "%(currency)s to %(customer)s on its due date, or later.",
                **names,
            )
        how = self.env._(
            "At most %(cap)s are charged at once; what does not fit is charged another "
            "time, and a single invoice above that not at all. I get an e-mail with "
            "the invoices, the amount and the day at least %(notice)s days before. "
            "What I dispute, promise for another day or have paid is not charged. A "
            "charge that fails is tried again after %(first)s and %(second)s days. I "
            "can stop this at any time on the page of my account.",
            cap=format_amount(self.env, cap, currency),
            notice=NOTICE_DAYS,
            first=LADDER_DAYS[0],
            second=LADDER_DAYS[1],
        )
        return f"{when}\n{how}"

    def _autopay_has_branches(self):
        """Whether a mandate given now says that branches are included."""
        return bool(self.company_id.child_ids)

    def _start_autopay(self, actor, token, terms, text, address):
        """Keep the customer's consent; from the next look on it is acted upon.

        :param token: saved card, one of ``_autopay_tokens``
        :param dict terms: schedule, day, cap and currency
        :param str text: what was shown
        :param str address: from which the consent came
        :raise UserError: when it cannot be given so
        """
        self.ensure_one()
        currency = terms["currency"]
        if token not in self._autopay_tokens(actor, currency):
            raise UserError(self.env._("Choose one of your saved cards."))
        if text != self._autopay_text(token, **terms):
            raise UserError(
                self.env._("Something changed meanwhile: read it and agree once more.")
            )
        if currency not in self._autopay_currencies():
            raise UserError(self.env._("Autopay is on already: stop it first."))
        if not actor.email_normalized:
            raise UserError(
                self.env._(
                    "Enter your e-mail address in your details, for the notices."
                )
            )
        today = self.company_id._o2c_today()
        mandate = self.env["o2c.autopay"].create(
            {
                "debtor_id": self.id,
                "partner_id": actor.id,
                "token_id": token.id,
                "card": token.display_name,
                "schedule": terms["schedule"],
                "day": terms["day"],
                "with_branches": self._autopay_has_branches(),
                "currency_id": currency.id,
                "amount_cap": currency.round(terms["cap"]),
                "consent_text": text,
                "consent_at": fields.Datetime.now(),
                "consent_ip": address,
                # The first day is one before which there is time for a notice.
                "date_planned": fields.Date.add(today, days=NOTICE_DAYS - 1),
            }
        )
        self.env["o2c.event"]._record("autopay_started", mandate, {"text": text})
        mandate._write_to_payer(self.env.ref(TEMPLATE), mandate)
        return mandate

    def _portal_autopay(self):
        """Mandates that a page shows: what is active, and what ended last."""
        return self.autopay_ids.sorted(lambda m: (m.state != "active", -m.id))[:3]

    def _merge_into(self, target):
        """EXTENDS o2c_base: mandates were given for one customer alone; they end."""
        # sudo: mandates are written by their model alone
        mandates_sudo = self.sudo().autopay_ids
        mandates_sudo._stop("merged")
        result = super()._merge_into(target)
        mandates_sudo.debtor_id = target
        return result
