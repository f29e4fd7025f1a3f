from odoo import fields, models


class O2cDebtor(models.Model):
    """A payment came back from the bank."""

    _inherit = "o2c.debtor"

    def action_payment_return(self):
        """The bank took money of this customer back: opens the dialog."""
        self.ensure_one()
        self.check_access("read")
        moves = self.env["account.move"]
        return moves._o2c_return_dialog(self.partner_id, self.company_id)

    def _note_returned(self, lines, reason):
        """Hook: what follows a returned payment; later add-ons lower the risk class.

        The items are open again at their true age, so the plan goes on where they
        stand. The collector is told.

        :param lines: receivable items of the money that came back
        """
        name = lines.move_id.name or ""
        self.env["o2c.event"]._record(
            "payment_returned",
            self,
            {
                "payment": name,
                "amount": -sum(lines.mapped("amount_currency")),
                "currency": lines.currency_id[:1].name,
                "date": fields.Date.to_string(lines[:1].date),
                "reason": reason,
            },
        )
        for debtor in self:
            text = self.env._(
                "Payment %(name)s came back. %(reason)s", name=name, reason=reason
            )
            debtor._post_note(text.strip())
            person = debtor._responsible() or debtor.company_id._o2c_owner()
            debtor.activity_schedule(
                "mail.mail_activity_data_todo",
                date_deadline=debtor.company_id._o2c_today(),
                summary=self.env._("Payment returned: %s", name),
                user_id=person.id,
            )
        self._note_decision()

    def _reopen_cycle(self, items):
        """Go on with the cycle that this money had ended, where it stood.

        Levels that these items passed before they were paid are not passed again.
        Where they are younger than that level, the engine begins a new cycle itself.

        :param items: journal items that are open again
        """
        due = [item.date_maturity or item.date for item in items if item.balance > 0]
        for debtor in self.filtered(lambda d: due and d.cycle and not d.cycle_date):
            last = self.env["o2c.chase.action"].search(
                [
                    ("debtor_id", "=", debtor.id),
                    ("cycle", "=", debtor.cycle),
                    ("item_id", "=", False),
                    ("state", "=", "done"),
                    ("date_done", ">", min(due)),
                ],
                order="level DESC",
                limit=1,
            )
            if last:
                values = {"cycle_date": min(due), "level": last.level}
                values |= {"level_own": last.level, "level_number": last.level}
                values |= {"level_step_id": last.step_id.id}
                debtor.write(values | {"level_days": last.step_id.days})
