from odoo import Command, api, models
from odoo.exceptions import UserError
from odoo.tools import format_amount

from ..domain.dispute import OPEN_STATES, shares

#: How often a line is mended so that base and tax sum to what was accepted.
MENDINGS = 3


class O2cDispute(models.Model):
    """Accepted disputes in the books: credit note, new invoice, write-off.

    All of it is drafted with the user's own rights; who may post does. Posting closes
    the dispute, see ``_on_posted``.
    """

    _inherit = "o2c.dispute"

    def _settle(self):
        """Draft the entry that was decided.

        :return: the action that shows it
        """
        if self.outcome == "replacement":
            return self._replace_invoice()
        if self.outcome == "write_off":
            entry = self._draft_write_off()
        else:
            entry = self._draft_credit_note()
        self.sudo().credit_move_id = entry  # sudo: the keeper of the link
        return entry.get_formview_action()

    # ------------------------------------------------------------------
    # Through Odoo's reversal wizard
    # ------------------------------------------------------------------

    def _reversal(self):
        """Odoo's own wizard for the invoice, filled in."""
        move = self.move_id
        reasons = self.reason_id.with_context(lang=move.partner_id.lang)
        wizards = self.env["account.move.reversal"].with_company(move.company_id)
        return wizards.with_context(
            active_model="account.move", active_ids=move.ids
        ).create(
            {
                "date": move.company_id._o2c_today(),
                "journal_id": move.journal_id.id,
                "reason": reasons.name,
            }
        )

    def _draft_credit_note(self):
        wizard = self._reversal()
        wizard.refund_moves()
        credit = wizard.new_move_ids
        if self.currency_id.compare_amounts(
            self.amount_accepted, self.move_id.amount_total
        ):
            self._reduce(credit)
        return credit

    def _replace_invoice(self):
        """Credit the invoice and draft it anew; the wizard posts the credit note."""
        wizard = self._reversal()
        action = wizard.modify_moves()
        self.sudo().replacement_move_id = wizard.new_move_ids  # sudo: the keeper
        return action

    # ------------------------------------------------------------------
    # A part of it
    # ------------------------------------------------------------------

    def _reduce(self, credit):
        """Leave in a draft credit note what was accepted, with its share of tax."""
        sources = self._product_lines(self.move_id)
        copies = self._product_lines(credit)
        targets = self._accepted_by_line(sources)
        commands = [
            Command.delete(line.id) for line in credit.invoice_line_ids - copies
        ]
        for source, copied in zip(sources, copies, strict=True):
            target = targets.get(source, 0.0)
            if not self.currency_id.compare_amounts(target, source.price_total):
                continue
            commands.append(Command.delete(copied.id))
            if not self.currency_id.is_zero(target):
                commands.append(Command.create(self._part_values(source, target)))
        credit.write({"invoice_line_ids": commands})
        self._mend_rounding(credit)

    @api.model
    def _product_lines(self, move):
        return move.invoice_line_ids.filtered(
            lambda line: line.display_type == "product"
        ).sorted(lambda line: (line.sequence, line.id))

    def _accepted_by_line(self, lines):
        """What was accepted, divided among disputed lines or else among all."""
        if self.line_ids:
            lines = self.line_ids.move_line_id
            parts = [line.amount for line in self.line_ids]
        else:
            parts = lines.mapped("price_total")
        amounts = shares(self.amount_accepted, parts, self.currency_id.rounding)
        return dict(zip(lines, amounts, strict=True))

    @api.model
    def _part_values(self, source, amount):
        """A line that credits a part: of money, not of goods.

        Without product and order: neither stock nor what is invoiced of the order
        changes by a credit for a price.
        """
        full = source.price_unit * source.quantity * (1 - source.discount / 100.0)
        return {
            "name": source.name,
            "sequence": source.sequence,
            "account_id": source.account_id.id,
            "analytic_distribution": source.analytic_distribution,
            "tax_ids": [Command.set(source.tax_ids.ids)],
            "quantity": 1.0,
            "price_unit": full * amount / source.price_total,
        }

    def _mend_rounding(self, credit):
        """Base and tax are rounded apart: let their sum be what was accepted."""
        lines = self._product_lines(credit).sorted(lambda line: -abs(line.price_total))
        for _time in range(MENDINGS):
            gap = self.amount_accepted - credit.amount_total
            if self.currency_id.is_zero(gap):
                return
            lines[0].price_unit += gap
        gap = self.amount_accepted - credit.amount_total
        taxes = credit.line_ids.filtered("tax_line_id").sorted("id")
        if taxes and not self.currency_id.is_zero(gap):
            taxes[0].amount_currency += gap

    # ------------------------------------------------------------------
    # Writing small deductions off
    # ------------------------------------------------------------------

    def _can_write_off(self):
        """Whether policy lets this deduction be written off."""
        company_sudo = self.sudo().company_id  # sudo: policy, which is shown
        compare = company_sudo.currency_id.compare_amounts
        return bool(
            self.kind == "deduction"
            and company_sudo.o2c_write_off_account_id
            and compare(self.amount_company, company_sudo.o2c_write_off_max) <= 0
        )

    def _check_write_off(self):
        if not self._can_write_off():
            company_sudo = self.sudo().company_id  # sudo: policy, which is shown
            raise UserError(
                self.env._(
                    "Deductions up to %(most)s can be written off once an account is "
                    "chosen in the settings; this needs a credit note.",
                    most=format_amount(
                        self.env,
                        company_sudo.o2c_write_off_max,
                        company_sudo.currency_id,
                    ),
                )
            )

    def _draft_write_off(self):
        """An entry that takes the accepted amount from the invoice's open items."""
        move, company = self.move_id, self.company_id
        owed = self._open_receivable()
        residual = sum(owed.mapped("amount_residual_currency"))
        if self.currency_id.compare_amounts(residual, 0) <= 0:
            raise UserError(self.env._("Nothing of the invoice is open any more."))
        amount = min(self.amount_accepted, residual)
        rate = sum(owed.mapped("amount_residual")) / residual
        balance = company.currency_id.round(amount * rate)
        common = {"partner_id": move.commercial_partner_id.id}
        common |= {"currency_id": self.currency_id.id, "name": self.display_name}
        return (
            self.env["account.move"]
            .with_company(company)
            .create(
                {
                    "move_type": "entry",
                    "date": company._o2c_today(),
                    "ref": self.display_name,
                    "company_id": company.id,
                    "line_ids": [
                        Command.create(
                            {
                                **common,
                                "account_id": company.o2c_write_off_account_id.id,
                                "balance": balance,
                                "amount_currency": amount,
                            }
                        ),
                        Command.create(
                            {
                                **common,
                                "account_id": owed[0].account_id.id,
                                "balance": -balance,
                                "amount_currency": -amount,
                            }
                        ),
                    ],
                }
            )
        )

    def _open_receivable(self):
        return self.move_id.line_ids.filtered(
            lambda line: (
                line.account_id.account_type == "asset_receivable"
                and not line.reconciled
            )
        ).sorted(lambda line: (line.date_maturity or line.date, line.id))

    # ------------------------------------------------------------------
    # What happens to the entries
    # ------------------------------------------------------------------

    @api.model
    def _on_posted(self, moves):
        """Posted credit notes and write-offs close what they settle."""
        # sudo: who posts may have no role in Receivables
        open_sudo = self.sudo().search(
            [
                ("state", "in", OPEN_STATES),
                "|",
                ("credit_move_id", "in", moves.ids),
                ("move_id", "in", (moves | moves.reversed_entry_id).ids),
            ]
        )
        for dispute_sudo in open_sudo:
            credits = moves.sudo().filtered(  # sudo: of all companies posted here
                lambda move, d=dispute_sudo: (
                    move == d.credit_move_id or move.reversed_entry_id == d.move_id
                )
            )
            if credits:
                dispute_sudo._on_credit(credits[0])
            else:
                dispute_sudo._on_posted_again()

    def _on_credit(self, credit):
        """A credit note, or write-off, of the disputed invoice was posted."""
        if credit == self.credit_move_id:
            if credit.move_type == "entry":
                self._match_write_off(credit)
            self._close_credited(credit)
        elif self.currency_id.is_zero(self.move_id.amount_residual):
            self.credit_move_id = credit
            by_hand = self.move_id.reversal_move_ids
            self._close_credited(by_hand.filtered(lambda m: m.state == "posted"))

    def _close_credited(self, credits):
        """Accepted is what posted credit notes say, whatever was decided before."""
        outcome, accepted = self.outcome or "credit", self._amount_credited(credits)
        is_part = self.currency_id.compare_amounts(accepted, self.amount) < 0
        if outcome in ("credit", "compromise"):
            outcome = "compromise" if is_part else "credit"
        self._close("accepted", outcome, accepted=accepted)

    def _amount_credited(self, credits):
        """What credit notes, or a write-off, are about; at most what is disputed."""
        if self.outcome == "replacement":
            return self.amount  # all of the invoice is credited, and billed anew
        lines = credits.line_ids.filtered(
            lambda line: line.account_id.account_type == "asset_receivable"
        )
        amount = -sum(
            line.currency_id._convert(
                line.amount_currency, self.currency_id, line.company_id, line.date
            )
            for line in lines
        )
        return min(amount, self.amount)

    def _match_write_off(self, entry):
        owed = self._open_receivable()
        taken = entry.line_ids.filtered(
            lambda line: line.account_id in owed.account_id and not line.reconciled
        )
        if owed and taken:
            (owed + taken).reconcile()

    def _on_posted_again(self):
        """The invoice was changed and posted again: dispute no more than it is."""
        total = self.move_id.amount_total
        self.debtor_id = self.env["o2c.debtor"]._ensure(
            [(self.move_id.partner_id, self.move_id.company_id)]
        )
        lines = self.line_ids
        gone = lines.filtered(lambda line: line.amount > line.amount_line)
        if total > 0 and (
            gone or self.currency_id.compare_amounts(self.amount, total) > 0
        ):
            lines.unlink()
            self.amount = min(self.amount, total)
            self.message_post(
                body=self.env._(
                    "The invoice was changed: the whole of what is left is disputed."
                ),
                subtype_xmlid="mail.mt_note",
            )
        self._rest_changed()

    @api.model
    def _on_unposted(self, moves):
        """Invoices and credit notes that were reset to draft, or cancelled."""
        # sudo: who resets may have no role in Receivables
        found_sudo = self.sudo().search(
            [
                "|",
                "&",
                ("credit_move_id", "in", moves.ids),
                ("state", "in", (*OPEN_STATES, "accepted")),
                "&",
                ("move_id", "in", moves.ids),
                ("state", "in", OPEN_STATES),
            ]
        )
        for dispute_sudo in found_sudo:
            if dispute_sudo.credit_move_id in moves:
                dispute_sudo._on_credit_unposted()
            elif dispute_sudo.move_id.state == "cancel":
                dispute_sudo._close_settled()
            else:
                dispute_sudo.message_post(
                    body=self.env._(
                        "The invoice was reset to draft: the dispute waits for it."
                    ),
                    subtype_xmlid="mail.mt_note",
                )

    def _on_credit_unposted(self):
        """The credit note does not count any more: what was accepted rests again."""
        values = {}
        if self.credit_move_id.state == "cancel":
            values["credit_move_id"] = False
        if self.state == "accepted":
            values |= {"state": "open", "date_closed": False, "cycle_days": 0}
            self._record_event("dispute_reopened")
        if values:
            self.write(values)
