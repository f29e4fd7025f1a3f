from odoo import Command, models
from odoo.exceptions import UserError
from odoo.tools import format_date

from .o2c_remittance import TRANSIT_DAYS


class O2cDebtor(models.Model):
    """The customer says that he has paid already."""

    _inherit = "o2c.debtor"

    def _announceable(self, items=None):
        """Items that are overdue, or those given, and were never said to be paid."""
        if items is None:
            items = (
                self.env["o2c.open.item"]
                .search(
                    [
                        ("debtor_id", "=", self.id),
                        ("days_overdue", ">", 0),
                        ("amount_collectable", ">", 0),
                    ]
                )
                .move_line_id
            )
        # sudo: which items were announced before, whoever noted it
        known_sudo = self.env["o2c.remittance.line"].sudo()
        known_sudo = known_sudo.search(
            [("move_line_id", "in", items.ids), ("is_allocation", "=", False)]
        )
        return items - known_sudo.move_line_id.sudo(False)

    def _take_remittance(self, source, items=None, reference=None, note=None):
        """Let items rest until the money that was announced can have come.

        :param items: journal items; None for all that is overdue
        :param reference: what tells this announcement from others; None for its items
        :return: the remittance
        """
        self.ensure_one()
        self.check_access("write")
        if items and items - self._open_lines():
            raise UserError(
                self.env._("Choose items of this customer that are still open.")
            )
        items = self._announceable(items)
        if not items:
            raise UserError(
                self.env._(
                    "Nothing is overdue whose payment was not announced before: ask "
                    "for a proof of payment, or take a promise."
                )
            )
        company_sudo = self.company_id.sudo()  # sudo: a branch's user
        today = company_sudo._o2c_today()
        # sudo: what was announced is written here alone
        remittance_sudo = self.env["o2c.remittance"].sudo()
        remittance_sudo = remittance_sudo.create(
            {
                "debtor_id": self.id,
                "source": source,
                "reference": reference
                or ", ".join(f"{line.move_name} ({line.id})" for line in items),
                "date": today,
                "date_until": company_sudo._o2c_working_day_after(today, TRANSIT_DAYS),
                "user_id": False if self.env.user.share else self.env.uid,
                "note": note,
                "line_ids": [
                    Command.create(
                        {
                            "move_line_id": line.id,
                            "amount": line.amount_residual_currency,
                            "amount_open": line.amount_residual_currency,
                        }
                    )
                    for line in items
                ],
            }
        )
        self._note_remittance(remittance_sudo)
        return remittance_sudo.sudo(False)

    def _note_remittance(self, remittance):
        """A payment was announced: history, timeline, and what is decided now."""
        self.env["o2c.event"]._record(
            "payment_announced",
            remittance,
            {
                "source": remittance.source,
                "items": remittance.line_ids.move_line_id.ids,
            },
        )
        self._post_note(
            self.env._(
                "Says paid, awaited until %(date)s: %(items)s",
                date=format_date(self.env, remittance.date_until),
                items=", ".join(
                    line.move_name or "" for line in remittance.line_ids.move_line_id
                ),
            )
        )
        self.sudo()._note_decision()  # sudo: the engine's field

    def _merge_into(self, target):
        """EXTENDS o2c_base: what was announced goes along."""
        result = super()._merge_into(target)
        # sudo: their keeper is the engine
        remittances_sudo = self.env["o2c.remittance"].sudo()
        remittances_sudo = remittances_sudo.search([("debtor_id", "in", self.ids)])
        remittances_sudo.write({"debtor_id": target.id})
        return result

    def _figure_sentence(self, decision, values):
        """EXTENDS o2c_collections: until when the money is awaited."""
        text = super()._figure_sentence(decision, values)
        if decision["reason"] != "in_transit":
            return text
        # sudo: whoever may read why also reads what was announced, in any branch
        last_sudo = self.env["o2c.remittance"].sudo()
        last_sudo = last_sudo.search(
            [("debtor_id", "=", self.id)], order="date_until DESC", limit=1
        )
        if not last_sudo:
            return text
        return self.env._(
            "%(text)s Announced on %(date)s, awaited until %(until)s.",
            text=text,
            date=format_date(self.env, last_sudo.date),
            until=format_date(self.env, last_sudo.date_until),
        )
