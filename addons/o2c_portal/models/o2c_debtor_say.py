from datetime import timedelta

from odoo import Command, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date, plaintext2html

TEXT_MAX = 5000


class O2cDebtor(models.Model):
    """What a customer says on his page: promise, dispute, paid already, wrong person.

    The controllers hand over an account that is the visitor's; what is named beside
    it (invoices, amounts, days) is checked here.
    """

    _inherit = "o2c.debtor"

    # ------------------------------------------------------------------
    # Shown
    # ------------------------------------------------------------------

    def _portal_promises(self):
        """Promises that are open."""
        return self.env["o2c.promise"].search(
            [("debtor_id", "=", self.id), ("state", "=", "open")]
        )

    def _portal_disputes(self):
        """Disputes that are not closed yet, and those of the last quarter."""
        since = fields.Datetime.now() - timedelta(days=90)
        return self.env["o2c.dispute"].search(
            [
                ("debtor_id", "=", self.id),
                ("kind", "=", "dispute"),
                ("create_date", ">=", since),
            ],
            limit=20,
        )

    def _portal_overdue(self):
        """What is overdue and does not rest, in company currency."""
        return self.currency_id.round(self._amount_to_promise())

    # ------------------------------------------------------------------
    # Promise
    # ------------------------------------------------------------------

    def _say_promise(self, lines, items, actor, note):
        """Promise what is within policy, ask a person for what is beyond.

        :param lines: list of (day, amount)
        :param items: open items it is about; empty for the account
        :return: the promise; empty when a person has to agree first
        """
        today = self.company_id._o2c_today()
        if not lines or min(lines)[0] < today:
            raise UserError(self.env._("Choose a day from today on."))
        currency = items.currency_id or self.currency_id
        if len(currency) > 1:
            raise UserError(self.env._("Promise invoices of one currency at a time."))
        most = (
            sum(items.mapped("amount_residual_currency"))
            if items
            else self._portal_overdue()
        )
        total = sum(amount for _day, amount in lines)
        if not total > 0 or currency.compare_amounts(total, most) > 0:
            raise UserError(
                self.env._(
                    "Promise more than nothing and at most what is open, %s.",
                    currency.format(most),
                )
            )
        if self._missed_last() or self.company_id._o2c_promise_obstacles(lines):
            self._request_promise(lines, items.move_line_id, currency, actor, note)
            return self.env["o2c.promise"]
        return self._take_promise(
            lines,
            items=items.move_line_id,
            channel="portal",
            person_id=actor.id,
            currency_id=currency.id,
            note=note,
        )

    # ------------------------------------------------------------------
    # Dispute
    # ------------------------------------------------------------------

    def _say_dispute(self, item, amount, reason, text, files, actor, parts=None):
        """Open a dispute of a part or all of an invoice.

        :param item: the open item of its invoice
        :param float amount: in its currency, at most what is open
        :param files: list of (name, content)
        :param dict parts: invoice line to what is wrong of it with tax, None for all
            that was billed; where there are some, the amount is their sum
        """
        open_now = item.amount_residual_currency
        lines = self._disputed_lines(item, parts or {})
        if lines:
            amount = sum(line["amount"] for line in lines)
        amount = item.currency_id.round(amount)
        if not amount > 0 or item.currency_id.compare_amounts(amount, open_now) > 0:
            raise UserError(
                self.env._(
                    "Dispute more than nothing and at most what is open, %s.",
                    item.currency_id.format(open_now),
                )
            )
        dispute = self.env["o2c.dispute"].create(
            {
                "move_id": item.move_id.id,
                "kind": "dispute",
                "reason_id": reason.id,
                "description": text[:TEXT_MAX],
                "amount": amount,
                "line_ids": [Command.create(line) for line in lines],
            }
        )
        self._keep_files(dispute, files)
        dispute.message_post(
            body=plaintext2html(text[:TEXT_MAX]),
            author_id=actor.id,
            message_type="comment",
            subtype_xmlid="mail.mt_comment",
        )
        return dispute

    def _portal_billed(self, item):
        """The lines of an item's invoice that can be disputed by themselves."""
        return item.move_id.invoice_line_ids.filtered(
            lambda line: line.display_type == "product" and line.price_total > 0
        )

    def _disputed_lines(self, item, parts):
        """Values of the lines, with tax and rounded by the invoice's currency."""
        billed = self._portal_billed(item).filtered(lambda line: line.id in parts)
        if parts and not billed:
            raise UserError(self.env._("Choose lines of this invoice."))
        return [
            {
                "move_line_id": line.id,
                "amount": item.currency_id.round(
                    line.price_total if parts[line.id] is None else parts[line.id]
                ),
            }
            for line in billed
        ]

    def _keep_files(self, record, files):
        """Keep files with a record; as downloads, whatever they are."""
        return self.env["ir.attachment"].create(
            [
                {
                    "name": name,
                    "raw": content,
                    "res_model": record._name,
                    "res_id": record.id,
                    "mimetype": "application/octet-stream",
                }
                for name, content in files
            ]
        )

    # ------------------------------------------------------------------
    # Paid already, wrong person
    # ------------------------------------------------------------------

    def _say_paid(self, items, reference, day, files, actor):
        """The customer says that he has paid these items."""
        if day > self.company_id._o2c_today():
            raise UserError(self.env._("Choose the day on which you paid."))
        known = self._announceable(items.move_line_id)
        if not known:
            raise UserError(
                self.env._(
                    "You told us before that these are paid, and the money has not "
                    "been found. Please send us a proof of the payment."
                )
            )
        words = self.env._(
            "Paid on %(day)s, reference: %(reference)s",
            day=format_date(self.env, day),
            reference=reference or "-",
        )
        numbers = ", ".join(str(number) for number in sorted(known.ids))
        remittance = self._take_remittance(
            "portal",
            items=known,
            reference=f"{reference or self.env._('Paid')} ({numbers})",
            note=words,
        )
        if files:
            self._keep_files(self, files)
            self._ask_collector(self.env._("Sent a proof of payment"), actor, words)
        return remittance

    def _say_wrong_person(self, text, actor):
        """Somebody else is responsible; nothing changes until a person has looked."""
        self._request_wrong_person(text, actor)

    def _portal_manager(self):
        """Who looks at what no collector is responsible for."""
        managers = self.env.ref("o2c_base.group_manager").all_user_ids.filtered(
            lambda user: user.active and self.company_id in user.company_ids
        )
        return managers.sorted("id")[:1]

    def _ask_collector(self, summary, actor, text):
        """A task for who is responsible, with the customer's words as text."""
        self._tell_collector(summary, f"{actor.display_name}:\n{text}")

    def _tell_collector(self, summary, text):
        """A task for who is responsible, and a note of it."""
        words = text[:TEXT_MAX]
        self.activity_schedule(
            "mail.mail_activity_data_todo",
            user_id=self._responsible().id or self._portal_manager().id,
            summary=summary,
            note=plaintext2html(words),
            date_deadline=self.company_id._o2c_today(),
        )
        self._post_note(f"{summary}\n{words}")
