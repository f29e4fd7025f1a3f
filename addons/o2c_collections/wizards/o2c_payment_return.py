from odoo import Command, api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from odoo.addons.o2c_base.models.o2c_kpi_source import MONEY_JOURNALS

#: How far back dialogs offer what came in: a direct debit comes back within 13 months.
DAYS_OFFERED = 400


class O2cPaymentReturn(models.TransientModel):
    """The bank took a payment back: what it paid is open again.

    One gesture books the return on its day, the bank's fee, and charges the fee on if
    wanted. The money may be a payment, or a bank transaction that was matched without
    one. It stays as it was booked, and matched with the bank; what is booked here
    waits on the same account for the bank's own line of the return.
    """

    _name = "o2c.payment.return"
    _description = "Returned payment"

    move_id = fields.Many2one(
        "account.move",
        "Payment",
        required=True,
        domain="[('id', 'in', offered_ids)]",
        help="What the bank took back.",
    )
    partner_id = fields.Many2one("res.partner", "Customer", readonly=True)
    root_id = fields.Many2one(
        "res.company", readonly=True, default=lambda self: self.env.company._o2c_root()
    )
    offered_ids = fields.Many2many("account.move", compute="_compute_offered_ids")
    company_id = fields.Many2one(related="move_id.company_id")
    currency_id = fields.Many2one(related="company_id.currency_id")
    amount = fields.Monetary(compute="_compute_amount", help="What is open again.")
    date_paid = fields.Date("Paid on", related="move_id.date")
    date = fields.Date("Returned on", required=True)
    reason = fields.Char(help="What the bank says, such as: no funds.")
    fee = fields.Monetary("Bank's fee", help="What the bank charges for it.")
    fee_account_id = fields.Many2one(
        "account.account",
        "Fee account",
        domain="[('account_type', 'in', ('expense', 'expense_direct_cost'))]",
        check_company=True,
        help="Where the fee is booked.",
    )
    is_charged_on = fields.Boolean(
        "Charge it on", help="The customer gets an invoice over the fee, without tax."
    )

    @api.model
    def default_get(self, fields_list):
        """EXTENDS base: the latest payment, returned today by the company's clock."""
        values = super().default_get(fields_list)
        partner = self.env["res.partner"].browse(values.get("partner_id"))
        if partner and not values.get("move_id"):
            root = self.env["res.company"].browse(values.get("root_id"))
            values["move_id"] = self._offered(partner, root)[:1].id
        move = self.env["account.move"].browse(values.get("move_id"))
        company = move.company_id or self.env.company
        values.setdefault("date", company._o2c_today())
        return values

    # ------------------------------------------------------------------
    # What can come back
    # ------------------------------------------------------------------

    @api.depends("partner_id", "root_id")
    def _compute_offered_ids(self):
        for wizard in self:
            offered = wizard.move_id
            if wizard.partner_id:
                offered |= self._offered(wizard.partner_id, wizard.root_id)
            wizard.offered_ids = offered

    @api.model
    def _offered(self, partner, root):
        """What came in from a customer lately and was not taken back, latest first."""
        since = fields.Date.subtract(root._o2c_today(), days=DAYS_OFFERED)
        lines = self.env["account.move.line"].search(
            Domain("partner_id", "child_of", partner.commercial_partner_id.id)
            & Domain("account_id.account_type", "=", "asset_receivable")
            & Domain("balance", "<", 0)
            & Domain("parent_state", "=", "posted")
            & Domain("journal_id.type", "in", MONEY_JOURNALS)
            & Domain("date", ">=", since)
            & Domain("company_id", "child_of", root.id),
            order="date DESC, id DESC",
            limit=200,
        )
        returns = self.env["account.move"].search(
            Domain("o2c_returned_move_id", "in", lines.move_id.ids)
            & Domain("state", "!=", "cancel")
        )
        mine = returns.filtered(lambda move: move._o2c_takes_back_of(partner))
        return lines.move_id - mine.o2c_returned_move_id

    @api.depends("move_id", "partner_id")
    def _compute_amount(self):
        for wizard in self:
            lines = wizard.move_id._o2c_paid_lines(wizard.partner_id)
            wizard.amount = -sum(lines.mapped("balance"))

    # ------------------------------------------------------------------
    # Booking
    # ------------------------------------------------------------------

    def action_return(self):
        """Book it all, and let the chase go on."""
        self.ensure_one()
        self.move_id.check_access("write")
        lines = self.move_id._o2c_paid_lines(self.partner_id)
        self._check_sense(lines)
        label = self.env._("Returned payment %s", self.move_id.name)
        reopened = lines._all_reconciled_lines() - lines
        if self.move_id.origin_payment_id:
            account = self._reverse_payment(lines, label)
        else:
            account = self._reverse_bank_line(lines, label)
        if not self.currency_id.is_zero(self.fee):
            self._book_fee(label, account)
        self._note_returned(lines, reopened)
        return {"type": "ir.actions.act_window_close"}

    def _check_sense(self, lines):
        move = self.move_id
        if not lines:
            raise UserError(self.env._("Only customers' payments come back."))
        if move.state != "posted":
            raise UserError(
                self.env._("This payment has no posted entry that could be taken back.")
            )
        reversals = move.reversal_move_ids.filtered(
            lambda other: (
                other.state == "posted" and other._o2c_takes_back_of(self.partner_id)
            )
        )
        if reversals:
            raise UserError(self.env._("This payment was returned already."))
        if self.date < move.date:
            raise UserError(
                self.env._("A payment cannot come back before it was made.")
            )
        if self.fee < 0:
            raise UserError(self.env._("A fee is not negative."))
        if self.fee and not self.fee_account_id:
            raise UserError(self.env._("Choose the account for the bank's fee."))

    def _values(self, label):
        return {
            "date": self.date,
            "ref": f"{label}: {self.reason}" if self.reason else label,
            "o2c_returned_move_id": self.move_id.id,
        }

    def _reverse_payment(self, lines, label):
        """Reverse a payment; only the match with its invoices is undone.

        :return: account on which the bank's own line is awaited
        """
        lines.remove_move_reconcile()
        # Posting matches the reversal with what is open of the payment.
        self.move_id._reverse_moves([self._values(label)])._post(soft=False)
        payment = self.move_id.origin_payment_id
        liquidity, _counterpart, _write_off = payment._seek_for_lines()
        return liquidity.account_id[:1]

    def _reverse_bank_line(self, lines, label):
        """Take back what a customer paid with a bank transaction.

        :return: account on which the bank's own line is awaited
        """
        journal = self.move_id.journal_id
        account = (
            journal.inbound_payment_method_line_ids.payment_account_id[:1]
            # sudo: settings of the root company
            or self.company_id.sudo().root_id.transfer_account_id
        )
        partner = self.partner_id
        pairs = [
            self._item(label, side, sign * line.balance, sign * line.amount_currency)
            | {"currency_id": line.currency_id.id, "partner_id": partner.id}
            for line in lines
            for side, sign in ((line.account_id, -1), (account, 1))
        ]
        entry = self._create_entry(
            self._values(label) | {"partner_id": partner.id}, pairs
        )
        lines.remove_move_reconcile()
        entry._post(soft=False)
        for receivable, owed in lines.grouped("account_id").items():
            own = entry.line_ids.filtered(lambda x, a=receivable: x.account_id == a)
            (owed + own).reconcile()
        # Not before posting, which would match what other customers paid with it.
        entry.reversed_entry_id = self.move_id
        return account

    def _create_entry(self, values, lines):
        return (
            self.env["account.move"]
            .with_company(self.company_id)
            .create(
                {
                    "move_type": "entry",
                    "journal_id": self.move_id.journal_id.id,
                    "line_ids": [Command.create(line) for line in lines],
                    **values,
                }
            )
        )

    @api.model
    def _item(self, label, account, balance, amount_currency):
        return {
            "name": label,
            "account_id": account.id,
            "balance": balance,
            "amount_currency": amount_currency,
        }

    def _book_fee(self, label, account):
        """The fee in the bank's journal, and the customer's invoice over it."""
        fee = self._create_entry(
            {"date": self.date, "ref": label},
            [
                self._item(label, self.fee_account_id, self.fee, self.fee),
                self._item(label, account, -self.fee, -self.fee),
            ],
        )
        if self.is_charged_on:
            fee |= fee.create(
                {
                    "move_type": "out_invoice",
                    "company_id": self.company_id.id,
                    "partner_id": self.partner_id.id,
                    "invoice_date": self.date,
                    "currency_id": self.currency_id.id,
                    "invoice_line_ids": [
                        Command.create(
                            {"name": label, "price_unit": self.fee, "tax_ids": []}
                        )
                    ],
                }
            )
        fee.action_post()

    def _note_returned(self, lines, reopened):
        """Tell the customer's account; a payment of nobody has none."""
        if self.partner_id:
            # sudo: whoever may post payments need not have a role in Receivables
            debtors_sudo = self.env["o2c.debtor"].sudo()
            debtor_sudo = debtors_sudo._ensure([(self.partner_id, self.company_id)])
            debtor_sudo._reopen_cycle(reopened.sudo())  # sudo: as above
            debtor_sudo._note_returned(lines, self.reason or "")
