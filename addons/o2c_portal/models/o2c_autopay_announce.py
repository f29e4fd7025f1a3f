from odoo import api, fields, models
from odoo.fields import Domain

from odoo.addons.o2c_base.tools.transaction import try_in_new_transaction, wait_rows

from ..domain.autopay import charge_day, fitting
from .o2c_autopay_charge import OPEN

NOTICE = "o2c_portal.mail_template_autopay_notice"
#: Mandates looked at in one run of the job, and items of one charge.
BATCH_SIZE, ITEMS_MOST = 500, 200


class O2cAutopay(models.Model):
    """What is to be charged is announced: by e-mail, and days ahead."""

    _inherit = "o2c.autopay"

    # ------------------------------------------------------------------
    # The job
    # ------------------------------------------------------------------

    @api.model
    def _cron_autopay(self):
        """Announce, then charge; a bad mandate is named and stops no other."""
        if not self.env["o2c.chase.message"]._may_send():
            return
        charges = self.env["o2c.autopay.charge"]
        charges._look_at_interrupted()
        commit = self.env["ir.cron"]._commit_progress
        mandates, due = self._ids_to_check(), charges._ids_due()
        commit(remaining=len(mandates) + len(due))
        for number in due:
            charges._charge(number)
            if not commit(1):
                return
        for number in mandates:
            try_in_new_transaction(
                self.env,
                lambda env, number=number: env[self._name].browse(number)._announce(),
                f"Announcing what autopay mandate {number} charges",
            )
            if not commit(1):
                return

    def _ids_to_check(self):
        """Active mandates at which nobody looked on this local day of their company."""
        today = Domain.OR(
            Domain("company_id", "=", company.id)
            & (
                Domain("date_checked", "=", False)
                | Domain("date_checked", "<", company._o2c_today())
            )
            for company in self._companies()
        )
        return self.search(
            Domain("state", "=", "active") & today, order="id", limit=BATCH_SIZE
        ).ids

    def _companies(self):
        groups = self._read_group([("state", "=", "active")], ["company_id"])
        return [company for [company] in groups]

    # ------------------------------------------------------------------
    # Announcing
    # ------------------------------------------------------------------

    def _announce(self):
        """Announce the charge that this day's look finds, if there is one."""
        self.ensure_one()
        wait_rows(self)
        if not self.exists() or self.state != "active":
            return
        today = self.company_id._o2c_today()
        self.date_checked = today
        obstacle = self._obstacle()
        if obstacle:
            self._stop(obstacle)
            return
        when = charge_day(
            today, self.schedule == "monthly" and self.day, self.date_planned
        )
        if not when:
            return
        day, self.date_planned = when
        amounts = fitting(self._amounts_due(day), self.amount_cap)
        if amounts:
            self._announce_charge(day, amounts)

    def _announce_charge(self, day, amounts):
        """Keep what is announced, let it rest, and write to the payer."""
        remittance = self._remittance(day, amounts)
        remittance._rest_until(day)
        charge = self.env["o2c.autopay.charge"].create(
            {
                "autopay_id": self.id,
                "date": day,
                "date_next": day,
                "amount_announced": remittance.amount_total,
                "announced_id": remittance.id,
            }
        )
        charge.message_id = self._write_to_payer(self.env.ref(NOTICE), charge)
        self.env["o2c.event"]._record(
            "autopay_announced",
            charge,
            {"amount": charge.amount_announced, "day": str(day)},
        )

    def _remittance(self, day, amounts):
        """What is to be paid; the same day and amounts are one remittance."""
        return self.debtor_id._take_payment_choice(
            f"autopay{self.id}day{fields.Date.to_string(day)}",
            {item.move_line_id.id: amount for item, amount in amounts.items()},
            set(),
            self.partner_id,
            is_at_once=True,
        )

    def _amounts_due(self, day, lines=None):
        """What may be charged on a day, oldest due first, of what is owed.

        What is disputed, promised, under way, covered by credits or in another charge
        is left out.

        :param lines: only these journal items
        :return: dict of open item to amount
        """
        company = self.token_id.company_id
        domain = [
            ("currency_id", "=", self.currency_id.id),
            ("company_id", "child_of" if self.with_branches else "=", company.id),
            # The money is booked in the card's company: it needs the account as well.
            ("move_line_id.account_id.company_ids", "in", company.ids),
            ("amount_residual", ">", 0),
            ("amount_collectable", ">", 0),
            ("date_maturity", "<=", day),
        ]
        if lines is None:
            taken = self.charge_ids.filtered(lambda charge: charge.state in OPEN)
            taken = (taken.announced_id | taken.remittance_id).line_ids.move_line_id
            domain.append(("move_line_id", "not in", taken.ids))
        items = self.debtor_id._portal_items(lines, limit=ITEMS_MOST, domain=domain)
        amounts = {item: self._chargeable(item, day) for item in items}
        compare = self.currency_id.compare_amounts
        return {item: sum_ for item, sum_ in amounts.items() if compare(sum_, 0) > 0}

    def _chargeable(self, item, day):
        """How much of an item may be charged, less its early discount."""
        open_now = item.amount_residual_currency
        share = item.amount_collectable / item.amount_residual  # filtered: above zero
        if item.company_id.currency_id.compare_amounts(
            item.amount_collectable, item.amount_residual
        ):
            return self.currency_id.round(open_now * share)
        return self.currency_id.round(open_now - item._early_discount(day))
